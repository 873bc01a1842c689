#include "crdt/types/type_view.h"

#include "crdt/core/branch.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"

uint32_t type_branch(const struct crdt_doc *doc, struct crdt_type type)
{
    return type.ref < doc->branch_count && !doc->branches[type.ref].free ? type.ref : 0;
}

uint32_t type_list(const struct crdt_doc *doc, struct crdt_type type)
{
    return doc->branches[type_branch(doc, type)].list;
}

/* Apart, so that the ways below, which every run goes, stay short. */
__attribute__((noinline)) static void split_long_key(struct crdt_run *run)
{
    struct lib0_dec d = lib0_dec_of(run->bytes);

    run->key = lib0_dec_varbytes(&d);
    run->bytes = span_of(d.pos, lib0_dec_left(&d));
}

/* Formats and subdocuments: a string, then a value. */
static inline void split_key(struct crdt_run *run)
{
    const uint8_t *data = run->bytes.data;
    size_t len = run->bytes.len;

    if (len > 0 && data[0] < 0x80 && data[0] < len) {
        run->key = span_of(data + 1, data[0]);
        run->bytes = span_of(data + 1 + data[0], len - 1 - data[0]);
    } else {
        split_long_key(run);
    }
}

/* The name is that of an XML element or hook; other types have none. */
static inline void fill_type(const struct crdt_doc *doc, uint32_t branch, struct crdt_run *out)
{
    out->type.ref = branch;
    out->kind = (enum crdt_kind)doc->branches[branch].kind;
    out->key = branch_name(doc, branch);
    out->bytes = (struct span){0};
}

static inline void fill_run(const struct crdt_doc *doc, const struct item *it, struct crdt_run *out)
{
    uint32_t kind = item_kind(it);

    out->content = (enum crdt_content)kind;
    out->count = kind == BLOCK_FORMAT ? 0 : it->len;
    out->client = doc->clients[it->client].id;
    out->clock = it->clock;
    if (kind == BLOCK_TYPE) {
        fill_type(doc, it->off, out);
        return;
    }
    out->type.ref = 0;
    out->kind = CRDT_UNKNOWN;
    out->key = (struct span){0};
    out->bytes = pool_span(doc, it->off, it->bytes);
    if (kind == BLOCK_FORMAT || kind == BLOCK_DOC) {
        split_key(out);
    }
}

void item_run(const struct crdt_doc *doc, const struct item *it, struct crdt_run *out)
{
    fill_run(doc, it, out);
}

/* yjs takes the last element of an entry's content; its own entries have only one. */
__attribute__((noinline)) static void keep_last_value(struct crdt_run *run)
{
    struct lib0_dec d = lib0_dec_of(run->bytes);

    for (; run->count > 1; run->count--) {
        lib0_any_skip(&d);
        run->clock++;
    }
    run->bytes = span_of(d.pos, lib0_dec_left(&d));
}

bool key_run(const struct crdt_doc *doc, uint32_t seq, struct crdt_run *out)
{
    uint32_t item = seq_last(doc, seq);

    if (!item || item_deleted(item_at(doc, item))) {
        return false;
    }
    fill_run(doc, item_at(doc, item), out);
    if (out->count > 1 && (out->content == CRDT_CONTENT_ANY || out->content == CRDT_CONTENT_JSON)) {
        keep_last_value(out);
    }
    return true;
}

/* ---- values ---------------------------------------------------------------------------------------- */

struct span value_take(struct span *values)
{
    struct lib0_dec d = lib0_dec_of(*values);
    struct span value;

    lib0_any_skip(&d);
    value = span_of(values->data, values->len - lib0_dec_left(&d));
    *values = span_of(values->data + value.len, values->len - value.len);
    return value;
}

/* ---- walking --------------------------------------------------------------------------------------- */

void crdt_iter_init(struct crdt_iter *it, const struct crdt_doc *doc, struct crdt_type type)
{
    *it = (struct crdt_iter){.doc = doc, .leaf = seq_first_leaf(doc, type_list(doc, type))};
}

/* The items of the next leaf; false: there is none. */
static bool next_leaf(struct crdt_iter *it)
{
    uint32_t count = 0;

    if (it->leaf == 0) {
        return false;
    }
    it->leaf = seq_leaf_items(it->doc, it->leaf, &it->at, &count);
    it->end = it->at + count;
    return true;
}

bool crdt_iter_next(struct crdt_iter *it, struct crdt_run *out)
{
    const struct item *item = NULL;

    do {
        if (it->at == it->end && !next_leaf(it)) {
            return false;
        }
        item = item_at(it->doc, *it->at++);
    } while (item_deleted(item));
    fill_run(it->doc, item, out);
    return true;
}

bool crdt_map_get(const struct crdt_doc *doc, struct crdt_type type, struct span key, struct crdt_run *out)
{
    uint32_t branch = type_branch(doc, type), seq = branch ? branch_key_find(doc, branch, key) : 0;

    return seq && key_run(doc, seq, out);
}

void crdt_map_iter_init(struct crdt_map_iter *it, const struct crdt_doc *doc, struct crdt_type type)
{
    *it = (struct crdt_map_iter){doc, doc->branches[type_branch(doc, type)].keys};
}

bool crdt_map_iter_next(struct crdt_map_iter *it, struct span *key, struct crdt_run *out)
{
    while (it->seq) {
        uint32_t seq = it->seq;
        it->seq = it->doc->seqs[seq].next;
        if (key_run(it->doc, seq, out)) {
            *key = branch_key_name(it->doc, seq);
            return true;
        }
    }
    return false;
}
