#include "render/builders.h"
#include <string.h>
#include "render/note_marks.h"
#include "render/note_props.h"
#include "render/short_text.h"

/* What the builders share: formatting in force, nodes from elements, words from values. */

void builder_init(struct builder *b, const struct crdt_doc *doc, struct note_tree *tree)
{
    memset(b, 0, sizeof(*b));
    b->doc = doc;
    b->tree = tree;
    b->schema = note_schema_get();
}

/* ---- Marks ----------------------------------------------------------------------------------------------- */

struct builder_marks *builder_marks_take(struct builder *b)
{
    struct builder_marks *m = b->spare;

    if (m != NULL) {
        b->spare = m->next;
    } else {
        m = note_tree_alloc(b->tree, sizeof(*m));
    }
    if (m != NULL) {
        m->count = 0;
        m->known = NULL;
        m->shared = NULL;
        m->stale = false;
    }
    return m;
}

void builder_marks_give(struct builder *b, struct builder_marks *m)
{
    m->next = b->spare;
    b->spare = m;
}

static bool same_attr(const struct note_attr *a, const struct note_attr *b)
{
    return short_text_equal(a->key, b->key) && short_text_equal(a->value, b->value);
}

static bool is_known(const struct builder_known *known, const struct builder *b, const struct builder_marks *m)
{
    bool same = known->count == m->count && known->palette == b->palette;

    for (size_t i = 0; same && i < m->count; i++) {
        same = same_attr(&known->active[i], &m->active[i]);
    }
    return same;
}

static void put_mark(struct builder_marks *m, struct note_attr mark)
{
    size_t i = 0;

    while (i < m->count && !short_text_equal(m->active[i].key, mark.key)) {
        i++;
    }
    if (!crdt_value_is_null(mark.value)) {
        if (i < BUILDER_MARKS) {
            m->active[i] = mark;
            m->count += i == m->count ? 1 : 0;
        }
    } else if (i < m->count) {
        m->count--;
        for (; i < m->count; i++) {
            m->active[i] = m->active[i + 1];
        }
    }
}

/* `bytes` is not empty. */
static inline struct builder_format format_of(struct span bytes)
{
    return (struct builder_format){bytes, text_ends_of(bytes.data, bytes.len)};
}

static inline bool same_format(const struct builder_format *known, const struct builder_format *format)
{
    return known->bytes.len == format->bytes.len && text_ends_equal(known->ends, format->ends) &&
           (format->bytes.len <= 16 || span_equal(known->bytes, format->bytes));
}

/* Whether that format ends the only mark. */
static bool ends_only(const struct builder_marks *m, const struct note_attr *mark)
{
    return m->count == 1 && crdt_value_is_null(mark->value) && short_text_equal(mark->key, m->active[0].key);
}

/* Unless `known` has been used for something else. */
static void learn_end(struct builder_known *known, struct span key, struct span format)
{
    if (known->count == 1 && short_text_equal(known->active[0].key, key)) {
        known->end = format_of(format);
    }
}

/* Any format. */
__attribute__((noinline)) static void set_mark(struct builder *b, struct builder_marks *m, struct span format)
{
    struct note_attr mark = {.value = format};

    b->tree->steps++;
    if (!crdt_value_read_key(&mark.value, &mark.key)) {
        return;
    }
    if (m->known != NULL && ends_only(m, &mark)) {
        learn_end(m->known, mark.key, format);
    }
    put_mark(m, mark);
    m->known = NULL;
    m->end.bytes.len = 0;
    m->last = format;
    m->stale = true;
}

/* A format that was known to begin a mark where there was none does so again. */
static inline bool begin_only(struct builder *b, struct builder_marks *m, const struct builder_format *format)
{
    for (struct builder_known *known = b->known; known < b->known + BUILDER_KNOWN; known++) {
        if (same_format(&known->begin, format) && known->palette == b->palette) {
            m->active[0] = known->active[0];
            m->count = 1;
            m->known = known;
            m->end = known->end;
            m->shared = known->marks;
            m->stale = false;
            return true;
        }
    }
    return false;
}

static inline bool end_only(struct builder_marks *m, const struct builder_format *format)
{
    if (!same_format(&m->end, format)) {
        return false;
    }
    m->count = 0;
    m->shared = NULL;
    m->stale = false;
    return true;
}

inline void builder_marks_set(struct builder *b, struct builder_marks *m, struct span format)
{
    struct builder_format f;

    if (format.len == 0) {
        return;
    }
    f = format_of(format);
    if (!(m->count == 0 ? begin_only(b, m, &f) : end_only(m, &f))) {
        set_mark(b, m, format);
    }
}

static void keep_source(struct builder *b, struct note_marks *marks, const struct builder_marks *m)
{
    struct note_attr *source = note_tree_alloc(b->tree, m->count * sizeof(*source));

    for (size_t i = 0; source != NULL && i < m->count; i++) {
        if (note_schema_mark(b->schema, m->active[i].key) != NOTE_MARK_INTERNAL) {
            source[marks->source_count].key = note_schema_mark_name(m->active[i].key);
            source[marks->source_count++].value = m->active[i].value;
        }
    }
    marks->source = source;
}

static const struct note_marks *make_marks(struct builder *b, const struct builder_marks *m)
{
    struct note_marks *marks = note_tree_alloc(b->tree, sizeof(*marks));

    if (marks == NULL) {
        return NULL;
    }
    *marks = (struct note_marks){0};
    for (size_t i = 0; i < m->count; i++) {
        struct span cursor = m->active[i].value;
        struct crdt_value value;

        if (crdt_value_read(&cursor, &value)) {
            note_mark_set(b->tree, marks, note_schema_mark(b->schema, m->active[i].key), &value, b->palette);
        }
    }
    if (b->tree->plain) {
        keep_source(b, marks, m);
    }
    return marks->steps != 0 || marks->source_count > 0 ? marks : NULL;
}

static bool is_last(const struct builder_marks *m, const struct note_attr *mark)
{
    return mark->value.data + mark->value.len == m->last.data + m->last.len;
}

/* Runs with the same few marks share them. */
__attribute__((noinline)) static const struct note_marks *find_marks(struct builder *b, const struct builder_marks *m)
{
    struct builder_known *known = b->known;

    if (m->count > BUILDER_FEW) {
        return make_marks(b, m);
    }
    for (; known < b->known + BUILDER_KNOWN; known++) {
        if (is_known(known, b, m)) {
            return known->marks;
        }
    }
    known = &b->known[b->made++ % BUILDER_KNOWN];
    memcpy(known->active, m->active, m->count * sizeof(m->active[0]));
    known->count = m->count;
    known->palette = b->palette;
    known->begin = m->count == 1 && is_last(m, &m->active[0]) ? format_of(m->last) : (struct builder_format){0};
    known->end.bytes.len = 0;
    return known->marks = make_marks(b, m);
}

inline const struct note_marks *builder_marks_get(struct builder *b, struct builder_marks *m)
{
    if (m->stale) {
        m->shared = m->count == 0 ? NULL : find_marks(b, m);
        m->stale = false;
    }
    return m->shared;
}

/* ---- Nodes ------------------------------------------------------------------------------------------------ */

static bool is_value(const struct crdt_run *run)
{
    return run->content == CRDT_CONTENT_ANY || run->content == CRDT_CONTENT_JSON;
}

__attribute__((noinline)) static void keep_attrs(struct builder *b, struct note_node *node, struct crdt_type type)
{
    struct crdt_map_iter it;
    struct crdt_attr attr;
    size_t count = 0;
    struct note_attr *attrs = NULL;

    crdt_map_iter_init(&it, b->doc, type);
    while (crdt_map_iter_next_value(&it, &attr)) {
        count++;
    }
    if (count == 0) {
        return;
    }
    attrs = note_tree_alloc(b->tree, count * sizeof(*attrs));
    crdt_map_iter_init(&it, b->doc, type);
    while (attrs != NULL && node->attr_count < count && crdt_map_iter_next_value(&it, &attr)) {
        if (!span_equal(attr.key, span_str("ychange"))) {
            attrs[node->attr_count++] = (struct note_attr){attr.key, attr.value};
        }
    }
    node->attrs = attrs;
}

/* `__src` of Lexical means what `src` means elsewhere, unless it has a row of its own. */
static enum note_prop prop_of(const struct builder *b, struct span key, enum note_kind kind)
{
    enum note_prop prop = note_schema_prop(b->schema, key, kind);

    if (prop == NOTE_PROP_UNKNOWN && key.len > 2 && key.data[0] == '_' && key.data[1] == '_') {
        prop = note_schema_prop(b->schema, span_of(key.data + 2, key.len - 2), kind);
    }
    return prop;
}

/* BlockNote writes every default down: no need to keep them. */
static bool says_nothing(const struct builder *b, enum note_prop prop, const struct crdt_value *value)
{
    if (!b->palette || value->kind != CRDT_STRING) {
        return false;
    }
    return prop == NOTE_PROP_ALIGN ? span_equal(value->bytes, span_str("left"))
                                   : (prop == NOTE_PROP_COLOR || prop == NOTE_PROP_BACKGROUND) &&
                                         span_equal(value->bytes, span_str("default"));
}

/* What nearly every cell says: colspan or rowspan 1, the default of both. */
static inline bool is_usual_span(const struct crdt_attr *attr)
{
    return attr->key.len == 7 && crdt_value_is_small(attr->value, 1) && memcmp(attr->key.data + 3, "span", 4) == 0 &&
           (memcmp(attr->key.data, "col", 3) == 0 || memcmp(attr->key.data, "row", 3) == 0);
}

/* Apart from make_node, since most nodes have no attributes. */
__attribute__((noinline)) static void read_props(struct builder *b, struct note_node *node, struct crdt_type type)
{
    struct crdt_map_iter it;
    struct crdt_attr attr;

    crdt_map_iter_init(&it, b->doc, type);
    while (crdt_map_iter_next_value(&it, &attr)) {
        enum note_prop prop = NOTE_PROP_UNKNOWN;
        struct crdt_value value;

        if (is_usual_span(&attr)) {
            continue;
        }
        prop = prop_of(b, attr.key, (enum note_kind)node->kind);
        if (prop != NOTE_PROP_UNKNOWN && crdt_value_read(&attr.value, &value) && !says_nothing(b, prop, &value)) {
            note_prop_set(b->tree, node, prop, &value);
        }
    }
}

/* BlockNote's colours have names of its own. */
static void use_palette(struct builder *b, struct note_node *node)
{
    struct note_props *p = NULL;

    if (node->props->color.len > 0 || node->props->background.len > 0) {
        p = note_tree_props(b->tree, node);
    }
    if (p != NULL) {
        p->color = note_palette(p->color, false);
        p->background = note_palette(p->background, true);
    }
}

/* What a name means; `row` is that of the table. */
static inline const struct note_name *meaning(const struct note_name *row)
{
    static const struct note_name unknown = {"", NOTE_UNKNOWN, NOTE_PRESET_NONE};

    return row == NULL ? &unknown : row;
}

static struct note_node *make_node(struct builder *b, struct crdt_type type, struct span name,
                                   const struct note_name *row)
{
    struct note_node *node = note_tree_node(b->tree, (enum note_kind)meaning(row)->kind);

    node->name = name;
    if (b->tree->plain) {
        keep_attrs(b, node, type);
        return node;
    }
    read_props(b, node, type);
    note_preset_set(b->tree, node, (enum note_preset)meaning(row)->preset);
    if (b->palette) {
        use_palette(b, node);
    }
    return node;
}

inline struct note_node *builder_usual_node(struct builder *b, const struct crdt_iter *it)
{
    bool keys = crdt_iter_has_keys(it);
    struct span name = crdt_iter_name(it);
    const struct note_name *row = meaning(note_schema_node(b->schema, name));
    struct note_node *node = note_tree_node(b->tree, (enum note_kind)row->kind);

    node->name = name;
    if (keys) {
        read_props(b, node, crdt_iter_type(it));
    }
    if (row->preset != NOTE_PRESET_NONE) {
        note_preset_set(b->tree, node, (enum note_preset)row->preset);
    }
    return node;
}

struct note_node *builder_node(struct builder *b, struct crdt_type type, struct span name, const struct note_name *row)
{
    if (b->ahead.ref == type.ref && b->ahead_node != NULL) {
        struct note_node *node = b->ahead_node;

        b->ahead_node = NULL;
        return node;
    }
    return make_node(b, type, name, row);
}

struct note_node *builder_look_ahead(struct builder *b, struct crdt_type type, struct span name,
                                     const struct note_name *row)
{
    b->ahead = type;
    return b->ahead_node = make_node(b, type, name, row);
}

struct span builder_attr(const struct builder *b, struct crdt_type type, const char *name)
{
    struct crdt_value value;
    struct crdt_run run;

    if (!crdt_map_get(b->doc, type, span_str(name), &run) || !is_value(&run) || !crdt_value_read(&run.bytes, &value) ||
        value.kind != CRDT_STRING) {
        return (struct span){0};
    }
    return value.bytes;
}

/* ---- Values ------------------------------------------------------------------------------------------------ */

void builder_value(struct builder *b, struct span value, const struct note_marks *marks)
{
    static const char *const words[] = {"text", "label", "title", "name", "value", "url", "image", "video", "formula"};
    struct crdt_value v, member;

    while (crdt_value_read(&value, &v)) {
        if (v.kind == CRDT_STRING) {
            note_tree_text(b->tree, v.bytes, marks);
            continue;
        }
        for (size_t i = 0; v.kind == CRDT_OBJECT && i < sizeof(words) / sizeof(words[0]); i++) {
            if (crdt_value_member(&v, words[i], &member) && member.kind == CRDT_STRING) {
                note_tree_text(b->tree, member.bytes, marks);
                break;
            }
        }
    }
}
