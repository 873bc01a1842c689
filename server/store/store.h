#ifndef SERVER_STORE_STORE_H
#define SERVER_STORE_STORE_H

/* The durable log, as rooms see it: bytes under a note's name, answered after the commit.
 *
 * A store is a table with two back ends: store/sqlite.h keeps one SQLite file, store/memory.h
 * keeps its database in memory and obeys tests. Neither knows what the bytes mean.
 *
 *   loop thread:   store_append() … ──► queue ──►  store thread:  one transaction for
 *                  store_drain()  ◄── answers ◄──                 whatever had queued
 *                        ▲                └─ wake(): the only call of the store into the loop
 *
 * How to use it. Every request is accepted at once (RC_OK) or refused at once (the code, no answer
 * will come). An accepted request gets exactly one answer, delivered inside store_drain(), never
 * inside the request itself. Requests are carried out, and answered, in the order in which they
 * were made, with two exceptions: while the disk refuses writes (below) kept appends are answered
 * when they commit, later than reads asked for after them; and when it does, they come first.
 *
 * Guarantees.
 *  - An append answered RC_OK is on the disk (SQLite WAL, synchronous=FULL): a kill or a power cut
 *    does not take it back. The rows of one note load in the order of their appends.
 *  - Every row carries a keyed integrity tag that covers its content, its place and its
 *    predecessor: a note that cannot be read whole answers RC_CORRUPT, never a part of itself and
 *    never as an empty note. When only the newest snapshot is damaged, the generation before it
 *    and the log since then are used (`fallback`).
 *  - Full disk or I/O error: the transaction is rolled back, the state becomes STORE_FULL or
 *    STORE_FAILING, appends already accepted stay in memory and are tried again first, in order,
 *    with a growing pause; everything else that writes is answered with the error. Reads go on.
 *    When writing works again the state becomes STORE_OK.
 *
 * The state that store_writable() shows changes inside store_drain() only. So a room asks
 * store_writable(), applies, broadcasts and appends in one turn of the loop, and never broadcasts
 * what the store then refuses (but for RC_NOMEM).
 *
 * Threads: every function here is for the loop thread, the one that opened the store.
 * Ownership: arguments are borrowed until the function returns; the store copies. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define STORE_NAME_MAX    200        /* bytes of a note's name, UTF-8, at least 1 */
#define STORE_DATA_MAX    (64 << 20) /* bytes of one row's data or of one snapshot */
#define STORE_SENDER_MAX  256        /* bytes of a sender */
#define STORE_TITLE_MAX   512        /* bytes of a title, UTF-8 */
#define STORE_EXCERPT_MAX 4096       /* bytes of an excerpt, UTF-8 */
#define STORE_PAGE_MAX    1000       /* notes in one page of a list */
#define STORE_UPTO_ALL    UINT64_MAX /* store_compact: every row appended before the call */

struct store;

/* What a log row is: a format, and marks added to it. The numbers are in files: never reuse one. */
enum store_kind {
    STORE_UPDATE_V1 = 1, /* a Yjs update, format v1 */
    STORE_UPDATE_V2 = 2, /* a Yjs update, format v2 */
    STORE_FOREIGN = 16,  /* mark: its sender wrote under a client id that was somebody else's then */
};

enum store_state {
    STORE_OK,      /* writes are accepted */
    STORE_FULL,    /* the disk is full: reads only */
    STORE_FAILING, /* the disk fails otherwise: reads only */
};

/* One row of the log. */
struct store_row {
    unsigned kind;      /* one format of enum store_kind, and marks */
    struct span data;   /* the update */
    struct span sender; /* who sent it: account, seat or link as text; may be empty */
    int64_t time_ms;    /* when, milliseconds since 1970 */
    uint64_t seq;       /* its number in the file, growing; set by the store (ignored by append) */
};

/* Everything stored for one note: apply `snapshot` (when it has bytes), then `row` in order.
 * Counted, so that a worker thread may hold it. Rows are only those after the snapshot. */
struct store_content {
    struct span snapshot;  /* v2 state; empty when the note was never compacted */
    struct store_row *row; /* `count` rows, oldest first */
    size_t count;
    uint64_t last_seq; /* of the newest row, or what the snapshot covers: `upto` for compact */
    size_t bytes;      /* of snapshot and rows together */
    bool fallback;     /* the newest snapshot is damaged; this comes from the one before */
};

/* Both may be called on any thread. unref takes NULL. */
struct store_content *store_content_ref(struct store_content *c);
void store_content_unref(struct store_content *c);

/* What a list shows of a note; set by whoever knows documents. */
struct store_meta {
    struct span title, excerpt; /* UTF-8 */
};

struct store_info {
    uint64_t id; /* number of the note in this file; never reused */
    struct span name, title, excerpt;
    int64_t created_ms, updated_ms; /* updated: the newest row's time */
    uint64_t size;                  /* bytes of snapshot and rows after it */
    uint64_t rows;                  /* log rows after the newest snapshot: when to compact */
    bool damaged;                   /* it cannot be loaded, or its title is lost */
};

/* Place in a list, newest update first; opaque to all but the store, may go out as two numbers. */
struct store_cursor {
    int64_t updated_ms;
    uint64_t id;
};

struct store_page {
    const struct store_info *item;
    size_t count;
    bool more; /* `next` continues after the last item */
    struct store_cursor next;
};

/* The answer to a request; all that it points to is borrowed until the callback returns
 * (take a reference to `content` to keep it). */
struct store_answer {
    int rc;
    uint64_t ticket;               /* as given in the reply */
    uint64_t seq;                  /* append: number of the row. compact: what is covered now */
    struct store_content *content; /* load */
    const struct store_info *info; /* stat and create */
    const struct store_page *page; /* list */
};

/* Where an answer goes. `call` may be NULL. It may make new requests, but not drain or close. A patient append is one
 * whose commit nobody waits for: its answer is there when others are drained, and does not wake (store_hurry). */
struct store_reply {
    void (*call)(void *ctx, const struct store_answer *answer);
    void *ctx;
    uint64_t ticket;
    bool patient;
};

#define STORE_HIST 24 /* commit_hist[i] counts commits of less than 2^i microseconds */

struct store_stats {
    enum store_state state;
    int error;     /* why the state is not STORE_OK */
    size_t queued; /* requests accepted and not answered */
    size_t queued_bytes;
    size_t kept;     /* appends kept over from a failed commit */
    uint64_t lag_us; /* age of the oldest append that is not durable yet */
    uint64_t appends, commits;
    uint64_t failed_commits; /* rolled back: of the queue, of upkeep, and tries whether a failing disk works again */
    uint64_t last_commit_us, commit_us_sum;
    uint64_t commit_hist[STORE_HIST];
    uint64_t checkpoints, last_checkpoint_us;
    uint64_t notes, log_rows; /* rows in the file, those of older generations included */
    uint64_t damaged;         /* notes found damaged since the start */
    uint64_t file_bytes, wal_bytes, reserve_bytes;
};

/* What every back end is given. */
struct store_host {
    /* Answers wait: call store_drain soon. From any thread, from inside requests too. For patient appends only when
     * many are answered; drain now and then without it. */
    void (*wake)(void *ctx);
    /* From store_drain. May be NULL. */
    void (*state)(void *ctx, enum store_state now, int rc);
    /* A line for the log, event and "key=value …"; from any thread; never holds note text,
     * names or keys. May be NULL. */
    void (*log)(void *ctx, const char *event, const char *fields);
    void *ctx;
};

/* Adds a row to a note; an unknown note comes into being with its first row.
 * RC_ARG: name, sender, kind or size out of bounds. RC_FULL, RC_IO: the state is not STORE_OK.
 * RC_LIMIT: too many bytes are queued (store_writable says so before). RC_STATE: closing.
 * Answer: seq. RC_FULL or RC_IO only when the store closes before it could write. */
int store_append(struct store *s, struct span note, const struct store_row *row, struct store_reply reply) MUST_CHECK;

/* Somebody waits now: `wake` is called for the appends made until now as if none of them had been patient. */
void store_hurry(struct store *s);

/* Answer: content, or RC_NOTFOUND (never existed), RC_CORRUPT (exists, cannot be read whole),
 * RC_BUSY (rows of it are kept in memory after a failed commit: whoever appended them has it),
 * RC_IO, RC_NOMEM. */
int store_load(struct store *s, struct span note, struct store_reply reply) MUST_CHECK;

/* Makes `snapshot` the newest generation, in place of all rows up to number `upto`; it must hold
 * what they hold. The generation before stays, with the rows since it; older ones go.
 * Answer: seq, RC_STATE when a snapshot at or beyond `upto` exists already or nothing is covered,
 * RC_NOTFOUND, RC_FULL, RC_IO, RC_CORRUPT. */
int store_compact(struct store *s, struct span note, struct span snapshot, uint64_t upto,
                  struct store_reply reply) MUST_CHECK;

/* A new note without rows. Answer: info, RC_EXISTS (nothing is changed), RC_FULL, RC_IO. */
int store_create(struct store *s, struct span note, const struct store_meta *meta, int64_t time_ms,
                 struct store_reply reply) MUST_CHECK;

/* Answer: RC_OK, RC_NOTFOUND, RC_FULL, RC_IO. Does not touch the time of the last update. */
int store_put_meta(struct store *s, struct span note, const struct store_meta *meta,
                   struct store_reply reply) MUST_CHECK;

/* Does the note exist? Answer: info, RC_NOTFOUND, RC_CORRUPT (exists, title unreadable). */
int store_stat(struct store *s, struct span note, struct store_reply reply) MUST_CHECK;

/* The notes by time of last update, newest first. `after` NULL: from the start. Answer: page.
 * A note edited between two pages moves to the front: it may be missed in the second. */
int store_list(struct store *s, const struct store_cursor *after, size_t limit, struct store_reply reply) MUST_CHECK;

/* May an edit be accepted now? RC_OK, or why not: RC_FULL, RC_IO, RC_LIMIT, RC_STATE. */
int store_writable(const struct store *s) MUST_CHECK;
enum store_state store_state(const struct store *s);
void store_stats(struct store *s, struct store_stats *out);

/* Delivers the answers that are ready. Returns how many. */
size_t store_drain(struct store *s);
/* Blocks until an answer or a change of state is ready or the time is over, for programs without an
 * event loop.
 * RC_BUSY: the time is over. RC_NOTFOUND: nothing is under way. Deliver with store_drain. */
int store_wait(struct store *s, int timeout_ms) MUST_CHECK;

/* First step: no more requests are accepted; those queued are carried out (kept appends get one
 * more try). Last step, in a later store_drain: all are answered, the file is closed, the
 * thread joined, `closed` called (NULL is fine); then the pointer is dead. s NULL: nothing. */
void store_close(struct store *s, void (*closed)(void *ctx), void *ctx);

#endif
