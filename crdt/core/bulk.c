#include "crdt/core/bulk.h"

#include "crdt/core/branch.h"
#include "crdt/core/bulk_link.h"
#include "crdt/core/bulk_settle.h"
#include "crdt/core/bulk_table.h"
#include "crdt/core/plan.h"
#include "crdt/core/seq.h"

bool bulk_suits(const struct crdt_doc *doc)
{
    return doc->item_count == 1 && doc->struct_count == 0 && !doc->pending && !doc->txn.active;
}

/* ---- the second document -------------------------------------------------------------------------- */

/* Roots keep their places, so that who knows one by its branch still does. */
static int copy_roots(const struct crdt_doc *from, struct crdt_doc *to)
{
    int rc = RC_OK;

    for (uint32_t i = 1; rc == RC_OK && i < from->branch_count; i++) {
        struct span name = branch_name(from, i);
        rc = doc_reserve(to, &(struct reserve){.types = 1, .roots = 1, .bytes = name.len});
        if (rc == RC_OK) {
            branch_root_make(to, name, (enum crdt_kind)from->branches[i].kind);
        }
    }
    return rc;
}

/* The contents of two documents change places; who they are stays. */
static void swap_contents(struct crdt_doc *a, struct crdt_doc *b)
{
    struct crdt_doc was = *a;

    *a = *b;
    *b = was;
    a->scratch = was.scratch;
    a->changes = was.changes + b->changes + 1;
    b->scratch = (struct arena){0};
}

int bulk_begin(struct bulk *b, struct crdt_doc *doc, size_t size, struct arena *scratch)
{
    const struct crdt_doc_options same = {
        .client = doc->client_id, .keep_deleted = doc->keep_deleted, .memory_limit = doc->mem.limit};

    *b = (struct bulk){.target = doc, .scratch = scratch, .client = NONE32, .other = NONE32, .first_author = BULK_NONE};
    int rc = crdt_doc_create(&same, &b->doc);
    if (rc == RC_OK) {
        rc = copy_roots(doc, b->doc);
    }
    if (rc == RC_OK) {
        /* Half of a state is text. Where that is too much, it grows as needed. */
        int guess = mem_reserve(&b->doc->mem, (void **)&b->doc->pool, &b->doc->pool_cap, size / 2, 1);
        (void)guess;
    }
    return rc;
}

/* ---- leaves and chunks -------------------------------------------------------------------------------------- */

/* Closes the gaps that joining has left. */
static void gather_structs(struct bulk *b, struct bulk_author *a)
{
    uint32_t to = a->first;

    for (uint32_t s = a->first; s < a->end; s++) {
        if (b->structs[s].clock != BULK_ABSORBED) {
            b->structs[to++] = b->structs[s];
        }
    }
    a->end = to;
}

static void fill_list(struct bulk *b, uint32_t seq)
{
    uint32_t *items = b->left, count = 0; /* origins are of no use any more */

    for (uint32_t s = b->doc->seqs[seq].first - 1; s != BULK_NONE; s = b->next[s]) {
        items[count++] = b->structs[s].item;
    }
    seq_fill(b->doc, seq, items, count);
}

static int fill(struct bulk *b)
{
    struct crdt_doc *doc = b->doc;
    uint64_t words = doc->word_count;

    for (uint32_t seq = 1; seq < doc->seq_count; seq++) {
        words += seq_fill_words(doc->seqs[seq].length);
    }
    for (uint32_t c = 0; c < b->author_count; c++) {
        words += ids_fill_words(b->authors[c].end - b->authors[c].first);
    }
    int rc = mem_reserve(&doc->mem, (void **)&doc->words, &doc->word_cap, words, sizeof(*doc->words));
    if (rc != RC_OK) {
        return rc;
    }
    for (uint32_t seq = 1; seq < doc->seq_count; seq++) {
        fill_list(b, seq);
    }
    for (uint32_t c = 0; c < b->author_count; c++) {
        struct bulk_author *a = &b->authors[c];
        gather_structs(b, a);
        ids_fill(doc, c, b->structs + a->first, a->end - a->first);
    }
    return RC_OK;
}

/* ---- the end -------------------------------------------------------------------------------------------------- */

static int build(struct bulk *b, const struct idset *deletes)
{
    b->patience = 8 * (uint64_t)b->count + 1024;
    int rc = bulk_resolve(b, deletes);

    if (rc == RC_OK) {
        rc = bulk_link(b);
    }
    if (rc == RC_OK) {
        rc = bulk_delete_all(b, deletes);
    }
    if (rc == RC_OK) {
        rc = bulk_join_all(b);
    }
    return rc == RC_OK ? fill(b) : rc;
}

static void drop_arrays(struct bulk *b)
{
    struct mem *m = &b->doc->mem;

    mem_trim(m, (void **)&b->structs, &b->cap, 0, sizeof(*b->structs));
    mem_trim(m, (void **)&b->parents, &b->parent_cap, 0, sizeof(*b->parents));
    mem_trim(m, (void **)&b->authors, &b->author_cap, 0, sizeof(*b->authors));
    mem_trim(m, (void **)&b->cuts, &b->cut_cap, 0, sizeof(*b->cuts));
    idset_finish(&b->later);
}

int bulk_end(struct bulk *b, const struct idset *deletes)
{
    int rc = bulk_author_reserve(b);

    if (rc == RC_OK) {
        rc = build(b, deletes);
    }
    if (rc == RC_OK && b->later.count > 0) {
        rc = idset_normalize(&b->later);
    }
    if (rc == RC_OK && b->later.count > 0) {
        rc = apply_pieces(b->doc, NULL, 0, &b->later, b->scratch);
    }
    if (rc == RC_OK) {
        drop_arrays(b);
        doc_settle(b->doc);
        swap_contents(b->target, b->doc);
    }
    return rc;
}

void bulk_finish(struct bulk *b)
{
    if (b->doc) {
        drop_arrays(b);
        crdt_doc_destroy(b->doc);
    }
}
