#ifndef BENCH_EDITORS_EDITORS_FIGURES_H
#define BENCH_EDITORS_EDITORS_FIGURES_H

/* The figures of an outcome by name: one table that the printed tables, the goals, the JSON and the page share. */
#include <stddef.h>
#include "bench/editors/scenarios.h"

enum figure {
    FIGURE_P50, /* ms, edit sent -> received */
    FIGURE_P90,
    FIGURE_P99,
    FIGURE_P999,
    FIGURE_MAX,
    FIGURE_DELIVERED, /* edits a second */
    FIGURE_SENT,      /* likewise */
    FIGURE_CPU,       /* us of the server's process per delivered edit */
    FIGURE_LOOP_CPU,  /* of its loop thread */
    FIGURE_BUSY,      /* share of a core */
    FIGURE_ACK_P50,   /* ms */
    FIGURE_ACK_P99,
    FIGURE_MEMORY,  /* MB at the end */
    FIGURE_PEAK,    /* MB at most */
    FIGURE_BYTES,   /* from the server per delivered edit */
    FIGURE_LAG_P99, /* ms that the generator was late */
    FIGURE_LAG_MAX,
    FIGURE_GENERATOR, /* share of its core */
    FIGURE_BEST,      /* most delivered a second with p99 in bounds */
    FIGURE_BEST_P99,
    FIGURE_BEST_CPU,
    FIGURE_JOIN_P50, /* ms from connect to synced */
    FIGURE_JOIN_MAX,
    FIGURE_JOIN_CPU,       /* us of the server per editor that came in */
    FIGURE_PER_CONNECTION, /* kB of the server per connection, since it started */
    FIGURE_QUIET_P99,      /* ms before the disturbance */
    FIGURE_DISTURBED,      /* p99 divided by that */
    FIGURE_GREW,           /* MB in the window */
    FIGURE_LATER_P99,      /* ms when all is well again */
    FIGURE_QUIET_OPEN_P99, /* ms from connect to synced, before */
    FIGURE_OPEN_P99,       /* and meanwhile */
    FIGURE_OPEN_DISTURBED, /* that, divided by the one before */
    FIGURE_REFUSED,        /* edits that the server said it does not take */
    FIGURE_READY,          /* ms from the new process to the first editor in */
    FIGURE_BACK,           /* ms until all is as before */
    FIGURE_REST_MEMORY,    /* MB when all have left, the last time */
    FIGURE_REST_GREW,      /* MB since the first time but one */
    FIGURE_DESCRIPTORS,    /* open then and not the first time */
    FIGURE_COUNT
};

const char *figure_name(enum figure f); /* "p99_ms": for JSON */
/* Negative: it was not measured. */
double figure_of(const struct outcome *o, enum figure f);

#endif
