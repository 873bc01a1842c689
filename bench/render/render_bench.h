#ifndef BENCH_RENDER_RENDER_BENCH_H
#define BENCH_RENDER_RENDER_BENCH_H

/* `cahier-bench render`: how long it takes to write a note in each form, beside the editors' own converters. Returns
 * the exit code: 0, 1 (something could not be measured, or came out differently), 2 (wrong usage). */
int render_bench(int argc, char **argv);

#endif
