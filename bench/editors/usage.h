#ifndef BENCH_EDITORS_USAGE_H
#define BENCH_EDITORS_USAGE_H

/* What a process has used, by its id (Linux: its CPU clock, and files of /proc). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct usage {
    uint64_t cpu;         /* nanoseconds of all its threads, ended ones included */
    uint64_t main_thread; /* of its first thread: the event loop of Cahier and of node */
    uint64_t memory;      /* bytes resident */
};
/* False: there is no such process, or it may not be looked at. */
bool usage_read(pid_t pid, struct usage *out);
/* How many descriptors it has open; 0: it cannot be told. */
size_t usage_descriptors(pid_t pid);

#endif
