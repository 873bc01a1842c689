#ifndef RENDER_NOTE_FINISH_H
#define RENDER_NOTE_FINISH_H

/* What can be said of a node only when all of the note is in the tree: whether a list is loose, where a table's head
 * ends, what an unknown node without children says of itself. Few nodes want that; the tree remembers which
 * (note_tree.c), so that the words, most of a note, are not walked again. */
#include "render/note_tree.h"

/* Whether the node has to be finished; asked when it is put into the tree. */
bool note_finish_wants(const struct note_node *node);
/* Does it; in any order. Running out of memory shows in t->rc. */
void note_finish_node(struct note_tree *t, struct note_node *node);

#endif
