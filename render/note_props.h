#ifndef RENDER_NOTE_PROPS_H
#define RENDER_NOTE_PROPS_H

/* Attribute values of documents -> properties of canonical nodes. What makes no sense is passed by. Texts borrow the
 * document; numbers are clamped to what the outputs can use. */
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

#endif
