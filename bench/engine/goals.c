#include "bench/engine/goals.h"

#include <string.h>

/* What yjs took, and what we may take, on the machine where the goals were set; milliseconds, kilobytes for memory. */
static const struct {
    const char *workload;
    enum task task;
    double yjs, asked;
} ratios[] = {
    {"B4", TASK_LOCAL, 6327, 8},
    {"B4", TASK_LOCAL_V1, 7578, 12},
    {"B4", TASK_REMOTE_V1, 1816, 14},
    {"B4", TASK_REMOTE_V2, 2243, 35},
    {"B4", TASK_ENCODE_V1, 5.8, 0.15},
    {"B4", TASK_ENCODE_V2, 3.7, 0.35},
    {"B4", TASK_LOAD_V1, 22.4, 1.3},
    {"B4", TASK_LOAD_V2, 24.4, 1.6},
    {"B4", TASK_MEMORY, 2680, 1200},
    {"B4", TASK_MERGE_20000, 5473, 3},
    {"B1.4", TASK_LOCAL_V1, 272, 2},
    {"B2.4", TASK_LOCAL_V1, 846, 16},
    {"B3.5", TASK_REMOTE_V1, 453, 2.5},
    {"B4x100", TASK_LOAD_V1, 5400, 250},
    {"B4x100", TASK_MEMORY, 263000, 130000},
    {"note30", TASK_REMOTE_V1, 468, 8},
    {"note30", TASK_LOAD_V1, 21.6, 1.6},
    {"clients10k", TASK_REMOTE_V1, 14500, 50},
    {"clients10k-down", TASK_REMOTE_V1, 14500, 50},
};

struct goal goal_of(const char *workload, enum task task)
{
    for (size_t i = 0; i < sizeof(ratios) / sizeof(*ratios); i++) {
        if (ratios[i].task == task && strcmp(ratios[i].workload, workload) == 0) {
            return (struct goal){GOAL_TIMES_YJS, ratios[i].yjs / ratios[i].asked, ratios[i].asked};
        }
    }
    if (task == TASK_MERGE_ALL && strcmp(workload, "B4") == 0) {
        return (struct goal){GOAL_AT_MOST, 0, 40};
    }
    if (task == TASK_REMOTE_PERSON && strcmp(workload, "friendsforever") == 0) {
        return (struct goal){GOAL_OF_TASK, 2, 0};
    }
    return (struct goal){GOAL_NONE, 0, 0};
}
