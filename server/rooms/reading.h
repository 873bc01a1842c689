#ifndef SERVER_ROOMS_READING_H
#define SERVER_ROOMS_READING_H

/* What is made of a whole document: its state for somebody who opens the note, or for HTTP. Of a small one it is made
 * at once. A large one would hold the loop up, and goes to a worker for it: edits of its note wait those few
 * milliseconds, those of others do not. */
#include "crdt/crdt.h"

#define READING_LARGE                                                                                                  \
    (UINT64_C(1) << 20) /* bytes of a document that takes a third of a millisecond or more to encode */

struct room;

struct reading {
    /* Touches nothing but the document and what is `ctx`'s own: it may run on a worker. */
    int (*make)(void *ctx, const struct crdt_doc *doc);
    /* On the loop, once, with what `make` answered; the document is back and as it was. */
    void (*made)(struct room *room, void *ctx, int rc);
};

/* READY only. `made` is called before it returns, or the room is AWAY when it does. `reading` is borrowed until then.
 */
void reading_start(struct room *room, const struct reading *reading, void *ctx);

#endif
