#ifndef SERVER_EXPORT_BUNDLE_H
#define SERVER_EXPORT_BUNDLE_H

/* Notes as files that a person can open: a file for each format, called by the note's title, and an index.html that
 * links them all.
 *
 *     several formats           one format
 *       index.html                index.html (when that format is HTML)
 *       md/Journal du lac.md      Journal du lac.html
 *       html/Journal du lac.html  Journal du lac (2).html
 *
 * What is missing, and why, stands in a file of its own (bundle_miss), which the index links.
 *
 * Notes come one at a time, and so do their files: what is kept of a note is its line of the index and 16 bytes. Where
 * the files go is a sink: a zip (zip_stream.h) or a folder. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/crdt.h"
#include "server/export/file_sink.h"
#include "server/export/note_format.h"

struct bundle_options {
    unsigned formats; /* bits 1 << enum note_format, of NOTE_FORMATS; at least one */
    struct note_format_options make;
};

struct bundle;

/* `options` are copied; what they point to and the sink are borrowed until destroy. */
int bundle_create(const struct bundle_options *options, struct file_sink sink, struct bundle **out) MUST_CHECK;
/* A note in every format. A failure is the sink's (or RC_NOMEM): nothing more can be added. When a format cannot be
 * made of this note, the others are, and *note_rc is why (the first reason); else RC_OK. */
int bundle_add(struct bundle *b, const struct crdt_doc *doc, int64_t changed_ms, int *note_rc) MUST_CHECK;
/* Where the note that was added last is to be found, without the ending; borrowed until the next call. */
struct span bundle_last_name(const struct bundle *b);
/* A note, or a format of it, that is not in the bundle, and a code that says why. `what` is its title or name. Says it
 * in missing.txt (manquantes.txt in French). RC_NOMEM. */
int bundle_miss(struct bundle *b, struct span what, int rc) MUST_CHECK;
/* The index, and what is missing, changed when the newest note was. */
int bundle_end(struct bundle *b) MUST_CHECK;
void bundle_destroy(struct bundle *b); /* NULL is fine */

/* Appends a zip of one note in these formats, without folders or index. */
int bundle_zip_note(const struct crdt_doc *doc, const struct bundle_options *options, int64_t changed_ms,
                    struct buf *out) MUST_CHECK;

/* The note's title as the name of a file without ending, as bundles call it. */
int bundle_note_name(const struct crdt_doc *doc, const struct note_format_options *options, struct buf *out) MUST_CHECK;

#endif
