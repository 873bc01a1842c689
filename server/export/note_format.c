#include "server/export/note_format.h"

#include <string.h>
#include "render/render.h"

const char *const note_format_types[NOTE_FILES] = {
    "text/markdown",   "text/html",       "text/plain", "application/json", "application/vnd.yjs.update",
    "application/pdf", "application/zip",
};

const char *note_format_name(enum note_format format)
{
    static const char *const names[NOTE_FILES] = {"md", "html", "txt", "json", "ynote", "pdf", "zip"};

    return names[format];
}

int note_format_of(struct span name, enum note_format *out)
{
    for (unsigned i = 0; i < NOTE_FILES; i++) {
        if (span_equal(name, span_str(note_format_name((enum note_format)i)))) {
            *out = (enum note_format)i;
            return RC_OK;
        }
    }
    return RC_NOTFOUND;
}

int note_format_list(struct span names, unsigned *out)
{
    const uint8_t *comma;
    unsigned formats = 0;

    do {
        enum note_format format;
        size_t len;

        comma = names.len > 0 ? memchr(names.data, ',', names.len) : NULL;
        len = comma ? (size_t)(comma - names.data) : names.len;
        if (note_format_of(span_of(names.data, len), &format) != RC_OK || format >= NOTE_FORMATS) {
            return RC_NOTFOUND;
        }
        formats |= 1u << format;
        names = comma ? span_of(comma + 1, names.len - len - 1) : names;
    } while (comma);
    *out = formats;
    return RC_OK;
}

const char *note_format_content_type(enum note_format format)
{
    static const char *const texts[] = {"text/markdown; charset=utf-8", "text/html; charset=utf-8",
                                        "text/plain; charset=utf-8"};

    return format <= NOTE_TEXT ? texts[format] : note_format_types[format];
}

/* What would have to be fetched becomes a link. */
static int make_pdf(const struct crdt_doc *doc, struct render_options render, const struct note_format_options *options,
                    struct buf *out)
{
    struct buf html = {0};
    int rc;

    if (!options->pdf) {
        return RC_UNSUPPORTED;
    }
    render.page = render.images = render.offline = true; /* pictures in the note itself are there */
    rc = render_note(doc, &render, RENDER_HTML, &html);
    if (rc == RC_OK) {
        rc = pdf_make(options->pdf, buf_span(&html), out, options->failure);
    }
    buf_finish(&html);
    return rc;
}

int note_format_make(const struct crdt_doc *doc, enum note_format format, const struct note_format_options *options,
                     struct buf *out)
{
    static const enum render_format formats[] = {RENDER_MARKDOWN, RENDER_HTML, RENDER_TEXT, RENDER_JSON};
    bool page = format == NOTE_HTML; /* a file that stands for itself, with the pictures that are in the note */
    struct render_options render = {.root = options->root, .lang = options->lang, .page = page, .images = page};
    int rc = render_options_read(&render, options->with);

    if (rc != RC_OK) {
        return rc;
    }
    switch (format) {
    case NOTE_YJS:
        return crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), out);
    case NOTE_PDF:
        return make_pdf(doc, render, options, out);
    case NOTE_ZIP:
        return RC_ARG;
    default:
        return render_note(doc, &render, formats[format], out);
    }
}
