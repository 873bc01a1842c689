#ifndef BENCH_EDITORS_LEDGER_H
#define BENCH_EDITORS_LEDGER_H

/* What was written to a note and who has heard of it: so each delivery of each edit is counted and timed, however
 * the server merges, splits or repeats updates, without a document per reader.
 *
 *     author   edits in order: sent at …, the author's clock after it …      an edit is heard when its last clock is
 *              an edit that only deletes                                      heard when a delete of one certain unit
 * is
 *
 * Authors have consecutive Yjs client ids, so that an id is an index. A reader keeps, per author, how far it has heard
 * (clocks come without gaps; what comes behind a gap is counted in `gaps` and not taken), and a set of heard
 * deletes. Update bytes are read with crdt/proto.h. One thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/editors/histogram.h"
#include "crdt/base/buf.h"

struct ledger_edit {
    uint64_t sent; /* nanotime */
    uint32_t end;  /* the author's clock after it */
};
struct ledger_delete {
    uint64_t sent;
    uint32_t author;
};
struct ledger_author {
    struct ledger_edit *edits;
    uint32_t *deleted_by; /* per clock: 1 + index of the delete that this unit stands for; 0: none */
    size_t count, cap, deleted_cap;
    size_t deletes; /* edits of this author that only delete */
    uint32_t clock;
};
struct ledger {
    uint64_t first_client;
    struct ledger_author *authors;
    struct ledger_delete *deletes;
    size_t author_count, delete_count, delete_cap;
};

void ledger_init(struct ledger *l, uint64_t first_client, size_t authors);
void ledger_finish(struct ledger *l);
/* An author has sent this update. False: nothing in it can be told apart from others' edits (all that it deletes
 * was deleted before), so nobody is expected to hear of it. */
bool ledger_wrote(struct ledger *l, size_t author, struct span update, uint64_t now);

/* Counts of deliveries; latencies of edits sent between `from` and `to`, received up to any time. */
struct ledger_tally {
    uint64_t from, to;
    uint64_t delivered;
    struct histogram latency;
};

struct ledger_reader {
    struct {
        uint32_t clock, edit; /* next clock to hear, index of the next edit */
    } * heard;
    uint64_t *deletes; /* a bit for each */
    size_t author, delete_words, deletes_heard, gaps;
};
void ledger_reader_init(struct ledger_reader *r, const struct ledger *l, size_t author);
void ledger_reader_finish(struct ledger_reader *r);
/* An update has come. `tally` NULL: it is noted only (what was there before the reader came). Gives how many edits were
 * new; negative: the bytes are no update. */
int ledger_heard(const struct ledger *l, struct ledger_reader *r, struct span update, uint64_t now,
                 struct ledger_tally *tally);
/* Edits of the others that the reader has not heard of. */
size_t ledger_missing(const struct ledger *l, const struct ledger_reader *r);
/* The reader's state vector: what it has heard, and what it wrote. */
void ledger_put_state_vector(const struct ledger *l, const struct ledger_reader *r, struct buf *out);

#endif
