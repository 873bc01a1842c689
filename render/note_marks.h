#ifndef RENDER_NOTE_MARKS_H
#define RENDER_NOTE_MARKS_H

/* Formatting values of documents -> marks of the canonical tree. What makes no sense is passed by. Texts borrow the
 * document. */
#include "crdt/crdt.h"
#include "render/note_schema.h"
#include "render/note_tree.h"

/* Adds one mark. `palette`: colours may be BlockNote's names. */
void note_mark_set(struct note_tree *t, struct note_marks *marks, enum note_mark mark, const struct crdt_value *value,
                   bool palette);
/* The CSS colour behind a colour name of BlockNote; the same text when it is none, empty for "default". */
struct span note_palette(struct span color, bool background);

#endif
