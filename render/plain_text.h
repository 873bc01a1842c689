#ifndef RENDER_PLAIN_TEXT_H
#define RENDER_PLAIN_TEXT_H

/* The canonical tree as plain text: for people (blocks apart by an empty line, list markers, cells apart by tabs) or
 * for search (every word, one block a line, nothing else). */
#include <stdbool.h>
#include "crdt/base/buf.h"
#include "render/note_tree.h"

int plain_text_write(const struct note_node *root, bool for_search, struct buf *out) MUST_CHECK;

#endif
