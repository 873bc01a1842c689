#ifndef SERVER_STORE_NOTE_CONTENT_H
#define SERVER_STORE_NOTE_CONTENT_H

/* Building a struct store_content piece by piece. The bytes of all pieces stand in one buffer that
 * moves while it grows, so spans are set at the end. */
#include "crdt/base/buf.h"
#include "server/store/store.h"

struct content_piece {
    unsigned kind;
    size_t data_len, sender_len;
    int64_t time_ms;
    uint64_t seq;
};

struct content_builder {
    struct buf bytes;
    struct content_piece *piece;
    size_t count, cap, snapshot_len;
};

/* Room for `rows` rows. RC_NOMEM. */
int content_begin(struct content_builder *b, size_t rows) MUST_CHECK;
/* Copies. Before the first row, at most once. Running out of memory shows in content_end. */
void content_snapshot(struct content_builder *b, struct span snapshot);
/* Copies. At most as many as said. */
void content_row(struct content_builder *b, const struct store_row *row);
/* The finished content with one reference; the builder is finished. RC_NOMEM. */
int content_end(struct content_builder *b, struct store_content **out) MUST_CHECK;
void content_abort(struct content_builder *b); /* fine after content_end and on zeroed storage */

#endif
