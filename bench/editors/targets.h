#ifndef BENCH_EDITORS_TARGETS_H
#define BENCH_EDITORS_TARGETS_H

/* The servers that are compared, each started afresh on a free loopback port, on one core. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "bench/editors/crowd.h"

struct target {
    const char *name, *about;
    enum crowd_protocol protocol;
    const char *path;        /* before the note's name */
    bool acks;               /* acknowledges edits */
    const char *needs;       /* module in bench/servers/node_modules; NULL: none */
    const char *const *argv; /* @PORT@, @FOLDER@, @NODE@, @CAHIER@, @BENCH@ stand for what they say */
};

size_t target_count(void);
const struct target *target_at(size_t index);
const struct target *target_find(const char *name); /* NULL: there is none */
/* NULL when it can be run here, else why not (static). */
const char *target_lacks(const struct target *t);

struct running {
    const struct target *target;
    pid_t pid;
    char port[8];
    char *folder; /* its files; removed at the end */
};
/* Starts it with its processes on core `core` (negative: anywhere) and waits until it listens. RC_IO: it did not; its
 * own words are on standard error. */
int target_start(const struct target *t, int core, struct running *out) MUST_CHECK;
/* Kills it if it runs. Zeroed storage is fine. */
void target_stop(struct running *r);
/* This process runs on one core from now on. False when that is not possible. */
bool target_pin_self(int core);

#endif
