#ifndef RENDER_NOTE_FINISH_H
#define RENDER_NOTE_FINISH_H

/* What can be said of a node only when all of the note is in the tree: whether a list is loose, where a table's head
 * ends, what an unknown node without children says of itself. Few nodes want that; the tree remembers which
 * (note_tree.c), so that the words, most of a note, are not walked again. */
#include "render/note_tree.h"

/* Whether nodes of that kind have to be finished; asked when one is put into the tree. */
#define NOTE_FINISH_WANTS(kind)                                                                                        \
    ((kind) == NOTE_DETAILS || (kind) == NOTE_MATH_BLOCK || (kind) == NOTE_COLUMNS || (kind) == NOTE_PAGE_BREAK ||     \
     (kind) == NOTE_UNKNOWN || (kind) == NOTE_MATH || (kind) == NOTE_BULLETS || (kind) == NOTE_ORDERED ||              \
     (kind) == NOTE_TASKS || (kind) == NOTE_TABLE || (kind) == NOTE_DECISIONS)
/* Does it; in any order. Running out of memory shows in t->rc. */
void note_finish_node(struct note_tree *t, struct note_node *node);

#endif
