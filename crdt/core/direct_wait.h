#ifndef CRDT_CORE_DIRECT_WAIT_H
#define CRDT_CORE_DIRECT_WAIT_H

/* The common update while others wait: it wakes nobody, or it joins those of its author that wait. */
#include "crdt/core/doc.h"

/* The lowest clock of a client such that, when it comes, something that waits may be set free or overlaps it;
 * UINT64_MAX: there is none. */
uint64_t direct_wakes_from(const struct crdt_doc *doc, uint32_t client);
/* The block's author has blocks that wait, and it stands behind all of them. */
bool direct_waits_behind(const struct crdt_doc *doc, const struct block *b);
/* Then it waits there. RC_FORMAT, RC_LIMIT, RC_NOMEM: nothing has changed. */
int direct_wait(struct crdt_doc *doc, const struct block *b) MUST_CHECK;
/* Where the author's next letter goes if it goes on behind this block, which has just gone in or waits: fills in what
 * `d` says of places. False: it is not known. */
bool direct_foresee(const struct crdt_doc *doc, const struct block *b, struct ditto *d);
/* The letter foreseen by the document's ditto has come, and waits. False: nothing has changed, it takes the way of any
 * update. */
bool direct_wait_letter(struct crdt_doc *doc, uint8_t letter);

#endif
