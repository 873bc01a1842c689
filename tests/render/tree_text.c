#include "tests/render/tree_text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/note_marks.h"
#include "render/note_props.h"

#define DEEPEST    256
#define MOST_MARKS 16

struct reader {
    struct note_tree *tree;
    const struct note_schema *schema;
    const char *at, *end; /* of the line */
    size_t depth;
};

static void die(const struct reader *r, const char *why)
{
    fprintf(stderr, "tree: %s: %.*s\n", why, (int)(r->end - r->at), r->at);
    exit(1);
}

static bool take(struct reader *r, char c)
{
    if (r->at < r->end && *r->at == c) {
        r->at++;
        return true;
    }
    return false;
}

static void put_code_point(struct buf *out, unsigned long c)
{
    if (c < 0x80) {
        buf_put_u8(out, (uint8_t)c);
    } else if (c < 0x800) {
        buf_put_u8(out, (uint8_t)(0xc0 | c >> 6));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else if (c < 0x10000) {
        buf_put_u8(out, (uint8_t)(0xe0 | c >> 12));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    } else {
        buf_put_u8(out, (uint8_t)(0xf0 | c >> 18));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
        buf_put_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
    }
}

static void read_escape(struct reader *r, struct buf *out)
{
    char c = r->at < r->end ? *r->at++ : 0;
    char *rest = NULL;

    switch (c) {
    case 'n':
        buf_put_u8(out, '\n');
        break;
    case 'r':
        buf_put_u8(out, '\r');
        break;
    case 't':
        buf_put_u8(out, '\t');
        break;
    case 'u':
        if (!take(r, '{')) {
            die(r, "\\u{hex}");
        }
        put_code_point(out, strtoul(r->at, &rest, 16));
        r->at = rest;
        if (!take(r, '}')) {
            die(r, "\\u{hex}");
        }
        break;
    default:
        buf_put_u8(out, (uint8_t)c);
        break;
    }
}

static struct span keep(struct reader *r, struct buf *b)
{
    struct span copy = note_tree_copy(r->tree, buf_span(b));

    buf_finish(b);
    return copy;
}

static struct span read_string(struct reader *r)
{
    struct buf b = {0};

    r->at++;
    while (!take(r, '"')) {
        if (r->at >= r->end) {
            die(r, "a string without its end");
        }
        if (take(r, '\\')) {
            read_escape(r, &b);
        } else {
            buf_put_u8(&b, (uint8_t)*r->at++);
        }
    }
    return keep(r, &b);
}

static struct span read_json(struct reader *r)
{
    const char *from = r->at;
    int depth = 0;
    bool quoted = false;
    struct buf b = {0};

    do {
        if (r->at >= r->end) {
            die(r, "JSON without its end");
        }
        if (*r->at == '"' && r->at[-1] != '\\') {
            quoted = !quoted;
        }
        depth += quoted ? 0 : *r->at == '{' || *r->at == '[' ? 1 : *r->at == '}' || *r->at == ']' ? -1 : 0;
        r->at++;
    } while (depth > 0);
    if (crdt_value_from_json(span_of(from, (size_t)(r->at - from)), &b) != RC_OK) {
        die(r, "not JSON");
    }
    return keep(r, &b);
}

static struct crdt_value read_value(struct reader *r)
{
    struct crdt_value value = {.kind = CRDT_STRING};
    const char *from = r->at;
    struct span encoded;

    if (r->at < r->end && *r->at == '"') {
        value.bytes = read_string(r);
        return value;
    }
    if (r->at < r->end && (*r->at == '{' || *r->at == '[')) {
        encoded = read_json(r);
        if (!crdt_value_read(&encoded, &value)) {
            die(r, "no value");
        }
        return value;
    }
    while (r->at < r->end && *r->at != ' ') {
        r->at++;
    }
    value.bytes = note_tree_copy(r->tree, span_of(from, (size_t)(r->at - from)));
    return value;
}

/* The next name, and the value behind `=`; true without one. False at the end of the line. */
static bool read_pair(struct reader *r, struct span *name, struct crdt_value *value)
{
    const char *from;

    while (take(r, ' ')) {
    }
    from = r->at;
    while (r->at < r->end && *r->at != ' ' && *r->at != '=') {
        r->at++;
    }
    *name = span_of(from, (size_t)(r->at - from));
    *value = (struct crdt_value){.kind = CRDT_BOOL, .boolean = true};
    if (name->len > 0 && take(r, '=')) {
        *value = read_value(r);
    }
    return name->len > 0;
}

static const struct note_marks *read_marks(struct reader *r)
{
    struct note_marks marks = {0}, *kept = NULL;
    struct crdt_value value;
    struct span name;

    while (read_pair(r, &name, &value)) {
        note_mark_set(r->tree, &marks, note_schema_mark(r->schema, name), &value, false);
    }
    if (marks.steps == 0) {
        return NULL;
    }
    kept = note_tree_alloc(r->tree, sizeof(*kept));
    *kept = marks;
    return kept;
}

static void read_text(struct reader *r)
{
    struct span text = read_string(r);

    note_tree_text(r->tree, text, read_marks(r));
}

static void read_node(struct reader *r)
{
    struct crdt_value value;
    struct span name;
    const struct note_name *row = NULL;
    struct note_node *node = NULL;

    (void)read_pair(r, &name, &value);
    row = note_schema_node(r->schema, name);
    node = note_tree_node(r->tree, row == NULL ? NOTE_UNKNOWN : (enum note_kind)row->kind);
    node->name = note_tree_copy(r->tree, name);
    if (row != NULL) {
        note_preset_set(r->tree, node, (enum note_preset)row->preset);
    }
    while (read_pair(r, &name, &value)) {
        note_prop_set(r->tree, node, note_schema_prop(r->schema, name, (enum note_kind)node->kind), &value);
    }
    note_tree_open(r->tree, node);
    r->depth++;
}

static void read_line(struct reader *r)
{
    size_t spaces = 0;

    while (take(r, ' ')) {
        spaces++;
    }
    if (r->at == r->end || *r->at == '#') {
        return;
    }
    if (spaces / 2 > r->depth || spaces % 2 != 0) {
        die(r, "wrong indentation");
    }
    for (; r->depth > spaces / 2; r->depth--) {
        note_tree_close(r->tree);
    }
    if (*r->at == '"') {
        read_text(r);
    } else {
        read_node(r);
    }
}

void tree_text_read(struct note_tree *t, struct span text)
{
    struct reader r = {.tree = t};
    const char *at = (const char *)text.data, *end = at + text.len;

    r.schema = note_schema_get();
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));

        r.at = at;
        r.end = feed == NULL ? end : feed;
        at = r.end + 1;
        read_line(&r);
    }
    for (; r.depth > 0; r.depth--) {
        note_tree_close(t);
    }
}
