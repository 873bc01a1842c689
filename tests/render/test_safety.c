/* Each line of payloads.txt in every place of a note that takes a string: the HTML, and what a GFM reader makes of the
 * Markdown, hold nothing but what html_safe.h allows. Arguments: payloads.txt, then optionally a folder that receives
 * fragments.html and markdown.html for the browser test (xss.mjs). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "render/html.h"
#include "render/markdown.h"
#include "render/note_marks.h"
#include "render/note_props.h"
#include "tests/render/html_safe.h"
#include "tests/support/files.h"

#define SKIP 77

struct run {
    const struct note_schema *schema;
    struct buf html, markdown; /* all of them */
    unsigned payloads, notes, faults;
};

static void must(int rc, const char *what)
{
    if (rc != RC_OK) {
        fprintf(stderr, "%s: %s\n", what, rc_text(rc));
        exit(1);
    }
}

/* ---- Notes ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *node, *attr;
} attribute_places[] = {
    {"codeBlock", "language"},
    {"orderedList", "type"},
    {"panel", "panelType"},
    {"panel", "title"},
    {"panel", "emoji"},
    {"panel", "panelColor"},
    {"details", "title"},
    {"image", "src"},
    {"image", "alt"},
    {"image", "title"},
    {"image", "caption"},
    {"image", "width"},
    {"file", "url"},
    {"file", "name"},
    {"file", "caption"},
    {"audio", "src"},
    {"audio", "title"},
    {"video", "src"},
    {"video", "name"},
    {"youtube", "src"},
    {"embed", "url"},
    {"embed", "title"},
    {"mention", "label"},
    {"mention", "id"},
    {"interlinkingLinkInline", "url"},
    {"interlinkingLinkInline", "title"},
    {"inlineMath", "latex"},
    {"blockMath", "latex"},
    {"emoji", "name"},
    {"emoji", "text"},
    {"date", "label"},
    {"status", "text"},
    {"status", "color"},
    {"paragraph", "textAlign"},
    {"paragraph", "textColor"},
    {"paragraph", "backgroundColor"},
    {"heading", "level"},
    {"tableCell", "background"},
    {"tableCell", "color"},
    {"tableCell", "align"},
    {"zork", "label"},
    {"zork", "url"},
};
static const struct {
    const char *name, *member; /* member: in an object */
} mark_places[] = {
    {"link", NULL},
    {"link", "href"},
    {"link", "title"},
    {"textStyle", "color"},
    {"textStyle", "fontSize"},
    {"textStyle", "fontFamily"},
    {"textStyle", "backgroundColor"},
    {"highlight", "color"},
    {"comment", "commentId"},
    {"textColor", NULL},
    {"code", NULL},
};
static const char *const word_places[] = {"paragraph", "heading",   "codeBlock",   "blockquote",
                                          "listItem",  "tableCell", "tableHeader", "detailsSummary",
                                          "caption",   "panel",     "zork",        "inlineMath"};

static struct note_node *named(struct run *r, struct note_tree *t, struct span name)
{
    const struct note_name *row = note_schema_node(r->schema, name);
    struct note_node *node = note_tree_node(t, row == NULL ? NOTE_UNKNOWN : (enum note_kind)row->kind);

    node->name = name;
    return node;
}

static void add_attribute_places(struct run *r, struct note_tree *t, struct span payload)
{
    struct crdt_value value = {.kind = CRDT_STRING, .bytes = payload},
                      url = {.kind = CRDT_STRING, .bytes = span_str("/x")};

    for (size_t i = 0; i < sizeof(attribute_places) / sizeof(attribute_places[0]); i++) {
        struct note_node *node = named(r, t, span_str(attribute_places[i].node));
        enum note_kind kind = (enum note_kind)node->kind;

        note_prop_set(t, node, note_schema_prop(r->schema, span_str(attribute_places[i].attr), kind), &value);
        note_prop_set(t, node, NOTE_PROP_URL, &url);
        note_tree_open(t, node);
        if (note_content_of(node) != NOTE_HOLDS_NOTHING) {
            note_tree_text(t, span_str("x"), NULL);
        }
        note_tree_close(t);
    }
}

static void put_member(struct buf *json, const char *member, struct span payload)
{
    struct buf encoded = {0};

    buf_put_str(json, "{\"");
    buf_put_str(json, member);
    buf_put_str(json, "\":\"");
    for (size_t i = 0; i < payload.len; i++) {
        buf_printf(json, payload.data[i] < 128 ? "\\u%04x" : "%c", payload.data[i]);
    }
    buf_put_str(json, "\"}");
    if (crdt_value_from_json(buf_span(json), &encoded) == RC_OK) {
        buf_clear(json);
        buf_put_span(json, buf_span(&encoded));
    } else {
        buf_clear(json); /* payloads that are no UTF-8 cannot be in a document */
    }
    buf_finish(&encoded);
}

static void add_mark_places(struct run *r, struct note_tree *t, struct span payload)
{
    for (size_t i = 0; i < sizeof(mark_places) / sizeof(mark_places[0]); i++) {
        struct crdt_value value = {.kind = CRDT_STRING, .bytes = payload};
        struct note_marks *marks = note_tree_alloc(t, sizeof(*marks));
        struct buf object = {0};
        struct span kept;

        *marks = (struct note_marks){0};
        if (mark_places[i].member != NULL) {
            put_member(&object, mark_places[i].member, payload);
            kept = note_tree_copy(t, buf_span(&object));
            if (!crdt_value_read(&kept, &value)) {
                value = (struct crdt_value){.kind = CRDT_NULL};
            }
        }
        note_mark_set(t, marks, note_schema_mark(r->schema, span_str(mark_places[i].name)), &value, false);
        note_tree_open(t, note_tree_node(t, NOTE_PARAGRAPH));
        note_tree_text(t, span_str("a "), NULL);
        note_tree_text(t, mark_places[i].member == NULL ? payload : span_str("x"), marks);
        note_tree_close(t);
        buf_finish(&object);
    }
}

static void add_word_places(struct run *r, struct note_tree *t, struct span payload)
{
    static const struct note_marks bold = {.steps = 1u << NOTE_BOLD};

    for (size_t i = 0; i < sizeof(word_places) / sizeof(word_places[0]); i++) {
        note_tree_open(t, named(r, t, span_str(word_places[i])));
        note_tree_text(t, payload, NULL);
        note_tree_text(t, payload, &bold);
        note_tree_close(t);
    }
    note_tree_open(t, named(r, t, payload)); /* a name */
    note_tree_text(t, span_str("x"), NULL);
    note_tree_close(t);
}

/* ---- Judging -------------------------------------------------------------------------------------------------- */

static void judge(struct run *r, const char *form, struct span html)
{
    size_t at = 0, from;
    const char *why = html_safe(html, &at);

    if (why != NULL) {
        from = at < 80 ? 0 : at - 80;
        printf("payload %u, %s: %s:\n%.*s\n", r->payloads, form, why,
               (int)(html.len - from < 240 ? html.len - from : 240), (const char *)html.data + from);
        r->faults++;
    }
}

static int as_html(void *context, const struct note_node *block, struct buf *out)
{
    struct html_options options = {.compact = true};

    (void)context;
    return html_write(block, &options, out);
}

static void check_note(struct run *r, void (*add)(struct run *, struct note_tree *, struct span), struct span payload)
{
    struct markdown_options md = {.html = as_html};
    struct html_options options = {.comments = true};
    struct arena arena;
    struct note_tree t;
    struct buf html = {0};

    arena_init(&arena, 0);
    must(note_tree_init(&t, &arena, false), "a tree");
    add(r, &t, payload);
    must(note_tree_finish(&t), "a tree");
    must(html_write(t.doc, &options, &html), "HTML");
    judge(r, "HTML", buf_span(&html));
    buf_put_span(&r->html, buf_span(&html));
    must(markdown_write(t.doc, &md, &r->markdown), "Markdown");
    buf_put_str(&r->markdown, "\n");
    r->notes++;
    buf_finish(&html);
    arena_finish(&arena);
}

static void put_unescaped(struct span line, struct buf *out)
{
    for (size_t i = 0; i < line.len; i++) {
        char next = i + 1 < line.len ? (char)line.data[i + 1] : 0;
        char hex[3] = {0};

        if (line.data[i] != '\\' || (next != 'n' && next != 'r' && next != 't' && next != 'x')) {
            buf_put_u8(out, line.data[i]);
            continue;
        }
        i++;
        if (next == 'x' && i + 2 < line.len) {
            memcpy(hex, line.data + i + 1, 2);
            buf_put_u8(out, (uint8_t)strtoul(hex, NULL, 16));
            i += 2;
        } else {
            buf_put_u8(out, next == 'n' ? '\n' : next == 'r' ? '\r' : '\t');
        }
    }
}

static void check_payload(struct run *r, struct span line)
{
    struct buf payload = {0};

    put_unescaped(line, &payload);
    r->payloads++;
    check_note(r, add_word_places, buf_span(&payload));
    check_note(r, add_attribute_places, buf_span(&payload));
    check_note(r, add_mark_places, buf_span(&payload));
    buf_finish(&payload);
}

static void check_file(struct run *r, const char *path)
{
    struct buf file = {0};
    struct span text;
    bool heading = true;

    must(files_read(path, &file), path);
    text = buf_span(&file);
    while (text.len > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);

        heading = heading && len > 1 && memcmp(text.data, "# ", 2) == 0;
        if (!heading && len > 0) {
            check_payload(r, span_of(text.data, len));
        }
        len += feed == NULL ? 0 : 1;
        text = span_of(text.data + len, text.len - len);
    }
    buf_finish(&file);
}

/* The Markdown of all notes, as cmark-gfm reads it, raw HTML included. False: there is no cmark-gfm. */
static bool check_markdown(struct run *r, const char *dir, struct buf *html)
{
    char path[512], command[1024];
    FILE *pipe = NULL;
    size_t got;

    if (system("cmark-gfm --version > /dev/null 2>&1") != 0) {
        return false;
    }
    snprintf(path, sizeof(path), "%s/notes.md", dir);
    snprintf(command, sizeof(command), "cmark-gfm --unsafe -e table -e strikethrough -e tasklist -e autolink %s", path);
    must(files_write(path, buf_span(&r->markdown)), path);
    pipe = popen(command, "r");
    must(pipe == NULL ? RC_IO : RC_OK, "cmark-gfm");
    do {
        must(buf_reserve(html, 65536), "memory");
        got = fread(html->data + html->len, 1, 65536, pipe);
        html->len += got;
    } while (got > 0);
    must(pclose(pipe) != 0 ? RC_IO : RC_OK, "cmark-gfm");
    judge(r, "Markdown read by cmark-gfm", buf_span(html));
    return true;
}

/* The judge sees what it is there for. */
static void check_judge(void)
{
    static const char *const bad[] = {
        "<script>",
        "<a href=\"javascript:x\">",
        "<a href=x>",
        "<a onclick=\"x\">",
        "<a HREF=\"x\">",
        "<!-- x -->",
        "<p style=\"a:url(x)\">",
        "<p style=\"x:\\65\">",
        "<img src=\"data:text/html,x\">",
        "<a href=\"javascript&colon;x\">",
        "<a href=\"x",
        "a > b",
        "<p",
        "< p>",
    };
    static const char *const good[] = {"", "<p>a &lt; b</p>", "<a href=\"/x?a=b&amp;c\" title=\"&quot;\">x</a>",
                                       "<br />"};
    size_t at = 0;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        must(html_safe(span_str(bad[i]), &at) == NULL ? RC_CORRUPT : RC_OK, bad[i]);
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        must(html_safe(span_str(good[i]), &at) != NULL ? RC_CORRUPT : RC_OK, good[i]);
    }
}

int main(int argc, char **argv)
{
    static struct run r;
    struct buf markdown = {0};
    char path[512], *dir = NULL;
    bool read_back = false;

    if (argc < 2) {
        fprintf(stderr, "usage: test_safety PAYLOADS [FOLDER]\n");
        return 1;
    }
    check_judge();
    r.schema = note_schema_get();
    check_file(&r, argv[1]);
    dir = files_create_dir();
    read_back = check_markdown(&r, dir, &markdown);
    files_remove_dir(dir);
    if (argc > 2) {
        snprintf(path, sizeof(path), "%s/fragments.html", argv[2]);
        must(files_write(path, buf_span(&r.html)), path);
        snprintf(path, sizeof(path), "%s/markdown.html", argv[2]);
        must(files_write(path, buf_span(&markdown)), path);
    }
    printf("%u payloads, %u notes, %zu bytes of HTML, %u faults%s\n", r.payloads, r.notes, r.html.len, r.faults,
           read_back ? "" : "; cmark-gfm is not installed");
    buf_finish(&r.html);
    buf_finish(&r.markdown);
    buf_finish(&markdown);
    if (r.faults > 0 || r.payloads < 300) {
        return 1;
    }
    return read_back ? 0 : SKIP;
}
