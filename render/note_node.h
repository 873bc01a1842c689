#ifndef RENDER_NOTE_NODE_H
#define RENDER_NOTE_NODE_H

/* The nodes of the canonical tree: one shape for the documents of every editor, from which all outputs are written.
 *
 *     doc ─┬─ heading ── text, break, image…        containers of inlines hold inlines,
 *          ├─ bullets ── item ─┬─ paragraph ── …    containers of blocks hold blocks,
 *          │                   └─ bullets ── …      and five have a content of their own:
 *          └─ table ── row ── header, cell ── …     lists, table, row, columns, code
 *
 * Trees are made by note_tree.h; whoever only reads them includes this. Nodes live in the tree's arena, their text and
 * names borrow the document they were read from, their marks are shared by the nodes of a run. No walk here recurses.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"

/* What kind of child a node is, and what children it takes. */
enum note_class {
    NOTE_AS_BLOCK,
    NOTE_AS_INLINE,
    NOTE_AS_EITHER, /* `is_inline` says which, once it has its place */
    NOTE_AS_ITEM,
    NOTE_AS_ROW,
    NOTE_AS_CELL,
    NOTE_AS_COLUMN,
    NOTE_AS_SUMMARY, /* a paragraph anywhere but first in details */
    NOTE_AS_CAPTION  /* a paragraph anywhere but in a figure */
};
enum note_content {
    NOTE_HOLDS_NOTHING,
    NOTE_HOLDS_BLOCKS,
    NOTE_HOLDS_INLINES,
    NOTE_HOLDS_TEXT,
    NOTE_HOLDS_ITEMS,
    NOTE_HOLDS_ROWS,
    NOTE_HOLDS_CELLS,
    NOTE_HOLDS_COLUMNS
};

/*    kind                class            content            name, for tests and as Tiptap calls it */
#define NOTE_KINDS(X)                                                                                                  \
    X(NOTE_DOC, NOTE_AS_BLOCK, NOTE_HOLDS_BLOCKS, "doc")                                                               \
    X(NOTE_PARAGRAPH, NOTE_AS_BLOCK, NOTE_HOLDS_INLINES, "paragraph")                                                  \
    X(NOTE_HEADING, NOTE_AS_BLOCK, NOTE_HOLDS_INLINES, "heading")                                                      \
    X(NOTE_QUOTE, NOTE_AS_BLOCK, NOTE_HOLDS_BLOCKS, "blockquote")                                                      \
    X(NOTE_RULE, NOTE_AS_BLOCK, NOTE_HOLDS_NOTHING, "horizontalRule")                                                  \
    X(NOTE_BULLETS, NOTE_AS_BLOCK, NOTE_HOLDS_ITEMS, "bulletList")                                                     \
    X(NOTE_ORDERED, NOTE_AS_BLOCK, NOTE_HOLDS_ITEMS, "orderedList")                                                    \
    X(NOTE_TASKS, NOTE_AS_BLOCK, NOTE_HOLDS_ITEMS, "taskList")                                                         \
    X(NOTE_DECISIONS, NOTE_AS_BLOCK, NOTE_HOLDS_ITEMS, "decisionList")                                                 \
    X(NOTE_ITEM, NOTE_AS_ITEM, NOTE_HOLDS_BLOCKS, "listItem")                                                          \
    X(NOTE_TASK, NOTE_AS_ITEM, NOTE_HOLDS_BLOCKS, "taskItem")                                                          \
    X(NOTE_DECISION, NOTE_AS_ITEM, NOTE_HOLDS_BLOCKS, "decisionItem")                                                  \
    X(NOTE_CODE, NOTE_AS_BLOCK, NOTE_HOLDS_TEXT, "codeBlock")                                                          \
    X(NOTE_PANEL, NOTE_AS_BLOCK, NOTE_HOLDS_BLOCKS, "panel")                                                           \
    X(NOTE_DETAILS, NOTE_AS_BLOCK, NOTE_HOLDS_BLOCKS, "details")                                                       \
    X(NOTE_SUMMARY, NOTE_AS_SUMMARY, NOTE_HOLDS_INLINES, "detailsSummary")                                             \
    X(NOTE_TABLE, NOTE_AS_BLOCK, NOTE_HOLDS_ROWS, "table")                                                             \
    X(NOTE_ROW, NOTE_AS_ROW, NOTE_HOLDS_CELLS, "tableRow")                                                             \
    X(NOTE_HEADER, NOTE_AS_CELL, NOTE_HOLDS_BLOCKS, "tableHeader")                                                     \
    X(NOTE_CELL, NOTE_AS_CELL, NOTE_HOLDS_BLOCKS, "tableCell")                                                         \
    X(NOTE_FIGURE, NOTE_AS_BLOCK, NOTE_HOLDS_BLOCKS, "figure")                                                         \
    X(NOTE_CAPTION, NOTE_AS_CAPTION, NOTE_HOLDS_INLINES, "caption")                                                    \
    X(NOTE_COLUMNS, NOTE_AS_BLOCK, NOTE_HOLDS_COLUMNS, "columns")                                                      \
    X(NOTE_COLUMN, NOTE_AS_COLUMN, NOTE_HOLDS_BLOCKS, "column")                                                        \
    X(NOTE_MATH_BLOCK, NOTE_AS_BLOCK, NOTE_HOLDS_TEXT, "blockMath")                                                    \
    X(NOTE_PAGE_BREAK, NOTE_AS_BLOCK, NOTE_HOLDS_NOTHING, "pageBreak")                                                 \
    X(NOTE_MARKDOWN, NOTE_AS_BLOCK, NOTE_HOLDS_TEXT, "markdown")                                                       \
    X(NOTE_IMAGE, NOTE_AS_EITHER, NOTE_HOLDS_NOTHING, "image")                                                         \
    X(NOTE_FILE, NOTE_AS_EITHER, NOTE_HOLDS_NOTHING, "file")                                                           \
    X(NOTE_AUDIO, NOTE_AS_EITHER, NOTE_HOLDS_NOTHING, "audio")                                                         \
    X(NOTE_VIDEO, NOTE_AS_EITHER, NOTE_HOLDS_NOTHING, "video")                                                         \
    X(NOTE_EMBED, NOTE_AS_EITHER, NOTE_HOLDS_NOTHING, "embed")                                                         \
    X(NOTE_UNKNOWN, NOTE_AS_EITHER, NOTE_HOLDS_BLOCKS, "unknown")                                                      \
    X(NOTE_TEXT, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "text")                                                           \
    X(NOTE_BREAK, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "hardBreak")                                                     \
    X(NOTE_MENTION, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "mention")                                                     \
    X(NOTE_MATH, NOTE_AS_INLINE, NOTE_HOLDS_TEXT, "inlineMath")                                                        \
    X(NOTE_EMOJI, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "emoji")                                                         \
    X(NOTE_DATE, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "date")                                                           \
    X(NOTE_STATUS, NOTE_AS_INLINE, NOTE_HOLDS_NOTHING, "status")

#define NOTE_ENUM(kind, class, content, name) kind,
enum note_kind { NOTE_NONE, NOTE_KINDS(NOTE_ENUM) NOTE_KIND_COUNT };
#undef NOTE_ENUM

enum note_align { NOTE_ALIGN_NONE, NOTE_LEFT, NOTE_CENTER, NOTE_RIGHT, NOTE_JUSTIFY };
enum note_panel {
    NOTE_PANEL_INFO,
    NOTE_PANEL_NOTE,
    NOTE_PANEL_SUCCESS,
    NOTE_PANEL_TIP,
    NOTE_PANEL_WARNING,
    NOTE_PANEL_ERROR,
    NOTE_PANEL_CUSTOM
};

/* A source attribute, for the JSON form: its name and one encoded value (crdt_value_read). */
struct note_attr {
    struct span key, value;
};

/* What the outputs need of a node's attributes. Zero is each one's default. Spans are text as the editor stored it:
 * outputs check URLs and colours themselves. */
struct note_props {
    struct span url, title, alt, caption, name, id, label;
    struct span language, latex, icon, color, background, list_style;
    double width, height; /* CSS pixels; 0 unknown */
    int64_t time;         /* milliseconds since 1970, when has_time */
    int64_t local_time;   /* the same on the clock of the reader's time zone */
    int64_t start;        /* first number of an ordered list, when has_start */
    const double *widths; /* column widths of a cell, CSS pixels, 0 unknown; colspan of them or none */
    uint32_t widths_count;
    uint32_t level, indent, colspan, rowspan; /* spans: 0 means 1 */
    enum note_align align;
    enum note_panel panel;
    bool checked, numbered, has_time, has_start, toggle;
    int8_t tight; /* 1 tight, -1 loose, 0 not said */
};

/* Formatting of inlines. The steps in the order in which they nest, outermost first. */
enum note_step {
    NOTE_LINK,
    NOTE_COMMENT,
    NOTE_STYLE, /* colour, size, family */
    NOTE_BACKGROUND,
    NOTE_BOLD,
    NOTE_ITALIC,
    NOTE_STRIKE,
    NOTE_UNDERLINE,
    NOTE_SUB,
    NOTE_SUP,
    NOTE_INLINE_CODE,
    NOTE_STEPS
};
struct note_marks {
    unsigned steps; /* bit 1 << step */
    struct span href, title, comment, color, size, family, background;
    const struct note_attr *source; /* all marks as in the document, unknown ones too; for JSON */
    size_t source_count;
};

struct note_node {
    struct note_node *parent, *first, *last, *next;
    const struct note_marks *marks; /* of inlines; NULL: none */
    const struct note_props *props; /* never NULL */
    union {
        struct span text; /* words of NOTE_TEXT */
        struct span name; /* of other nodes: the editor's name; empty for implicit ones */
    };
    const struct note_attr *attrs; /* kept only in a plain tree */
    uint8_t kind;                  /* enum note_kind */
    uint8_t wrap;                  /* list kind that a stray item opens; 0: by its own kind */
    bool is_inline, implicit;
    bool closed;     /* private: nothing more may be added */
    bool loose;      /* lists: blank lines between the items (note_tree_finish) */
    bool head;       /* rows: of the table's head (note_tree_finish) */
    bool divided;    /* what HTML writes as <div> is below: details, mathematics, columns… (note_tree_finish) */
    uint32_t number; /* rows below the head: 1, 2…; items: 0, 1, 2… (note_tree_finish) */
    uint32_t attr_count;
};

/* Walks below and including `root`: each node with content is entered and left; the others are only entered. */
struct note_walk {
    const struct note_node *root, *node; /* private */
    bool leaving;
};
void note_walk_init(struct note_walk *w, const struct note_node *root);
/* False at the end. */
bool note_walk_next(struct note_walk *w, const struct note_node **node, bool *entering);
/* Right after entering `node`: go on behind it. It is not left. */
void note_walk_skip(struct note_walk *w, const struct note_node *node);
/* Content or not: whether the walk leaves it too. */
bool note_has_exit(const struct note_node *node);

extern const uint8_t note_classes[NOTE_KIND_COUNT], note_contents[NOTE_KIND_COUNT]; /* private: by kind */

/* Inline, since they are asked of every node again and again. */
static inline enum note_class note_class_of(const struct note_node *node)
{
    return (enum note_class)note_classes[node->kind];
}
static inline enum note_content note_content_of(const struct note_node *node)
{
    if (node->kind == NOTE_UNKNOWN && node->is_inline) {
        return NOTE_HOLDS_INLINES;
    }
    return (enum note_content)note_contents[node->kind];
}
const char *note_kind_name(enum note_kind kind);
bool note_is_list(const struct note_node *node);
/* Nothing but spaces, tabs and line ends. */
bool note_only_spaces(struct span words);
/* Nothing to see: a paragraph (or other container of inlines) with spaces at most. */
bool note_is_blank(const struct note_node *node);
/* A heading, or the summary of details that is one (BlockNote's collapsible headings). */
bool note_is_heading(const struct note_node *node);
/* A paragraph whose look is that of its text: no alignment, colour or background of its own. */
bool note_is_plain(const struct note_node *paragraph);
bool note_is_plain_paragraph(const struct note_node *node);
/* The first of the siblings from `node` on that is not blank, or NULL. */
const struct note_node *note_skip_blank(const struct note_node *node);
/* How a cell's text is aligned: what it says itself, else its only paragraph. */
enum note_align note_cell_align(const struct note_node *cell);
/* Words that stand for a node without children: label, alt, caption, name, title, URL. */
struct span note_label(const struct note_node *node);

static inline bool note_marks_has(const struct note_marks *m, enum note_step step)
{
    return m != NULL && (m->steps & 1u << step) != 0;
}
/* Whether two marks that both have the step say the same with it. */
bool note_marks_same(const struct note_marks *a, const struct note_marks *b, enum note_step step);
/* The first step in which the two differ, NOTE_STEPS when in none: what is open from there on must be closed. */
enum note_step note_marks_differ(const struct note_marks *a, const struct note_marks *b);

#endif
