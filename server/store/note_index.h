#ifndef SERVER_STORE_NOTE_INDEX_H
#define SERVER_STORE_NOTE_INDEX_H

/* What the store knows of every note without reading the file: its name, its two generations of
 * snapshots and the numbers of its log rows. The log itself has no index on disk: an index over
 * (note, seq) would touch one more page per note and commit.
 *
 *   seq      … 11   14   15   20   21   33   40
 *            ▲           ▲                   ▲
 *            │           newest.upto         last_seq      rows[] holds 14 15 20 21 33 40,
 *            older.upto                                    the last `fresh` = 4 are loaded
 *
 * A change is made before the transaction commits and taken back with index_undo when it does not.
 *
 * Invariant (index_check): rows[] grows strictly, all rows > older.upto, exactly `fresh` of them
 * > newest.upto; older.upto <= newest.upto <= last_seq.
 * Store thread only. The index owns its notes. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

struct store_cursor;

/* One generation of a note's snapshot. Zeroed: the empty note, which covers no rows. */
struct index_snap {
    uint64_t id;   /* of its row; 0: there is none */
    uint64_t upto; /* newest log row that it holds */
    uint64_t bytes;
};

struct index_row {
    uint64_t seq;
    uint32_t bytes;
};

/* What a transaction may change; copied for undo. */
struct index_facts {
    int64_t updated_ms;
    uint64_t last_seq; /* newest row ever; tags chain on it */
    uint64_t fresh_bytes;
    size_t count, fresh; /* rows in all; those after the newest snapshot */
    struct index_snap newest, older;
};

struct index_note {
    struct index_note *chain; /* same bucket, by name */
    uint64_t id;
    int64_t created_ms;
    struct index_facts facts;
    struct index_row *rows;
    size_t rows_cap;
    uint64_t head_seq; /* newest row that its row in `notes` knows of */
    bool damaged;      /* cannot be read whole */
    bool dirty;        /* its row in `notes` is older than its facts */
    uint32_t hash;
    uint16_t name_len;
    uint8_t name[]; /* name_len bytes */
};

struct note_index {
    struct index_note **bucket; /* a power of two */
    size_t buckets;
    struct index_note **by_id; /* by_id[id]; may hold NULL */
    size_t by_id_cap;
    size_t count;
    uint64_t last_id; /* highest ever given */
    uint64_t rows;    /* rows of all notes */
};

struct index_undo {
    struct index_note *note; /* NULL: nothing to undo */
    bool made;
    bool was_dirty;
    struct index_facts before;
};

void index_init(struct note_index *x);
void index_finish(struct note_index *x);

/* NULL: unknown. */
struct index_note *index_find(const struct note_index *x, struct span name);
struct index_note *index_by_id(const struct note_index *x, uint64_t id);
/* A note with this id, which is not in use. RC_NOMEM; RC_LIMIT: the id is absurd. */
int index_add(struct note_index *x, uint64_t id, struct span name, struct index_note **out) MUST_CHECK;
/* Takes it out and frees it. */
void index_remove(struct note_index *x, struct index_note *n);

/* One more row, newer than all. RC_NOMEM. */
int index_add_row(struct note_index *x, struct index_note *n, uint64_t seq, uint32_t bytes, int64_t time_ms) MUST_CHECK;
/* How many rows have a number of at most `seq`. */
size_t index_rows_upto(const struct index_note *n, uint64_t seq);
/* Forgets the rows that the older generation holds; call after the commit. */
void index_drop_rows(struct note_index *x, struct index_note *n);
/* Makes `snap` the newest generation; the one before becomes the older when `keep`. */
void index_set_snap(struct index_note *n, struct index_snap snap, bool keep);
/* Bytes of the newest snapshot and the rows after it. */
uint64_t index_size(const struct index_note *n);

void index_undo_save(struct index_undo *u, struct index_note *n, bool made);
/* Back to what it was; a note that was made goes. Undo in reverse order. */
void index_undo_apply(struct note_index *x, struct index_undo *u);

/* The `limit` notes that come after `after` (NULL: the first), newest update first, then highest
 * id. Returns how many are in out; *more: others follow. */
size_t index_list(const struct note_index *x, const struct store_cursor *after, size_t limit,
                  const struct index_note **out, bool *more);

bool index_check(const struct note_index *x); /* walks everything: tests and debugging */

#endif
