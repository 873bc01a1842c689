#ifndef BENCH_ENGINE_BENCH_TASK_H
#define BENCH_ENGINE_BENCH_TASK_H

/* What is measured: the table of tasks, and how our engine does each.
 *
 * A task has a part that is measured and, before it, one that is not (say, loading the document that is then encoded).
 * What it brings about are bytes: a state, updates or a merged update, which must be the same whoever did it. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/engine/measure.h"
#include "bench/engine/bench_workload.h"

struct task_options {
    size_t repeat;    /* runs of each task, at least */
    double budget;    /* milliseconds that the runs of a quick task may take together */
    double patience;  /* milliseconds after which a slow task is not repeated */
    const char *only; /* task names, separated by commas; NULL: all */
};

/* "local", "remote-v1", …: also how the peers know it. */
const char *task_name(enum task task);
/* What is measured, as a few words. */
const char *task_about(enum task task);
/* Kilobytes instead of milliseconds. */
bool task_is_memory(enum task task);
/* How many updates a merge takes; 0: it is not a merge. */
size_t task_merges(enum task task, const struct input *in);
/* The task is asked for, and the input has what it needs. */
bool task_applies(enum task task, const struct input *in, const struct task_options *options);

struct task_result {
    struct measure times;  /* of a memory task: kilobytes in both columns */
    struct buf bytes;      /* what it brought about */
    const char *complaint; /* what is wrong with that; NULL: nothing */
};
/* Measures our engine. RC_… when the engine refuses. */
int task_measure(enum task task, const struct input *in, const struct task_options *options,
                 struct task_result *out) MUST_CHECK;
void task_result_finish(struct task_result *r);

#endif
