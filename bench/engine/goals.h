#ifndef BENCH_ENGINE_GOALS_H
#define BENCH_ENGINE_GOALS_H

/* What the project asks of the engine, as ratios: how many times as fast as yjs in the same run. */
#include "bench/engine/bench_workload.h"

enum goal_kind {
    GOAL_NONE,
    GOAL_TIMES_YJS, /* yjs's median divided by ours is at least `value` */
    GOAL_AT_MOST,   /* our median is at most `value` milliseconds: yjs is quadratic there and not measured */
    GOAL_OF_TASK    /* our median is at most `value` times that of remote-v1 */
};

struct goal {
    enum goal_kind kind;
    double value;
};

/* GOAL_NONE where nothing is asked. */
struct goal goal_of(const char *workload, enum task task);

#endif
