#include "render/note_json.h"
#include <inttypes.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/escape.h"

/* Nodes are written as they are entered; `"content":[` comes with the first child, so childless nodes have none, as
 * ProseMirror prints them. Runs of text with the same marks are one node there: they are joined here. */

struct json {
    struct buf *out;
    bool plain;
    bool in_text;                   /* the string of a text node is still open */
    const struct note_marks *marks; /* its marks */
};

static inline void put(struct json *w, const char *text)
{
    buf_put_str(w->out, text);
}

/* ---- Values ---------------------------------------------------------------------------------------------- */

/* The open arrays and objects of a value. Values are no deeper than the engine lets them be. */
#define VALUE_DEPTH 520

struct level {
    struct span members; /* not yet written */
    bool object, begun;
};

/* A value that has no members; what JSON cannot say is null. */
static void put_scalar(struct json *w, struct span encoded, const struct crdt_value *v)
{
    size_t before = w->out->len;

    if (v->kind == CRDT_UNDEFINED || crdt_value_to_json(encoded, w->out) != RC_OK) {
        w->out->len = w->out->rc == RC_OK ? before : w->out->len;
        put(w, "null");
    }
}

/* Moves to the next member and writes what stands before it; false at the end of the array or object. */
static bool next_member(struct json *w, struct level *l)
{
    struct span key;

    if (l->members.len == 0 || (l->object && !crdt_value_read_key(&l->members, &key))) {
        put(w, l->object ? "}" : "]");
        return false;
    }
    put(w, l->begun ? "," : "");
    l->begun = true;
    if (l->object) {
        escape_json(w->out, key);
        put(w, ":");
    }
    return true;
}

/* JSON.stringify of a value, with null for what JSON does not know. */
static void put_value(struct json *w, struct span value)
{
    struct level levels[VALUE_DEPTH];
    size_t depth = 0;
    bool top = true;

    levels[0] = (struct level){.members = value};
    while (w->out->rc == RC_OK && (top || depth > 0)) {
        struct level *l = &levels[depth];
        struct span at;
        struct crdt_value v;

        if (depth > 0 && !next_member(w, l)) {
            depth--;
            continue;
        }
        top = false;
        at = l->members;
        if (!crdt_value_read(&l->members, &v)) {
            return;
        }
        at.len -= l->members.len;
        if ((v.kind == CRDT_VALUES || v.kind == CRDT_OBJECT) && depth + 1 < VALUE_DEPTH) {
            put(w, v.kind == CRDT_OBJECT ? "{" : "[");
            levels[++depth] = (struct level){.members = v.bytes, .object = v.kind == CRDT_OBJECT};
        } else {
            put_scalar(w, at, &v);
        }
    }
}

/* ---- Attributes -------------------------------------------------------------------------------------- */

/* Writes `"attrs":{` before the first member, a comma before the others. */
static void member(struct json *w, size_t *count, const char *key)
{
    put(w, *count == 0 ? ",\"attrs\":{" : ",");
    ++*count;
    escape_json(w->out, span_str(key));
    put(w, ":");
}

static void text_member(struct json *w, size_t *count, const char *key, struct span value)
{
    if (value.len > 0) {
        member(w, count, key);
        escape_json(w->out, value);
    }
}

static void number_member(struct json *w, size_t *count, const char *key, int64_t value)
{
    member(w, count, key);
    buf_printf(w->out, "%" PRId64, value);
}

static bool is_undefined(struct span value)
{
    struct crdt_value v;

    return !crdt_value_read(&value, &v) || v.kind == CRDT_UNDEFINED;
}

static void put_source_attrs(struct json *w, const struct note_node *node)
{
    bool first = true;

    for (size_t i = 0; i < node->attr_count; i++) {
        if (!is_undefined(node->attrs[i].value)) {
            put(w, first ? ",\"attrs\":{" : ",");
            escape_json(w->out, node->attrs[i].key);
            put(w, ":");
            put_value(w, node->attrs[i].value);
            first = false;
        }
    }
    put(w, first ? "" : "}");
}

static void put_own_attrs(struct json *w, const struct note_node *node)
{
    static const char *const aligns[] = {"", "left", "center", "right", "justify"};
    const struct note_props *p = node->props;
    size_t count = 0;

    text_member(w, &count, "textAlign", span_str(aligns[p->align]));
    if (node->kind == NOTE_HEADING) {
        number_member(w, &count, "level", p->level == 0 ? 1 : p->level);
    } else if (node->kind == NOTE_ORDERED) {
        number_member(w, &count, "start", p->has_start ? p->start : 1);
    } else if (node->kind == NOTE_TASK) {
        member(w, &count, "checked");
        put(w, p->checked ? "true" : "false");
    }
    if (p->colspan > 1) {
        number_member(w, &count, "colspan", p->colspan);
    }
    if (p->rowspan > 1) {
        number_member(w, &count, "rowspan", p->rowspan);
    }
    text_member(w, &count, "language", p->language);
    text_member(w, &count, "latex", p->latex);
    text_member(w, &count, "src", p->url);
    text_member(w, &count, "alt", p->alt);
    text_member(w, &count, "title", p->title);
    text_member(w, &count, "id", p->id);
    text_member(w, &count, "label", p->label);
    text_member(w, &count, "name", p->name);
    text_member(w, &count, "backgroundColor", p->background);
    put(w, count > 0 ? "}" : "");
}

/* ---- Marks -------------------------------------------------------------------------------------------- */

static bool is_empty_object(struct span value)
{
    struct crdt_value v;

    return !crdt_value_read(&value, &v) || v.kind == CRDT_NULL || v.kind == CRDT_UNDEFINED ||
           (v.kind == CRDT_OBJECT && v.count == 0) || (v.kind == CRDT_BOOL && v.boolean);
}

static bool is_object(struct span value)
{
    struct crdt_value v;

    return crdt_value_read(&value, &v) && v.kind == CRDT_OBJECT;
}

static void put_source_marks(struct json *w, const struct note_marks *m)
{
    for (size_t i = 0; i < m->source_count; i++) {
        put(w, i == 0 ? "{\"type\":" : ",{\"type\":");
        escape_json(w->out, m->source[i].key);
        if (!is_empty_object(m->source[i].value)) {
            bool object = is_object(m->source[i].value);

            put(w, object ? ",\"attrs\":" : ",\"attrs\":{\"value\":");
            put_value(w, m->source[i].value);
            put(w, object ? "" : "}");
        }
        put(w, "}");
    }
}

static void put_own_mark(struct json *w, const struct note_marks *m, enum note_step step)
{
    static const char *const names[NOTE_STEPS] = {"link",   "comment",   "textStyle", "highlight",   "bold", "italic",
                                                  "strike", "underline", "subscript", "superscript", "code"};
    size_t count = 0;

    put(w, "{\"type\":\"");
    put(w, names[step]);
    put(w, "\"");
    if (step == NOTE_LINK) {
        text_member(w, &count, "href", m->href);
        text_member(w, &count, "title", m->title);
    } else if (step == NOTE_STYLE) {
        text_member(w, &count, "color", m->color);
        text_member(w, &count, "fontSize", m->size);
        text_member(w, &count, "fontFamily", m->family);
    } else if (step == NOTE_BACKGROUND) {
        text_member(w, &count, "color", m->background);
    } else if (step == NOTE_COMMENT) {
        text_member(w, &count, "commentId", m->comment);
    }
    put(w, count > 0 ? "}}" : "}");
}

static void put_marks(struct json *w, const struct note_marks *m)
{
    bool first = true;

    if (m == NULL || (m->source_count == 0 && m->steps == 0)) {
        return;
    }
    put(w, ",\"marks\":[");
    if (m->source_count > 0) {
        put_source_marks(w, m);
    }
    for (int step = 0; step < NOTE_STEPS && m->source_count == 0; step++) {
        if (note_marks_has(m, (enum note_step)step)) {
            put(w, first ? "" : ",");
            put_own_mark(w, m, (enum note_step)step);
            first = false;
        }
    }
    put(w, "]");
}

static bool same_marks(const struct note_marks *a, const struct note_marks *b)
{
    size_t a_count = a == NULL ? 0 : a->source_count, b_count = b == NULL ? 0 : b->source_count;

    if (a == b) {
        return true;
    }
    if (a_count != b_count || note_marks_differ(a, b) != NOTE_STEPS) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!span_equal(a->source[i].key, b->source[i].key) || !span_equal(a->source[i].value, b->source[i].value)) {
            return false;
        }
    }
    return true;
}

/* ---- The walk -------------------------------------------------------------------------------------------- */

static void end_text(struct json *w)
{
    if (w->in_text) {
        put(w, "\"");
        put_marks(w, w->marks);
        put(w, "}");
        w->in_text = false;
    }
}

static void put_string(struct json *w, struct span text)
{
    size_t at = w->out->len;

    escape_json(w->out, text);
    if (w->out->rc == RC_OK) { /* without its quotes */
        memmove(w->out->data + at, w->out->data + at + 1, w->out->len - at - 2);
        w->out->len -= 2;
    }
}

static void put_text(struct json *w, const struct note_node *node, bool first)
{
    if (!w->in_text || !same_marks(w->marks, node->marks)) {
        end_text(w);
        put(w, first ? ",\"content\":[" : ",");
        put(w, "{\"type\":\"text\",\"text\":\"");
        w->in_text = true;
        w->marks = node->marks;
    }
    put_string(w, node->text);
}

static void enter_node(struct json *w, const struct note_node *node, bool first)
{
    bool own = !w->plain || node->parent == NULL;
    struct span name = own ? span_str(note_kind_name((enum note_kind)node->kind)) : node->name;

    end_text(w);
    if (node->parent != NULL) {
        put(w, first ? ",\"content\":[" : ",");
    }
    put(w, "{\"type\":");
    escape_json(w->out, name);
    if (own) {
        put_own_attrs(w, node);
    } else {
        put_source_attrs(w, node);
    }
    put_marks(w, node->marks);
}

static bool is_first(const struct note_node *node)
{
    return node->parent != NULL && node->parent->first == node;
}

static void leave_node(struct json *w, const struct note_node *node)
{
    end_text(w);
    put(w, node->first != NULL ? "]}" : "}");
}

int note_json_write(const struct note_node *doc, bool plain, struct buf *out)
{
    struct json w = {.out = out, .plain = plain};
    struct note_walk walk;
    const struct note_node *node = NULL;
    bool entering = false;
    size_t before = out->len;

    note_walk_init(&walk, doc);
    while (out->rc == RC_OK && note_walk_next(&walk, &node, &entering)) {
        if (node->kind == NOTE_TEXT) {
            put_text(&w, node, is_first(node));
            continue;
        }
        if (entering) {
            enter_node(&w, node, is_first(node));
        }
        if (!entering || !note_has_exit(node)) {
            leave_node(&w, node);
        }
    }
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}
