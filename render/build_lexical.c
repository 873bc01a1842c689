#include "render/builders.h"
#include <string.h>
#include "render/note_value.h"

/* Lexical: every element is an XML text with `__type`; in it stand, one after another, the XML texts of its elements,
 * and for each of its texts a map with the text's properties, followed by the words themselves:
 *
 *     XmlText root
 *     └─ XmlText __type=paragraph  =  Y.Map{__type: text, __format: 1} "bold" Y.Map{__type: linebreak} …
 *
 * Nodes that are drawn by the application (images, mentions) are XML elements, with `__type` too. */

enum { BOLD = 1, ITALIC = 2, STRIKE = 4, UNDERLINE = 8, CODE = 16, SUB = 32, SUP = 64, HIGHLIGHT = 128 };

struct frame {
    struct crdt_iter it;
    const struct note_marks *around; /* of the links and comments around; NULL: none */
    const struct note_marks *marks;  /* of the words that follow */
    enum note_kind kind;
    bool node;
};

struct lexical {
    struct builder *b;
    struct frame *frames;
    size_t depth, room;
};

static bool is(struct span s, const char *text)
{
    return span_equal(s, span_str(text));
}

static bool push(struct lexical *l, struct crdt_type type, enum note_kind kind, bool node)
{
    struct frame *f = NULL;

    if (l->depth == l->room) {
        size_t room = l->room == 0 ? 32 : l->room * 2;
        struct frame *bigger = note_tree_alloc(l->b->tree, room * sizeof(*bigger));

        if (bigger == NULL) {
            return false;
        }
        if (l->depth > 0) {
            memcpy(bigger, l->frames, l->depth * sizeof(*bigger));
        }
        l->frames = bigger;
        l->room = room;
    }
    f = &l->frames[l->depth];
    *f = (struct frame){.kind = kind, .node = node};
    if (l->depth > 0) {
        f->around = f->marks = f[-1].around;
    }
    l->depth++;
    crdt_iter_init(&f->it, l->b->doc, type);
    return true;
}

/* ---- Words ------------------------------------------------------------------------------------------------- */

static struct span trimmed(struct span s)
{
    while (s.len > 0 && s.data[0] == ' ') {
        s = span_of(s.data + 1, s.len - 1);
    }
    while (s.len > 0 && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == ';')) {
        s.len--;
    }
    return s;
}

static void set_declaration(struct note_marks *m, struct span name, struct span value)
{
    if (is(name, "color")) {
        m->color = value;
        m->steps |= 1u << NOTE_STYLE;
    } else if (is(name, "font-size")) {
        m->size = value;
        m->steps |= 1u << NOTE_STYLE;
    } else if (is(name, "font-family")) {
        m->family = value;
        m->steps |= 1u << NOTE_STYLE;
    } else if (is(name, "background-color")) {
        m->background = value;
        m->steps |= 1u << NOTE_BACKGROUND;
    }
}

/* "color: red; font-size: 12px" */
static void set_style(struct note_marks *m, struct span style)
{
    while (style.len > 0) {
        const uint8_t *end = memchr(style.data, ';', style.len);
        size_t len = end == NULL ? style.len : (size_t)(end - style.data);
        const uint8_t *colon = memchr(style.data, ':', len);

        if (colon != NULL) {
            size_t name = (size_t)(colon - style.data);

            set_declaration(m, trimmed(span_of(style.data, name)), trimmed(span_of(colon + 1, len - name - 1)));
        }
        len += end == NULL ? 0 : 1;
        style = span_of(style.data + len, style.len - len);
    }
}

static unsigned steps_of(unsigned format)
{
    static const struct {
        unsigned bit;
        enum note_step step;
    } bits[] = {{BOLD, NOTE_BOLD},        {ITALIC, NOTE_ITALIC}, {STRIKE, NOTE_STRIKE}, {UNDERLINE, NOTE_UNDERLINE},
                {CODE, NOTE_INLINE_CODE}, {SUB, NOTE_SUB},       {SUP, NOTE_SUP},       {HIGHLIGHT, NOTE_BACKGROUND}};
    unsigned steps = 0;

    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
        steps |= (format & bits[i].bit) != 0 ? 1u << bits[i].step : 0;
    }
    return steps;
}

static unsigned number_attr(const struct lexical *l, struct crdt_type type, const char *name)
{
    struct crdt_run run;
    struct crdt_value value;
    double number = 0;

    if (!crdt_map_get(l->b->doc, type, span_str(name), &run) || run.content != CRDT_CONTENT_ANY ||
        !crdt_value_read(&run.bytes, &value) || !note_value_number(&value, &number) || number < 0 || number > 65535) {
        return 0;
    }
    return (unsigned)number;
}

static const struct note_marks *keep_marks(struct lexical *l, struct note_marks marks)
{
    struct note_marks *kept = marks.steps == 0 ? NULL : note_tree_alloc(l->b->tree, sizeof(*kept));

    if (kept != NULL) {
        *kept = marks;
    }
    return kept;
}

/* The properties of the words that follow. */
static void begin_words(struct lexical *l, struct crdt_type map)
{
    struct frame *f = &l->frames[l->depth - 1];
    struct note_marks marks = f->around != NULL ? *f->around : (struct note_marks){0};

    marks.steps |= steps_of(number_attr(l, map, "__format"));
    set_style(&marks, builder_attr(l->b, map, "__style"));
    f->marks = keep_marks(l, marks);
}

/* ---- Nodes ------------------------------------------------------------------------------------------------- */

/* A list item that only carries a deeper list is indentation, not an item. */
static bool only_list(const struct lexical *l, struct crdt_type item)
{
    struct crdt_iter it;
    struct crdt_run run;

    crdt_iter_init(&it, l->b->doc, item);
    while (crdt_iter_next(&it, &run) && run.content == CRDT_CONTENT_FORMAT) {
    }
    return run.content == CRDT_CONTENT_TYPE && crdt_type_length(l->b->doc, item) > 0 &&
           crdt_type_kind(l->b->doc, run.type) == CRDT_XML_TEXT && is(builder_attr(l->b, run.type, "__type"), "list");
}

static struct note_node *shape_list(const struct lexical *l, struct note_node *node, struct crdt_type type)
{
    struct span list = builder_attr(l->b, type, "__listType");

    node->kind = is(list, "number") ? NOTE_ORDERED : is(list, "check") ? NOTE_TASKS : NOTE_BULLETS;
    return node;
}

/* The first of a list of ids. */
static struct span first_id(const struct lexical *l, struct crdt_type type)
{
    struct crdt_value list, id;
    struct crdt_run run;

    if (crdt_map_get(l->b->doc, type, span_str("__ids"), &run) && run.content == CRDT_CONTENT_ANY &&
        crdt_value_read(&run.bytes, &list) && list.kind == CRDT_VALUES && crdt_value_read(&list.bytes, &id) &&
        id.kind == CRDT_STRING) {
        return id.bytes;
    }
    return (struct span){0};
}

/* A node that is a mark here: its words have it, besides those around. */
static void open_mark(struct lexical *l, struct crdt_type type, unsigned preset)
{
    struct frame *f = &l->frames[l->depth - 1];
    struct note_marks marks = f->around != NULL ? *f->around : (struct note_marks){0};

    if (preset == NOTE_PRESET_COMMENT) {
        marks.steps |= 1u << NOTE_COMMENT;
        marks.comment = first_id(l, type);
    } else {
        marks.href = builder_attr(l->b, type, "__url");
        marks.title = builder_attr(l->b, type, "__title");
        marks.steps = (marks.steps & ~(1u << NOTE_LINK)) | (marks.href.len > 0 ? 1u << NOTE_LINK : 0);
    }
    f->around = f->marks = keep_marks(l, marks);
}

static void open_element(struct lexical *l, struct crdt_type type)
{
    struct span name = builder_attr(l->b, type, "__type");
    const struct note_name *row = note_schema_node(l->b->schema, name);
    struct frame parent = l->frames[l->depth - 1]; /* a copy: push may move the frames */
    struct note_node *node = NULL;

    if (row != NULL && (row->preset == NOTE_PRESET_LINK || row->preset == NOTE_PRESET_COMMENT)) {
        if (push(l, type, parent.kind, false)) { /* no node: its words belong to the paragraph around */
            open_mark(l, type, row->preset);
        }
        return;
    }
    node = builder_node(l->b, type, name, row);
    node->marks = parent.around;
    if (is(name, "list")) {
        node = shape_list(l, node, type);
    } else if (node->kind == NOTE_ITEM && only_list(l, type)) {
        node = NULL;
    } else if (node->kind == NOTE_ITEM && parent.kind == NOTE_TASKS) {
        node->kind = NOTE_TASK;
    }
    note_tree_open(l->b->tree, node);
    (void)push(l, type, node == NULL ? parent.kind : (enum note_kind)node->kind, true);
}

static void open_type(struct lexical *l, struct crdt_type type)
{
    struct span name;

    if (crdt_type_kind(l->b->doc, type) != CRDT_MAP) {
        open_element(l, type);
        return;
    }
    name = builder_attr(l->b, type, "__type");
    if (is(name, "linebreak")) {
        note_tree_add(l->b->tree, note_tree_node(l->b->tree, NOTE_BREAK));
    } else {
        begin_words(l, type);
    }
}

static void read_run(struct lexical *l, const struct crdt_run *run)
{
    switch (run->content) {
    case CRDT_CONTENT_STRING:
        note_tree_text(l->b->tree, run->bytes, l->frames[l->depth - 1].marks);
        break;
    case CRDT_CONTENT_TYPE:
        open_type(l, run->type);
        break;
    case CRDT_CONTENT_EMBED:
    case CRDT_CONTENT_JSON:
    case CRDT_CONTENT_ANY:
        builder_value(l->b, run->bytes, NULL);
        break;
    default:
        break;
    }
}

int builder_lexical(struct builder *b, struct crdt_type root)
{
    struct lexical l = {.b = b};
    struct crdt_run run;

    (void)push(&l, root, NOTE_DOC, false);
    while (l.depth > 0 && b->tree->rc == RC_OK) {
        b->tree->steps++;
        if (crdt_iter_next(&l.frames[l.depth - 1].it, &run)) {
            read_run(&l, &run);
        } else if (l.frames[--l.depth].node) {
            note_tree_close(b->tree);
        }
    }
    return b->tree->rc;
}
