#include "crdt/wire/doc_enc.h"

#include "crdt/core/branch.h"
#include "crdt/core/ids.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/wire/doc_deletes.h"
#include "crdt/wire/doc_usual.h"

void doc_enc_init(struct doc_enc *e, const struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    e->doc = doc;
    update_enc_init(&e->enc, format, out);
}

void doc_enc_expect_all(struct doc_enc *e)
{
    size_t content = e->doc->pool_len - e->doc->pool_dead;

    doc_usual_expect(&e->enc, e->doc->struct_count, content);
}

/* ---- any item ------------------------------------------------------------------------------------ */

static struct id full_id(const struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    return (struct id){doc->clients[client].id, clock};
}

/* Tells the parent, as every item without origin and right origin must. */
static void name_parent(const struct crdt_doc *doc, uint32_t seq, struct block *b)
{
    const struct seq *s = &doc->seqs[seq];
    uint32_t item = doc->branches[s->branch].item;

    if (item) {
        b->flags |= BLOCK_PARENT_ID;
        b->parent = full_id(doc, item_at(doc, item)->client, item_at(doc, item)->clock);
    } else {
        b->flags |= BLOCK_PARENT_ROOT;
        b->parent_name = branch_name(doc, s->branch);
    }
    if (s->key != NONE32) {
        b->parent_sub = branch_key_name(doc, seq);
    }
}

static struct block item_block(const struct crdt_doc *doc, uint32_t item)
{
    const struct item *it = item_at(doc, item);
    struct block b = {.id = full_id(doc, it->client, it->clock),
                      .len = it->len,
                      .ref = (uint8_t)item_kind(it),
                      .flags = it->flags & ITEM_KEYED ? BLOCK_HAS_PARENT_SUB : 0};

    if (it->origin_client != NONE32) {
        b.flags |= BLOCK_HAS_ORIGIN;
        b.origin = full_id(doc, it->origin_client, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        b.flags |= BLOCK_HAS_RIGHT_ORIGIN;
        b.right_origin = full_id(doc, it->right_client, it->right_clock);
    }
    if (!(b.flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN))) {
        name_parent(doc, seq_of(doc, item), &b);
    }
    if (b.ref == BLOCK_TYPE) {
        b.type = doc->branches[it->off].kind;
        b.content = branch_name(doc, it->off);
    } else {
        b.content = pool_span(doc, it->off, it->bytes);
    }
    return b;
}

static void put_any(struct doc_enc *e, uint32_t item, uint32_t offset)
{
    struct block b = item_block(e->doc, item);

    update_enc_block(&e->enc, &b, offset);
}

/* ---- the structs of a client ------------------------------------------------------------------------- */

/* Begins the group and writes the struct at *pos, of which only what begins at `clock` is wanted. False: it is the
 * client's last. */
static bool put_first(struct doc_enc *e, struct id_pos *pos, uint32_t clock)
{
    uint32_t item = ids_item(e->doc, pos), offset = clock - ids_clock(e->doc, pos);

    update_enc_begin_client(&e->enc, ids_count_from(e->doc, pos), e->doc->clients[pos->client].id, clock);
    if (item) {
        put_any(e, item, offset);
    } else {
        update_enc_gc(&e->enc, ids_len(e->doc, pos) - offset);
    }
    return ids_next(e->doc, pos);
}

/* Also notes which are deleted. */
static void put_run(struct doc_enc *e, const struct id_run *run, struct doc_edges *edges)
{
    edges->count = 0;
    for (uint32_t i = 0; (i = doc_usual_put(e->doc, &e->enc, run, i, edges)) < run->count; i++) {
        uint32_t item = run->item[i];
        doc_edges_note(edges, run->clock[i], !item || item_deleted(item_at(e->doc, item)));
        if (item) {
            put_any(e, item, 0);
        } else {
            update_enc_gc(&e->enc, (i + 1 < run->count ? run->clock[i + 1] : run->end) - run->clock[i]);
        }
    }
}

void doc_enc_structs(struct doc_enc *e, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_peek(e->doc, client, clock);
    bool more = put_first(e, &pos, clock);
    struct doc_edges unused = {.deleted = false};

    while (more) {
        struct id_run run;
        more = ids_run(e->doc, &pos, &run);
        put_run(e, &run, &unused);
    }
}

void doc_enc_client(struct doc_enc *e, uint32_t client, uint32_t clock, struct delete_set_enc *deletes)
{
    const struct client *c = &e->doc->clients[client];
    struct id_pos pos = ids_first(e->doc, client);
    struct doc_edges edges;
    bool more = true;

    if (clock == 0) {
        update_enc_begin_client(&e->enc, ids_count_from(e->doc, &pos), c->id, 0);
    } else if (clock < c->state) {
        doc_enc_structs(e, client, clock);
    }
    for (edges.deleted = false; more;) {
        struct id_run run;
        more = ids_run(e->doc, &pos, &run);
        if (clock == 0) {
            put_run(e, &run, &edges);
        } else {
            doc_edges_find(e->doc, &run, &edges);
        }
        if (!more) {
            doc_edges_end(&run, &edges);
        }
        delete_set_enc_edges(deletes, edges.clock, edges.count);
    }
    delete_set_enc_client(deletes, c->id);
}
