#ifndef SERVER_API_HEADING_H
#define SERVER_API_HEADING_H

/* A title as a document and back: the first heading of a new note, and what a list calls a note. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/crdt.h"

/* Appends a v1 update that puts a heading of level 1 into an empty note as Tiptap keeps it (root `default`). */
int heading_update(struct span title, struct buf *update) MUST_CHECK;

/* Title: the text of the first heading, else the first words. Excerpt: how the text begins, line by line joined with
 * spaces. Looks at the beginning of the note only: the work is bounded whatever its size. Appends at most `title_max`
 * and `excerpt_max` bytes. */
int heading_describe(const struct crdt_doc *doc, size_t title_max, size_t excerpt_max, struct buf *title,
                     struct buf *excerpt) MUST_CHECK;

#endif
