#include "render/builders.h"
#include <string.h>

/* An XML tree as y-prosemirror writes it: an element a node, its attributes the node's, XML texts with the marks as
 * formatting.
 *
 * One frame for each open type, but for texts: nearly all of them hold nothing but words and formatting and are read
 * at once, where they are met. A text in which a type stands waits in a frame while that is read; nothing here
 * recurses. */

struct frame {
    struct crdt_iter it;
    bool text;
    struct builder_marks *marks; /* of a text that waits: the formatting in force, NULL before the first */
    struct note_frame outer;     /* of other types: what entering its node gave; zero when it is none */
};

struct walk {
    struct builder *b;
    const struct builder_shape *shape;
    struct frame *frames, *top, *end; /* the open ones: from `frames` up to `top`, itself left out */
};

__attribute__((noinline)) static bool grow(struct walk *w)
{
    size_t depth = (size_t)(w->top - w->frames), room = depth == 0 ? 32 : depth * 2;
    struct frame *bigger = note_tree_alloc(w->b->tree, room * sizeof(*bigger));

    if (bigger == NULL) {
        return false;
    }
    if (depth > 0) {
        memcpy(bigger, w->frames, depth * sizeof(*bigger));
    }
    w->frames = bigger;
    w->top = bigger + depth;
    w->end = bigger + room;
    return true;
}

/* A frame to be filled in; NULL when out of memory. */
static inline struct frame *push(struct walk *w)
{
    return w->top < w->end || grow(w) ? w->top++ : NULL;
}

static bool is_text(enum crdt_kind kind)
{
    return kind == CRDT_XML_TEXT || kind == CRDT_TEXT;
}

/* What is neither a type nor a format. */
static inline void add_content(struct builder *b, enum crdt_content content, const struct crdt_iter *it,
                               const struct note_marks *marks)
{
    if (content == CRDT_CONTENT_STRING) {
        note_tree_text(b->tree, crdt_iter_bytes(it), marks);
    } else if (content == CRDT_CONTENT_EMBED || content == CRDT_CONTENT_JSON || content == CRDT_CONTENT_ANY) {
        builder_value(b, crdt_iter_bytes(it), marks);
    }
}

/* ---- Elements -------------------------------------------------------------------------------------------- */

static inline struct note_frame enter_node(struct walk *w, const struct crdt_iter *it, const struct note_marks *marks)
{
    struct builder *b = w->b;
    struct span name = crdt_iter_name(it);
    const struct note_name *row = note_schema_node(b->schema, name);
    struct note_node *node = builder_node(b, crdt_iter_type(it), name, row);

    node->marks = marks;
    if (w->shape != NULL && !b->tree->plain) {
        node = w->shape->shape(b, crdt_iter_type(it), node, row);
    }
    return note_tree_enter(b->tree, node);
}

/* The type at hand, other than a text. */
static inline void open_type(struct walk *w, const struct crdt_iter *it, const struct note_marks *marks)
{
    enum crdt_kind kind = crdt_iter_kind(it);
    struct note_frame outer = {NULL, NULL};
    struct frame *f = NULL;

    if (kind == CRDT_XML_ELEMENT || kind == CRDT_XML_HOOK) {
        outer = enter_node(w, it, marks);
    }
    f = push(w);
    if (f != NULL) {
        crdt_iter_enter(&f->it, it);
        f->text = false;
        f->outer = outer;
    }
}

static inline void close_type(struct walk *w)
{
    const struct frame *f = --w->top;

    if (f->outer.restore != NULL) {
        note_tree_leave(w->b->tree, f->outer);
    }
}

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* A text that waits; NULL when out of memory. */
static struct frame *push_text(struct walk *w, struct builder_marks *marks)
{
    struct frame *f = push(w);

    if (f != NULL) {
        f->text = true;
        f->marks = marks;
    }
    return f;
}

/* A type in a text: the text waits below it. */
__attribute__((noinline)) static void open_in_text(struct walk *w, const struct crdt_iter *it,
                                                   struct builder_marks *marks)
{
    struct frame *f = push_text(w, marks);

    if (f == NULL) {
        return;
    }
    f->it = *it;
    if (!is_text(crdt_iter_kind(it))) {
        open_type(w, it, marks == NULL ? NULL : builder_marks_get(w->b, marks));
        return;
    }
    f = push_text(w, NULL);
    if (f != NULL) {
        crdt_iter_enter(&f->it, it);
    }
}

/* What is left of a text, up to a type in it, which is opened. */
static inline void read_text(struct walk *w, struct crdt_iter it, struct builder_marks *marks)
{
    struct builder *b = w->b;
    enum crdt_content content;

    while ((content = crdt_iter_step(&it)) != CRDT_CONTENT_NONE) {
        if (content == CRDT_CONTENT_FORMAT) {
            struct crdt_attr format = crdt_iter_format(&it);

            marks = marks == NULL ? builder_marks_take(b) : marks;
            if (marks == NULL) {
                return;
            }
            b->tree->steps++;
            builder_marks_set(marks, format.key, format.value);
        } else if (content == CRDT_CONTENT_TYPE) {
            open_in_text(w, &it, marks);
            return;
        } else {
            add_content(b, content, &it, marks == NULL ? NULL : builder_marks_get(b, marks));
        }
    }
    if (marks != NULL) {
        builder_marks_give(b, marks);
    }
}

/* A text that waited, on top. */
__attribute__((noinline)) static void read_on(struct walk *w)
{
    const struct frame *f = --w->top;

    read_text(w, f->it, f->marks);
}

static void read_new_text(struct walk *w, const struct crdt_iter *it)
{
    struct crdt_iter inner;

    crdt_iter_enter(&inner, it);
    read_text(w, inner, NULL);
}

/* ---- The walk ---------------------------------------------------------------------------------------------- */

/* One run of the type on top, no text, or its end. */
static inline void read_run(struct walk *w)
{
    struct crdt_iter *it = &w->top[-1].it;
    enum crdt_content content = crdt_iter_step(it);

    if (content == CRDT_CONTENT_NONE) {
        close_type(w);
    } else if (content != CRDT_CONTENT_TYPE) {
        add_content(w->b, content, it, NULL);
    } else if (is_text(crdt_iter_kind(it))) {
        read_new_text(w, it);
    } else {
        open_type(w, it, NULL);
    }
}

int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape)
{
    struct walk w = {.b = b, .shape = shape};
    struct frame *f = push(&w);

    if (f != NULL) {
        *f = (struct frame){.text = is_text(crdt_type_kind(b->doc, root))};
        crdt_iter_init(&f->it, b->doc, root);
    }
    while (w.top > w.frames && b->tree->rc == RC_OK) {
        b->tree->steps++;
        if (w.top[-1].text) {
            read_on(&w);
        } else {
            read_run(&w);
        }
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
