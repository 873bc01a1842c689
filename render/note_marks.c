#include "render/note_marks.h"
#include "render/note_value.h"

/* ---- Colours of BlockNote ------------------------------------------------------------------------- */

struct palette_row {
    const char *name, *text, *background;
};

static const struct palette_row palette_rows[] = {
    {"gray", "#9b9a97", "#ebeced"},   {"brown", "#64473a", "#e9e5e3"},  {"red", "#e03e3e", "#fbe4e4"},
    {"orange", "#d9730d", "#f6e9d9"}, {"yellow", "#dfab01", "#fbf3db"}, {"green", "#4d6461", "#ddedea"},
    {"blue", "#0b6e99", "#ddebf1"},   {"purple", "#6940a5", "#eae4f2"}, {"pink", "#ad1a72", "#f4dfeb"},
};

struct span note_palette(struct span color, bool background)
{
    if (note_value_is(color, "default")) {
        return (struct span){0};
    }
    for (size_t i = 0; i < sizeof(palette_rows) / sizeof(palette_rows[0]); i++) {
        if (note_value_is(color, palette_rows[i].name)) {
            return span_str(background ? palette_rows[i].background : palette_rows[i].text);
        }
    }
    return color;
}

/* ---- Marks ------------------------------------------------------------------------------------------ */

/* The value itself when it is plain, else the first of the members that has text. */
static struct span text_in(struct note_tree *t, const struct crdt_value *value, const char *const *members)
{
    struct crdt_value member;

    if (value->kind != CRDT_OBJECT) {
        return value->kind == CRDT_BOOL ? (struct span){0} : note_value_text(t, value);
    }
    for (; *members != NULL; members++) {
        if (crdt_value_member(value, *members, &member) && note_value_text(t, &member).len > 0) {
            return note_value_text(t, &member);
        }
    }
    return (struct span){0};
}

static void add_step(struct note_marks *marks, enum note_step step)
{
    marks->steps |= 1u << step;
}

static void set_if(struct note_marks *marks, enum note_step step, struct span *field, struct span value)
{
    if (value.len > 0) {
        *field = value;
        add_step(marks, step);
    }
}

/* In a style as in BlockNote "default" is no colour; the other names of BlockNote's palette are its own. */
static struct span css_of(struct span color, bool palette, bool background)
{
    return palette || note_value_is(color, "default") ? note_palette(color, background) : color;
}

static void set_link(struct note_tree *t, struct note_marks *marks, const struct crdt_value *value)
{
    static const char *const href[] = {"href", "url", NULL}, *const title[] = {"title", NULL};

    set_if(marks, NOTE_LINK, &marks->href, text_in(t, value, href));
    if (value->kind == CRDT_OBJECT) {
        marks->title = text_in(t, value, title);
    }
}

static void set_text_style(struct note_tree *t, struct note_marks *marks, const struct crdt_value *value)
{
    static const char *const color[] = {"color", NULL}, *const size[] = {"fontSize", NULL};
    static const char *const family[] = {"fontFamily", NULL}, *const background[] = {"backgroundColor", NULL};

    if (value->kind == CRDT_OBJECT) {
        set_if(marks, NOTE_STYLE, &marks->color, css_of(text_in(t, value, color), false, false));
        set_if(marks, NOTE_STYLE, &marks->size, text_in(t, value, size));
        set_if(marks, NOTE_STYLE, &marks->family, text_in(t, value, family));
        set_if(marks, NOTE_BACKGROUND, &marks->background, css_of(text_in(t, value, background), false, true));
    }
}

static void set_script(struct note_tree *t, struct note_marks *marks, const struct crdt_value *value)
{
    static const char *const type[] = {"type", NULL};
    struct span which = text_in(t, value, type);

    if (note_value_is(which, "sub")) {
        add_step(marks, NOTE_SUB);
    } else if (note_value_is(which, "sup") || note_value_is(which, "super")) {
        add_step(marks, NOTE_SUP);
    }
}

static void set_background(struct note_tree *t, struct note_marks *marks, const struct crdt_value *value, bool palette)
{
    static const char *const members[] = {"color", "stringValue", NULL};
    struct span color = text_in(t, value, members);
    struct span css = palette ? note_palette(color, true) : color;

    if (color.len == 0 || css.len > 0) { /* a highlight without a colour is one; "default" is none */
        marks->background = css;
        add_step(marks, NOTE_BACKGROUND);
    }
}

void note_mark_set(struct note_tree *t, struct note_marks *marks, enum note_mark mark, const struct crdt_value *value,
                   bool palette)
{
    static const char *const color[] = {"color", "stringValue", NULL};
    static const char *const one[] = {"stringValue", "value", NULL};
    static const char *const ids[] = {"commentId", "threadId", "id", "stringValue", NULL};
    struct span text = {0};

    if (value->kind == CRDT_BOOL && !value->boolean) {
        return;
    }
    switch (mark) {
    case NOTE_MARK_BOLD:
        add_step(marks, NOTE_BOLD);
        break;
    case NOTE_MARK_ITALIC:
        add_step(marks, NOTE_ITALIC);
        break;
    case NOTE_MARK_STRIKE:
        add_step(marks, NOTE_STRIKE);
        break;
    case NOTE_MARK_UNDERLINE:
        add_step(marks, NOTE_UNDERLINE);
        break;
    case NOTE_MARK_CODE:
        add_step(marks, NOTE_INLINE_CODE);
        break;
    case NOTE_MARK_SUB:
        add_step(marks, NOTE_SUB);
        break;
    case NOTE_MARK_SUP:
        add_step(marks, NOTE_SUP);
        break;
    case NOTE_MARK_SCRIPT:
        set_script(t, marks, value);
        break;
    case NOTE_MARK_STYLE:
        set_text_style(t, marks, value);
        break;
    case NOTE_MARK_COLOR:
        text = text_in(t, value, color);
        set_if(marks, NOTE_STYLE, &marks->color, css_of(text, palette, false));
        break;
    case NOTE_MARK_BACKGROUND:
        set_background(t, marks, value, palette);
        break;
    case NOTE_MARK_SIZE:
        set_if(marks, NOTE_STYLE, &marks->size, text_in(t, value, one));
        break;
    case NOTE_MARK_FAMILY:
        set_if(marks, NOTE_STYLE, &marks->family, text_in(t, value, one));
        break;
    case NOTE_MARK_LINK:
        set_link(t, marks, value);
        break;
    case NOTE_MARK_COMMENT:
        set_if(marks, NOTE_COMMENT, &marks->comment, text_in(t, value, ids));
        break;
    case NOTE_MARK_UNKNOWN:
    case NOTE_MARK_INTERNAL:
        break;
    }
}
