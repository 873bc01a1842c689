#ifndef RENDER_BUILDERS_H
#define RENDER_BUILDERS_H

/* From a document to the canonical tree: one builder for each way in which editors lay out their notes. They read
 * through crdt.h alone, and no text is copied: the tree borrows the document, which must not change while the tree
 * lives.
 *
 *   builder_xml        ProseMirror bindings (Tiptap, Outline, Docmost, Atlaskit…): an XML fragment, an element a node
 *   builder_blocknote  BlockNote, La Suite Docs: blockGroup > blockContainer > block, then nested blocks
 *   builder_lexical    Lexical: XML texts in XML texts, with `__type`
 *   builder_quill      Quill: one text, block formats on the line feeds
 *   builder_text       plain text
 *   builder_markdown   text that is Markdown source (HedgeDoc)
 *
 * All of them are iterative and linear. */
#include "crdt/crdt.h"
#include "render/note_schema.h"
#include "render/note_tree.h"
#include "render/short_text.h"

#define BUILDER_MARKS 64 /* marks at one place; more are passed by, their text is not */

#define BUILDER_KNOWN 8 /* sets of marks that are remembered: a note has few … */
#define BUILDER_FEW   4 /* … and small ones */

struct builder_marks;

/* A format, to be recognised when it comes again. Empty: none. */
struct builder_format {
    struct span bytes;
    struct text_ends ends; /* tell most formats apart */
};

/* Marks that were made, and what they were made of. */
struct builder_known {
    struct note_attr active[BUILDER_FEW];
    size_t count; /* 0: nothing */
    bool palette;
    struct builder_format begin, end; /* of a single mark: what began it, what ended it */
    const struct note_marks *marks;
};

struct builder {
    const struct crdt_doc *doc; /* borrowed */
    struct note_tree *tree;     /* borrowed */
    const struct note_schema *schema;
    bool palette;                              /* colours may be BlockNote's names */
    struct crdt_type ahead;                    /* private: an element whose node was made before its turn, */
    struct note_node *ahead_node;              /* and that node */
    struct builder_marks *spare;               /* private: working memory that waits for its next use */
    struct builder_known known[BUILDER_KNOWN]; /* private: the last `made` of them, each in slot made % BUILDER_KNOWN */
    size_t made;
};

void builder_init(struct builder *b, const struct crdt_doc *doc, struct note_tree *tree);

int builder_xml(struct builder *b, struct crdt_type root) MUST_CHECK;
int builder_blocknote(struct builder *b, struct crdt_type root) MUST_CHECK;
int builder_lexical(struct builder *b, struct crdt_type root) MUST_CHECK;
int builder_quill(struct builder *b, struct crdt_type root) MUST_CHECK;
int builder_text(struct builder *b, struct crdt_type root) MUST_CHECK;
int builder_markdown(struct builder *b, struct crdt_type root) MUST_CHECK;

/* ---- For the builders themselves --------------------------------------------------------------------- */

/* The formatting in force while a text is read. */
struct builder_marks {
    struct note_attr active[BUILDER_MARKS];
    size_t count;
    struct builder_known *known;     /* whose format began the only mark; NULL: none */
    struct builder_format end;       /* what ends that mark then, if it is known */
    struct span last;                /* the format that had to be read last */
    const struct note_marks *shared; /* of `active`, when it is not stale; NULL: none */
    bool stale;                      /* they are to be made when words need them */
    struct builder_marks *next;      /* in the list of spares */
};

/* From the spares, or new; NULL when out of memory. */
struct builder_marks *builder_marks_take(struct builder *b);
void builder_marks_give(struct builder *b, struct builder_marks *m);
/* Formatting begins or, with null, ends: the bytes of a format, as crdt_iter_bytes gives them. */
void builder_marks_set(struct builder *b, struct builder_marks *m, struct span format);
/* The marks that hold now; NULL: none. */
const struct note_marks *builder_marks_get(struct builder *b, struct builder_marks *m);

/* A node for an element or embedded type, by its name, whose row `row` is (NULL: it has none), with its attributes. */
struct note_node *builder_node(struct builder *b, struct crdt_type type, struct span name, const struct note_name *row);
/* The same for the element at hand of an iterator, where nobody looks ahead, no tree is plain and colours have no
 * names. */
struct note_node *builder_usual_node(struct builder *b, const struct crdt_iter *it);
/* The same before the element's turn: the next builder_node of it gives this node again. */
struct note_node *builder_look_ahead(struct builder *b, struct crdt_type type, struct span name,
                                     const struct note_name *row);
/* Words of a value that stands where text is expected: strings, and objects' texts. */
void builder_value(struct builder *b, struct span value, const struct note_marks *marks);
/* A string attribute; empty when there is none. */
struct span builder_attr(const struct builder *b, struct crdt_type type, const char *name);

/* How builder_xml is told of other layouts. `shape` may replace the node of an element (NULL: only its children). */
struct builder_shape {
    struct note_node *(*shape)(struct builder *b, struct crdt_type type, struct note_node *node,
                               const struct note_name *row);
};
int builder_walk(struct builder *b, struct crdt_type root, const struct builder_shape *shape) MUST_CHECK;

#endif
