#ifndef RENDER_NOTE_SCHEMA_H
#define RENDER_NOTE_SCHEMA_H

/* The one table of names: what every known editor calls its nodes, its marks and their attributes, and what each is in
 * the canonical tree. Editors: Tiptap 3 and its extensions, prosemirror basic/list/tables/markdown, BlockNote and La
 * Suite Docs, Atlaskit and Cozy Notes, Outline, Docmost, Lexical, Quill.
 *
 * A lookup is one probe of a small hash index. It is made from the tables once, by whoever asks first, and never
 * changes then: all threads read the same. A name that is in no row is an unknown node or mark: its text is kept. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/span.h"
#include "render/note_tree.h"

struct note_schema; /* the indexes of the tables; the same for everybody */

/* What a name says beyond the kind. */
enum note_preset {
    NOTE_PRESET_NONE,
    NOTE_PRESET_LEVEL_1, /* … to 6 follow */
    NOTE_PRESET_LEVEL_6 = NOTE_PRESET_LEVEL_1 + 5,
    NOTE_PRESET_IN_BULLETS, /* BlockNote: an item that names its list */
    NOTE_PRESET_IN_ORDERED,
    NOTE_PRESET_IN_TASKS,
    NOTE_PRESET_TOGGLE, /* BlockNote: the line of a collapsible block */
    NOTE_PRESET_GROUP,  /* BlockNote: blockGroup */
    NOTE_PRESET_BLOCK,  /* BlockNote: blockContainer */
    NOTE_PRESET_LINK,   /* Lexical: nodes that are marks here */
    NOTE_PRESET_COMMENT,
    NOTE_PRESET_NOTE /* a mention of the note whose id it has */
};

struct note_name {
    const char *name;
    uint8_t kind;   /* enum note_kind; NOTE_NONE: only its children count */
    uint8_t preset; /* enum note_preset */
};

enum note_mark {
    NOTE_MARK_UNKNOWN,
    NOTE_MARK_BOLD,
    NOTE_MARK_ITALIC,
    NOTE_MARK_STRIKE,
    NOTE_MARK_UNDERLINE,
    NOTE_MARK_CODE,
    NOTE_MARK_SUB,
    NOTE_MARK_SUP,
    NOTE_MARK_SCRIPT, /* which of the two is its value */
    NOTE_MARK_STYLE,  /* Tiptap's textStyle: several values */
    NOTE_MARK_COLOR,
    NOTE_MARK_BACKGROUND,
    NOTE_MARK_SIZE,
    NOTE_MARK_FAMILY,
    NOTE_MARK_LINK,
    NOTE_MARK_COMMENT,
    NOTE_MARK_INTERNAL /* of the binding itself; left out everywhere */
};

enum note_prop {
    NOTE_PROP_UNKNOWN,
    NOTE_PROP_LEVEL,
    NOTE_PROP_START,
    NOTE_PROP_LIST_STYLE,
    NOTE_PROP_CHECKED,
    NOTE_PROP_LANGUAGE,
    NOTE_PROP_PANEL,
    NOTE_PROP_ALIGN,
    NOTE_PROP_INDENT,
    NOTE_PROP_COLSPAN,
    NOTE_PROP_ROWSPAN,
    NOTE_PROP_WIDTHS,
    NOTE_PROP_HEADER_STATE,
    NOTE_PROP_COLOR,
    NOTE_PROP_BACKGROUND,
    NOTE_PROP_URL,
    NOTE_PROP_ALT,
    NOTE_PROP_TITLE,
    NOTE_PROP_CAPTION,
    NOTE_PROP_NAME,
    NOTE_PROP_ID,
    NOTE_PROP_LABEL,
    NOTE_PROP_LATEX,
    NOTE_PROP_TIME,
    NOTE_PROP_WIDTH,
    NOTE_PROP_HEIGHT,
    NOTE_PROP_NUMBERED,
    NOTE_PROP_TIGHT,
    NOTE_PROP_TOGGLE,
    NOTE_PROP_ICON
};

const struct note_schema *note_schema_get(void); /* any thread */
/* NULL for names in no row. */
const struct note_name *note_schema_node(const struct note_schema *s, struct span name);
/* Also without the suffix of marks that may overlap: "comment--Afz55Xrl" (y-prosemirror). */
enum note_mark note_schema_mark(const struct note_schema *s, struct span name);
/* The name without that suffix. */
struct span note_schema_mark_name(struct span name);
enum note_prop note_schema_prop(const struct note_schema *s, struct span name, enum note_kind kind);

#endif
