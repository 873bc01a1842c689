#include "bench/render/sample_note.h"

#include <string.h>
#include "tests/support/rng.h"

/* A note is made of sections, a section of blocks; both families have the same functions for blocks, of which only
 * `put_line` and what is around it differ. The first error is kept and everything after it is passed over. */

#define SEED 20260601

struct sample {
    struct crdt_doc *doc;
    enum sample_family family;
    struct rng rng;
    size_t bytes; /* of text so far */
    unsigned id;  /* of the last block of BlockNote */
    int rc;
};

static const char *const words[] = {"le",      "la",      "les",    "une",      "des",       "dans",      "avec",
                                    "pour",    "sur",     "qui",    "lac",      "forêt",     "rivière",   "montagne",
                                    "élève",   "groupe",  "carte",  "mesure",   "tableau",   "œuvre",     "lecture",
                                    "texte",   "auteur",  "siècle", "français", "géométrie", "nombre",    "fraction",
                                    "énergie", "lumière", "plante", "eau",      "roche",     "expérience"};

/* ---- Types and words ------------------------------------------------------------------------------------- */

static void keep(struct sample *s, int rc)
{
    s->rc = s->rc != RC_OK ? s->rc : rc;
}

static struct crdt_type add_child(struct sample *s, struct crdt_type parent, enum crdt_kind kind, const char *name)
{
    struct crdt_type child = {0};

    if (s->rc == RC_OK) {
        keep(s, crdt_list_insert_type(s->doc, parent, crdt_type_length(s->doc, parent), kind, span_str(name), &child));
    }
    return child;
}

static struct crdt_type add_element(struct sample *s, struct crdt_type parent, const char *name)
{
    return add_child(s, parent, CRDT_XML_ELEMENT, name);
}

static void set_attr(struct sample *s, struct crdt_type element, const char *key, const char *json)
{
    struct buf value = {0};

    keep(s, crdt_value_from_json(span_str(json), &value));
    if (s->rc == RC_OK) {
        keep(s, crdt_map_set(s->doc, element, span_str(key), buf_span(&value)));
    }
    buf_finish(&value);
}

/* Appends words; `mark` NULL: without formatting. */
static void add_text(struct sample *s, struct crdt_type text, struct span utf8, const char *mark, const char *json)
{
    struct buf value = {0};
    struct crdt_attr attr = {span_str(mark != NULL ? mark : ""), {0}};

    if (mark != NULL) {
        keep(s, crdt_value_from_json(span_str(json), &value));
        attr.value = buf_span(&value);
    }
    if (s->rc == RC_OK) {
        keep(s, crdt_text_insert(s->doc, text, crdt_type_length(s->doc, text), utf8, &attr, mark != NULL ? 1 : 0));
    }
    s->bytes += utf8.len;
    buf_finish(&value);
}

static void add_words(struct sample *s, struct crdt_type text, size_t count, const char *mark, const char *json)
{
    struct buf line = {0};

    for (size_t i = 0; i < count; i++) {
        buf_put_str(&line, words[rng_below(&s->rng, sizeof(words) / sizeof(words[0]))]);
        buf_put_str(&line, i + 1 < count ? (rng_chance(&s->rng, 10) ? ", " : " ") : "");
    }
    keep(s, line.rc);
    add_text(s, text, buf_span(&line), mark, json);
    buf_finish(&line);
}

/* ---- Blocks ------------------------------------------------------------------------------------------------ */

/* BlockNote: every block stands in a container of its own. Tiptap: `parent` itself. */
static struct crdt_type add_block(struct sample *s, struct crdt_type parent, const char *name)
{
    struct buf id = {0};
    struct crdt_type container = parent;

    if (s->family == SAMPLE_BLOCKNOTE) {
        container = add_element(s, parent, "blockContainer");
        buf_printf(&id, "\"%08u-0000-4000-8000-000000000000\"", ++s->id);
        buf_put_u8(&id, 0);
        keep(s, id.rc);
        if (s->rc == RC_OK) {
            set_attr(s, container, "id", (const char *)id.data);
        }
        buf_finish(&id);
    }
    return add_element(s, container, name);
}

/* BlockNote says colours and alignment of every block. */
static struct crdt_type add_line(struct sample *s, struct crdt_type parent, const char *name)
{
    struct crdt_type line = add_block(s, parent, name);

    if (s->family == SAMPLE_BLOCKNOTE) {
        set_attr(s, line, "textColor", "\"default\"");
        set_attr(s, line, "backgroundColor", "\"default\"");
        set_attr(s, line, "textAlignment", "\"left\"");
    }
    return line;
}

static struct crdt_type add_text_of(struct sample *s, struct crdt_type line)
{
    return add_child(s, line, CRDT_XML_TEXT, "");
}

static void put_heading(struct sample *s, struct crdt_type root, const char *level)
{
    struct crdt_type line = add_line(s, root, "heading");

    set_attr(s, line, "level", level);
    add_words(s, add_text_of(s, line), 4, NULL, NULL);
}

static void put_paragraph(struct sample *s, struct crdt_type root)
{
    static const char *const marks[][2] = {
        {"textStyle", "{\"color\":\"#c00000\"}"}, {"textColor", "{\"stringValue\":\"red\"}"}, {"italic", "{}"}};
    const char *const *mark = marks[rng_chance(&s->rng, 50) ? 2 : s->family == SAMPLE_TIPTAP ? 0 : 1];
    struct crdt_type text = add_text_of(s, add_line(s, root, "paragraph"));

    add_words(s, text, 20, NULL, NULL);
    add_text(s, text, span_str(" "), NULL, NULL);
    add_words(s, text, 2, "bold", "{}");
    add_text(s, text, span_str(" "), NULL, NULL);
    add_words(s, text, 12, NULL, NULL);
    add_text(s, text, span_str(" "), NULL, NULL);
    add_words(s, text, 2, mark[0], mark[1]);
    add_text(s, text, span_str(" ("), NULL, NULL);
    add_words(s, text, 2, "link", "{\"href\":\"https://fr.wikipedia.org/wiki/Lac_d%27Annecy\"}");
    add_text(s, text, span_str(")."), NULL, NULL);
}

static void put_item(struct sample *s, struct crdt_type list, const char *kind)
{
    struct crdt_type item;

    if (s->family == SAMPLE_BLOCKNOTE) {
        add_words(s, add_text_of(s, add_line(s, list, kind)), 6, NULL, NULL);
        return;
    }
    item = add_element(s, list, kind);
    if (strcmp(kind, "taskItem") == 0) {
        set_attr(s, item, "checked", rng_chance(&s->rng, 50) ? "true" : "false");
    }
    add_words(s, add_text_of(s, add_element(s, item, "paragraph")), 6, NULL, NULL);
}

static void put_list(struct sample *s, struct crdt_type root, const char *list, const char *item, const char *block)
{
    struct crdt_type parent = s->family == SAMPLE_TIPTAP ? add_element(s, root, list) : root;
    size_t count = 3 + rng_below(&s->rng, 3);

    for (size_t i = 0; i < count; i++) {
        put_item(s, parent, s->family == SAMPLE_TIPTAP ? item : block);
    }
}

static void put_quote(struct sample *s, struct crdt_type root)
{
    struct crdt_type quote;

    if (s->family == SAMPLE_TIPTAP) {
        quote = add_element(s, add_element(s, root, "blockquote"), "paragraph");
    } else {
        quote = add_line(s, root, "quote");
    }
    add_words(s, add_text_of(s, quote), 18, "italic", "{}");
}

static void put_code(struct sample *s, struct crdt_type root)
{
    struct crdt_type code = add_block(s, root, "codeBlock");

    set_attr(s, code, "language", "\"python\"");
    add_text(s, add_text_of(s, code),
             span_str("for i in range(10):\n    if i % 2 == 0 and i < 8:\n        print(\"pair\", i)\n"), NULL, NULL);
}

static void put_table(struct sample *s, struct crdt_type root)
{
    struct crdt_type table = add_block(s, root, "table");

    for (size_t row = 0; row < 4; row++) {
        struct crdt_type cells = add_element(s, table, "tableRow");

        for (size_t column = 0; column < 3; column++) {
            struct crdt_type cell = add_element(s, cells, row == 0 ? "tableHeader" : "tableCell");
            const char *line = s->family == SAMPLE_TIPTAP ? "paragraph" : "tableParagraph";

            set_attr(s, cell, "colspan", "1");
            set_attr(s, cell, "rowspan", "1");
            add_words(s, add_text_of(s, add_element(s, cell, line)), 2, NULL, NULL);
        }
    }
}

static void put_section(struct sample *s, struct crdt_type root)
{
    put_heading(s, root, "2");
    put_paragraph(s, root);
    put_paragraph(s, root);
    put_list(s, root, "bulletList", "listItem", "bulletListItem");
    put_paragraph(s, root);
    put_list(s, root, "orderedList", "listItem", "numberedListItem");
    put_quote(s, root);
    put_paragraph(s, root);
    put_list(s, root, "taskList", "taskItem", "checkListItem");
    put_code(s, root);
    put_paragraph(s, root);
    put_table(s, root);
}

static void put_note(struct sample *s, size_t bytes)
{
    struct crdt_type root = {0};
    const char *name = s->family == SAMPLE_TIPTAP ? "default" : "document-store";

    keep(s, crdt_root_declare(s->doc, span_str(name), CRDT_XML_FRAGMENT, &root));
    if (s->family == SAMPLE_BLOCKNOTE) {
        root = add_element(s, root, "blockGroup");
    }
    put_heading(s, root, "1");
    while (s->rc == RC_OK && s->bytes < bytes) {
        put_section(s, root);
    }
}

int sample_note_create(enum sample_family family, size_t bytes, struct crdt_doc **out)
{
    struct sample s = {.family = family};
    int rc = crdt_doc_create(NULL, &s.doc);

    if (rc != RC_OK) {
        return rc;
    }
    rng_init(&s.rng, SEED);
    keep(&s, crdt_txn_begin(s.doc));
    put_note(&s, bytes);
    keep(&s, crdt_txn_commit(s.doc, CRDT_V1, NULL));
    if (s.rc != RC_OK) {
        crdt_doc_destroy(s.doc);
        return s.rc;
    }
    *out = s.doc;
    return RC_OK;
}
