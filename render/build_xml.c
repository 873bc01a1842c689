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
};

struct walk {
    struct builder *b;
    const struct builder_shape *shape;
    struct frame *frames, *top, *end; /* the open ones: from `frames` up to `top`, itself left out */
    bool usual;                       /* elements are nodes as they are, see builder_usual_node */
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

/* ---- Types ------------------------------------------------------------------------------------------------- */

/* A frame for a type, no text. */
static inline void push_type(struct walk *w, struct crdt_iter inner, struct note_frame outer)
{
    struct frame *f = push(w);

    if (f != NULL) {
        f->it = inner;
        f->marks = NULL;
        f->outer = outer;
        f->text = false;
    }
}

static inline void open_usual(struct walk *w, const struct crdt_iter *it)
{
    struct crdt_iter inner;
    struct note_node *node = NULL;

    crdt_iter_enter(&inner, it);
    node = builder_usual_node(w->b, it);
    push_type(w, inner, note_tree_enter(w->b->tree, node));
}

static struct note_frame enter_node(struct walk *w, const struct crdt_iter *it, const struct note_marks *marks)
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

/* The type at hand, whatever it is. */
__attribute__((noinline)) static void open_type(struct walk *w, const struct crdt_iter *it,
                                                const struct note_marks *marks)
{
    enum crdt_kind kind = crdt_iter_kind(it);
    struct note_frame outer = {NULL, NULL};
    struct crdt_iter inner;

    crdt_iter_enter(&inner, it);
    if (kind == CRDT_XML_ELEMENT || kind == CRDT_XML_HOOK) {
        outer = enter_node(w, it, marks);
    }
    push_type(w, inner, outer);
    if (is_text(kind) && w->b->tree->rc == RC_OK) {
        w->top[-1].text = true;
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

/* A text that waits for the type at hand. */
__attribute__((noinline)) static void interrupt_text(struct walk *w, const struct crdt_iter *it,
                                                     struct builder_marks *marks)
{
    struct frame *f = push(w);

    if (f != NULL) {
        *f = (struct frame){.it = *it, .marks = marks, .text = true};
        open_type(w, it, marks == NULL ? NULL : builder_marks_get(w->b, marks));
    }
}

/* `marks` NULL: the first of a text. NULL when out of memory. */
__attribute__((noinline)) static struct builder_marks *set_mark(struct builder *b, struct builder_marks *marks,
                                                                struct span format)
{
    marks = marks == NULL ? builder_marks_take(b) : marks;
    if (marks != NULL) {
        builder_marks_set(b, marks, format);
    }
    return marks;
}

/* What is left of a text, up to a type in it. */
static inline void read_text(struct walk *w, struct crdt_iter it, struct builder_marks *marks)
{
    struct builder *b = w->b;
    enum crdt_content content;

    while ((content = crdt_iter_step(&it)) != CRDT_CONTENT_NONE) {
        if (content == CRDT_CONTENT_FORMAT) {
            marks = set_mark(b, marks, crdt_iter_bytes(&it));
            if (marks == NULL) {
                return;
            }
        } else if (content == CRDT_CONTENT_TYPE) {
            struct crdt_iter copy = it;

            interrupt_text(w, &copy, marks);
            return;
        } else {
            add_content(b, content, &it, marks == NULL ? NULL : builder_marks_get(b, marks));
        }
    }
    if (marks != NULL) {
        builder_marks_give(b, marks);
    }
}

/* The text at hand. */
__attribute__((noinline)) static void open_text(struct walk *w, const struct crdt_iter *around)
{
    struct crdt_iter it;

    crdt_iter_enter(&it, around);
    read_text(w, it, NULL);
}

/* The text on top, which has waited. */
__attribute__((noinline)) static void resume_text(struct walk *w)
{
    const struct frame *f = --w->top;

    read_text(w, f->it, f->marks);
}

/* ---- The walk ---------------------------------------------------------------------------------------------- */

/* Goes on in the type on top: by one run, or to the end of a text. */
static inline void go_on(struct walk *w, struct frame *f)
{
    enum crdt_content content = CRDT_CONTENT_NONE;
    enum crdt_kind kind = CRDT_UNKNOWN;

    if (f->text) {
        resume_text(w);
        return;
    }
    content = crdt_iter_step(&f->it);
    if (content == CRDT_CONTENT_NONE) {
        close_type(w);
        return;
    }
    if (content != CRDT_CONTENT_TYPE) {
        add_content(w->b, content, &f->it, NULL);
        return;
    }
    kind = crdt_iter_kind(&f->it);
    if (is_text(kind)) {
        open_text(w, &f->it);
    } else if (w->usual && kind == CRDT_XML_ELEMENT) {
        open_usual(w, &f->it);
    } else {
        open_type(w, &f->it, NULL);
    }
}

int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape)
{
    struct walk w = {.b = b, .shape = shape, .usual = shape == NULL && !b->tree->plain};
    struct frame *f = push(&w);

    if (f != NULL) {
        *f = (struct frame){.text = is_text(crdt_type_kind(b->doc, root))};
        crdt_iter_init(&f->it, b->doc, root);
    }
    while (w.top > w.frames && b->tree->rc == RC_OK) {
        b->tree->steps++;
        go_on(&w, w.top - 1);
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
