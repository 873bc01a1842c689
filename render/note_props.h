#ifndef RENDER_NOTE_PROPS_H
#define RENDER_NOTE_PROPS_H

/* Attribute values of documents -> properties of canonical nodes and marks. Editors store the same thing as number,
 * boolean or text ("2", 2, "h2"): each is understood wherever it makes sense, and what makes none is passed by.
 * Texts borrow the document; numbers are clamped to what the outputs can use. */
#include "crdt/crdt.h"
#include "render/note_schema.h"
#include "render/note_tree.h"

#define NOTE_LEVEL_MAX   6
#define NOTE_INDENT_MAX  20
#define NOTE_COLSPAN_MAX 1000u /* HTML: "Tables", attributes common to td and th */
#define NOTE_ROWSPAN_MAX 65534u
#define NOTE_START_MAX   999999999 /* CommonMark: nine digits */

/* Sets one property; the node must not be in the tree yet. */
void note_prop_set(struct note_tree *t, struct note_node *node, enum note_prop prop, const struct crdt_value *value);
/* Sets what a name's row says beyond its kind, once the attributes have been read: they win. */
void note_preset_set(struct note_tree *t, struct note_node *node, enum note_preset preset);
/* Adds one mark. `palette`: colours may be BlockNote's names. */
void note_mark_set(struct note_tree *t, struct note_marks *marks, enum note_mark mark, const struct crdt_value *value,
                   bool palette);

/* The CSS colour behind a colour name of BlockNote; the same text when it is none, empty for "default". */
struct span note_palette(struct span color, bool background);
/* Text of a string, number or boolean; empty for anything else. */
struct span note_value_text(struct note_tree *t, const struct crdt_value *value);
/* Number of a number, or of text that begins with one; false when there is none. */
bool note_value_number(const struct crdt_value *value, double *out);

#endif
