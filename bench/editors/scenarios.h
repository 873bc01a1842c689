#ifndef BENCH_EDITORS_SCENARIOS_H
#define BENCH_EDITORS_SCENARIOS_H

/* What is done to a server, and what came out. Each scenario runs against a server that was just started for it (or
 * against the one that the user named), so one does not disturb the next. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/editors/agreement.h"
#include "bench/editors/crowd.h"
#include "bench/editors/targets.h"
#include "bench/editors/vandal.h"

enum scenario_kind {
    SCENARIO_STEADY,    /* typing at a given rate: latency, cost */
    SCENARIO_MOST,      /* the rate goes up until p99 exceeds a bound */
    SCENARIO_JOIN,      /* everybody opens one large note at once */
    SCENARIO_IDLE,      /* connections that do nothing: memory */
    SCENARIO_RECONNECT, /* typing, then all lines are cut and everybody returns at once */
    SCENARIO_SLOW,      /* typing while some do not read; then they read again */
    SCENARIO_FAULT      /* typing while a vandal is at work */
};
#define SCENARIO_STEPS 24

struct scenario {
    const char *name, *about;
    enum scenario_kind kind;
    size_t notes, editors;
    double rate; /* keys a second of each editor; MOST: of the first step */
    double seconds;
    size_t fill;  /* units of text in each note at the beginning */
    size_t deaf;  /* SLOW: editors that do not read */
    size_t piece; /* units that each key brings; 0: a letter */
    enum vandal_kind vandal;
    bool acks;    /* asks for acknowledgements, and runs only where there are any */
    bool changed; /* the command line changed some of this */
};

size_t scenario_count(void);
const struct scenario *scenario_at(size_t index);
const struct scenario *scenario_find(const char *name);

/* One rate of a search. */
struct scenario_step {
    double rate;      /* keys a second of each editor */
    double delivered; /* a second */
    double p50, p99;  /* ms */
    double generator; /* share of its core that the generator used */
    double cpu;       /* us of the server per delivered edit */
    bool good;
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
    struct histogram quiet; /* SLOW, FAULT: latency before */
};

struct scenario_options {
    struct scenario scenario;
    const struct target *target;
    const char *host, *port;
    const char *path;  /* NULL: the target's */
    const char *token; /* NULL: none */
    pid_t server;      /* 0: not observed */
    double warm_up;    /* seconds of typing that do not count */
    double ramp;       /* connections begun a second; 0: no limit */
    double patience;   /* seconds to wait for what is late */
    double p99_most;   /* MOST: ms */
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
