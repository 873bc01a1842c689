/* The renderer on files, for tests: render_doc FORMAT[+page] [ROOT] < update.v1. FORMAT: md html text json title
 * search; html+pdf is the page that becomes PDF. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"

static void die(const char *what, int rc)
{
    fprintf(stderr, "%s: %s\n", what, rc_text(rc));
    exit(1);
}

static void read_all(struct buf *in)
{
    size_t got;

    do {
        if (buf_reserve(in, 65536) != RC_OK) {
            die("reading", RC_NOMEM);
        }
        got = fread(in->data + in->len, 1, 65536, stdin);
        in->len += got;
    } while (got > 0);
}

static int render_as(const struct crdt_doc *doc, const char *format, struct render_options *o, struct buf *out)
{
    static const char *const names[] = {"md", "html", "text", "json"};
    static const enum render_format formats[] = {RENDER_MARKDOWN, RENDER_HTML, RENDER_TEXT, RENDER_JSON};

    if (strcmp(format, "html+page") == 0) {
        o->page = true;
        return render_note(doc, o, RENDER_HTML, out);
    }
    if (strcmp(format, "html+pdf") == 0) {
        o->page = o->images = o->offline = true;
        return render_note(doc, o, RENDER_HTML, out);
    }
    if (strcmp(format, "title") == 0) {
        return render_title(doc, o, out);
    }
    if (strcmp(format, "search") == 0) {
        return render_text(doc, o, out);
    }
    for (size_t i = 0; i < 4; i++) {
        if (strcmp(format, names[i]) == 0) {
            return render_note(doc, o, formats[i], out);
        }
    }
    return RC_ARG;
}

int main(int argc, char **argv)
{
    struct render_options o = {.lang = "fr"};
    struct crdt_doc *doc = NULL;
    struct buf in = {0}, out = {0};
    int rc = crdt_doc_create(NULL, &doc);

    if (argc < 2 || rc != RC_OK) {
        die("usage: render_doc FORMAT [ROOT] < update", rc);
    }
    if (argc > 2) {
        o.root = span_str(argv[2]);
    }
    read_all(&in);
    rc = crdt_apply(doc, CRDT_V1, buf_span(&in), NULL);
    if (rc == RC_OK) {
        rc = render_as(doc, argv[1], &o, &out);
    }
    if (rc != RC_OK) {
        die(argv[1], rc);
    }
    if (out.len > 0) {
        fwrite(out.data, 1, out.len, stdout);
    }
    buf_finish(&in);
    buf_finish(&out);
    crdt_doc_destroy(doc);
    return 0;
}
