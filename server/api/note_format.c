#include "server/api/note_format.h"

#include "render/render.h"

const char *const note_format_types[NOTE_FORMATS] = {"text/markdown", "text/html", "text/plain", "application/json",
                                                     "application/vnd.yjs.update"};

const char *note_format_content_type(enum note_format format)
{
    static const char *const types[NOTE_FORMATS] = {"text/markdown; charset=utf-8", "text/html; charset=utf-8",
                                                    "text/plain; charset=utf-8", "application/json",
                                                    "application/vnd.yjs.update"};

    return types[format];
}

int note_format_render(const struct crdt_doc *doc, enum note_format format, struct span root, struct buf *out)
{
    static const enum render_format formats[] = {RENDER_MARKDOWN, RENDER_HTML, RENDER_TEXT, RENDER_JSON};
    struct render_options options = {.root = root, .page = format == NOTE_HTML};

    if (format == NOTE_YJS) {
        return RC_ARG;
    }
    return render_note(doc, &options, formats[format], out);
}
