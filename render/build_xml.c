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

static bool push(struct walk *w, struct crdt_type type, bool text, bool node)
{
    struct frame *f = NULL;

    if (w->depth == w->room) {
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
    }
    f = &w->frames[w->depth++];
    *f = (struct frame){.node = node};
    crdt_iter_init(&f->it, w->b->doc, type);
    if (text) {
        f->marks = builder_marks_take(w->b);
    }
    return !text || f->marks != NULL;
}

static void pop(struct walk *w)
{
    struct frame *f = &w->frames[--w->depth];

    if (f->marks != NULL) {
        builder_marks_give(w->b, f->marks);
    }
    if (f->node) {
        note_tree_close(w->b->tree);
    }
}

static void open_element(struct walk *w, struct crdt_type type, const struct note_marks *marks)
{
    struct span name = crdt_type_name(w->b->doc, type);
    struct note_node *node = builder_node(w->b, type, name);

    node->marks = marks;
    if (w->shape != NULL && !w->b->tree->plain) {
        node = w->shape->shape(w->b, type, node, note_schema_node(w->b->schema, name));
    }
    note_tree_open(w->b->tree, node);
    (void)push(w, type, false, true);
}

static void open_type(struct walk *w, struct crdt_type type, const struct note_marks *marks)
{
    switch (crdt_type_kind(w->b->doc, type)) {
    case CRDT_XML_TEXT:
    case CRDT_TEXT:
        (void)push(w, type, true, false);
        break;
    case CRDT_XML_ELEMENT:
    case CRDT_XML_HOOK:
        open_element(w, type, marks);
        break;
    default:
        (void)push(w, type, false, false);
        break;
    }
}

static void read_run(struct walk *w, const struct crdt_run *run)
{
    struct frame *f = &w->frames[w->depth - 1];
    const struct note_marks *marks = NULL;

    if (run->content == CRDT_CONTENT_FORMAT) {
        if (f->marks != NULL) {
            builder_marks_set(f->marks, run->key, run->bytes);
        }
        return;
    }
    marks = f->marks != NULL ? builder_marks_get(w->b, f->marks) : NULL;
    switch (run->content) {
    case CRDT_CONTENT_STRING:
        note_tree_text(w->b->tree, run->bytes, marks);
        break;
    case CRDT_CONTENT_TYPE:
        open_type(w, run->type, marks);
        break;
    case CRDT_CONTENT_EMBED:
    case CRDT_CONTENT_JSON:
    case CRDT_CONTENT_ANY:
        builder_value(w->b, run->bytes, marks);
        break;
    default:
        break;
    }
}

int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape)
{
    struct walk w = {.b = b, .shape = shape};
    enum crdt_kind kind = crdt_type_kind(b->doc, root);
    struct crdt_run run;

    (void)push(&w, root, kind == CRDT_XML_TEXT || kind == CRDT_TEXT, false);
    while (w.depth > 0 && b->tree->rc == RC_OK) {
        b->tree->steps++;
        if (crdt_iter_next(&w.frames[w.depth - 1].it, &run)) {
            read_run(&w, &run);
        } else {
            pop(&w);
        }
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
