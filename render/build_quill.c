#include "render/builders.h"
#include <string.h>
#include "render/note_props.h"
#include "render/note_value.h"

/* A Quill text is lines; the attributes of a line feed say what the line before it is. The inlines of a line wait in a
 * chain until its line feed is met; then the containers that the line needs are opened, and those that it does not
 * share with the line before are closed:
 *
 *     code       one block for all code lines of one language that follow each other
 *     quote      one quote for all quoted lines that follow each other, a paragraph each
 *     table      a cell a line, a row for each row id
 *     lists      one open list for each level of indentation, the last item of each still open */

enum area { AREA_NONE, AREA_CODE, AREA_QUOTE, AREA_TABLE, AREA_LIST };

#define QUILL_LEVELS (NOTE_INDENT_MAX + 1)

struct quill {
    struct builder *b;
    struct builder_marks *marks;
    struct note_node *first, *last; /* inlines of the line */
    enum area area;
    enum note_kind lists[QUILL_LEVELS]; /* kinds of the open lists */
    uint32_t indents[QUILL_LEVELS];     /* and the indentation at which each was opened */
    size_t levels;
    struct span row;      /* id of the open table row */
    struct span language; /* of the open code block */
};

/* What a line feed says. */
struct line {
    enum area area;
    enum note_kind list;
    bool checked;
    uint32_t level, indent;
    enum note_align align;
    struct span language, row;
};

/* ---- Inlines ------------------------------------------------------------------------------------------ */

static void add_inline(struct quill *q, struct note_node *node)
{
    if (q->b->tree->rc != RC_OK) {
        return;
    }
    node->marks = builder_marks_get(q->b, q->marks);
    if (q->last == NULL) {
        q->first = node;
    } else {
        q->last->next = node;
    }
    q->last = node;
}

static void add_words(struct quill *q, struct span words)
{
    if (words.len > 0) {
        struct note_node *node = note_tree_node(q->b->tree, NOTE_TEXT);

        node->text = words;
        add_inline(q, node);
    }
}

static void add_embed(struct quill *q, struct span value)
{
    struct crdt_value object, content;
    struct span key, members;
    const struct note_name *row = NULL;
    struct note_node *node = NULL;
    struct note_props *p = NULL;

    if (!crdt_value_read(&value, &object) || object.kind != CRDT_OBJECT) {
        return;
    }
    members = object.bytes;
    if (!crdt_value_read_key(&members, &key) || !crdt_value_read(&members, &content)) {
        return;
    }
    row = note_schema_node(q->b->schema, key);
    node = note_tree_node(q->b->tree, row == NULL || row->kind == NOTE_NONE ? NOTE_UNKNOWN : (enum note_kind)row->kind);
    p = note_tree_props(q->b->tree, node);
    node->name = key;
    if (p == NULL) {
        return;
    }
    if (content.kind == CRDT_OBJECT) { /* mention: {id, value, denotationChar} */
        struct crdt_value member;

        p->label = crdt_value_member(&content, "value", &member) ? note_value_text(q->b->tree, &member) : p->label;
        p->id = crdt_value_member(&content, "id", &member) ? note_value_text(q->b->tree, &member) : p->id;
    } else if (node->kind == NOTE_MATH) {
        p->latex = note_value_text(q->b->tree, &content);
    } else if (node->kind == NOTE_UNKNOWN) {
        p->label = note_value_text(q->b->tree, &content);
    } else {
        p->url = note_value_text(q->b->tree, &content);
    }
    add_inline(q, node);
}

/* Opens `node`, hands it the inlines of the line, closes it unless it stays open. */
static void put_line(struct quill *q, struct note_node *node, bool keep_open)
{
    struct note_tree *t = q->b->tree;

    note_tree_open(t, node);
    while (q->first != NULL && t->rc == RC_OK) {
        struct note_node *next = q->first->next;

        q->first->next = NULL;
        note_tree_add(t, q->first);
        q->first = next;
    }
    q->first = q->last = NULL;
    if (!keep_open) {
        note_tree_close(t);
    }
}

/* ---- Lines ---------------------------------------------------------------------------------------------- */

static bool is(struct span s, const char *text)
{
    return span_equal(s, span_str(text));
}

static void read_list(struct line *line, const struct crdt_value *value)
{
    line->area = AREA_LIST;
    line->checked = is(value->bytes, "checked");
    line->list = is(value->bytes, "ordered")                      ? NOTE_ORDERED
                 : line->checked || is(value->bytes, "unchecked") ? NOTE_TASKS
                                                                  : NOTE_BULLETS;
}

static void read_format(struct quill *q, struct line *line, struct span key, const struct crdt_value *value)
{
    double number = 0;

    if (is(key, "header") && note_value_number(value, &number)) {
        line->level = number < 1 ? 0 : number > NOTE_LEVEL_MAX ? NOTE_LEVEL_MAX : (uint32_t)number;
    } else if (is(key, "list")) {
        read_list(line, value);
    } else if (is(key, "indent") && note_value_number(value, &number)) {
        line->indent = number < 0 ? 0 : number > NOTE_INDENT_MAX ? NOTE_INDENT_MAX : (uint32_t)number;
    } else if (is(key, "align")) {
        struct note_node *holder = note_tree_node(q->b->tree, NOTE_PARAGRAPH);

        note_prop_set(q->b->tree, holder, NOTE_PROP_ALIGN, value);
        line->align = holder->props->align;
    } else if (is(key, "blockquote")) {
        line->area = AREA_QUOTE;
    } else if (is(key, "code-block")) {
        line->area = AREA_CODE;
        line->language = value->kind == CRDT_STRING && !is(value->bytes, "plain") ? value->bytes : line->language;
    } else if (is(key, "table")) {
        line->area = AREA_TABLE;
        line->row = note_value_text(q->b->tree, value);
    }
}

static struct line read_line(struct quill *q)
{
    struct line line = {.area = AREA_NONE};

    for (size_t i = 0; i < q->marks->count; i++) {
        struct span cursor = q->marks->active[i].value;
        struct crdt_value value;

        if (crdt_value_read(&cursor, &value)) {
            read_format(q, &line, q->marks->active[i].key, &value);
        }
    }
    return line;
}

/* ---- Areas ------------------------------------------------------------------------------------------------ */

/* Closes the innermost open list with its open item. */
static void close_level(struct quill *q)
{
    note_tree_close(q->b->tree);
    note_tree_close(q->b->tree);
    q->levels--;
}

static void close_area(struct quill *q)
{
    switch (q->area) {
    case AREA_LIST:
        while (q->levels > 0) {
            close_level(q);
        }
        break;
    case AREA_TABLE:
        note_tree_close(q->b->tree);
        note_tree_close(q->b->tree);
        break;
    case AREA_CODE:
    case AREA_QUOTE:
        note_tree_close(q->b->tree);
        break;
    case AREA_NONE:
        break;
    }
    q->area = AREA_NONE;
}

static struct note_node *text_block(struct quill *q, const struct line *line)
{
    struct note_node *node = note_tree_node(q->b->tree, line->level > 0 ? NOTE_HEADING : NOTE_PARAGRAPH);

    if (line->level > 0 || line->align != NOTE_ALIGN_NONE || (line->indent > 0 && line->area == AREA_NONE)) {
        struct note_props *p = note_tree_props(q->b->tree, node);

        if (p != NULL) {
            p->level = line->level;
            p->align = line->align;
            p->indent = line->area == AREA_NONE ? line->indent : 0;
        }
    }
    return node;
}

static void put_item(struct quill *q, const struct line *line)
{
    struct note_tree *t = q->b->tree;
    struct note_node *item = NULL;

    while (q->levels > 0 && q->indents[q->levels - 1] > line->indent) {
        close_level(q);
    }
    if (q->levels > 0 && q->indents[q->levels - 1] == line->indent) {
        if (q->lists[q->levels - 1] == line->list) {
            note_tree_close(t);
        } else {
            close_level(q);
        }
    }
    if (q->levels == 0 || q->indents[q->levels - 1] < line->indent || q->lists[q->levels - 1] != line->list) {
        note_tree_open(t, note_tree_node(t, line->list));
        q->lists[q->levels] = line->list;
        q->indents[q->levels++] = line->indent;
    }
    item = note_tree_node(t, line->list == NOTE_TASKS ? NOTE_TASK : NOTE_ITEM);
    if (line->checked) {
        struct note_props *p = note_tree_props(t, item);

        if (p != NULL) {
            p->checked = true;
        }
    }
    note_tree_open(t, item);
    q->area = AREA_LIST;
    put_line(q, text_block(q, line), false);
}

static void put_code(struct quill *q, const struct line *line)
{
    struct note_tree *t = q->b->tree;

    if (q->area == AREA_CODE) {
        note_tree_text(t, span_str("\n"), NULL);
    } else {
        struct note_node *code = note_tree_node(t, NOTE_CODE);
        struct note_props *p = note_tree_props(t, code);

        if (p != NULL) {
            p->language = line->language;
        }
        note_tree_open(t, code);
    }
    q->area = AREA_CODE;
    q->language = line->language;
    put_line(q, NULL, false);
}

static void put_cell(struct quill *q, const struct line *line)
{
    struct note_tree *t = q->b->tree;
    bool same_row = q->area == AREA_TABLE && span_equal(q->row, line->row);

    if (q->area != AREA_TABLE) {
        note_tree_open(t, note_tree_node(t, NOTE_TABLE));
    } else if (!same_row) {
        note_tree_close(t);
    }
    if (!same_row) {
        note_tree_open(t, note_tree_node(t, NOTE_ROW));
    }
    q->row = line->row;
    q->area = AREA_TABLE;
    note_tree_open(t, note_tree_node(t, NOTE_CELL));
    put_line(q, text_block(q, line), false);
    note_tree_close(t);
}

static void end_line_as(struct quill *q, const struct line *line)
{
    if (q->area != line->area || (q->area == AREA_CODE && !span_equal(q->language, line->language))) {
        close_area(q);
    }
    switch (line->area) {
    case AREA_LIST:
        put_item(q, line);
        break;
    case AREA_CODE:
        put_code(q, line);
        break;
    case AREA_TABLE:
        put_cell(q, line);
        break;
    case AREA_QUOTE:
        if (q->area == AREA_NONE) {
            note_tree_open(q->b->tree, note_tree_node(q->b->tree, NOTE_QUOTE));
            q->area = AREA_QUOTE;
        }
        put_line(q, text_block(q, line), false);
        break;
    case AREA_NONE:
        put_line(q, text_block(q, line), false);
        break;
    }
}

static void end_line(struct quill *q)
{
    struct line line = read_line(q);

    end_line_as(q, &line);
}

static void read_text(struct quill *q, struct span text)
{
    while (text.len > 0 && q->b->tree->rc == RC_OK) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);

        add_words(q, span_of(text.data, len));
        if (feed != NULL) {
            end_line(q);
            len++;
        }
        text = span_of(text.data + len, text.len - len);
    }
}

/* A film is a line of its own, without a line feed. */
static void read_embed(struct quill *q, struct span value)
{
    static const struct line plain = {.area = AREA_NONE};

    add_embed(q, value);
    if (q->b->tree->rc == RC_OK && q->last != NULL && q->last->kind == NOTE_VIDEO) {
        end_line_as(q, &plain);
    }
}

int builder_quill(struct builder *b, struct crdt_type root)
{
    struct quill q = {.b = b, .marks = builder_marks_take(b)};
    enum crdt_content content = CRDT_CONTENT_NONE;
    struct crdt_iter it;

    crdt_iter_init(&it, b->doc, root);
    while (q.marks != NULL && b->tree->rc == RC_OK && (content = crdt_iter_step(&it)) != CRDT_CONTENT_NONE) {
        if (content == CRDT_CONTENT_FORMAT) {
            builder_marks_set(b, q.marks, crdt_iter_bytes(&it));
        } else if (content == CRDT_CONTENT_STRING) {
            read_text(&q, crdt_iter_bytes(&it));
        } else if (content == CRDT_CONTENT_EMBED) {
            read_embed(&q, crdt_iter_bytes(&it));
        }
    }
    if (b->tree->rc == RC_OK && q.first != NULL) {
        q.marks->count = 0; /* a last line without its line feed */
        end_line(&q);
    }
    if (b->tree->rc == RC_OK) {
        close_area(&q);
        builder_marks_give(b, q.marks);
    }
    return b->tree->rc;
}
