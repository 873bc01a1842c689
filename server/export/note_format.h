#ifndef SERVER_EXPORT_NOTE_FORMAT_H
#define SERVER_EXPORT_NOTE_FORMAT_H

/* The formats in which a note can be had: how each is called, and making one of them. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"
#include "server/export/pdf.h"

enum note_format {
    NOTE_MARKDOWN,
    NOTE_HTML,
    NOTE_TEXT,
    NOTE_JSON,
    NOTE_YJS, /* the whole note as one Yjs update; v2 in files */
    NOTE_PDF,
    NOTE_FORMATS,            /* how many make one file of a note; */
    NOTE_ZIP = NOTE_FORMATS, /* a zip holds several */
    NOTE_FILES
};

/* Media types as Accept names them, in the order of preference when a client takes anything. */
extern const char *const note_format_types[NOTE_FILES];
/* What files of that format end with, and how a query or a command line calls it: "md", "pdf", … Static. */
const char *note_format_name(enum note_format format);
/* The format of that name. RC_NOTFOUND. */
int note_format_of(struct span name, enum note_format *out) MUST_CHECK;
/* Several of NOTE_FORMATS with commas between, "md,html": bits 1 << enum note_format. RC_NOTFOUND: one is none of
 * these. */
int note_format_list(struct span names, unsigned *out) MUST_CHECK;
/* Value of Content-Type. */
const char *note_format_content_type(enum note_format format);

/* Zeroed is a good default. Everything is borrowed for the call. */
struct note_format_options {
    struct span root;            /* as in struct render_options */
    const char *lang;            /* likewise */
    struct span with;            /* what else a reader has chosen, as render_options_read takes it */
    struct pdf *pdf;             /* NULL: no PDF */
    struct pdf_failure *failure; /* NULL, or filled in when PDF fails */
};

/* Appends the note in one of the NOTE_FORMATS; HTML is a page. Blocks for PDF. (For NOTE_ZIP see bundle.h.)
 * RC_NOTFOUND: no such root. RC_ARG: no such `with`. RC_UNSUPPORTED: PDF cannot be made here. Else as render_note and
 * pdf_make. */
int note_format_make(const struct crdt_doc *doc, enum note_format format, const struct note_format_options *options,
                     struct buf *out) MUST_CHECK;

#endif
