#ifndef SERVER_API_NOTE_FORMAT_H
#define SERVER_API_NOTE_FORMAT_H

/* The formats in which a note can be had, and making one of them. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

enum note_format { NOTE_MARKDOWN, NOTE_HTML, NOTE_TEXT, NOTE_JSON, NOTE_YJS, NOTE_FORMATS };

/* Media types as Accept names them, in the order of preference when a client takes anything. */
extern const char *const note_format_types[NOTE_FORMATS];
/* Value of Content-Type. */
const char *note_format_content_type(enum note_format format);
/* The note as people read it; not for NOTE_YJS. `root` empty: the one that carries the note. RC_NOTFOUND: no such root.
 */
int note_format_render(const struct crdt_doc *doc, enum note_format format, struct span root,
                       struct buf *out) MUST_CHECK;

#endif
