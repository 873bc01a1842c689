#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

/* On what and when something was measured. */

struct machine {
    char date[16]; /* 2025-01-31 */
    char cpu[96];  /* as /proc/cpuinfo names it; "unknown processor" */
    char compiler[64];
    long cores;
};
void machine_describe(struct machine *out);

#endif
