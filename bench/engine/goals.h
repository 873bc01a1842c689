#ifndef BENCH_ENGINE_GOALS_H
#define BENCH_ENGINE_GOALS_H

/* What the project asks of the engine: how many times as fast as yjs in the same run, and how long that was where the
 * goals were set. */
#include "bench/engine/bench_workload.h"

enum goal_kind {
    GOAL_NONE,
    GOAL_TIMES_YJS, /* yjs's median divided by ours is at least `ratio` */
    GOAL_AT_MOST,   /* our median is at most `most`: yjs is quadratic there and not measured */
    GOAL_OF_TASK    /* our median is at most `ratio` times that of remote-v1 */
};

struct goal {
    enum goal_kind kind;
    double ratio;
    double most; /* milliseconds, kilobytes for memory; of GOAL_TIMES_YJS: on the machine where the goals were set */
};

/* GOAL_NONE where nothing is asked. */
struct goal goal_of(const char *workload, enum task task);

#endif
