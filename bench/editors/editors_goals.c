#include "bench/editors/editors_goals.h"

#include <string.h>

static const struct editors_goal goals[] = {
    {"class", FIGURE_P50, EDITORS_TIMES_RELAY, 1.5, "p50 ≤ 1.5 × relay"},
    {"class", FIGURE_P99, EDITORS_TIMES_RELAY, 1.5, "p99 ≤ 1.5 × relay"},
    {"class", FIGURE_LOOP_CPU, EDITORS_TIMES_RELAY, 1.5, "CPU of the loop per delivered ≤ 1.5 × relay"},
    {"class", FIGURE_CPU, EDITORS_TIMES_RELAY, 2.5, "CPU of the process per delivered ≤ 2.5 × relay"},
    {"school", FIGURE_P50, EDITORS_TIMES_RELAY, 1.5, "p50 ≤ 1.5 × relay"},
    {"school", FIGURE_P99, EDITORS_TIMES_RELAY, 1.5, "p99 ≤ 1.5 × relay"},
    {"school", FIGURE_LOOP_CPU, EDITORS_TIMES_RELAY, 1.5, "CPU of the loop per delivered ≤ 1.5 × relay"},
    {"school", FIGURE_CPU, EDITORS_TIMES_RELAY, 2.5, "CPU of the process per delivered ≤ 2.5 × relay"},
    {"acks-2000", FIGURE_ACK_P50, EDITORS_AT_MOST, 2, "acknowledged p50 ≤ 2 ms"},
    {"acks-2000", FIGURE_ACK_P99, EDITORS_AT_MOST, 15, "acknowledged p99 ≤ 15 ms"},
    {"acks-20000", FIGURE_ACK_P50, EDITORS_AT_MOST, 2, "acknowledged p50 ≤ 2 ms"},
    {"acks-20000", FIGURE_ACK_P99, EDITORS_AT_MOST, 15, "acknowledged p99 ≤ 15 ms"},
    {"class-most", FIGURE_BEST, EDITORS_AT_LEAST, 700000, "≥ 700,000 delivered a second"},
    {"school-most", FIGURE_BEST, EDITORS_AT_LEAST, 200000, "≥ 200,000 delivered a second"},
    {"join", FIGURE_JOIN_CPU, EDITORS_AT_MOST, 350, "CPU ≤ 350 µs an editor"},
    {"idle", FIGURE_PER_CONNECTION, EDITORS_AT_MOST, 8, "≤ 8 kB a connection"},
    {"notes", FIGURE_PER_CONNECTION, EDITORS_AT_MOST, 18, "≤ 18 kB a note with its connection"},
    {"notes-10000", FIGURE_MEMORY, EDITORS_AT_MOST, 200, "≤ 200 MB in all"},
    {"slow", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    {"stopped", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    {"half-open", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    {"flood", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    {"garbage", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    {"hostile-", FIGURE_P99, EDITORS_AT_MOST, 50, "p99 ≤ 50 ms"},
    {"hostile-", FIGURE_GREW, EDITORS_AT_MOST, 33.6, "memory + ≤ 32 MiB"},
    {"large-notes", FIGURE_P99, EDITORS_AT_MOST, 50, "p99 ≤ 50 ms"},
    {"slow-disk", FIGURE_DISTURBED, EDITORS_AT_MOST, 2, "p99 ≤ 2 × quiet"},
    /* Edits are refused meanwhile, so that it is opening which others wait for. */
    {"full-disk", FIGURE_OPEN_DISTURBED, EDITORS_AT_MOST, 2, "opening a note p99 ≤ 2 × quiet"},
    {"restart", FIGURE_READY, EDITORS_AT_MOST, 1000, "ready again ≤ 1 s"},
    {"soak", FIGURE_REST_GREW, EDITORS_AT_MOST, 1, "memory flat (≤ 1 MB)"},
    {"soak", FIGURE_DESCRIPTORS, EDITORS_AT_MOST, 0, "no descriptor left"},
    {"slow", FIGURE_GREW, EDITORS_AT_MOST, 8.4, "memory + ≤ 8 MiB"},
    {"stopped", FIGURE_GREW, EDITORS_AT_MOST, 8.4, "memory + ≤ 8 MiB"},
};

size_t editors_goal_count(void)
{
    return sizeof(goals) / sizeof(*goals);
}

const struct editors_goal *editors_goal_at(size_t index)
{
    return &goals[index];
}

bool editors_goal_concerns(const struct editors_goal *g, const char *scenario)
{
    size_t len = strlen(g->scenario);

    return g->scenario[len - 1] == '-' ? strncmp(g->scenario, scenario, len) == 0 : strcmp(g->scenario, scenario) == 0;
}

bool editors_goal_judge(const struct editors_goal *g, const struct outcome *ours, const struct outcome *relay,
                        double *value, bool *reached)
{
    double figure = figure_of(ours, g->figure);
    double floor = g->kind == EDITORS_TIMES_RELAY ? relay == NULL ? -1 : figure_of(relay, g->figure) : 1;

    if (!ours->done || figure < 0 || floor <= 0) {
        return false;
    }
    *value = figure / floor;
    *reached = g->kind == EDITORS_AT_LEAST ? *value >= g->value : *value <= g->value;
    return true;
}
