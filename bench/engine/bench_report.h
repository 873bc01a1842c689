#ifndef BENCH_ENGINE_BENCH_REPORT_H
#define BENCH_ENGINE_BENCH_REPORT_H

/* The results of one run: as a table on standard output, workload after workload, and as JSON at the end. */
#include <stdio.h>
#include "bench/engine/bench_options.h"
#include "bench/engine/peers.h"

#define PEER_YJS   0
#define PEER_YWASM 1

/* One row: a task on a workload, by us and by the peers. */
struct bench_row {
    enum task task;
    struct task_result ours;
    struct peer_result peer[PEERS_MAX];
    int rc; /* what the engine refused with */
};

extern const char *const bench_peers[PEERS_MAX];

/* Our result is what it must be, and yjs's is the same bytes. */
bool bench_row_is_good(const struct bench_row *row);

/* The machine and what is compared. */
void bench_report_begin(const struct bench_options *options);
/* `rows` has the tasks that were measured, in their order. */
void bench_report_workload(const struct input *in, const struct bench_row *rows, size_t count);
/* The same for JSON; all that was added is written at the end. */
struct bench_json {
    struct json_t *root; /* private; NULL: none is wanted, or no memory for it */
};
void bench_json_begin(struct bench_json *j, const struct bench_options *options);
void bench_json_workload(struct bench_json *j, const struct input *in, const struct bench_row *rows, size_t count);
/* RC_IO: the file could not be written. Frees. */
int bench_json_end(struct bench_json *j, const char *path) MUST_CHECK;

#endif
