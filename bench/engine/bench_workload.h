#ifndef BENCH_ENGINE_BENCH_WORKLOAD_H
#define BENCH_ENGINE_BENCH_WORKLOAD_H

/* The table of workloads, and the input that each gives to the tasks. */
#include <stdbool.h>
#include <stdint.h>
#include "bench/engine/synthetic.h"
#include "bench/engine/trace.h"
#include "bench/engine/update_list.h"

/* What is measured; bench_task.h says how. The order is that of the report. */
enum task {
    TASK_LOCAL,
    TASK_LOCAL_V1,
    TASK_REMOTE_V1,
    TASK_REMOTE_V2,
    TASK_REMOTE_PERSON,
    TASK_ENCODE_V1,
    TASK_ENCODE_V2,
    TASK_LOAD_V1,
    TASK_LOAD_V2,
    TASK_MERGE_1000,
    TASK_MERGE_5000,
    TASK_MERGE_20000,
    TASK_MERGE_ALL,
    TASK_MEMORY,
    TASK_MEMORY_TRIMMED,
    TASK_COUNT
};
#define TASK_BIT(task) (1U << (task))

enum workload_order { ORDER_GIVEN, ORDER_CLIENTS_UP, ORDER_CLIENTS_DOWN };

struct workload {
    const char *name, *about;
    const char *file;          /* in the traces folder, without its endings; NULL for synthetic ones */
    enum synthetic synthetic;  /* 0 for files */
    unsigned copies;           /* of a trace */
    enum workload_order order; /* of recorded updates */
    unsigned tasks;            /* TASK_BITs */
};

/* Everything the tasks need. Zeroed storage is an empty input. */
struct input {
    struct workload workload;
    bool has_trace, recorded; /* recorded: the states are those that yjs wrote */
    struct trace trace;
    struct update_list v1, v2;
    uint32_t *person_order;        /* indexes of updates: all of the first agent, then of the second …; or NULL */
    struct buf state_v1, state_v2; /* what all updates lead to */
    struct buf text;               /* the text at the end, when it is known from elsewhere */
    bool has_text;
};

size_t workload_count(void);
const struct workload *workload_at(size_t i);
const struct workload *workload_find(const char *name);
/* A file given by the user: NAME.json, NAME.json.gz or NAME.updates.v1.gz. `out` borrows `path`. */
void workload_from_file(const char *path, struct workload *out);

/* Reads or makes the input; `n` is the size of synthetic ones. On failure `why` has a sentence. RC_NOTFOUND: the file
 * is not there. */
int input_prepare(const struct workload *w, uint32_t n, struct input *out, struct buf *why) MUST_CHECK;
void input_finish(struct input *in);

#endif
