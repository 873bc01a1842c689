/* Traces from and to JSON: see trace.h. */
#include "bench/engine/trace.h"

#include <jansson.h>
#include "crdt/lib0/any.h"

struct reading {
    struct trace *trace;
    const char *why; /* what is wrong; NULL as long as nothing is */
};

static int refuse(struct reading *r, const char *why)
{
    r->why = why;
    return RC_FORMAT;
}

static bool number(const json_t *value, uint32_t *out)
{
    json_int_t n = json_integer_value(value);

    if (!json_is_integer(value) || n < 0 || n > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)n;
    return true;
}

static struct span text_of(const json_t *value)
{
    return span_of(json_string_value(value), json_string_length(value));
}

/* In UTF-8 only characters beyond U+FFFF begin with a byte from F0 on. */
static bool is_basic(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 0xf0) {
            return false;
        }
    }
    return true;
}

static int read_patch(struct reading *r, const json_t *patch)
{
    const json_t *text = json_array_get(patch, 2);
    uint32_t at, deleted;

    if (!number(json_array_get(patch, 0), &at) || !number(json_array_get(patch, 1), &deleted) ||
        !json_is_string(text)) {
        return refuse(r, "a patch is [position, deleted, \"inserted\"]");
    }
    if (!is_basic(text_of(text))) {
        return refuse(r, "characters beyond U+FFFF are not supported: positions would need conversion");
    }
    return trace_add_patch(r->trace, at, deleted, text_of(text));
}

static int read_parents(struct reading *r, const json_t *parents)
{
    size_t i;
    json_t *value;
    int rc = RC_OK;

    json_array_foreach(parents, i, value)
    {
        uint32_t parent;
        if (!number(value, &parent) || parent + 1 >= r->trace->txn_count) {
            return refuse(r, "a parent is the index of an earlier transaction");
        }
        rc = trace_add_parent(r->trace, parent);
        if (rc != RC_OK) {
            return rc;
        }
    }
    return RC_OK;
}

static int read_txn(struct reading *r, const json_t *txn)
{
    const json_t *patches = json_object_get(txn, "patches");
    const json_t *agent_value = json_object_get(txn, "agent");
    uint32_t agent = 0;
    size_t i;
    json_t *patch;

    if (!json_is_array(patches) || (agent_value != NULL && (!number(agent_value, &agent) || agent > 10000))) {
        return refuse(r, "a transaction has patches, and an agent up to 10,000");
    }
    int rc = trace_add_txn(r->trace, agent);
    json_array_foreach(patches, i, patch)
    {
        rc = rc == RC_OK ? read_patch(r, patch) : rc;
    }
    return rc == RC_OK ? read_parents(r, json_object_get(txn, "parents")) : rc;
}

static int read_txns(struct reading *r, const json_t *root)
{
    const json_t *txns = json_object_get(root, "txns");
    size_t i;
    json_t *txn;
    int rc = RC_OK;

    if (!json_is_array(txns)) {
        return refuse(r, "no \"txns\"");
    }
    json_array_foreach(txns, i, txn)
    {
        rc = rc == RC_OK ? read_txn(r, txn) : rc;
    }
    return rc;
}

/* A text to start from is the first transaction. */
static int read_start(struct reading *r, const json_t *root)
{
    struct span start = text_of(json_object_get(root, "startContent"));

    if (start.len == 0) {
        return RC_OK;
    }
    if (r->trace->concurrent || !is_basic(start)) {
        return refuse(r, "a start content is supported in sequential traces without characters beyond U+FFFF");
    }
    int rc = trace_add_txn(r->trace, 0);
    return rc == RC_OK ? trace_add_patch(r->trace, 0, 0, start) : rc;
}

static int read_root(struct reading *r, const json_t *root)
{
    const json_t *end = json_object_get(root, "endContent");
    int rc;

    r->trace->concurrent = json_object_get(root, "numAgents") != NULL;
    rc = read_start(r, root);
    rc = rc == RC_OK ? read_txns(r, root) : rc;
    if (rc == RC_OK && json_is_string(end)) {
        buf_put_span(&r->trace->end, text_of(end));
        r->trace->has_end = true;
        rc = r->trace->end.rc;
    }
    return rc == RC_OK && r->trace->txn_count == 0 ? refuse(r, "there is no transaction in it") : rc;
}

int trace_parse(struct span json, struct trace *out, const char **why)
{
    struct reading reading = {.trace = out};
    json_t *root = json_loadb((const char *)json.data, json.len, 0, NULL);
    int rc = root == NULL ? refuse(&reading, "it is not JSON") : read_root(&reading, root);

    json_decref(root);
    if (rc != RC_OK) {
        trace_finish(out);
        *why = reading.why != NULL ? reading.why : rc_text(rc);
    }
    return rc;
}

static void write_txn(const struct trace *t, const struct trace_txn *txn, struct buf *out)
{
    buf_printf(out, "{\"agent\":%u,\"parents\":[", txn->agent);
    for (size_t i = 0; i < txn->parents; i++) {
        buf_printf(out, "%s%u", i > 0 ? "," : "", t->parents[txn->parent + i]);
    }
    buf_put_str(out, "],\"patches\":[");
    for (size_t i = 0; i < txn->patches; i++) {
        const struct trace_patch *p = &t->patches[txn->patch + i];
        buf_printf(out, "%s[%u,%u,", i > 0 ? "," : "", p->at, p->deleted);
        lib0_put_json_string(out, trace_text(t, p));
        buf_put_u8(out, ']');
    }
    buf_put_str(out, "]}");
}

void trace_write(const struct trace *t, struct buf *out)
{
    buf_printf(out, "{\"agents\":%u,\"concurrent\":%s,\"copies\":%u,\"txns\":[", t->agents,
               t->concurrent ? "true" : "false", t->copies);
    for (size_t i = 0; i < t->txn_count; i++) {
        buf_put_str(out, i > 0 ? ",\n" : "\n");
        write_txn(t, &t->txns[i], out);
    }
    buf_put_str(out, "]}\n");
}
