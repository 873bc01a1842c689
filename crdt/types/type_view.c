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

/* Formats and subdocuments: a string, then a value. */
static void split_key(struct crdt_run *run)
{
    struct lib0_dec d = lib0_dec_of(run->bytes);

    run->key = lib0_dec_varbytes(&d);
    run->bytes = span_of(d.pos, lib0_dec_left(&d));
}

void item_run(const struct crdt_doc *doc, uint32_t item, struct crdt_run *out)
{
    const struct item *it = item_at(doc, item);

    *out = (struct crdt_run){
        .content = (enum crdt_content)item_kind(it),
        .count = it->len,
        .client = doc->clients[it->client].id,
        .clock = it->clock,
    };
    if (out->content == CRDT_CONTENT_TYPE) {
        out->type.ref = it->off;
        return;
    }
    out->bytes = pool_span(doc, it->off, it->bytes);
    if (out->content == CRDT_CONTENT_FORMAT || out->content == CRDT_CONTENT_DOC) {
        split_key(out);
    }
    if (out->content == CRDT_CONTENT_FORMAT) {
        out->count = 0;
    }
}

/* yjs takes the last element of an entry's content; its own entries have only one. */
static void keep_last_value(struct crdt_run *run)
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
    item_run(doc, item, out);
    if (out->content == CRDT_CONTENT_ANY || out->content == CRDT_CONTENT_JSON) {
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
    uint32_t seq = type_list(doc, type);
    struct seq_at place = seq ? seq_begin(doc, seq) : (struct seq_at){0, 0};

    *it = (struct crdt_iter){doc, place.leaf, place.slot};
}

bool crdt_iter_next(struct crdt_iter *it, struct crdt_run *out)
{
    struct seq_at place = {it->leaf, it->slot};
    uint32_t item;

    do {
        item = seq_item(it->doc, place);
        if (!item) {
            it->leaf = 0;
            return false;
        }
        seq_step(it->doc, &place);
    } while (item_deleted(item_at(it->doc, item)));
    it->leaf = place.leaf;
    it->slot = place.slot;
    item_run(it->doc, item, out);
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
