#include "render/note_props.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* ---- Values ------------------------------------------------------------------------------------ */

static bool is(struct span s, const char *text)
{
    return s.len == strlen(text) && (s.len == 0 || memcmp(s.data, text, s.len) == 0);
}

struct span note_value_text(struct note_tree *t, const struct crdt_value *value)
{
    char digits[32];

    switch (value->kind) {
    case CRDT_STRING:
        return value->bytes;
    case CRDT_BOOL:
        return span_str(value->boolean ? "true" : "false");
    case CRDT_NUMBER:
        snprintf(digits, sizeof(digits), "%.15g", value->number);
        return note_tree_copy(t, span_str(digits));
    default:
        return (struct span){0};
    }
}

bool note_value_number(const struct crdt_value *value, double *out)
{
    char text[32] = "";
    char *end = NULL;
    double number = 0;

    if (value->kind == CRDT_NUMBER && value->number == value->number) {
        *out = value->number;
        return true;
    }
    if (value->kind != CRDT_STRING || value->bytes.len == 0) {
        return false;
    }
    memcpy(text, value->bytes.data, value->bytes.len < sizeof(text) ? value->bytes.len : sizeof(text) - 1);
    number = strtod(text, &end);
    if (end == text || number != number) {
        return false;
    }
    *out = number;
    return true;
}

static bool number_within(const struct crdt_value *value, double low, double high, double *out)
{
    double number = 0;

    if (!note_value_number(value, &number)) {
        return false;
    }
    *out = number < low ? low : number > high ? high : number;
    return true;
}

static bool truth(const struct crdt_value *value)
{
    switch (value->kind) {
    case CRDT_BOOL:
        return value->boolean;
    case CRDT_NUMBER:
        return value->number != 0;
    case CRDT_STRING:
        return is(value->bytes, "true") || is(value->bytes, "DONE") || is(value->bytes, "checked") ||
               is(value->bytes, "1");
    default:
        return false;
    }
}

/* ---- Properties --------------------------------------------------------------------------------- */

struct word {
    const char *text;
    int meaning;
};

static bool look_up(const struct word *words, size_t count, struct span s, int *out)
{
    for (size_t i = 0; i < count; i++) {
        if (is(s, words[i].text)) {
            *out = words[i].meaning;
            return true;
        }
    }
    return false;
}

static const struct word align_words[] = {
    {"left", NOTE_LEFT},   {"start", NOTE_LEFT}, {"center", NOTE_CENTER},   {"middle", NOTE_CENTER},
    {"right", NOTE_RIGHT}, {"end", NOTE_RIGHT},  {"justify", NOTE_JUSTIFY},
};
static const struct word panel_words[] = {
    {"info", NOTE_PANEL_INFO},        {"note", NOTE_PANEL_NOTE},       {"success", NOTE_PANEL_SUCCESS},
    {"tip", NOTE_PANEL_TIP},          {"warning", NOTE_PANEL_WARNING}, {"error", NOTE_PANEL_ERROR},
    {"danger", NOTE_PANEL_ERROR},     {"caution", NOTE_PANEL_ERROR},   {"custom", NOTE_PANEL_CUSTOM},
    {"important", NOTE_PANEL_CUSTOM},
};

static void set_align(struct note_props *p, const struct crdt_value *value)
{
    /* Lexical: 1 left, 2 center, 3 right, 4 justify, 5 start, 6 end */
    static const uint8_t numbers[] = {NOTE_ALIGN_NONE, NOTE_LEFT, NOTE_CENTER, NOTE_RIGHT,
                                      NOTE_JUSTIFY,    NOTE_LEFT, NOTE_RIGHT};
    double number = 0;
    int word = 0;

    if (value->kind == CRDT_STRING && look_up(align_words, COUNT(align_words), value->bytes, &word)) {
        p->align = (enum note_align)word;
    } else if (value->kind == CRDT_NUMBER && number_within(value, 0, 6, &number)) {
        p->align = (enum note_align)numbers[(int)number];
    }
}

static void set_level(struct note_props *p, const struct crdt_value *value)
{
    struct crdt_value digits = *value;
    double number = 0;

    if (digits.kind == CRDT_STRING && digits.bytes.len > 1 && digits.bytes.data[0] == 'h') {
        digits.bytes = span_of(digits.bytes.data + 1, digits.bytes.len - 1);
    }
    if (number_within(&digits, 1, NOTE_LEVEL_MAX, &number)) {
        p->level = (uint32_t)number;
    }
}

static void set_start(struct note_props *p, const struct crdt_value *value)
{
    double number = 0;

    if (number_within(value, -NOTE_START_MAX, NOTE_START_MAX, &number)) {
        p->start = (int64_t)number;
        p->has_start = true;
    }
}

static void set_time(const struct note_tree *t, struct note_props *p, const struct crdt_value *value)
{
    double number = 0;

    if (number_within(value, -62135596800000.0, 253402300799000.0, &number)) { /* the years 1 to 9999 */
        p->time = (int64_t)number;
        p->local_time = p->time + t->zone;
        p->has_time = true;
    }
}

static void set_count(uint32_t *field, const struct crdt_value *value, uint32_t least, uint32_t most)
{
    double number = 0;

    if (number_within(value, least, most, &number)) {
        *field = (uint32_t)number;
    }
}

static void set_width(double *field, const struct crdt_value *value)
{
    double number = 0;

    if (number_within(value, 0, 100000, &number)) {
        *field = number;
    }
}

static void set_widths(struct note_tree *t, struct note_props *p, const struct crdt_value *value)
{
    struct span cursor = value->bytes;
    struct crdt_value one = *value;
    uint64_t count = value->kind == CRDT_VALUES ? value->count : 1;
    double *widths = NULL;

    if (count == 0 || count > NOTE_COLSPAN_MAX || value->kind == CRDT_NULL) {
        return;
    }
    widths = note_tree_alloc(t, (size_t)count * sizeof(*widths));
    if (widths == NULL) {
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        widths[i] = 0;
        if (value->kind != CRDT_VALUES || crdt_value_read(&cursor, &one)) {
            set_width(&widths[i], &one);
        }
    }
    p->widths = widths;
    p->widths_count = (uint32_t)count;
}

static void set_panel(struct note_props *p, const struct crdt_value *value)
{
    int word = 0;

    if (value->kind == CRDT_STRING && look_up(panel_words, COUNT(panel_words), value->bytes, &word)) {
        p->panel = (enum note_panel)word;
    }
}

static struct span *text_field(struct note_props *p, enum note_prop prop)
{
    switch (prop) {
    case NOTE_PROP_LANGUAGE:
        return &p->language;
    case NOTE_PROP_LIST_STYLE:
        return &p->list_style;
    case NOTE_PROP_COLOR:
        return &p->color;
    case NOTE_PROP_BACKGROUND:
        return &p->background;
    case NOTE_PROP_URL:
        return &p->url;
    case NOTE_PROP_ALT:
        return &p->alt;
    case NOTE_PROP_TITLE:
        return &p->title;
    case NOTE_PROP_CAPTION:
        return &p->caption;
    case NOTE_PROP_NAME:
        return &p->name;
    case NOTE_PROP_ID:
        return &p->id;
    case NOTE_PROP_LABEL:
        return &p->label;
    case NOTE_PROP_LATEX:
        return &p->latex;
    case NOTE_PROP_ICON:
        return &p->icon;
    default:
        return NULL;
    }
}

void note_prop_set(struct note_tree *t, struct note_node *node, enum note_prop prop, const struct crdt_value *value)
{
    struct note_props *p = NULL;

    if (prop == NOTE_PROP_UNKNOWN || value->kind == CRDT_NULL || value->kind == CRDT_UNDEFINED) {
        return;
    }
    p = note_tree_props(t, node);
    if (p == NULL) {
        return;
    }
    switch (prop) {
    case NOTE_PROP_LEVEL:
        set_level(p, value);
        break;
    case NOTE_PROP_START:
        set_start(p, value);
        break;
    case NOTE_PROP_CHECKED:
        p->checked = truth(value);
        break;
    case NOTE_PROP_PANEL:
        set_panel(p, value);
        break;
    case NOTE_PROP_ALIGN:
        set_align(p, value);
        break;
    case NOTE_PROP_INDENT:
        set_count(&p->indent, value, 0, NOTE_INDENT_MAX);
        break;
    case NOTE_PROP_COLSPAN:
        set_count(&p->colspan, value, 1, NOTE_COLSPAN_MAX);
        break;
    case NOTE_PROP_ROWSPAN:
        set_count(&p->rowspan, value, 1, NOTE_ROWSPAN_MAX);
        break;
    case NOTE_PROP_WIDTHS:
        set_widths(t, p, value);
        break;
    case NOTE_PROP_HEADER_STATE:
        if (truth(value) && node->kind == NOTE_CELL) {
            node->kind = NOTE_HEADER;
        }
        break;
    case NOTE_PROP_TIME:
        set_time(t, p, value);
        break;
    case NOTE_PROP_WIDTH:
        set_width(&p->width, value);
        break;
    case NOTE_PROP_HEIGHT:
        set_width(&p->height, value);
        break;
    case NOTE_PROP_NUMBERED:
        p->numbered = truth(value);
        break;
    case NOTE_PROP_TIGHT:
        p->tight = truth(value) ? 1 : -1;
        break;
    case NOTE_PROP_TOGGLE:
        p->toggle = truth(value);
        break;
    default:
        if (text_field(p, prop)->len == 0) { /* of two names for one thing the first that says something */
            *text_field(p, prop) = note_value_text(t, value);
        }
        break;
    }
}

/* The address of a note here, of which another editor knew the id. */
static void link_note(struct note_tree *t, struct note_props *p)
{
    static const char path[] = "/n/";
    uint8_t *url = NULL;

    if (p->url.len > 0 || p->id.len == 0) {
        return;
    }
    url = note_tree_alloc(t, sizeof(path) + p->id.len);
    if (url != NULL) {
        memcpy(url, path, sizeof(path) - 1);
        memcpy(url + sizeof(path) - 1, p->id.data, p->id.len);
        p->url = span_of(url, sizeof(path) - 1 + p->id.len);
    }
}

void note_preset_set(struct note_tree *t, struct note_node *node, enum note_preset preset)
{
    struct note_props *p = NULL;
    bool level = preset >= NOTE_PRESET_LEVEL_1 && preset <= NOTE_PRESET_LEVEL_6;

    if (!level && preset != NOTE_PRESET_NOTE) {
        return;
    }
    p = note_tree_props(t, node);
    if (p != NULL && level && p->level == 0) {
        p->level = (uint32_t)(preset - NOTE_PRESET_LEVEL_1 + 1);
    } else if (p != NULL && preset == NOTE_PRESET_NOTE) {
        link_note(t, p);
    }
}

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
    if (is(color, "default")) {
        return (struct span){0};
    }
    for (size_t i = 0; i < COUNT(palette_rows); i++) {
        if (is(color, palette_rows[i].name)) {
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
        set_if(marks, NOTE_STYLE, &marks->color, text_in(t, value, color));
        set_if(marks, NOTE_STYLE, &marks->size, text_in(t, value, size));
        set_if(marks, NOTE_STYLE, &marks->family, text_in(t, value, family));
        set_if(marks, NOTE_BACKGROUND, &marks->background, text_in(t, value, background));
    }
}

static void set_script(struct note_tree *t, struct note_marks *marks, const struct crdt_value *value)
{
    static const char *const type[] = {"type", NULL};
    struct span which = text_in(t, value, type);

    if (is(which, "sub")) {
        add_step(marks, NOTE_SUB);
    } else if (is(which, "sup") || is(which, "super")) {
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
        set_if(marks, NOTE_STYLE, &marks->color, palette ? note_palette(text, false) : text);
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
