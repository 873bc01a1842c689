#include "bench/engine/synthetic.h"

#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "tests/support/rng.h"

#define SEED    42
#define INITIAL 100 /* letters that both agents of B2.x begin with */

/* One agent's view of the text while its part of a trace is made. */
struct writer {
    struct trace *trace;
    struct rng *rng;
    struct buf text;
    uint32_t agent;
    int64_t last; /* its last transaction, -1 before the first */
};

static uint64_t between(struct rng *rng, uint64_t least, uint64_t most)
{
    return least + rng_below(rng, most - least + 1);
}

/* Appends `least` to `most` letters. */
static void put_word(struct rng *rng, uint64_t least, uint64_t most, struct buf *out)
{
    for (uint64_t left = between(rng, least, most); left > 0; left--) {
        buf_put_u8(out, (uint8_t)('a' + rng_below(rng, 26)));
    }
}

/* The change in the writer's own text; `inserted` is not part of it. */
static void splice(struct buf *text, size_t at, size_t deleted, struct span inserted)
{
    if (buf_reserve(text, inserted.len) != RC_OK) {
        return;
    }
    memmove(text->data + at + inserted.len, text->data + at + deleted, text->len - at - deleted);
    if (inserted.len > 0) {
        memcpy(text->data + at, inserted.data, inserted.len);
    }
    text->len = text->len - deleted + inserted.len;
}

static int begin(struct writer *w)
{
    int rc = trace_add_txn(w->trace, w->agent);

    if (rc == RC_OK && w->last >= 0) {
        rc = trace_add_parent(w->trace, (uint32_t)w->last);
    }
    w->last = (int64_t)w->trace->txn_count - 1;
    return rc;
}

static int change(struct writer *w, size_t at, size_t deleted, struct span inserted)
{
    int rc = begin(w);

    rc = rc == RC_OK ? trace_add_patch(w->trace, (uint32_t)at, (uint32_t)deleted, inserted) : rc;
    splice(&w->text, at, deleted, inserted);
    return rc == RC_OK ? w->text.rc : rc;
}

static int insert_word(struct writer *w, size_t at, uint64_t least, uint64_t most)
{
    struct buf word = {0};

    put_word(w->rng, least, most, &word);
    int rc = word.rc == RC_OK ? change(w, at, 0, buf_span(&word)) : word.rc;
    buf_finish(&word);
    return rc;
}

static size_t anywhere(struct writer *w)
{
    return (size_t)between(w->rng, 0, w->text.len);
}

/* A word or, in half of the cases, a few letters less. */
static int insert_or_delete(struct writer *w, size_t at)
{
    size_t behind = w->text.len - at;

    if (behind == 0 || rng_chance(w->rng, 50)) {
        return insert_word(w, at, 2, 10);
    }
    return change(w, at, (size_t)between(w->rng, 1, behind < 9 ? behind : 9), span_of(NULL, 0));
}

static int write_one(struct writer *w, enum synthetic what, uint32_t n)
{
    int rc;

    switch (what) {
    case B1_1:
        return insert_word(w, w->text.len, 1, 1);
    case B1_3:
        return insert_word(w, 0, 1, 1);
    case B1_2:
    case B2_1:
        return insert_word(w, 0, n, n);
    case B1_6:
        rc = insert_word(w, 0, n, n);
        return rc == RC_OK ? change(w, 0, n, span_of(NULL, 0)) : rc;
    case B1_4:
    case B2_2:
        return insert_word(w, anywhere(w), 1, 1);
    case B1_5:
        return insert_word(w, anywhere(w), 2, 10);
    case B2_3:
        return insert_word(w, anywhere(w), 3, 9);
    case B1_7:
        return insert_or_delete(w, anywhere(w));
    case B2_4: {
        size_t at = anywhere(w);
        rc = insert_word(w, at, 3, 9);
        return rc == RC_OK ? insert_or_delete(w, at) : rc;
    }
    default:
        return RC_ARG;
    }
}

static int write_all(struct writer *w, enum synthetic what, uint32_t n)
{
    uint32_t times = what == B1_2 || what == B1_6 || what == B2_1 ? 1 : n;
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < times; i++) {
        rc = write_one(w, what, n);
    }
    return rc;
}

static int sequential(struct rng *rng, enum synthetic what, uint32_t n, struct trace *out)
{
    struct writer w = {.trace = out, .rng = rng, .last = -1};
    int rc = write_all(&w, what, n);

    buf_put_span(&out->end, buf_span(&w.text));
    out->has_end = true;
    buf_finish(&w.text);
    return rc == RC_OK ? out->end.rc : rc;
}

static int concurrent(struct rng *rng, enum synthetic what, uint32_t n, struct trace *out)
{
    struct writer first = {.trace = out, .rng = rng, .last = -1}, second = {.trace = out, .rng = rng, .agent = 1};
    int rc = insert_word(&first, 0, INITIAL, INITIAL);

    out->concurrent = true;
    buf_put_span(&second.text, buf_span(&first.text));
    rc = rc == RC_OK ? write_all(&first, what, n) : rc;
    rc = rc == RC_OK ? write_all(&second, what, n) : rc;
    buf_finish(&first.text);
    buf_finish(&second.text);
    return rc;
}

int synthetic_trace(enum synthetic what, uint32_t n, struct trace *out)
{
    struct rng rng;

    rng_init(&rng, SEED);
    return what < B2_1 ? sequential(&rng, what, n, out) : concurrent(&rng, what, n, out);
}

/* ---- Many clients ------------------------------------------------------------------------------ */

static uint32_t many(uint32_t n)
{
    uint32_t root = 0;

    while ((uint64_t)(root + 1) * (root + 1) <= n) {
        root++;
    }
    return root * 20;
}

/* The value of client i as JSON. */
static void put_json(enum synthetic what, uint32_t i, uint32_t clients, struct buf *out)
{
    if (what == B3_1) {
        buf_printf(out, "%u", i);
    } else if (what == B3_2) {
        buf_printf(out, "{\"name\":\"%u\",\"address\":\"here\"}", i);
    } else {
        buf_put_u8(out, '"');
        for (uint32_t k = 0; k < (what == B3_3 ? clients : 1); k++) {
            buf_printf(out, "%u", i);
        }
        buf_put_u8(out, '"');
    }
}

static int set_or_insert(struct crdt_doc *doc, struct crdt_type root, enum synthetic what, struct span value)
{
    switch (what) {
    case B3_4:
        return crdt_list_insert(doc, root, 0, value);
    case B3_5:
        return crdt_text_insert(doc, root, 0, value, NULL, 0);
    default:
        return crdt_map_set(doc, root, span_str("v"), value);
    }
}

/* What client i does, in a document of its own. `value`: the value, or the text of B3.5. */
static int edit_alone(enum synthetic what, uint64_t client, struct span value, struct buf *update)
{
    const char *name = what == B3_4 ? "array" : what == B3_5 ? "text" : "map";
    enum crdt_kind kind = what == B3_4 ? CRDT_ARRAY : what == B3_5 ? CRDT_TEXT : CRDT_MAP;
    struct crdt_doc *doc;
    struct crdt_type root;
    int rc = crdt_doc_create(&(struct crdt_doc_options){.client = client}, &doc);

    if (rc != RC_OK) {
        return rc;
    }
    rc = crdt_root_declare(doc, span_str(name), kind, &root);
    rc = rc == RC_OK ? crdt_txn_begin(doc) : rc;
    rc = rc == RC_OK ? set_or_insert(doc, root, what, value) : rc;
    rc = rc == RC_OK ? crdt_txn_commit(doc, CRDT_V1, update) : rc;
    crdt_doc_destroy(doc);
    return rc;
}

static int put_update(enum synthetic what, uint32_t i, uint32_t clients, uint64_t client, struct update_list *out)
{
    struct buf json = {0}, value = {0};
    int rc;

    put_json(what, i, clients, &json);
    rc = json.rc;
    if (rc == RC_OK && what == B3_5) {
        rc = edit_alone(what, client, span_of(json.data + 1, json.len - 2), &out->bytes);
    } else if (rc == RC_OK) {
        rc = crdt_value_from_json(buf_span(&json), &value);
        rc = rc == RC_OK ? edit_alone(what, client, buf_span(&value), &out->bytes) : rc;
    }
    buf_finish(&json);
    buf_finish(&value);
    return rc == RC_OK ? update_list_close(out) : rc;
}

int synthetic_updates(enum synthetic what, uint32_t n, struct update_list *out)
{
    uint32_t clients = many(n);
    struct rng rng;
    int rc = RC_OK;

    rng_init(&rng, SEED);
    for (uint32_t i = 0; rc == RC_OK && i < clients; i++) {
        rc = put_update(what, i, clients, 1 + rng_below(&rng, UINT32_MAX), out);
    }
    return rc;
}
