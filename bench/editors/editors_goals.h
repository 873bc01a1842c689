#ifndef BENCH_EDITORS_EDITORS_GOALS_H
#define BENCH_EDITORS_EDITORS_GOALS_H

/* What the project asks of its server, per scenario. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/editors/editors_figures.h"

enum editors_goal_kind {
    EDITORS_AT_MOST,
    EDITORS_AT_LEAST,
    EDITORS_TIMES_RELAY /* at most so many times the relay's figure of the same run */
};
struct editors_goal {
    const char *scenario; /* its name; what ends in '-' is a group */
    enum figure figure;
    enum editors_goal_kind kind;
    double value;
    const char *text; /* "p99, at most 1.5 times the relay's" */
};

size_t editors_goal_count(void);
const struct editors_goal *editors_goal_at(size_t index);
bool editors_goal_concerns(const struct editors_goal *g, const char *scenario);
/* Whether `ours` reached it, and what is to be compared with the goal's value. False when it cannot be told: something
 * was not measured. `relay` may be NULL. */
bool editors_goal_judge(const struct editors_goal *g, const struct outcome *ours, const struct outcome *relay,
                        double *value, bool *reached);

#endif
