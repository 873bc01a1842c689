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
    struct builder_marks *marks; /* of a text: the formatting in force, NULL before the first; NULL in other types */
    struct note_frame outer;     /* of other types: what entering its node gave; zero when it is none */
    bool text;
    bool met; /* a text has met the type at hand, which is to be opened before it goes on */
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

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* What is left of a text, up to a type in it: then the text is on top, and waits. */
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
            struct frame *f = push(w);

            if (f != NULL) {
                *f = (struct frame){.it = it, .marks = marks, .text = true, .met = true};
            }
            return;
        } else {
            add_content(b, content, &it, marks == NULL ? NULL : builder_marks_get(b, marks));
        }
    }
    if (marks != NULL) {
        builder_marks_give(b, marks);
    }
}

/* ---- Other types ------------------------------------------------------------------------------------------ */

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

/* The type at hand of a frame, no text. */
static inline void open_type(struct walk *w, const struct frame *around)
{
    enum crdt_kind kind = crdt_iter_kind(&around->it);
    struct note_frame outer = {NULL, NULL};
    struct crdt_iter inner;
    struct frame *f = NULL;

    crdt_iter_enter(&inner, &around->it);
    if (kind == CRDT_XML_ELEMENT || kind == CRDT_XML_HOOK) {
        outer = enter_node(w, &around->it, around->marks == NULL ? NULL : builder_marks_get(w->b, around->marks));
    }
    f = push(w);
    if (f != NULL) {
        f->it = inner;
        f->marks = NULL;
        f->outer = outer;
        f->text = false;
    }
}

static inline void close_type(struct walk *w)
{
    const struct frame *f = --w->top;

    if (f->outer.restore != NULL) {
        note_tree_leave(w->b->tree, f->outer);
    }
}

/* Goes on in the type on top by one run. False: it was no type. */
static inline bool find_type(struct walk *w, struct frame *f)
{
    enum crdt_content content = CRDT_CONTENT_TYPE;

    if (f->text) {
        f->met = false;
        return true;
    }
    content = crdt_iter_step(&f->it);
    if (content == CRDT_CONTENT_TYPE) {
        return true;
    }
    if (content != CRDT_CONTENT_NONE) {
        add_content(w->b, content, &f->it, NULL);
    } else {
        close_type(w);
    }
    return false;
}

/* ---- The walk ---------------------------------------------------------------------------------------------- */

/* One step: a text that has waited is taken from the top, a text that stands in the type on top is found, or, returning
 * false, something else is done. */
static inline bool find_text(struct walk *w, struct frame *f, struct crdt_iter *text, struct builder_marks **marks)
{
    if (f->text && !f->met) {
        w->top--;
        *text = f->it;
        *marks = f->marks;
        return true;
    }
    if (!find_type(w, f)) {
        return false;
    }
    if (!is_text(crdt_iter_kind(&f->it))) {
        open_type(w, f);
        return false;
    }
    crdt_iter_enter(text, &f->it);
    return true;
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
        struct builder_marks *marks = NULL;
        struct crdt_iter text;

        b->tree->steps++;
        if (find_text(&w, w.top - 1, &text, &marks)) {
            read_text(&w, text, marks);
        }
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
