#ifndef BENCH_EDITORS_SCENARIO_H
#define BENCH_EDITORS_SCENARIO_H

/* The table of what can be done to a server. How each kind is done stands in scenarios.h. */
#include <stdbool.h>
#include <stddef.h>
#include "bench/editors/vandal.h"

enum scenario_kind {
    SCENARIO_STEADY,    /* typing at a given rate: latency, cost */
    SCENARIO_MOST,      /* the rate goes up until p99 exceeds a bound */
    SCENARIO_JOIN,      /* everybody opens one large note at once */
    SCENARIO_IDLE,      /* connections that do nothing: memory */
    SCENARIO_RECONNECT, /* typing, then all lines are cut and everybody returns at once */
    SCENARIO_SOAK,      /* editors come, type and leave, all of them, again and again */
    SCENARIO_RESTART,   /* the server is killed while people type, and started again */
    SCENARIO_SLOW,      /* typing while some do not read; then they read again */
    SCENARIO_FAULT,     /* typing while a vandal is at work */
    SCENARIO_SLOW_DISK, /* typing while the disk takes its time */
    SCENARIO_FULL_DISK  /* typing while nothing can be written, and when there is room again */
};

struct scenario {
    const char *name, *about;
    enum scenario_kind kind;
    size_t notes, editors;
    double rate; /* keys a second of each editor; MOST: of the first step */
    double seconds;
    double pause;      /* IDLE: seconds before them in which nothing happens either, whatever --scale says */
    size_t fill;       /* units of text in each note at the beginning */
    size_t deaf;       /* SLOW: editors that do not read */
    size_t piece;      /* units that each key brings; 0: a letter */
    size_t rows;       /* RESTART: rows of other notes in the log */
    unsigned delay_ms; /* SLOW_DISK: what a synchronisation takes longer */
    enum vandal_kind vandal;
    const char *serve; /* one more argument for our own server; NULL: none */
    bool acks;         /* asks for acknowledgements, and runs only where there are any */
    bool changed;      /* the command line changed some of this */
};

size_t scenario_count(void);
const struct scenario *scenario_at(size_t index);
const struct scenario *scenario_find(const char *name); /* NULL: there is none */
/* Does its name begin with this word and a '-'? */
bool scenario_is_of(const struct scenario *s, const char *group);
/* It does what only our own server is asked for: to files that it keeps, or by its HTTP interface. */
bool scenario_is_ours(const struct scenario *s);
/* It does something to the server's disk. */
bool scenario_needs_disk(const struct scenario *s);
/* It is of no use with a server that gives no answers. */
bool scenario_needs_answers(const struct scenario *s);

#endif
