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
    struct frame waiting;             /* a text in which a type has been met */
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

/* ---- Texts ------------------------------------------------------------------------------------------------ */

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

/* What is left of a text. False: up to a type in it, for which it waits in w->waiting. */
static inline bool read_text(struct walk *w, struct crdt_iter it, struct builder_marks *marks)
{
    struct builder *b = w->b;
    enum crdt_content content;

    while ((content = crdt_iter_step(&it)) != CRDT_CONTENT_NONE) {
        if (content == CRDT_CONTENT_FORMAT) {
            marks = set_mark(b, marks, crdt_iter_bytes(&it));
            if (marks == NULL) {
                return true;
            }
        } else if (content == CRDT_CONTENT_TYPE) {
            w->waiting = (struct frame){.it = it, .marks = marks, .text = true};
            return false;
        } else {
            add_content(b, content, &it, marks == NULL ? NULL : builder_marks_get(b, marks));
        }
    }
    if (marks != NULL) {
        builder_marks_give(b, marks);
    }
    return true;
}

/* The text at hand. */
__attribute__((noinline)) static bool open_text(struct walk *w, const struct crdt_iter *around)
{
    struct crdt_iter it;

    crdt_iter_enter(&it, around);
    return read_text(w, it, NULL);
}

/* ---- Other types ------------------------------------------------------------------------------------------- */

static void open_waiting(struct walk *w);

static inline void leave(struct walk *w, struct note_frame outer)
{
    if (outer.restore != NULL) {
        note_tree_leave(w->b->tree, outer);
    }
}

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

/* What stands in a type. Those that hold one text and nothing else, as paragraphs do, need no frame. */
static inline void open_inside(struct walk *w, struct crdt_iter inner, struct note_frame outer)
{
    struct crdt_iter first = inner;

    if (crdt_iter_step(&first) != CRDT_CONTENT_TYPE || !crdt_iter_is_last(&first) || !is_text(crdt_iter_kind(&first))) {
        push_type(w, inner, outer);
    } else if (open_text(w, &first)) {
        leave(w, outer);
    } else {
        push_type(w, first, outer);
        open_waiting(w);
    }
}

static inline void open_usual(struct walk *w, const struct crdt_iter *it)
{
    struct crdt_iter inner;

    crdt_iter_enter(&inner, it);
    open_inside(w, inner, note_tree_enter(w->b->tree, builder_usual_node(w->b, it)));
}

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

/* What entering the type at hand, no text, gives. */
__attribute__((noinline)) static struct note_frame enter_type(struct walk *w, const struct crdt_iter *it,
                                                              const struct note_marks *marks)
{
    enum crdt_kind kind = crdt_iter_kind(it);

    return kind == CRDT_XML_ELEMENT || kind == CRDT_XML_HOOK ? enter_node(w, it, marks)
                                                             : (struct note_frame){NULL, NULL};
}

/* Any type in another that is no text. */
__attribute__((noinline)) static void open_type(struct walk *w, const struct crdt_iter *it)
{
    struct crdt_iter inner;

    crdt_iter_enter(&inner, it);
    open_inside(w, inner, enter_type(w, it, NULL));
}

/* The text that waits, and the type in it. */
__attribute__((noinline)) static void open_waiting(struct walk *w)
{
    struct frame text = w->waiting, *f = push(w);
    struct crdt_iter inner;

    if (f == NULL) {
        return;
    }
    *f = text;
    crdt_iter_enter(&inner, &text.it);
    if (!is_text(crdt_iter_kind(&text.it))) {
        push_type(w, inner, enter_type(w, &text.it, text.marks == NULL ? NULL : builder_marks_get(w->b, text.marks)));
    } else if ((f = push(w)) != NULL) {
        *f = (struct frame){.it = inner, .text = true};
    }
}

/* The text on top, which has waited. */
__attribute__((noinline)) static void resume_text(struct walk *w)
{
    const struct frame *f = --w->top;

    if (!read_text(w, f->it, f->marks)) {
        open_waiting(w);
    }
}

/* ---- The walk ---------------------------------------------------------------------------------------------- */

/* Goes on in the type on top: by one run, or to the end of a text. */
static inline void go_on(struct walk *w, struct frame *f)
{
    enum crdt_content content = CRDT_CONTENT_NONE;

    if (f->text) {
        resume_text(w);
    } else if ((content = crdt_iter_step(&f->it)) == CRDT_CONTENT_NONE) {
        w->top--;
        leave(w, f->outer);
    } else if (content != CRDT_CONTENT_TYPE) {
        add_content(w->b, content, &f->it, NULL);
    } else if (is_text(crdt_iter_kind(&f->it))) {
        if (!open_text(w, &f->it)) {
            open_waiting(w);
        }
    } else if (w->usual && crdt_iter_kind(&f->it) == CRDT_XML_ELEMENT) {
        open_usual(w, &f->it);
    } else {
        open_type(w, &f->it);
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
