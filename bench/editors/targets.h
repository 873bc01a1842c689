#ifndef BENCH_EDITORS_TARGETS_H
#define BENCH_EDITORS_TARGETS_H

/* The servers that are compared, each started afresh on a free loopback port, on one core. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include "bench/editors/crowd.h"
#include "bench/editors/disk.h"

struct target {
    const char *name, *about;
    enum crowd_protocol protocol;
    const char *path;        /* before the note's name */
    bool acks;               /* acknowledges edits */
    bool ours;               /* Cahier: its files and its HTTP interface are known */
    const char *needs;       /* module in bench/servers/node_modules; NULL: none */
    const char *const *argv; /* @PORT@, @FOLDER@, @NODE@, @CAHIER@, @BENCH@ stand for what they say */
};

size_t target_count(void);
const struct target *target_at(size_t index);
const struct target *target_find(const char *name); /* NULL: there is none */
/* NULL when it can be run here, else why not (static). */
const char *target_lacks(const struct target *t);

/* What a scenario wants of a server. */
struct target_wishes {
    int core;             /* its processes run on it; negative: anywhere */
    bool disk;            /* a disk that can be spoiled */
    size_t rows;          /* ours: in its log at the beginning, of other notes */
    const char *argument; /* ours: one more; NULL: none */
};

struct running {
    const struct target *target;
    struct target_wishes wishes;
    pid_t pid;
    char port[8];
    char *folder;      /* its files; removed at the end */
    struct disk *disk; /* NULL: not wished for */
};
/* Starts it and waits until it listens. RC_IO: it did not; its own words are on standard error. RC_UNSUPPORTED: this
 * system has no such disk. */
int target_start(const struct target *t, const struct target_wishes *wishes, struct running *out) MUST_CHECK;
/* kill -9; and the same once more, with the files and the port that it had. After RC_IO it only needs target_stop. */
void target_kill(struct running *r);
int target_start_again(struct running *r) MUST_CHECK;
/* Kills it if it runs, and removes its files. Zeroed storage is fine. */
void target_stop(struct running *r);
/* Is there such a core, and is it this process's to use? */
bool target_may_use(int core);
/* This process runs on one core from now on. False when that is not possible. */
bool target_pin_self(int core);

#endif
