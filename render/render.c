#include "render/render.h"
#include <string.h>
#include "crdt/base/arena.h"
#include "render/builders.h"
#include "render/html.h"
#include "render/markdown.h"
#include "render/note_json.h"
#include "render/note_tree.h"
#include "render/plain_text.h"

/* Finds the roots, has the tree built, and hands it to the output asked for. */

struct note {
    const struct crdt_doc *doc;
    const struct render_options *options;
    struct arena arena;
    struct note_tree tree;
    struct builder builder;
};

static bool is(struct span s, const char *text)
{
    return span_equal(s, span_str(text));
}

/* ---- Which root ------------------------------------------------------------------------------------------ */

/* Roots of text that editors use, in the order in which they are looked for. */
static const char *const text_roots[] = {"default",    "prosemirror", "document-store", "blocknote",       "quill",
                                         "codemirror", "monaco",      "content",        "markdownContent", "root"};

static bool has_content(const struct crdt_doc *doc, struct crdt_type root)
{
    return crdt_type_length(doc, root) > 0;
}

static bool is_text(enum crdt_kind kind)
{
    return kind == CRDT_TEXT || kind == CRDT_XML_TEXT;
}

static bool is_fragment(enum crdt_kind kind)
{
    return kind == CRDT_XML_FRAGMENT || kind == CRDT_XML_ELEMENT;
}

static unsigned count_roots(const struct crdt_doc *doc, bool (*test)(enum crdt_kind), struct crdt_type *last)
{
    unsigned count = 0;
    struct crdt_type root = crdt_root_next(doc, (struct crdt_type){0});

    for (; !crdt_type_is_none(root); root = crdt_root_next(doc, root)) {
        if (has_content(doc, root) && test(crdt_type_infer(doc, root))) {
            *last = root;
            count++;
        }
    }
    return count;
}

/* The text root that is the note; {0} when the document has none. RC_STATE: it could be one of several. */
static int find_text_root(const struct crdt_doc *doc, struct crdt_type *out)
{
    struct crdt_type last = {0};
    unsigned count = count_roots(doc, is_text, &last);

    for (size_t i = 0; count > 1 && i < sizeof(text_roots) / sizeof(text_roots[0]); i++) {
        struct crdt_type root = crdt_root(doc, span_str(text_roots[i]));

        if (!crdt_type_is_none(root) && has_content(doc, root) && is_text(crdt_type_infer(doc, root))) {
            last = root;
            count = 1;
        }
    }
    if (count > 1) {
        return RC_STATE;
    }
    *out = last;
    return RC_OK;
}

/* ---- Building ------------------------------------------------------------------------------------------------ */

static bool is_blocknote(const struct crdt_doc *doc, struct crdt_type root)
{
    struct crdt_iter it;
    struct crdt_run run;

    crdt_iter_init(&it, doc, root);
    return crdt_iter_next(&it, &run) && run.content == CRDT_CONTENT_TYPE &&
           is(crdt_type_name(doc, run.type), "blockGroup");
}

/* Whether a text has formats or embeds: the sign of Quill. And whether its first embed is Lexical's. */
static bool is_formatted(const struct crdt_doc *doc, struct crdt_type root)
{
    struct crdt_iter it;
    struct crdt_run run;

    crdt_iter_init(&it, doc, root);
    while (crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_FORMAT || run.content == CRDT_CONTENT_EMBED) {
            return true;
        }
    }
    return false;
}

static bool is_lexical(const struct crdt_doc *doc, struct crdt_type root)
{
    struct crdt_iter it;
    struct crdt_run run, type;

    crdt_iter_init(&it, doc, root);
    while (crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_TYPE) {
            return crdt_map_get(doc, run.type, span_str("__type"), &type);
        }
    }
    return false;
}

static bool is_plain_text(const struct crdt_doc *doc, struct crdt_type root)
{
    return is_text(crdt_type_infer(doc, root)) && !is_lexical(doc, root) && !is_formatted(doc, root);
}

static int build_fragment(struct note *n, struct crdt_type root)
{
    return is_blocknote(n->doc, root) ? builder_blocknote(&n->builder, root) : builder_xml(&n->builder, root);
}

static int build_root(struct note *n, struct crdt_type root)
{
    struct span name = crdt_type_name(n->doc, root);
    enum crdt_kind kind = crdt_type_infer(n->doc, root);

    if (is_fragment(kind)) {
        return build_fragment(n, root);
    }
    if (!is_text(kind)) {
        return kind == CRDT_UNKNOWN ? RC_OK : RC_TYPE; /* nothing was ever in it */
    }
    if (is_lexical(n->doc, root)) {
        return builder_lexical(&n->builder, root);
    }
    if (is(name, "markdownContent")) {
        return builder_markdown(&n->builder, root);
    }
    return is(name, "quill") || is_formatted(n->doc, root) ? builder_quill(&n->builder, root)
                                                           : builder_text(&n->builder, root);
}

static int build_fragments(struct note *n)
{
    struct crdt_type root = crdt_root_next(n->doc, (struct crdt_type){0});
    int rc = RC_OK;

    for (; rc == RC_OK && !crdt_type_is_none(root); root = crdt_root_next(n->doc, root)) {
        if (has_content(n->doc, root) && is_fragment(crdt_type_infer(n->doc, root))) {
            rc = build_fragment(n, root);
        }
    }
    return rc;
}

static int build(struct note *n)
{
    struct crdt_type root = {0};
    unsigned fragments = 0;
    int rc = RC_OK;

    if (n->options->root.len > 0) {
        root = crdt_root(n->doc, n->options->root);
        return crdt_type_is_none(root) ? RC_NOTFOUND : build_root(n, root);
    }
    fragments = count_roots(n->doc, is_fragment, &root);
    if (fragments > 0) {
        return fragments > 1 ? build_fragments(n) : build_fragment(n, root);
    }
    rc = find_text_root(n->doc, &root);
    return rc != RC_OK || crdt_type_is_none(root) ? rc : build_root(n, root);
}

/* `plain`: the tree as the editor laid it out, for JSON. Only XML fragments are laid out like ProseMirror documents. */
static int note_open(struct note *n, const struct crdt_doc *doc, const struct render_options *options, bool plain)
{
    static const struct render_options defaults;
    size_t limit;
    int rc;

    n->doc = doc;
    n->options = options != NULL ? options : &defaults;
    limit = n->options->memory_limit;
    arena_init(&n->arena, limit != 0 ? limit : RENDER_MEMORY_DEFAULT);
    rc = note_tree_init(&n->tree, &n->arena, plain);
    if (rc == RC_OK) {
        n->tree.zone = (int64_t)n->options->zone * 60000;
        builder_init(&n->builder, doc, &n->tree);
        rc = build(n);
    }
    if (rc == RC_OK) {
        rc = note_tree_finish(&n->tree);
    }
    if (rc != RC_OK) {
        arena_finish(&n->arena);
    }
    return rc;
}

static void note_close(struct note *n)
{
    arena_finish(&n->arena);
}

/* ---- Titles ---------------------------------------------------------------------------------------------------- */

/* The node whose words are the title: the first heading with words, else the first text with words. */
static const struct note_node *find_title(const struct note_node *doc)
{
    const struct note_node *first = NULL, *node = NULL;
    struct note_walk walk;
    bool entering = false;

    note_walk_init(&walk, doc);
    while (note_walk_next(&walk, &node, &entering)) {
        if (entering && note_is_heading(node) && !note_is_blank(node)) {
            return node;
        }
        if (entering && first == NULL && !note_is_blank(node) &&
            (note_content_of(node) == NOTE_HOLDS_INLINES || note_content_of(node) == NOTE_HOLDS_TEXT)) {
            first = node;
        }
    }
    return first;
}

/* One line, spaces once, at most RENDER_TITLE_MAX characters. */
static void put_title(struct span words, struct buf *out)
{
    size_t count = 0;
    bool gap = false;

    for (size_t i = 0; i < words.len; i++) {
        uint8_t c = words.data[i];
        bool begins = (c & 0xc0) != 0x80;

        if (c <= ' ' || c == 127) {
            gap = count > 0;
            continue;
        }
        if (begins && count + (gap ? 1 : 0) >= RENDER_TITLE_MAX) {
            buf_put_str(out, "\xe2\x80\xa6");
            return;
        }
        if (gap) {
            buf_put_u8(out, ' ');
            count++;
        }
        gap = false;
        buf_put_u8(out, c);
        count += begins ? 1 : 0;
    }
}

static int title_of(const struct note_node *doc, struct buf *out)
{
    const struct note_node *node = find_title(doc);
    struct buf words = {0};
    int rc = node == NULL ? RC_OK : plain_text_write(node, true, &words);

    if (rc == RC_OK) {
        put_title(buf_span(&words), out);
        rc = out->rc;
    }
    buf_finish(&words);
    return rc;
}

/* ---- Outputs ----------------------------------------------------------------------------------------------------- */

static bool is_french(const struct render_options *o)
{
    return o->lang == NULL || strncmp(o->lang, "fr", 2) == 0;
}

static struct html_options html_options(const struct render_options *o)
{
    return (struct html_options){
        .page = o->page,
        .images = o->images,
        .offline = o->offline,
        .comments = o->comments,
        .french = is_french(o),
        .lang = span_str(o->lang != NULL ? o->lang : "fr"),
        .title = o->title,
    };
}

static int write_html(const struct note *n, struct buf *out)
{
    struct html_options o = html_options(n->options);
    struct buf title = {0};
    int rc = RC_OK;

    if (o.page && o.title.len == 0) {
        rc = title_of(n->tree.doc, &title);
        o.title = buf_span(&title);
    }
    if (rc == RC_OK) {
        rc = html_write(n->tree.doc, &o, out);
    }
    buf_finish(&title);
    return rc;
}

static int write_html_block(void *context, const struct note_node *block, struct buf *out)
{
    struct html_options o = html_options(context);

    o.page = o.comments = false;
    o.compact = true;
    return html_write(block, &o, out);
}

static int write_markdown(struct note *n, struct buf *out)
{
    struct render_options options = *n->options;
    struct markdown_options o = {.images = options.images,
                                 .plain_align = options.plain_align,
                                 .flat_tables = options.flat,
                                 .cozy = options.cozy,
                                 .nodes = options.nodes,
                                 .html = write_html_block,
                                 .context = &options};

    return markdown_write(n->tree.doc, &o, out);
}

/* A note that is plain text, as it is. False: it is not. */
static bool write_plain_text(const struct crdt_doc *doc, const struct render_options *options, struct buf *out, int *rc)
{
    struct crdt_type root = {0}, fragment = {0};

    if (options != NULL && options->root.len > 0) {
        root = crdt_root(doc, options->root);
    } else if (count_roots(doc, is_fragment, &fragment) > 0 || find_text_root(doc, &root) != RC_OK) {
        return false;
    }
    if (crdt_type_is_none(root) || !is_plain_text(doc, root)) {
        return false;
    }
    *rc = crdt_text_to_string(doc, root, out);
    return true;
}

/* Whether the note is laid out like a ProseMirror document, so that its JSON is that document. */
static bool is_laid_out(const struct crdt_doc *doc, const struct render_options *options)
{
    struct crdt_type root = {0};

    if (options == NULL || options->root.len == 0) {
        return count_roots(doc, is_fragment, &root) > 0;
    }
    root = crdt_root(doc, options->root);
    return !crdt_type_is_none(root) && is_fragment(crdt_type_infer(doc, root));
}

int render_note(const struct crdt_doc *doc, const struct render_options *options, enum render_format format,
                struct buf *out)
{
    bool plain = format == RENDER_JSON && is_laid_out(doc, options);
    size_t before = out->len;
    struct note n;
    int rc = RC_OK;

    if (format == RENDER_TEXT && write_plain_text(doc, options, out, &rc)) {
        return rc;
    }
    rc = note_open(&n, doc, options, plain);
    if (rc != RC_OK) {
        return rc;
    }
    switch (format) {
    case RENDER_MARKDOWN:
        rc = write_markdown(&n, out);
        break;
    case RENDER_HTML:
        rc = write_html(&n, out);
        break;
    case RENDER_TEXT:
        rc = plain_text_write(n.tree.doc, false, out);
        break;
    case RENDER_JSON:
        rc = note_json_write(n.tree.doc, plain, out);
        break;
    }
    note_close(&n);
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}

int render_title(const struct crdt_doc *doc, const struct render_options *options, struct buf *out)
{
    struct note n;
    int rc = note_open(&n, doc, options, false);

    if (rc == RC_OK) {
        rc = title_of(n.tree.doc, out);
        note_close(&n);
    }
    return rc;
}

int render_text(const struct crdt_doc *doc, const struct render_options *options, struct buf *out)
{
    struct note n;
    int rc = note_open(&n, doc, options, false);

    if (rc == RC_OK) {
        rc = plain_text_write(n.tree.doc, true, out);
        note_close(&n);
    }
    return rc;
}
