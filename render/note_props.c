#include "render/note_props.h"
#include <string.h>
#include "render/note_value.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct word {
    const char *text;
    int meaning;
};

static bool look_up(const struct word *words, size_t count, struct span s, int *out)
{
    for (size_t i = 0; i < count; i++) {
        if (note_value_is(s, words[i].text)) {
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
    } else if (value->kind == CRDT_NUMBER && note_value_within(value, 0, 6, &number)) {
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
    if (note_value_within(&digits, 1, NOTE_LEVEL_MAX, &number)) {
        p->level = (uint32_t)number;
    }
}

static void set_start(struct note_props *p, const struct crdt_value *value)
{
    double number = 0;

    if (note_value_within(value, -NOTE_START_MAX, NOTE_START_MAX, &number)) {
        p->start = (int64_t)number;
        p->has_start = true;
    }
}

static void set_time(const struct note_tree *t, struct note_props *p, const struct crdt_value *value)
{
    double number = 0;

    if (note_value_within(value, -62135596800000.0, 253402300799000.0, &number)) { /* the years 1 to 9999 */
        p->time = (int64_t)number;
        p->local_time = p->time + t->zone;
        p->has_time = true;
    }
}

static void set_count(uint32_t *field, const struct crdt_value *value, uint32_t least, uint32_t most)
{
    double number = 0;

    if (note_value_within(value, least, most, &number)) {
        *field = (uint32_t)number;
    }
}

static void set_width(double *field, const struct crdt_value *value)
{
    double number = 0;

    if (note_value_within(value, 0, 100000, &number)) {
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

/* Editors write many defaults down: no need to keep them. */
static bool says_nothing(enum note_prop prop, const struct crdt_value *value)
{
    switch (prop) {
    case NOTE_PROP_UNKNOWN:
        return true;
    case NOTE_PROP_COLSPAN:
    case NOTE_PROP_ROWSPAN:
        return value->kind == CRDT_NUMBER && value->number == 1;
    default:
        return value->kind == CRDT_NULL || value->kind == CRDT_UNDEFINED;
    }
}

void note_prop_set(struct note_tree *t, struct note_node *node, enum note_prop prop, const struct crdt_value *value)
{
    struct note_props *p = NULL;

    if (says_nothing(prop, value)) {
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
        p->checked = note_value_truth(value);
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
        if (note_value_truth(value) && node->kind == NOTE_CELL) {
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
        p->numbered = note_value_truth(value);
        break;
    case NOTE_PROP_TIGHT:
        p->tight = note_value_truth(value) ? 1 : -1;
        break;
    case NOTE_PROP_TOGGLE:
        p->toggle = note_value_truth(value);
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
