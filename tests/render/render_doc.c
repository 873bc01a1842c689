/* The renderer on files, for tests: render_doc FORMAT[+page] [ROOT] < update.v1. FORMAT: md html text json title
 * search; html+pdf is the page that becomes PDF. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"
#include "tests/support/shared_data.h"

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

/* One note; its output is appended. */
static void render_update(struct span update, const char *format, struct span root, struct buf *out)
{
    struct render_options o = {.lang = "fr", .root = root};
    struct crdt_doc *doc = NULL;
    int rc = crdt_doc_create(NULL, &doc);

    rc = rc == RC_OK ? crdt_apply(doc, CRDT_V1, update, NULL) : rc;
    rc = rc == RC_OK ? render_as(doc, format, &o, out) : rc;
    if (rc != RC_OK) {
        die(format, rc);
    }
    crdt_doc_destroy(doc);
}

static void put_length(struct buf *out, size_t len)
{
    for (unsigned shift = 0; shift < 32; shift += 8) {
        buf_put_u8(out, (uint8_t)(len >> shift));
    }
}

static void render_each(struct span list, char **formats, int count, struct buf *out)
{
    struct span update;
    uint32_t left = 0;

    if (!shared_data_count(&list, &left)) {
        die("each", RC_FORMAT);
    }
    for (; left > 0; left--) {
        if (!shared_data_next(&list, &update)) {
            die("each", RC_FORMAT);
        }
        for (int i = 0; i < count; i++) {
            struct buf one = {0};

            render_update(update, formats[i], (struct span){0}, &one);
            put_length(out, one.len);
            buf_put_span(out, buf_span(&one));
            buf_finish(&one);
        }
    }
}

int main(int argc, char **argv)
{
    struct buf in = {0}, out = {0};

    if (argc < 2) {
        die("usage: render_doc FORMAT [ROOT] < update", RC_ARG);
    }
    read_all(&in);
    if (strcmp(argv[1], "each") == 0) {
        render_each(buf_span(&in), argv + 2, argc - 2, &out);
    } else {
        render_update(buf_span(&in), argv[1], argc > 2 ? span_str(argv[2]) : (struct span){0}, &out);
    }
    if (out.rc != RC_OK) {
        die("writing", out.rc);
    }
    if (out.len > 0) {
        fwrite(out.data, 1, out.len, stdout);
    }
    buf_finish(&in);
    buf_finish(&out);
    return 0;
}
