#ifndef TESTS_UNIT_STORE_STORE_RIG_H
#define TESTS_UNIT_STORE_STORE_RIG_H

/* A store in the hands of a test: requests that wait for their answer, and a record of the answers
 * that came by themselves. Failures end the test (cmocka). */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/store/store.h"

#define RIG_ANSWERS 4096

/* A copy of what an answer said. */
struct rig_answer {
    int rc;
    uint64_t ticket, seq;
};

struct rig {
    struct store *s;
    bool memory;
    char *dir; /* of the SQLite file */
    char path[256];
    const char *vfs, *synchronous;
    size_t wal_limit, reserve;
    unsigned cache_ms;

    atomic_uint wakes;
    unsigned closed;
    enum store_state state; /* as last told */
    unsigned changes;       /* of the state */
    struct rig_answer answer[RIG_ANSWERS];
    size_t answers;
    /* Of the last answer. */
    struct store_content *content; /* one reference */
    struct store_cursor next;
    size_t page_count;
    bool page_more;
    char page_names[512]; /* "name name " in order */
    char page_titles[512];
    struct store_info info; /* without its spans */
    char log[64];           /* the last event */
    char error[256];
};

/* Zeroes, then opens. */
void rig_open_memory(struct rig *r);
/* In a directory of its own; `vfs` NULL for the system's. */
void rig_open_sqlite(struct rig *r, const char *vfs);
/* Opens the file again as it was configured. */
int rig_try_open(struct rig *r);
void rig_reopen(struct rig *r);
/* Closes and waits for it; the file stays. */
void rig_close(struct rig *r);
/* Closes, removes the directory. */
void rig_finish(struct rig *r);

/* A reply that is recorded. */
struct store_reply rig_reply(struct rig *r, uint64_t ticket);
/* Drains until nothing is under way. */
void rig_settle(struct rig *r);
/* Drains until `count` answers are recorded in all. */
void rig_wait_answers(struct rig *r, size_t count);
/* Drains until the state is this one. */
void rig_wait_state(struct rig *r, enum store_state state);

/* Each waits for its answer and returns its code (or the refusal's). */
int rig_append(struct rig *r, const char *note, const char *data);
int rig_append_at(struct rig *r, const char *note, const char *data, int64_t time_ms);
int rig_load(struct rig *r, const char *note);
int rig_compact(struct rig *r, const char *note, const char *snapshot, uint64_t upto);
int rig_create(struct rig *r, const char *note, const char *title, int64_t time_ms);
int rig_put_meta(struct rig *r, const char *note, const char *title, const char *excerpt);
int rig_stat(struct rig *r, const char *note);
int rig_list(struct rig *r, const struct store_cursor *after, size_t limit);
/* Without waiting. */
int rig_queue_append(struct rig *r, const char *note, const char *data, uint64_t ticket);

/* The loaded note as text: "<snapshot>|row|row". Borrowed until the next call. */
const char *rig_text(struct rig *r);
/* Asserts that the note loads as this text. */
void rig_expect(struct rig *r, const char *note, const char *text);
struct store_stats rig_stats(struct rig *r);

#endif
