#ifndef SERVER_ROOMS_REST_H
#define SERVER_ROOMS_REST_H

/* Small notes at rest.
 *
 *     awake ──── nobody edited it or needed the document for a while ────► at rest
 *     room->doc                                                           room->rest: its state, as bytes
 *       ▲                                                                  │
 *       └──────────── rest_end: an edit, a reader over HTTP ───────────────┘
 *
 * Most notes that are open are read, or lie in a tab. A document of 2,000 letters in 300 structs takes 25 kB, its state
 * 3.4; and the document is made of it again in 40 us. So who opens a note at rest is answered from the bytes, and only
 * who changes it pays. A note is loaded into rest when it is small.
 *
 * The state is the one that the document writes, waiting structs included: a note that rested is the note that did not.
 *
 * Invariant: `state` is NULL or room->doc is; all is durable while a note rests. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

struct known;
struct room;

struct rest {
    uint8_t *state; /* update v2, which is half as long; NULL: awake */
    size_t len;
    struct known *vector; /* its state vector, encoded */
    size_t given_back;    /* bytes that its document had */
};

/* Is the document small enough to be made again whenever somebody edits it? */
bool rest_suits(const struct crdt_doc *doc);
/* What is kept of a document; it stays the caller's. Any thread. RC_NOMEM. */
int rest_pack(const struct crdt_doc *doc, struct rest *out) MUST_CHECK;
void rest_finish(struct rest *r); /* zeroed is fine */
struct span rest_vector(const struct rest *r);
/* What the note has beyond a state vector (empty: all), as an update v1: appends. Errors of crdt_update_diff. */
int rest_encode(const struct rest *r, struct span vector, struct buf *out) MUST_CHECK;

/* The room rests, without a document of its own; takes what `r` holds. */
void rest_begin(struct room *room, struct rest *r);
/* What is kept of the room is given back, if it rests. */
void rest_leave(struct room *room);
/* Time passes: the document goes when nothing needs it, or is trimmed when it is not that small. */
void rest_tick(struct room *room);
/* The document is needed: room->doc is there after RC_OK. READY only. RC_NOMEM, RC_LIMIT: the room rests on. */
int rest_end(struct room *room) MUST_CHECK;

#endif
