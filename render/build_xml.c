#include "render/builders.h"
#include <string.h>

/* An XML tree as y-prosemirror writes it: an element a node, its attributes the node's, XML texts with the marks as
 * formatting.
 *
 * The walk is in one type at a time; those around it wait in frames, and nothing recurses. Texts are read at once where
 * they are met, since nearly all of them hold nothing but words and formatting; so is an element that has nothing but
 * one text. A text in which a type stands waits in a frame like the others while that is read. */

/* A type in which another one is open. */
struct frame {
    struct crdt_iter it;
    struct builder_marks *marks; /* of a text: the formatting in force, NULL before the first */
    struct note_frame inner;     /* what entering the node of the other gave; zero when it is none */
    bool text;
};

struct walk {
    struct builder *b;
    struct note_tree *tree; /* that of the builder */
    const struct builder_shape *shape;
    struct frame *frames, *top, *end; /* from `frames` up to `top`, itself left out */
    struct crdt_iter it;              /* where a text has met a type, or the walk goes on after that */
    struct builder_marks *marks;      /* of that text */
    struct note_frame entered;        /* what entering the element of a text gave */
    bool usual;                       /* elements are nodes as they are, see builder_usual_node */
};

__attribute__((noinline)) static bool grow(struct walk *w)
{
    size_t depth = (size_t)(w->top - w->frames), room = depth == 0 ? 32 : depth * 2;
    struct frame *bigger = note_tree_alloc(w->tree, room * sizeof(*bigger));

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

/* Whether there is room for one more frame; else there is no memory. */
static inline bool has_room(struct walk *w)
{
    return w->top < w->end || grow(w);
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

/* What entering a type gives that may be no element, mean something else, be looked at before, or stand in a plain
 * tree. */
__attribute__((noinline)) static struct note_frame enter_any(struct walk *w, struct crdt_type type, enum crdt_kind kind,
                                                             struct span name, const struct note_marks *marks)
{
    struct builder *b = w->b;
    const struct note_name *row = NULL;
    struct note_node *node = NULL;

    if (kind != CRDT_XML_ELEMENT && kind != CRDT_XML_HOOK) {
        return (struct note_frame){NULL, NULL};
    }
    row = note_schema_node(b->schema, name);
    node = builder_node(b, type, name, row);
    node->marks = marks;
    if (w->shape != NULL && !b->tree->plain) {
        node = w->shape->shape(b, type, node, row);
    }
    return note_tree_enter(b->tree, node);
}

/* ---- Texts ------------------------------------------------------------------------------------------------ */

/* What is left of a text. False: up to a type in it; w->it and w->marks say where that is. */
static inline bool read_text(struct walk *w, struct crdt_iter it, struct builder_marks *marks)
{
    struct builder *b = w->b;
    enum crdt_content content;

    while ((content = crdt_iter_step(&it)) != CRDT_CONTENT_NONE) {
        if (content == CRDT_CONTENT_FORMAT) {
            marks = marks == NULL ? builder_marks_take(b) : marks;
            if (marks == NULL) {
                return true;
            }
            builder_marks_set(b, marks, crdt_iter_bytes(&it));
        } else if (content == CRDT_CONTENT_TYPE) {
            w->it = it;
            w->marks = marks;
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

/* A text, with `node` around it when that has nothing else (NULL: none). False: the text has met a type; w->entered
 * says what entering the node gave then. */
__attribute__((noinline)) static bool open_text(struct walk *w, struct note_node *node, struct crdt_type text)
{
    struct crdt_iter it;

    if (node != NULL) {
        w->entered = note_tree_enter(w->tree, node);
    }
    crdt_iter_init(&it, w->b->doc, text);
    if (!read_text(w, it, NULL)) {
        return false;
    }
    if (node != NULL) {
        note_tree_leave(w->tree, w->entered);
    }
    return true;
}

/* From a text into the type that it has met. False: that is a text as well and waits on top, or there is no memory. */
static bool go_in_from_text(struct walk *w)
{
    enum crdt_kind kind = crdt_iter_kind(&w->it);
    struct frame *f = NULL;

    if (!has_room(w)) {
        return false;
    }
    f = w->top++;
    *f = (struct frame){.it = w->it, .marks = w->marks, .text = true};
    crdt_iter_enter(&w->it, &f->it);
    if (!is_text(kind)) {
        f->inner = enter_any(w, crdt_iter_type(&f->it), kind, crdt_iter_name(&f->it),
                             f->marks == NULL ? NULL : builder_marks_get(w->b, f->marks));
        return true;
    }
    if (has_room(w)) {
        *w->top++ = (struct frame){.it = w->it, .text = true};
    }
    return false;
}

/* Goes on with the frame on top, and those that texts in it push; w->it is where a type goes on, then. False at the
 * end. */
__attribute__((noinline)) static bool resume(struct walk *w)
{
    while (w->top > w->frames && w->tree->rc == RC_OK) {
        const struct frame *f = --w->top;

        note_tree_leave(w->tree, f->inner);
        if (!f->text) {
            w->it = f->it;
            return true;
        }
        if (!read_text(w, f->it, f->marks) && go_in_from_text(w)) {
            return true;
        }
    }
    return false;
}

/* ---- Other types ------------------------------------------------------------------------------------------- */

/* Into what a text in that type has met. */
static inline bool go_in_deeper(struct walk *w, struct crdt_iter *it)
{
    if (!has_room(w)) {
        return false;
    }
    *w->top++ = (struct frame){.it = *it};
    if (!go_in_from_text(w) && !resume(w)) {
        return false;
    }
    *it = w->it;
    return true;
}

/* From a type, no text, into the one at hand. */
static inline bool go_in(struct walk *w, struct crdt_iter *it, enum crdt_kind kind)
{
    struct crdt_iter inner;
    struct frame *f = NULL;

    if (!has_room(w)) {
        return false;
    }
    f = w->top++;
    f->it = *it;
    f->text = false;
    crdt_iter_enter(&inner, it);
    if (w->usual && kind == CRDT_XML_ELEMENT) {
        f->inner = note_tree_enter(w->tree, builder_usual_node(w->b, it));
    } else {
        f->inner = enter_any(w, crdt_iter_type(it), kind, crdt_iter_name(it), NULL);
    }
    *it = inner;
    return w->tree->rc == RC_OK;
}

/* Into an element whose only text has met a type. */
static inline bool go_in_leaf(struct walk *w, struct crdt_iter *it)
{
    if (w->tree->rc != RC_OK || !has_room(w)) {
        return false;
    }
    *w->top++ = (struct frame){.it = *it, .inner = w->entered};
    crdt_iter_enter(it, &w->top[-1].it);
    return crdt_iter_step(it) == CRDT_CONTENT_TYPE && go_in_deeper(w, it);
}

/* Back into what is around; false at the end. */
static inline bool go_out(struct walk *w, struct crdt_iter *it)
{
    if (w->top > w->frames && !w->top[-1].text) {
        w->top--;
        note_tree_leave(w->tree, w->top->inner);
        *it = w->top->it;
        return true;
    }
    if (!resume(w)) {
        return false;
    }
    *it = w->it;
    return true;
}

/* From a type, no text, past the element at hand, if that holds nothing but a text, or into it. */
static inline bool go_on(struct walk *w, struct crdt_iter *it)
{
    enum crdt_kind kind = crdt_iter_kind(it);
    struct crdt_type text;

    if (is_text(kind)) {
        return open_text(w, NULL, crdt_iter_type(it)) || go_in_deeper(w, it);
    }
    text = w->usual && kind == CRDT_XML_ELEMENT ? crdt_iter_only_text(it) : (struct crdt_type){0};
    if (crdt_type_is_none(text)) {
        return go_in(w, it, kind);
    }
    return open_text(w, builder_usual_node(w->b, it), text) ? w->tree->rc == RC_OK : go_in_leaf(w, it);
}

/* From a type, no text, to the end. */
static void walk_types(struct walk *w, struct crdt_iter it)
{
    bool more = true;

    while (more) {
        enum crdt_content content = crdt_iter_step(&it);

        if (content == CRDT_CONTENT_NONE) {
            more = go_out(w, &it);
        } else if (content == CRDT_CONTENT_TYPE) {
            more = go_on(w, &it);
        } else {
            add_content(w->b, content, &it, NULL);
        }
    }
}

int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape)
{
    struct walk w = {.b = b, .tree = b->tree, .shape = shape, .usual = shape == NULL && !b->tree->plain};

    if (has_room(&w)) {
        *w.top = (struct frame){.text = is_text(crdt_type_kind(b->doc, root))};
        crdt_iter_init(&w.top++->it, b->doc, root);
    }
    if (resume(&w)) {
        walk_types(&w, w.it);
    }
    return b->tree->rc;
}

int builder_xml(struct builder *b, struct crdt_type root)
{
    return builder_walk(b, root, NULL);
}
