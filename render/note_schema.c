#include "render/note_schema.h"
#include <assert.h>
#include <pthread.h>
#include <string.h>
#include "render/short_text.h"

/* Rows are grouped by what they mean, not sorted; the index finds them. Several rows may share an attribute's name:
 * the first whose kind is that of the node (or 0: any) is meant. */

static const struct note_name node_rows[] = {
    /* name, kind, preset                       who writes it */
    {"doc", NOTE_NONE, 0},                        /* ProseMirror's top node, when somebody stores it */
    {"root", NOTE_NONE, 0},                       /* Lexical */
    {"paragraph", NOTE_PARAGRAPH, 0},             /* all */
    {"tableParagraph", NOTE_PARAGRAPH, 0},        /* BlockNote */
    {"heading", NOTE_HEADING, 0},                 /* all */
    {"title", NOTE_HEADING, NOTE_PRESET_LEVEL_1}, /* ProseMirror note templates */
    {"blockquote", NOTE_QUOTE, 0},                /* Tiptap, prosemirror, Atlaskit, Outline */
    {"quote", NOTE_QUOTE, 0},                     /* BlockNote, Lexical */

    {"horizontalRule", NOTE_RULE, 0},  /* Tiptap */
    {"horizontal_rule", NOTE_RULE, 0}, /* prosemirror */
    {"horizontalrule", NOTE_RULE, 0},  /* Lexical */
    {"divider", NOTE_RULE, 0},         /* BlockNote, Docs */
    {"rule", NOTE_RULE, 0},            /* Atlaskit */
    {"hr", NOTE_RULE, 0},              /* Outline */

    {"hardBreak", NOTE_BREAK, 0},
    {"hard_break", NOTE_BREAK, 0},
    {"linebreak", NOTE_BREAK, 0}, /* Lexical */
    {"br", NOTE_BREAK, 0},        /* Outline */

    {"bulletList", NOTE_BULLETS, 0},
    {"bullet_list", NOTE_BULLETS, 0},
    {"orderedList", NOTE_ORDERED, 0},
    {"ordered_list", NOTE_ORDERED, 0},
    {"taskList", NOTE_TASKS, 0},
    {"checkbox_list", NOTE_TASKS, 0}, /* Outline */
    {"todo_list", NOTE_TASKS, 0},
    {"decisionList", NOTE_DECISIONS, 0},
    {"list", NOTE_BULLETS, 0}, /* Lexical: __listType says which */
    {"listItem", NOTE_ITEM, 0},
    {"list_item", NOTE_ITEM, 0},
    {"listitem", NOTE_ITEM, 0}, /* Lexical */
    {"taskItem", NOTE_TASK, 0},
    {"blockTaskItem", NOTE_TASK, 0}, /* Atlaskit */
    {"checkbox_item", NOTE_TASK, 0}, /* Outline */
    {"todo_item", NOTE_TASK, 0},
    {"decisionItem", NOTE_DECISION, 0},

    {"blockGroup", NOTE_NONE, NOTE_PRESET_GROUP}, /* BlockNote: names its own builder knows */
    {"blockContainer", NOTE_NONE, NOTE_PRESET_BLOCK},
    {"bulletListItem", NOTE_PARAGRAPH, NOTE_PRESET_IN_BULLETS},
    {"numberedListItem", NOTE_PARAGRAPH, NOTE_PRESET_IN_ORDERED},
    {"checkListItem", NOTE_PARAGRAPH, NOTE_PRESET_IN_TASKS},
    {"toggleListItem", NOTE_PARAGRAPH, NOTE_PRESET_TOGGLE},

    {"codeBlock", NOTE_CODE, 0},
    {"code_block", NOTE_CODE, 0},
    {"code_fence", NOTE_CODE, 0}, /* Outline */
    {"code", NOTE_CODE, 0},       /* Lexical */

    {"panel", NOTE_PANEL, 0},            /* Atlaskit, Cozy */
    {"callout", NOTE_PANEL, 0},          /* Docmost, Docs */
    {"alert", NOTE_PANEL, 0},            /* BlockNote's example block */
    {"container_notice", NOTE_PANEL, 0}, /* Outline */

    {"details", NOTE_DETAILS, 0},
    {"detailsSummary", NOTE_SUMMARY, 0},
    {"detailsContent", NOTE_NONE, 0},
    {"expand", NOTE_DETAILS, 0}, /* Atlaskit */
    {"nestedExpand", NOTE_DETAILS, 0},
    {"container_toggle", NOTE_DETAILS, 0}, /* Outline */
    {"toggle_block", NOTE_DETAILS, 0},
    {"collapsible-container", NOTE_DETAILS, 0}, /* Lexical */
    {"collapsible-title", NOTE_SUMMARY, 0},
    {"collapsible-content", NOTE_NONE, 0},

    {"table", NOTE_TABLE, 0},
    {"tableRow", NOTE_ROW, 0},
    {"table_row", NOTE_ROW, 0},
    {"tablerow", NOTE_ROW, 0}, /* Lexical */
    {"tr", NOTE_ROW, 0},       /* Outline */
    {"tableHeader", NOTE_HEADER, 0},
    {"table_header", NOTE_HEADER, 0},
    {"th", NOTE_HEADER, 0},
    {"tableCell", NOTE_CELL, 0},
    {"table_cell", NOTE_CELL, 0},
    {"tablecell", NOTE_CELL, 0}, /* Lexical: __headerState makes it a header */
    {"td", NOTE_CELL, 0},

    {"image", NOTE_IMAGE, 0},
    {"imageResize", NOTE_IMAGE, 0},
    {"inline-image", NOTE_IMAGE, 0}, /* Lexical */
    {"media", NOTE_IMAGE, 0},        /* Atlaskit */
    {"mediaInline", NOTE_IMAGE, 0},
    {"simple_image", NOTE_IMAGE, 0}, /* Outline's comments */
    {"drawio", NOTE_IMAGE, 0},       /* Docmost: a drawing, stored as an image */
    {"excalidraw", NOTE_IMAGE, 0},
    {"figure", NOTE_FIGURE, 0},
    {"mediaSingle", NOTE_FIGURE, 0}, /* Atlaskit */
    {"mediaGroup", NOTE_NONE, 0},
    {"caption", NOTE_CAPTION, 0},
    {"figcaption", NOTE_CAPTION, 0},

    {"file", NOTE_FILE, 0},         /* BlockNote */
    {"attachment", NOTE_FILE, 0},   /* Outline, Docmost */
    {"pdf", NOTE_FILE, 0},          /* Docs, Docmost */
    {"uploadLoader", NOTE_FILE, 0}, /* Docs */
    {"audio", NOTE_AUDIO, 0},
    {"video", NOTE_VIDEO, 0},
    {"youtube", NOTE_EMBED, 0},
    {"twitch", NOTE_EMBED, 0},
    {"tweet", NOTE_EMBED, 0},
    {"figma", NOTE_EMBED, 0},
    {"iframe", NOTE_EMBED, 0},
    {"embed", NOTE_EMBED, 0},     /* Outline, Docmost */
    {"blockCard", NOTE_EMBED, 0}, /* Atlaskit */
    {"embedCard", NOTE_EMBED, 0},
    {"inlineCard", NOTE_EMBED, 0},

    {"mention", NOTE_MENTION, 0},
    {"hashtag", NOTE_NONE, 0},                                  /* Lexical: text of its own class */
    {"interlinkingLinkInline", NOTE_MENTION, NOTE_PRESET_NOTE}, /* Docs: another note */
    {"interlinkingSearchInline", NOTE_NONE, 0},

    {"inlineMath", NOTE_MATH, 0},
    {"mathInline", NOTE_MATH, 0},  /* Docmost */
    {"math_inline", NOTE_MATH, 0}, /* Outline */
    {"equation", NOTE_MATH, 0},    /* Lexical */
    {"formula", NOTE_MATH, 0},     /* Quill */
    {"blockMath", NOTE_MATH_BLOCK, 0},
    {"mathBlock", NOTE_MATH_BLOCK, 0},
    {"math_block", NOTE_MATH_BLOCK, 0},
    {"math_display", NOTE_MATH_BLOCK, 0},

    {"emoji", NOTE_EMOJI, 0},
    {"date", NOTE_DATE, 0},     /* Atlaskit */
    {"status", NOTE_STATUS, 0}, /* Atlaskit, Docmost */

    {"pageBreak", NOTE_PAGE_BREAK, 0},
    {"page-break", NOTE_PAGE_BREAK, 0},    /* Lexical */
    {"columns", NOTE_COLUMNS, 0},          /* Docmost */
    {"columnList", NOTE_COLUMNS, 0},       /* BlockNote */
    {"layoutSection", NOTE_COLUMNS, 0},    /* Atlaskit */
    {"layout-container", NOTE_COLUMNS, 0}, /* Lexical */
    {"column", NOTE_COLUMN, 0},
    {"layoutColumn", NOTE_COLUMN, 0},
    {"layout-item", NOTE_COLUMN, 0},

    {"link", NOTE_NONE, NOTE_PRESET_LINK}, /* Lexical */
    {"autolink", NOTE_NONE, NOTE_PRESET_LINK},
    {"mark", NOTE_NONE, NOTE_PRESET_COMMENT},
};

struct mark_row {
    const char *name;
    enum note_mark mark;
};

static const struct mark_row mark_rows[] = {
    {"bold", NOTE_MARK_BOLD},
    {"strong", NOTE_MARK_BOLD},
    {"italic", NOTE_MARK_ITALIC},
    {"em", NOTE_MARK_ITALIC},
    {"strike", NOTE_MARK_STRIKE},
    {"strikethrough", NOTE_MARK_STRIKE},
    {"s", NOTE_MARK_STRIKE},
    {"underline", NOTE_MARK_UNDERLINE},
    {"u", NOTE_MARK_UNDERLINE},
    {"code", NOTE_MARK_CODE},
    {"code_inline", NOTE_MARK_CODE}, /* Outline */
    {"subscript", NOTE_MARK_SUB},
    {"sub", NOTE_MARK_SUB},
    {"superscript", NOTE_MARK_SUP},
    {"sup", NOTE_MARK_SUP},
    {"subsup", NOTE_MARK_SCRIPT}, /* Atlaskit */
    {"script", NOTE_MARK_SCRIPT}, /* Quill */
    {"textStyle", NOTE_MARK_STYLE},
    {"textColor", NOTE_MARK_COLOR}, /* BlockNote, Atlaskit */
    {"color", NOTE_MARK_COLOR},     /* Quill */
    {"highlight", NOTE_MARK_BACKGROUND},
    {"backgroundColor", NOTE_MARK_BACKGROUND},
    {"background", NOTE_MARK_BACKGROUND},
    {"fontSize", NOTE_MARK_SIZE},
    {"size", NOTE_MARK_SIZE},
    {"fontFamily", NOTE_MARK_FAMILY},
    {"font", NOTE_MARK_FAMILY},
    {"link", NOTE_MARK_LINK},
    {"comment", NOTE_MARK_COMMENT},
    {"annotation", NOTE_MARK_COMMENT},
    {"confluenceInlineComment", NOTE_MARK_COMMENT},
    {"ychange", NOTE_MARK_INTERNAL},
};

struct attr_row {
    const char *name;
    enum note_prop prop;
    enum note_kind kind; /* 0: any */
};

static const struct attr_row attr_rows[] = {
    {"level", NOTE_PROP_LEVEL, 0},
    {"__tag", NOTE_PROP_LEVEL, NOTE_HEADING},
    {"start", NOTE_PROP_START, 0},
    {"order", NOTE_PROP_START, NOTE_ORDERED},
    {"__start", NOTE_PROP_START, 0},
    {"type", NOTE_PROP_LIST_STYLE, NOTE_ORDERED},
    {"listStyle", NOTE_PROP_LIST_STYLE, 0},
    {"checked", NOTE_PROP_CHECKED, 0},
    {"state", NOTE_PROP_CHECKED, NOTE_TASK},
    {"__checked", NOTE_PROP_CHECKED, 0},
    {"language", NOTE_PROP_LANGUAGE, 0},
    {"params", NOTE_PROP_LANGUAGE, NOTE_CODE},
    {"__language", NOTE_PROP_LANGUAGE, 0},
    {"panelType", NOTE_PROP_PANEL, NOTE_PANEL},
    {"type", NOTE_PROP_PANEL, NOTE_PANEL},
    {"style", NOTE_PROP_PANEL, NOTE_PANEL},
    {"textAlign", NOTE_PROP_ALIGN, 0},
    {"textAlignment", NOTE_PROP_ALIGN, 0},
    {"align", NOTE_PROP_ALIGN, 0},
    {"alignment", NOTE_PROP_ALIGN, 0},
    {"__format", NOTE_PROP_ALIGN, 0},
    {"indent", NOTE_PROP_INDENT, 0},
    {"__indent", NOTE_PROP_INDENT, 0},
    {"colspan", NOTE_PROP_COLSPAN, 0},
    {"__colSpan", NOTE_PROP_COLSPAN, 0},
    {"rowspan", NOTE_PROP_ROWSPAN, 0},
    {"__rowSpan", NOTE_PROP_ROWSPAN, 0},
    {"colwidth", NOTE_PROP_WIDTHS, 0},
    {"__width", NOTE_PROP_WIDTHS, NOTE_CELL},
    {"__headerState", NOTE_PROP_HEADER_STATE, 0},
    {"textColor", NOTE_PROP_COLOR, 0},
    {"color", NOTE_PROP_COLOR, 0},
    {"background", NOTE_PROP_BACKGROUND, 0},
    {"backgroundColor", NOTE_PROP_BACKGROUND, 0},
    {"panelColor", NOTE_PROP_BACKGROUND, 0},
    {"__backgroundColor", NOTE_PROP_BACKGROUND, 0},
    {"src", NOTE_PROP_URL, 0},
    {"url", NOTE_PROP_URL, 0},
    {"href", NOTE_PROP_URL, 0},
    {"__src", NOTE_PROP_URL, 0},
    {"__url", NOTE_PROP_URL, 0},
    {"alt", NOTE_PROP_ALT, 0},
    {"__altText", NOTE_PROP_ALT, 0},
    {"title", NOTE_PROP_TITLE, 0},
    {"__title", NOTE_PROP_TITLE, 0},
    {"caption", NOTE_PROP_CAPTION, 0},
    {"name", NOTE_PROP_NAME, 0},
    {"fileName", NOTE_PROP_NAME, 0},
    {"id", NOTE_PROP_ID, 0},
    {"docId", NOTE_PROP_ID, NOTE_MENTION},
    {"modelId", NOTE_PROP_ID, NOTE_MENTION}, /* Outline */
    {"label", NOTE_PROP_LABEL, 0},
    {"text", NOTE_PROP_LATEX, NOTE_MATH}, /* Docmost */
    {"text", NOTE_PROP_LATEX, NOTE_MATH_BLOCK},
    {"text", NOTE_PROP_ICON, NOTE_EMOJI}, /* Atlaskit: the character */
    {"text", NOTE_PROP_LABEL, 0},
    {"shortName", NOTE_PROP_NAME, NOTE_EMOJI},
    {"data-name", NOTE_PROP_NAME, NOTE_EMOJI}, /* Outline */
    {"latex", NOTE_PROP_LATEX, 0},
    {"formula", NOTE_PROP_LATEX, 0},
    {"__equation", NOTE_PROP_LATEX, 0},
    {"timestamp", NOTE_PROP_TIME, NOTE_DATE},
    {"width", NOTE_PROP_WIDTH, 0},
    {"previewWidth", NOTE_PROP_WIDTH, 0},
    {"__width", NOTE_PROP_WIDTH, 0},
    {"height", NOTE_PROP_HEIGHT, 0},
    {"__height", NOTE_PROP_HEIGHT, 0},
    {"isNumberColumnEnabled", NOTE_PROP_NUMBERED, NOTE_TABLE},
    {"tight", NOTE_PROP_TIGHT, 0},
    {"isToggleable", NOTE_PROP_TOGGLE, 0},
    {"emoji", NOTE_PROP_ICON, 0},
    {"icon", NOTE_PROP_ICON, 0},
    {"panelIconText", NOTE_PROP_ICON, 0},
};

/* An index: a hash table of a power of two of slots, and some more for the names that its last ones would hold. */
#define NODE_BITS 9
#define MARK_BITS 7
#define ATTR_BITS 8
#define OVERFLOW  8

struct slot {
    struct text_ends ends;
    const void *row; /* of a table above, each of which begins with the name */
    size_t len;      /* of the name; 0: free */
};
struct note_schema {
    struct slot nodes[(1 << NODE_BITS) + OVERFLOW];
    struct slot marks[(1 << MARK_BITS) + OVERFLOW];
    struct slot attrs[(1 << ATTR_BITS) + OVERFLOW];
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
_Static_assert(COUNT(node_rows) * 2 <= 1 << NODE_BITS, "the index of nodes is too small");
_Static_assert(COUNT(mark_rows) * 2 <= 1 << MARK_BITS, "the index of marks is too small");
_Static_assert(COUNT(attr_rows) * 2 <= 1 << ATTR_BITS, "the index of attributes is too small");

/* ---- The indexes ------------------------------------------------------------------------------------------ */

/* Names are looked up for every node of a note. Those that collide are ours: a stranger's name costs at most one run of
 * full slots. */
static inline size_t hash(struct text_ends e, unsigned bits)
{
    return (size_t)((e.first + e.last * 2) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* The last slot stays free, so that a search ends. */
static void index_name(struct slot *slots, unsigned bits, const void *row)
{
    const char *name = *(const char *const *)row;
    struct text_ends ends = text_ends_of((const uint8_t *)name, strlen(name));
    size_t at = hash(ends, bits);

    while (slots[at].len != 0) {
        at++;
    }
    assert(at + 1 < ((size_t)1 << bits) + OVERFLOW);
    slots[at] = (struct slot){ends, row, strlen(name)};
}

static struct note_schema schema;

static void fill_schema(void)
{
    for (size_t i = 0; i < COUNT(node_rows); i++) {
        index_name(schema.nodes, NODE_BITS, &node_rows[i]);
    }
    for (size_t i = 0; i < COUNT(mark_rows); i++) {
        index_name(schema.marks, MARK_BITS, &mark_rows[i]);
    }
    for (size_t i = 0; i < COUNT(attr_rows); i++) {
        index_name(schema.attrs, ATTR_BITS, &attr_rows[i]);
    }
}

const struct note_schema *note_schema_get(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, fill_schema);
    return &schema;
}

/* ---- Looking up ------------------------------------------------------------------------------------------- */

#define LONGEST_NAME 32 /* no row is longer; longer names need no hashing */

/* Whether the first and last 16 bytes of two names of so many are the same, beyond their ends. */
__attribute__((noinline)) static bool same_inside(const uint8_t *a, const char *b, size_t len)
{
    return memcmp(a + 8, b + 8, 8) == 0 && memcmp(a + len - 16, b + len - 16, 8) == 0;
}

static inline bool is_name(const struct slot *slot, struct span s, struct text_ends ends)
{
    return slot->len == s.len && text_ends_equal(slot->ends, ends) &&
           (s.len <= 16 || same_inside(s.data, *(const char *const *)slot->row, s.len));
}

/* The first slot with that name, from `slot` on; NULL: none. */
static inline const struct slot *find_name(const struct slot *slot, struct span name, struct text_ends ends)
{
    while (!is_name(slot, name, ends)) {
        if (slot->len == 0) {
            return NULL;
        }
        slot++;
    }
    return slot;
}

__attribute__((noinline)) static const struct note_name *search_node(const struct note_schema *s, struct span name)
{
    const struct slot *slot = NULL;

    if (name.len - 1 < LONGEST_NAME) {
        struct text_ends ends = text_ends_of(name.data, name.len);

        slot = find_name(&s->nodes[hash(ends, NODE_BITS)], name, ends);
    }
    return slot == NULL ? NULL : slot->row;
}

__attribute__((always_inline)) inline const struct note_name *note_schema_node(const struct note_schema *s,
                                                                               struct span name)
{
    if (name.len - 8 <= 8) { /* as most names that stand where they should */
        struct text_ends ends = text_ends_of(name.data, name.len);
        const struct slot *slot = &s->nodes[hash(ends, NODE_BITS)];

        if (slot->len == name.len && text_ends_equal(slot->ends, ends)) {
            return slot->row;
        }
    }
    return search_node(s, name);
}

static bool is_base64(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=';
}

struct span note_schema_mark_name(struct span name)
{
    if (name.len < 10 || name.data[name.len - 10] != '-' || name.data[name.len - 9] != '-') {
        return name;
    }
    for (size_t i = name.len - 8; i < name.len; i++) {
        if (!is_base64(name.data[i])) {
            return name;
        }
    }
    return span_of(name.data, name.len - 10);
}

enum note_mark note_schema_mark(const struct note_schema *s, struct span name)
{
    const struct slot *slot = NULL;

    name = note_schema_mark_name(name);
    if (name.len - 1 < LONGEST_NAME) {
        struct text_ends ends = text_ends_of(name.data, name.len);

        slot = find_name(&s->marks[hash(ends, MARK_BITS)], name, ends);
    }
    return slot == NULL ? NOTE_MARK_UNKNOWN : ((const struct mark_row *)slot->row)->mark;
}

inline enum note_prop note_schema_prop(const struct note_schema *s, struct span name, enum note_kind kind)
{
    const struct slot *slot = NULL;
    struct text_ends ends;

    if (name.len - 1 >= LONGEST_NAME) {
        return NOTE_PROP_UNKNOWN;
    }
    ends = text_ends_of(name.data, name.len);
    slot = find_name(&s->attrs[hash(ends, ATTR_BITS)], name, ends);
    while (slot != NULL) {
        const struct attr_row *row = slot->row;

        if (row->kind == 0 || row->kind == kind) {
            return row->prop;
        }
        slot = find_name(slot + 1, name, ends);
    }
    return NOTE_PROP_UNKNOWN;
}
