#ifndef SERVER_STORE_NOTE_VIEW_H
#define SERVER_STORE_NOTE_VIEW_H

/* Answers about notes for stat, create and list: items and their text in one block. */
#include "crdt/base/buf.h"
#include "server/store/call.h"

struct view_builder {
    struct buf items, text; /* struct store_info with lengths only; the text, in their order */
};

/* Copies. `meta` NULL: no title. Running out of memory shows in the end. */
void view_add(struct view_builder *v, const struct index_note *n, const struct store_meta *meta, bool damaged);
/* Puts the block into the call, as info or as page. RC_NOMEM. The builder is finished. */
int view_end(struct view_builder *v, struct call *c, bool more) MUST_CHECK;

#endif
