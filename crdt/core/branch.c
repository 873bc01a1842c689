#include "crdt/core/branch.h"

#include <string.h>
#include "crdt/core/formats.h"
#include "crdt/core/hash.h"
#include "crdt/core/nest.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"

/* ---- lists ------------------------------------------------------------------------------------- */

static uint32_t seq_make(struct crdt_doc *doc, uint32_t branch)
{
    uint32_t seq = doc->seq_free;

    if (seq) {
        doc->seq_free = doc->seqs[seq].next;
    } else {
        seq = doc->seq_count++;
    }
    doc->seqs[seq] = (struct seq){.branch = branch, .key = NONE32};
    return seq;
}

static void seq_release(struct crdt_doc *doc, uint32_t seq)
{
    nest_drop(doc, seq);
    formats_drop(doc, seq);
    seq_clear(doc, seq);
    doc->seqs[seq] = (struct seq){.key = NONE32, .next = doc->seq_free};
    doc->seq_free = seq;
}

uint32_t branch_list_make(struct crdt_doc *doc, uint32_t branch)
{
    if (!doc->branches[branch].list) {
        uint32_t seq = seq_make(doc, branch);
        doc->branches[branch].list = seq;
    }
    return doc->branches[branch].list;
}

/* ---- keys ---------------------------------------------------------------------------------------- */

struct span branch_key_name(const struct crdt_doc *doc, uint32_t seq)
{
    return pool_span(doc, doc->seqs[seq].key, doc->seqs[seq].key_len);
}

static uint32_t key_hash(const struct crdt_doc *doc, uint32_t branch, struct span key)
{
    return hash_bytes(doc->hash_seed, branch, key.data, key.len);
}

uint32_t branch_key_find(const struct crdt_doc *doc, uint32_t branch, struct span key)
{
    const struct hash_index *ix = &doc->keys;

    if (ix->cap == 0) {
        return 0;
    }
    for (uint32_t at = hash_start(ix, key_hash(doc, branch, key)); ix->slot[at]; at = hash_step(ix, at)) {
        uint32_t seq = ix->slot[at];
        if (doc->seqs[seq].branch == branch && span_equal(branch_key_name(doc, seq), key)) {
            return seq;
        }
    }
    return 0;
}

uint32_t branch_key_make(struct crdt_doc *doc, uint32_t branch, struct span key)
{
    uint32_t seq = branch_key_find(doc, branch, key);

    if (seq) {
        return seq;
    }
    struct branch *b = &doc->branches[branch];
    seq = seq_make(doc, branch);
    doc->seqs[seq].key = pool_put(doc, key);
    doc->seqs[seq].key_len = (uint32_t)key.len;
    if (b->keys_last) {
        doc->seqs[b->keys_last].next = seq;
    } else {
        b->keys = seq;
    }
    b->keys_last = seq;
    hash_put(&doc->keys, key_hash(doc, branch, key), seq);
    return seq;
}

static void key_forget(struct crdt_doc *doc, uint32_t seq)
{
    struct hash_index *ix = &doc->keys;
    uint32_t hole = hash_start(ix, key_hash(doc, doc->seqs[seq].branch, branch_key_name(doc, seq)));

    while (ix->slot[hole] != seq) {
        hole = hash_step(ix, hole);
    }
    /* Close the hole: an entry behind it moves up unless it already stands at or after its start. */
    for (uint32_t at = hash_step(ix, hole); ix->slot[at]; at = hash_step(ix, at)) {
        uint32_t other = ix->slot[at];
        uint32_t start = hash_start(ix, key_hash(doc, doc->seqs[other].branch, branch_key_name(doc, other)));
        if (((at - start) & (ix->cap - 1)) >= ((at - hole) & (ix->cap - 1))) {
            ix->slot[hole] = other;
            hole = at;
        }
    }
    ix->slot[hole] = 0;
    ix->count--;
    pool_drop(doc, doc->seqs[seq].key_len);
}

int branch_keys_reserve(struct crdt_doc *doc, uint64_t more)
{
    struct hash_index grown;
    int rc = hash_plan(&doc->mem, &doc->keys, more, &grown);

    if (rc != RC_OK || grown.cap == doc->keys.cap) {
        return rc;
    }
    for (uint32_t i = 0; i < doc->keys.cap; i++) {
        uint32_t seq = doc->keys.slot[i];
        if (seq) {
            hash_put(&grown, key_hash(doc, doc->seqs[seq].branch, branch_key_name(doc, seq)), seq);
        }
    }
    hash_replace(&doc->mem, &doc->keys, &grown);
    return RC_OK;
}

/* ---- branches --------------------------------------------------------------------------------------- */

struct span branch_name(const struct crdt_doc *doc, uint32_t branch)
{
    return pool_span(doc, doc->branches[branch].name, doc->branches[branch].name_len);
}

uint32_t branch_make(struct crdt_doc *doc, uint32_t item, enum crdt_kind kind, struct span name)
{
    uint32_t branch = doc->branch_free;

    if (branch) {
        doc->branch_free = doc->branches[branch].item;
    } else {
        branch = doc->branch_count++;
    }
    uint32_t off = pool_put(doc, name);
    doc->branches[branch] =
        (struct branch){.item = item, .kind = (uint8_t)kind, .name = off, .name_len = (uint32_t)name.len};
    return branch;
}

void branch_free(struct crdt_doc *doc, uint32_t branch)
{
    struct branch *b = &doc->branches[branch];

    if (b->list) {
        seq_release(doc, b->list);
    }
    for (uint32_t seq = b->keys; seq;) {
        uint32_t next = doc->seqs[seq].next;
        key_forget(doc, seq);
        seq_release(doc, seq);
        seq = next;
    }
    pool_drop(doc, b->name_len);
    *b = (struct branch){.item = doc->branch_free, .free = 1};
    doc->branch_free = branch;
}

/* ---- roots -------------------------------------------------------------------------------------------- */

uint32_t branch_root_find(const struct crdt_doc *doc, struct span name)
{
    const struct hash_index *ix = &doc->roots;

    if (ix->cap == 0) {
        return 0;
    }
    uint32_t hash = hash_bytes(doc->hash_seed, 0, name.data, name.len);
    for (uint32_t at = hash_start(ix, hash); ix->slot[at]; at = hash_step(ix, at)) {
        if (span_equal(branch_name(doc, ix->slot[at]), name)) {
            return ix->slot[at];
        }
    }
    return 0;
}

uint32_t branch_root_make(struct crdt_doc *doc, struct span name, enum crdt_kind kind)
{
    uint32_t branch = branch_make(doc, 0, kind, name);

    hash_put(&doc->roots, hash_bytes(doc->hash_seed, 0, name.data, name.len), branch);
    doc->root_order[doc->roots.count] = branch;
    return branch;
}

/* Room for the names of `more` roots in order. */
static int root_order_reserve(struct crdt_doc *doc, uint64_t more)
{
    bool first = doc->root_order_cap == 0;
    int rc = mem_reserve(&doc->mem, (void **)&doc->root_order, &doc->root_order_cap,
                         more > 0 ? (uint64_t)doc->roots.count + more + 1 : 0, sizeof(*doc->root_order));

    if (rc == RC_OK && first && doc->root_order_cap > 0) {
        doc->root_order[0] = 0;
    }
    return rc;
}

int branch_roots_reserve(struct crdt_doc *doc, uint64_t more)
{
    struct hash_index grown;
    int rc = root_order_reserve(doc, more);

    if (rc == RC_OK) {
        rc = hash_plan(&doc->mem, &doc->roots, more, &grown);
    }
    if (rc != RC_OK || grown.cap == doc->roots.cap) {
        return rc;
    }
    for (uint32_t i = 0; i < doc->roots.cap; i++) {
        uint32_t branch = doc->roots.slot[i];
        if (branch) {
            struct span name = branch_name(doc, branch);
            hash_put(&grown, hash_bytes(doc->hash_seed, 0, name.data, name.len), branch);
        }
    }
    hash_replace(&doc->mem, &doc->roots, &grown);
    return RC_OK;
}

/* ---- what stands below ------------------------------------------------------------------------------ */

static uint32_t first_seq(const struct crdt_doc *doc, uint32_t branch)
{
    const struct branch *b = &doc->branches[branch];

    return b->list ? b->list : b->keys;
}

static uint32_t next_seq(const struct crdt_doc *doc, uint32_t seq)
{
    const struct seq *s = &doc->seqs[seq];

    return s->key == NONE32 ? doc->branches[s->branch].keys : s->next;
}

static bool is_live_type(const struct item *it)
{
    return item_kind(it) == BLOCK_TYPE && !item_deleted(it);
}

/* The next item of a walk through all that stands below `top`, down into types and up again behind them; *seq is the
 * list that the place is in, 0 at the end. */
static uint32_t walk_on(const struct crdt_doc *doc, uint32_t top, uint32_t *seq, struct seq_at *place)
{
    uint32_t item = 0;

    while (*seq && (item = seq_item(doc, *place)) == 0) {
        uint32_t branch = doc->seqs[*seq].branch, next = next_seq(doc, *seq);
        if (next) {
            *seq = next;
            *place = seq_begin(doc, next);
        } else if (branch == top) {
            *seq = 0;
        } else {
            uint32_t parent = doc->branches[branch].item;
            *seq = seq_of(doc, parent);
            *place = seq_at_item(doc, parent);
            seq_step(doc, place);
        }
    }
    if (item && is_live_type(item_at(doc, item)) && first_seq(doc, item_at(doc, item)->off)) {
        *seq = first_seq(doc, item_at(doc, item)->off);
        *place = seq_begin(doc, *seq);
    } else if (item) {
        seq_step(doc, place);
    }
    return item;
}

uint64_t branch_beneath(const struct crdt_doc *doc, uint32_t item)
{
    uint64_t count = 0;

    if (!item || !is_live_type(item_at(doc, item))) {
        return 0;
    }
    uint32_t top = item_at(doc, item)->off, seq = first_seq(doc, top);
    struct seq_at place = seq ? seq_begin(doc, seq) : (struct seq_at){0, 0};
    while (walk_on(doc, top, &seq, &place)) {
        count++;
    }
    return count;
}
