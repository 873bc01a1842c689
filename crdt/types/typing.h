#ifndef CRDT_TYPES_TYPING_H
#define CRDT_TYPES_TYPING_H

/* People type letter after letter. The document remembers where the last local edit of a text ended (struct typing in
 * crdt/core/doc.h); an edit that goes on there needs no search, and a letter that continues a run needs no room beyond
 * its bytes. Any other change of any list makes the document forget. Private to types/. */
#include "crdt/core/doc.h"

/* The last edit of the list ended behind `item`, before visible unit `end`. */
void typing_note(struct crdt_doc *doc, uint32_t seq, uint32_t item, uint32_t end, bool extends);
/* The item that ends before unit `index`, when that is where the last edit ended; else 0. */
uint32_t typing_at(const struct crdt_doc *doc, uint32_t seq, uint64_t index);
/* Text that continues the run: done. False: nothing has changed, it must be inserted. */
bool typing_continue(struct crdt_doc *doc, uint32_t seq, uint64_t index, const struct block *text);

#endif
