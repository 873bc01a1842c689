#include "server/api/heading.h"

#include <sys/random.h>
#include "render/render.h"
#include "server/api/api.h"
#include "server/base/utf8.h"

#define DEPTH_MAX     32   /* deeper nodes are not looked at */
#define STEPS_MAX     4000 /* runs looked at */
#define TITLE_WORDS   80   /* bytes of a title made of the first words */
#define EXCERPT_BYTES 300
#define SMALL_STRUCTS 5000 /* up to here the renderer may look at the whole note */

/* ---- A new note -------------------------------------------------------------------------------------------------- */

static int insert_heading(struct crdt_doc *doc, struct span title)
{
    struct crdt_type root, heading, text;
    struct buf level = {0};
    int rc = crdt_root_declare(doc, span_str("default"), CRDT_XML_FRAGMENT, &root);

    rc = rc ? rc : crdt_list_insert_type(doc, root, 0, CRDT_XML_ELEMENT, span_str("heading"), &heading);
    rc = rc ? rc : crdt_value_from_json(span_str("1"), &level);
    rc = rc ? rc : crdt_map_set(doc, heading, span_str("level"), buf_span(&level));
    rc = rc ? rc : crdt_list_insert_type(doc, heading, 0, CRDT_XML_TEXT, span_of(NULL, 0), &text);
    rc = rc ? rc : crdt_text_insert(doc, text, 0, title, NULL, 0);
    buf_finish(&level);
    return rc;
}

int heading_update(struct span title, struct buf *update)
{
    struct crdt_doc_options options = {0};
    struct crdt_doc *doc;
    uint32_t client;
    int rc;

    if (getrandom(&client, sizeof client, 0) != (ssize_t)sizeof client) {
        return RC_IO;
    }
    options.client = client;
    rc = crdt_doc_create(&options, &doc);
    if (rc != RC_OK) {
        return rc;
    }
    rc = crdt_txn_begin(doc);
    rc = rc ? rc : insert_heading(doc, title);
    rc = rc ? rc : crdt_txn_commit(doc, CRDT_V1, update);
    crdt_doc_destroy(doc);
    return rc;
}

/* ---- Title and excerpt ------------------------------------------------------------------------------------------- */

/* A walk through the beginning of a note, in order, without recursion. */
struct walk {
    const struct crdt_doc *doc;
    struct crdt_iter level[DEPTH_MAX];
    bool is_heading[DEPTH_MAX];
    size_t depth;
    unsigned steps;
    struct buf heading, text; /* what was found */
    bool heading_done;
};

/* Appends text on one line: white space of any kind becomes one space. */
static void put_line(struct buf *out, struct span s, size_t max)
{
    for (size_t i = 0; i < s.len && out->len < max + 4; i++) {
        uint8_t c = s.data[i] < 0x20 || s.data[i] == 0x7f ? ' ' : s.data[i];

        if (c != ' ' || (out->len > 0 && out->data[out->len - 1] != ' ')) {
            buf_put_u8(out, c);
        }
    }
}

static bool is_heading_name(struct span name)
{
    return span_equal(name, span_str("heading")) || (name.len == 2 && (name.data[0] == 'h' || name.data[0] == 'H') &&
                                                     name.data[1] >= '1' && name.data[1] <= '6');
}

static bool in_heading(const struct walk *w)
{
    for (size_t i = 0; i < w->depth; i++) {
        if (w->is_heading[i]) {
            return true;
        }
    }
    return false;
}

static void enter(struct walk *w, struct crdt_type type)
{
    if (w->depth == DEPTH_MAX) {
        return;
    }
    w->is_heading[w->depth] =
        crdt_type_kind(w->doc, type) == CRDT_XML_ELEMENT && is_heading_name(crdt_type_name(w->doc, type));
    crdt_iter_init(&w->level[w->depth++], w->doc, type);
}

static void leave(struct walk *w)
{
    w->depth--;
    if (w->is_heading[w->depth] && w->heading.len > 0) {
        w->heading_done = true;
    }
    put_line(&w->text, span_str(" "), EXCERPT_BYTES); /* blocks are words apart */
}

static void take_text(struct walk *w, struct span text)
{
    put_line(&w->text, text, EXCERPT_BYTES);
    if (in_heading(w) && !w->heading_done) {
        put_line(&w->heading, text, STORE_TITLE_MAX);
    }
}

static void walk_root(struct walk *w, struct crdt_type root)
{
    struct crdt_run run;

    enter(w, root);
    while (w->depth > 0 && w->steps++ < STEPS_MAX && !(w->heading_done && w->text.len >= EXCERPT_BYTES)) {
        if (!crdt_iter_next(&w->level[w->depth - 1], &run)) {
            leave(w);
        } else if (run.content == CRDT_CONTENT_STRING) {
            take_text(w, run.bytes);
        } else if (run.content == CRDT_CONTENT_TYPE) {
            enter(w, run.type);
        }
    }
    w->depth = 0;
}

static void put_trimmed(struct buf *out, struct span s, size_t max)
{
    s = text_prefix(s, max);
    while (s.len > 0 && s.data[s.len - 1] == ' ') {
        s.len--;
    }
    buf_put_span(out, s);
}

/* The first words: whole ones, unless the first alone is too long. */
static struct span first_words(struct span text)
{
    struct span cut = text_prefix(text, TITLE_WORDS);
    size_t end = cut.len;

    if (cut.len == text.len) {
        return cut;
    }
    while (end > 0 && cut.data[end - 1] != ' ') {
        end--;
    }
    return end > 0 ? span_of(cut.data, end) : cut;
}

/* The renderer knows the headings of every editor, and takes time that grows with the note. */
static bool title_of_small(const struct crdt_doc *doc, struct buf *title)
{
    struct crdt_stat stat;
    size_t before = title->len;

    crdt_doc_stat(doc, &stat);
    return stat.structs <= SMALL_STRUCTS && render_title(doc, NULL, title) == RC_OK && title->len > before;
}

int heading_describe(const struct crdt_doc *doc, size_t title_max, size_t excerpt_max, struct buf *title,
                     struct buf *excerpt)
{
    struct walk w = {.doc = doc};
    struct crdt_type root = {0};
    int rc;

    while (!crdt_type_is_none(root = crdt_root_next(doc, root)) && w.steps < STEPS_MAX) {
        enum crdt_kind kind = crdt_type_infer(doc, root);

        if (kind == CRDT_TEXT || kind == CRDT_XML_TEXT || kind == CRDT_XML_FRAGMENT || kind == CRDT_XML_ELEMENT) {
            walk_root(&w, root);
        }
    }
    rc = w.heading.rc ? w.heading.rc : w.text.rc;
    if (!title_of_small(doc, title)) {
        put_trimmed(title, w.heading.len > 0 ? buf_span(&w.heading) : first_words(buf_span(&w.text)), title_max);
    }
    put_trimmed(excerpt, buf_span(&w.text), excerpt_max < EXCERPT_BYTES ? excerpt_max : EXCERPT_BYTES);
    buf_finish(&w.heading);
    buf_finish(&w.text);
    return rc ? rc : title->rc ? title->rc : excerpt->rc;
}

int api_describe(void *ctx, const struct crdt_doc *doc, struct buf *title, struct buf *excerpt)
{
    (void)ctx;
    return heading_describe(doc, STORE_TITLE_MAX, STORE_EXCERPT_MAX, title, excerpt);
}
