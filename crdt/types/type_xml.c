#include <stdlib.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/utf.h"
#include "crdt/types/type_print.h"
#include "crdt/types/type_view.h"

/* toString of XML types: nothing is escaped, attributes stand in UTF-16 order, formats of a text become elements around
 * its runs. A known difference from yjs: of node names only ASCII letters are lower-cased.
 *
 * The printer's stack holds what remains to be done, the next thing on top. For <a k="…">…</a>:
 *
 *     attributes of a   ">"   children of a   "</a>" */

enum xml_task_kind { XML_TAIL, XML_ATTRS, XML_CHILDREN, XML_DELTA };

struct xml_task {
    enum xml_task_kind kind;
    size_t len;             /* tail: how many of the last bytes of `tails` to print */
    struct print_key *keys; /* attributes */
    size_t at, count;
    struct crdt_iter it; /* children */
    struct crdt_delta *delta;
};

struct xml_printer {
    const struct crdt_doc *doc;
    struct buf *out;
    struct buf tails;
    struct xml_task *tasks;
    size_t depth, cap;
};

/* A member of a format's value, as an attribute; both text. */
struct xml_member {
    size_t key, key_len, value, value_len; /* offsets in a buffer that still grows */
    struct span name, text;
};

/* ---- tasks ------------------------------------------------------------------------------------------ */

static int push(struct xml_printer *p, const struct xml_task *task)
{
    int rc = print_grow((void **)&p->tasks, p->depth, &p->cap, sizeof(*p->tasks));

    if (rc == RC_OK) {
        p->tasks[p->depth++] = *task;
    }
    return rc;
}

/* What stands in `tails` from `start` on is printed when all that is pushed later is done. */
static int push_tail(struct xml_printer *p, size_t start)
{
    return p->tails.rc != RC_OK ? p->tails.rc
                                : push(p, &(struct xml_task){.kind = XML_TAIL, .len = p->tails.len - start});
}

static int push_children(struct xml_printer *p, struct crdt_type type)
{
    struct xml_task task = {.kind = XML_CHILDREN};

    crdt_iter_init(&task.it, p->doc, type);
    return push(p, &task);
}

static int push_delta(struct xml_printer *p, struct crdt_type type)
{
    struct xml_task task = {.kind = XML_DELTA};
    int rc = crdt_delta_open(p->doc, type, &task.delta);

    if (rc == RC_OK) {
        rc = push(p, &task);
        if (rc != RC_OK) {
            crdt_delta_close(task.delta);
        }
    }
    return rc;
}

static int push_attrs(struct xml_printer *p, struct crdt_type type)
{
    struct xml_task task = {.kind = XML_ATTRS};
    int rc = print_keys(p->doc, type, &task.keys, &task.count);

    if (rc == RC_OK) {
        rc = push(p, &task);
        if (rc != RC_OK) {
            free(task.keys);
        }
    }
    return rc;
}

static void drop_task(const struct xml_task *task)
{
    free(task->keys);
    crdt_delta_close(task->delta);
}

/* ---- nodes --------------------------------------------------------------------------------------------- */

static void put_lower(struct buf *out, struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        buf_put_u8(out, c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c);
    }
}

static int open_element(struct xml_printer *p, struct crdt_type type)
{
    bool root = crdt_type_is_none(crdt_type_parent(p->doc, type));
    struct span name = root ? span_str("undefined") : crdt_type_name(p->doc, type);
    size_t start = p->tails.len;

    buf_put_u8(p->out, '<');
    put_lower(p->out, name);
    buf_put_str(&p->tails, "</");
    put_lower(&p->tails, name);
    buf_put_u8(&p->tails, '>');
    int rc = push_tail(p, start);
    if (rc == RC_OK) {
        rc = push_children(p, type);
    }
    start = p->tails.len;
    buf_put_u8(&p->tails, '>');
    if (rc == RC_OK) {
        rc = push_tail(p, start);
    }
    return rc == RC_OK ? push_attrs(p, type) : rc;
}

static int open_type(struct xml_printer *p, struct crdt_type type, enum crdt_kind kind)
{
    switch (kind) {
    case CRDT_XML_ELEMENT:
        return open_element(p, type);
    case CRDT_XML_FRAGMENT:
        return push_children(p, type);
    case CRDT_XML_TEXT:
        return push_delta(p, type);
    case CRDT_TEXT:
        print_text(p->doc, type, p->out);
        break;
    default:
        buf_put_str(p->out, "[object Object]");
        break;
    }
    return RC_OK;
}

static int put_values(struct span values, uint64_t count, struct buf *out)
{
    int rc = RC_OK;

    for (; rc == RC_OK && count > 0; count--) {
        rc = lib0_any_to_string(value_take(&values), out);
    }
    return rc;
}

/* String() of content. */
static int put_run(struct xml_printer *p, const struct crdt_run *run)
{
    switch (run->content) {
    case CRDT_CONTENT_TYPE:
        return open_type(p, run->type, crdt_type_kind(p->doc, run->type));
    case CRDT_CONTENT_ANY:
    case CRDT_CONTENT_JSON:
        return put_values(run->bytes, run->count, p->out);
    case CRDT_CONTENT_EMBED:
        return lib0_any_to_string(run->bytes, p->out);
    case CRDT_CONTENT_BINARY:
        return print_bytes_string(run->bytes, p->out);
    case CRDT_CONTENT_STRING:
        buf_put_span(p->out, run->bytes);
        break;
    case CRDT_CONTENT_DOC:
        buf_put_str(p->out, "[object Object]");
        break;
    default:
        break;
    }
    return RC_OK;
}

/* ---- formats as elements -------------------------------------------------------------------------------- */

struct member_list {
    struct xml_member *members;
    size_t count, cap;
    struct buf text;
};

static int add_member(struct member_list *l, size_t key, size_t value)
{
    int rc = print_grow((void **)&l->members, l->count, &l->cap, sizeof(*l->members));

    if (rc == RC_OK) {
        l->members[l->count++] =
            (struct xml_member){.key = key, .key_len = value - key, .value = value, .value_len = l->text.len - value};
    }
    return rc;
}

/* for (key in value): the members of an object or array. */
static int add_members(struct member_list *l, const struct crdt_value *value)
{
    struct span rest = value->bytes, name;
    int rc = RC_OK;

    for (uint64_t i = 0; rc == RC_OK && i < value->count; i++) {
        size_t key = l->text.len;
        if (value->kind == CRDT_VALUES) {
            buf_printf(&l->text, "%llu", (unsigned long long)i);
        } else if (crdt_value_read_key(&rest, &name)) {
            buf_put_span(&l->text, name);
        }
        size_t at = l->text.len;
        rc = lib0_any_to_string(value_take(&rest), &l->text);
        rc = rc == RC_OK ? add_member(l, key, at) : rc;
    }
    return rc;
}

static int add_indexed(struct member_list *l, uint64_t index, struct span text)
{
    size_t key = l->text.len;

    buf_printf(&l->text, "%llu", (unsigned long long)index);
    size_t at = l->text.len;
    buf_put_span(&l->text, text);
    return add_member(l, key, at);
}

/* … the UTF-16 units of a string: half a pair, on its own, is U+FFFD in UTF-8. */
static int add_units(struct member_list *l, struct span text)
{
    uint64_t index = 0;
    int rc = RC_OK;

    for (size_t at = 0, len; rc == RC_OK && at < text.len; at += len) {
        uint8_t lead = text.data[at];
        len = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        struct span unit = len == 4 ? span_str("\xef\xbf\xbd") : span_of(text.data + at, len);
        rc = add_indexed(l, index++, unit);
        if (rc == RC_OK && len == 4) {
            rc = add_indexed(l, index++, unit);
        }
    }
    return rc;
}

static int add_bytes(struct member_list *l, struct span bytes)
{
    char digits[4];
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < bytes.len; i++) {
        unsigned byte = bytes.data[i];
        size_t len = 0;
        if (byte >= 100) {
            digits[len++] = (char)('0' + byte / 100);
        }
        if (byte >= 10) {
            digits[len++] = (char)('0' + byte / 10 % 10);
        }
        digits[len++] = (char)('0' + byte % 10);
        rc = add_indexed(l, i, span_of(digits, len));
    }
    return rc;
}

static int list_members(struct member_list *l, struct span encoded)
{
    struct crdt_value value;

    if (!crdt_value_read(&encoded, &value)) {
        return RC_FORMAT;
    }
    switch (value.kind) {
    case CRDT_VALUES:
    case CRDT_OBJECT:
        return add_members(l, &value);
    case CRDT_STRING:
        return add_units(l, value.bytes);
    case CRDT_BYTES:
        return add_bytes(l, value.bytes);
    default:
        return RC_OK;
    }
}

static int by_member_name(const void *a, const void *b)
{
    return utf16_compare(((const struct xml_member *)a)->name, ((const struct xml_member *)b)->name);
}

static int put_open_tag(struct xml_printer *p, const struct crdt_attr *attr)
{
    struct member_list l = {0};
    int rc = list_members(&l, attr->value);

    rc = rc == RC_OK ? l.text.rc : rc;
    for (size_t i = 0; rc == RC_OK && i < l.count; i++) {
        l.members[i].name = span_of(l.text.data + l.members[i].key, l.members[i].key_len);
        l.members[i].text = span_of(l.text.data + l.members[i].value, l.members[i].value_len);
    }
    if (rc == RC_OK && l.count > 1) {
        qsort(l.members, l.count, sizeof(*l.members), by_member_name);
    }
    buf_put_u8(p->out, '<');
    buf_put_span(p->out, attr->key);
    for (size_t i = 0; rc == RC_OK && i < l.count; i++) {
        buf_put_u8(p->out, ' ');
        buf_put_span(p->out, l.members[i].name);
        buf_put_str(p->out, "=\"");
        buf_put_span(p->out, l.members[i].text);
        buf_put_u8(p->out, '"');
    }
    buf_put_u8(p->out, '>');
    free(l.members);
    buf_finish(&l.text);
    return rc;
}

static int by_attr_key(const void *a, const void *b)
{
    return utf16_compare(((const struct crdt_attr *)a)->key, ((const struct crdt_attr *)b)->key);
}

/* The tags around an operation of a delta: opened now, closed by a task. */
static int put_tags(struct xml_printer *p, const struct crdt_delta_op *op)
{
    size_t start = p->tails.len;
    struct crdt_attr *sorted = op->attr_count > 0 ? malloc(op->attr_count * sizeof(*sorted)) : NULL;
    int rc = op->attr_count > 0 && !sorted ? RC_NOMEM : RC_OK;

    if (sorted) {
        memcpy(sorted, op->attrs, op->attr_count * sizeof(*sorted));
        qsort(sorted, op->attr_count, sizeof(*sorted), by_attr_key);
    }
    for (size_t i = 0; rc == RC_OK && i < op->attr_count; i++) {
        rc = put_open_tag(p, &sorted[i]);
        buf_put_str(&p->tails, "</");
        buf_put_span(&p->tails, sorted[op->attr_count - 1 - i].key);
        buf_put_u8(&p->tails, '>');
    }
    free(sorted);
    return rc == RC_OK ? push_tail(p, start) : rc;
}

/* ---- steps ------------------------------------------------------------------------------------------------- */

static int step_delta(struct xml_printer *p, struct crdt_delta *delta)
{
    struct crdt_delta_op op;
    int rc = crdt_delta_next(delta, &op);

    if (rc <= 0) {
        if (rc == 0) {
            crdt_delta_close(delta);
            p->depth--;
        }
        return rc;
    }
    rc = put_tags(p, &op);
    if (rc != RC_OK) {
        return rc;
    }
    return put_run(p, &(struct crdt_run){.content = op.content, .count = 1, .bytes = op.bytes, .type = op.type});
}

static int step_attrs(struct xml_printer *p, struct xml_task *task)
{
    if (task->at == task->count) {
        free(task->keys);
        p->depth--;
        return RC_OK;
    }
    struct print_key key = task->keys[task->at++];
    buf_put_u8(p->out, ' ');
    buf_put_span(p->out, key.name);
    buf_put_str(p->out, "=\"");
    size_t start = p->tails.len;
    buf_put_u8(&p->tails, '"');
    int rc = push_tail(p, start);
    return rc == RC_OK ? put_run(p, &key.run) : rc;
}

static int step(struct xml_printer *p)
{
    struct xml_task *task = &p->tasks[p->depth - 1];
    struct crdt_run run;

    switch (task->kind) {
    case XML_TAIL:
        p->tails.len -= task->len;
        if (task->len > 0) {
            buf_put(p->out, p->tails.data + p->tails.len, task->len);
        }
        p->depth--;
        return RC_OK;
    case XML_ATTRS:
        return step_attrs(p, task);
    case XML_CHILDREN:
        if (crdt_iter_next(&task->it, &run)) {
            return put_run(p, &run);
        }
        p->depth--;
        return RC_OK;
    case XML_DELTA:
        return step_delta(p, task->delta);
    }
    return RC_OK;
}

/* Whoever prints a root as XML that is declared as nothing takes it for a fragment. */
static enum crdt_kind kind_as_xml(const struct crdt_doc *doc, struct crdt_type type)
{
    enum crdt_kind kind = crdt_type_kind(doc, type);

    if (kind == CRDT_UNKNOWN) {
        kind = crdt_type_infer(doc, type) == CRDT_XML_TEXT ? CRDT_XML_TEXT : CRDT_XML_FRAGMENT;
    }
    return kind;
}

int crdt_xml_to_string(const struct crdt_doc *doc, struct crdt_type type, struct buf *out)
{
    struct xml_printer p = {.doc = doc, .out = out};
    size_t before = out->len;
    int rc = open_type(&p, type, kind_as_xml(doc, type));

    while (rc == RC_OK && out->rc == RC_OK && p.depth > 0) {
        rc = step(&p);
    }
    rc = rc == RC_OK ? out->rc : rc;
    while (p.depth > 0) {
        drop_task(&p.tasks[--p.depth]);
    }
    free(p.tasks);
    buf_finish(&p.tails);
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}
