#ifndef BENCH_ENGINE_PEERS_H
#define BENCH_ENGINE_PEERS_H

/* The other engines: bench/peers.mjs under node does the same tasks on the same input, in a process of its own for each
 * peer and workload. */
#include "bench/engine/bench_task.h"

#define PEERS_MAX 2

/* How one task went with one peer. */
struct peer_result {
    struct measure times;
    struct buf bytes;   /* what it brought about */
    bool done;          /* false: skipped, or failed */
    char version[32];   /* of the peer's package */
    char complaint[80]; /* why it failed; empty: it did not */
};

/* True when node and the modules of bench/package.json are there; else says on standard error what to do. */
bool peers_are_here(void);
/* Runs those tasks of `tasks` (TASK_BITs). results has TASK_COUNT elements, zeroed. Progress goes to standard error.
 * RC_IO: the peer could not be run or did not answer properly. */
int peer_run(const char *peer, const struct input *in, unsigned tasks, const struct task_options *options,
             struct peer_result *results) MUST_CHECK;
void peer_result_finish(struct peer_result *r);

#endif
