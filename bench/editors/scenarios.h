#ifndef BENCH_EDITORS_SCENARIOS_H
#define BENCH_EDITORS_SCENARIOS_H

/* How a scenario is run against a server, and what came out. Each runs against a server that was just started for it
 * (or against the one that the user named), so one does not disturb the next.
 *
 * scenarios.c has what all share, and typing and idling; scenario_search.c, scenario_faults.c, scenario_disk.c and
 * scenario_churn.c the others, by scenario_run.h. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/editors/agreement.h"
#include "bench/editors/crowd.h"
#include "bench/editors/scenario.h"
#include "bench/editors/targets.h"
#include "bench/editors/vandal.h"

#define SCENARIO_STEPS 24
#define SCENARIO_RESTS 64

/* One rate of a search. */
struct scenario_step {
    double rate;      /* keys a second of each editor */
    double delivered; /* a second */
    double p50, p99;  /* ms */
    double generator; /* share of its core that the generator used */
    double cpu;       /* us of the server per delivered edit */
    bool good;
};

/* What the server holds when everybody has left. */
struct scenario_rest {
    uint64_t memory; /* bytes */
    size_t descriptors;
};

struct outcome {
    struct scenario scenario;
    const struct target *target;
    bool done;     /* false: `why` tells what was in the way */
    char why[160]; /* also of a failed comparison */
    bool observed; /* the server's usage could be read */
    struct crowd_tally tally;
    struct usage idle, before, after; /* of the server: just started, at the window's begin and end */
    uint64_t peak_memory;
    double generator; /* share of its core that the generator used in the window */
    struct agreement agreement;
    struct scenario_step steps[SCENARIO_STEPS];
    size_t step_count, best; /* best: index of the fastest good step; step_count when none is */
    struct crowd_sample *samples;
    size_t sample_count;
    struct histogram quiet;      /* faults: latency before */
    struct histogram quiet_join; /* FULL_DISK: opening a note, before */
    struct histogram later;      /* FULL_DISK, RESTART: latency when all is well again */
    struct scenario_rest rests[SCENARIO_RESTS];
    size_t rest_count;         /* SOAK: one for each time that all had left */
    double ready, back;        /* RESTART, ms: from the new process to the first who has a note again, to the last.
                                  FULL_DISK: back, from there being room to everybody having everything */
    struct vandal_deeds deeds; /* FAULT */
    struct disk_counts disk;   /* what the disk was asked for */
};

struct scenario_options {
    struct scenario scenario;
    const struct target *target;
    const char *host, *port;
    const char *path;        /* NULL: the target's */
    const char *token;       /* NULL: none */
    const char *prefix;      /* of note names; NULL: none */
    pid_t server;            /* 0: not observed */
    struct running *running; /* the same, when it was started for this; NULL: it was not */
    double warm_up;          /* seconds of typing that do not count */
    double ramp;             /* connections begun a second; 0: no limit */
    double patience;         /* seconds to wait for what is late */
    double p99_most;         /* MOST: ms */
    bool whole, presence;
    const struct trace *trace;
    uint64_t seed;
};

/* The caller frees the outcome with outcome_destroy. */
struct outcome *scenario_run(const struct scenario_options *options);
void outcome_destroy(struct outcome *o);
/* All that was asked for happened, and everybody agrees. */
bool outcome_is_good(const struct outcome *o);

#endif
