#ifndef RENDER_NOTE_JSON_H
#define RENDER_NOTE_JSON_H

/* The tree in ProseMirror's JSON form: {"type":"doc","content":[…]}. Nodes and marks that came from a ProseMirror
 * editor keep that editor's names and attributes (a plain tree: nothing moved); others get Tiptap's. */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "render/note_tree.h"

int note_json_write(const struct note_node *doc, bool plain, struct buf *out) MUST_CHECK;

#endif
