#include "render/builders.h"
#include <string.h>

/* An XML tree as y-prosemirror writes it: an element a node, its attributes the node's, XML texts with the marks as
 * formatting. One frame for each open type; the frame of a text also holds the formatting in force. */

struct frame {
    struct crdt_iter it;
    struct builder_marks *marks; /* NULL in elements */
    bool node;                   /* a node of the tree was opened for it */
};

struct walk {
    struct builder *b;
    const struct builder_shape *shape;
    struct frame *frames;
    size_t depth, room;
};

__attribute__((noinline)) static bool grow(struct walk *w)
{
    size_t room = w->room == 0 ? 32 : w->room * 2;
    struct frame *bigger = note_tree_alloc(w->b->tree, room * sizeof(*bigger));

    if (bigger == NULL) {
        return false;
    }
    if (w->depth > 0) {
        memcpy(bigger, w->frames, w->depth * sizeof(*bigger));
    }
    w->frames = bigger;
    w->room = room;
    return true;
}

static inline void push(struct walk *w, struct crdt_type type, struct builder_marks *marks, bool node)
{
    struct frame *f = NULL;

    if (w->depth == w->room && !grow(w)) {
        return;
    }
    f = &w->frames[w->depth++];
    f->marks = marks;
    f->node = node;
    crdt_iter_init(&f->it, w->b->doc, type);
}

static void push_text(struct walk *w, struct crdt_type type)
{
    struct builder_marks *marks = builder_marks_take(w->b);

    if (marks != NULL) {
        push(w, type, marks, false);
    }
}

static void pop(struct walk *w)
{
    const struct frame *f = &w->frames[--w->depth];

    if (f->marks != NULL) {
        builder_marks_give(w->b, f->marks);
    }
    if (f->node) {
        note_tree_close(w->b->tree);
    }
}

static void open_element(struct walk *w, const struct crdt_run *run, const struct note_marks *marks)
{
    const struct note_name *row = note_schema_node(w->b->schema, run->key);
    struct note_node *node = builder_node(w->b, run->type, run->key, row);

    node->marks = marks;
    if (w->shape != NULL && !w->b->tree->plain) {
        node = w->shape->shape(w->b, run->type, node, row);
    }
    note_tree_open(w->b->tree, node);
    push(w, run->type, NULL, true);
}

static bool is_text(enum crdt_kind kind)
{
    return kind == CRDT_XML_TEXT || kind == CRDT_TEXT;
}

static void open_type(struct walk *w, const struct crdt_run *run, const struct note_marks *marks)
{
    if (run->kind == CRDT_XML_ELEMENT || run->kind == CRDT_XML_HOOK) {
        open_element(w, run, marks);
    } else if (is_text(run->kind)) {
        push_text(w, run->type);
    } else {
        push(w, run->type, NULL, false);
    }
}

/* What is neither a type nor a format. */
static void add_content(struct builder *b, const struct crdt_run *run, const struct note_marks *marks)
{
    switch (run->content) {
    case CRDT_CONTENT_STRING:
        note_tree_text(b->tree, run->bytes, marks);
        break;
    case CRDT_CONTENT_EMBED:
    case CRDT_CONTENT_JSON:
    case CRDT_CONTENT_ANY:
        builder_value(b, run->bytes, marks);
        break;
    default:
        break;
    }
}

/* Goes on in the text on top, up to a type in it, which is opened. False: the text is at its end. */
static bool read_text(struct walk *w)
{
    struct frame *f = &w->frames[w->depth - 1];
    struct crdt_run run;

    while (crdt_iter_next(&f->it, &run)) {
        w->b->tree->steps++;
        if (run.content == CRDT_CONTENT_FORMAT) {
            builder_marks_set(f->marks, run.key, run.bytes);
        } else if (run.content == CRDT_CONTENT_TYPE) {
            open_type(w, &run, builder_marks_get(w->b, f->marks));
            return true;
        } else {
            add_content(w->b, &run, builder_marks_get(w->b, f->marks));
        }
    }
    return false;
}

/* The same in an element. */
static bool read_element(struct walk *w)
{
    struct frame *f = &w->frames[w->depth - 1];
    struct crdt_run run;

    while (crdt_iter_next(&f->it, &run)) {
        w->b->tree->steps++;
        if (run.content == CRDT_CONTENT_TYPE) {
            open_type(w, &run, NULL);
            return true;
        }
        add_content(w->b, &run, NULL);
    }
    return false;
}

int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape)
{
    struct walk w = {.b = b, .shape = shape};

    if (is_text(crdt_type_kind(b->doc, root))) {
        push_text(&w, root);
    } else {
        push(&w, root, NULL, false);
    }
    while (w.depth > 0 && b->tree->rc == RC_OK) {
        b->tree->steps++;
        if (!(w.frames[w.depth - 1].marks != NULL ? read_text(&w) : read_element(&w))) {
            pop(&w);
        }
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
