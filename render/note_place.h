#ifndef RENDER_NOTE_PLACE_H
#define RENDER_NOTE_PLACE_H

/* Where a node finds its place in the tree, by what its place takes and what it is: the content model of note_node.h.
 * For note_tree.c alone. */
#include "render/note_tree.h"

#define NOTE_BIT(class) (1u << (class))

/* Whether `at` takes nodes of that class wherever it is. */
bool note_takes(const struct note_node *at, const struct note_node *node);
/* Moves t->cur to where `node` may be added, and makes of the node what it can be there. */
void note_place(struct note_tree *t, struct note_node *node);

#endif
