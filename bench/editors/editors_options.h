#ifndef BENCH_EDITORS_EDITORS_OPTIONS_H
#define BENCH_EDITORS_EDITORS_OPTIONS_H

/* The command line of `cahier-bench editors`. */
#include "bench/editors/scenarios.h"

#define EDITORS_SCENARIOS_MAX 40
#define EDITORS_TARGETS_MAX   8

struct editors_options {
    struct scenario scenarios[EDITORS_SCENARIOS_MAX];
    const struct target *targets[EDITORS_TARGETS_MAX]; /* with `url`: one, which says the protocol */
    size_t scenario_count, target_count;
    struct scenario_options run;        /* what all scenarios share */
    char host[256], port[8], path[256]; /* of the URL */
    char prefix[32];                    /* of note names there */
    bool url;                           /* a server that is there already */
    int generator_core, server_core;    /* negative: anywhere */
    bool all_peers;                     /* those that are not installed are an error */
    const char *json, *html, *trace;    /* files; NULL: none */
};

enum editors_parsed { EDITORS_RUN, EDITORS_DONE, EDITORS_WRONG };

/* EDITORS_DONE: help or a list has been printed. EDITORS_WRONG: what is wrong stands on standard error. */
enum editors_parsed editors_options_parse(int argc, char **argv, struct editors_options *out);

#endif
