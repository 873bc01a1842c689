#include "crdt/wire/doc_enc.h"

#include <string.h>
#include "crdt/core/branch.h"
#include "crdt/core/ids.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/enc.h"
#include "crdt/wire/info.h"

void doc_enc_init(struct doc_enc *e, const struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    e->doc = doc;
    update_enc_init(&e->enc, format, out);
}

void doc_enc_expect_all(struct doc_enc *e)
{
    enum { USUAL_BYTES = 16 }; /* of a struct beside its content, with its share of the delete set */
    const struct crdt_doc *doc = e->doc;
    bool v1 = e->enc.format == CRDT_V1;
    struct buf *out = v1 ? e->enc.rest : &e->enc.string.text;
    size_t content = doc->pool_len - doc->pool_dead;

    int rc = buf_reserve(out, content + (v1 ? doc->struct_count * (size_t)USUAL_BYTES : 0));
    (void)rc; /* kept in the buffer */
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

/* ---- the usual item ------------------------------------------------------------------------------- */

#define SHORT_TEXT 32                                      /* copied without looking at its length */
#define USUAL_MAX  (1 + 5 * LIB0_VARUINT_MAX + SHORT_TEXT) /* beside its text */

/* Text or deleted text, in a list, beside something. */
static bool is_usual(const struct item *it)
{
    uint32_t kind = item_kind(it);

    return (kind == BLOCK_STRING || kind == BLOCK_DELETED) && (it->origin_client & it->right_client) != NONE32;
}

static uint8_t info_of(const struct item *it)
{
    return (uint8_t)(item_kind(it) | (it->origin_client != NONE32 ? INFO_ORIGIN : 0u) |
                     (it->right_client != NONE32 ? INFO_RIGHT_ORIGIN : 0u) |
                     (it->flags & ITEM_KEYED ? INFO_PARENT_SUB : 0u));
}

static uint8_t *id_at(const struct crdt_doc *doc, uint8_t *to, uint32_t client, uint32_t clock)
{
    const struct client *c = &doc->clients[client];

    memcpy(to, c->id_bytes, sizeof(c->id_bytes));
    return lib0_clock_at(to + c->id_len, clock);
}

/* Deleted text has no bytes. */
static uint8_t *text_at(const struct crdt_doc *doc, uint8_t *to, const struct item *it)
{
    const uint8_t *text = doc->pool + it->off;

    if (it->bytes <= SHORT_TEXT && doc->pool_len - it->off >= SHORT_TEXT) {
        memcpy(to, text, SHORT_TEXT);
    } else if (it->bytes > 0) {
        memcpy(to, text, it->bytes);
    }
    return to + it->bytes;
}

static uint8_t *usual_at(const struct crdt_doc *doc, uint8_t *to, const struct item *it)
{
    *to++ = info_of(it);
    if (it->origin_client != NONE32) {
        to = id_at(doc, to, it->origin_client, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        to = id_at(doc, to, it->right_client, it->right_clock);
    }
    to = lib0_varuint_at(to, item_kind(it) == BLOCK_STRING ? it->bytes : it->len);
    return text_at(doc, to, it);
}

/* As many usual items of a run as there are from `at` on, as long as there is room; returns the index behind them. */
static uint32_t put_usual_v1(struct doc_enc *e, const struct id_run *run, uint32_t at)
{
    const struct crdt_doc *doc = e->doc;
    struct buf *out = e->enc.rest;
    uint8_t *to = out->data + out->len, *end = out->data + out->cap;

    for (; at < run->count; at++) {
        const struct item *it = item_at(doc, run->item[at]);
        if (!is_usual(it) || (size_t)(end - to) < USUAL_MAX + (size_t)it->bytes) {
            break;
        }
        to = usual_at(doc, to, it);
    }
    out->len = (size_t)(to - out->data);
    return at;
}

static void put_text(struct doc_enc *e, const struct item *it)
{
    struct string_enc *strings = &e->enc.string;

    if (buf_reserve(&strings->text, SHORT_TEXT + (size_t)it->bytes) == RC_OK) {
        text_at(e->doc, strings->text.data + strings->text.len, it);
        strings->text.len += it->bytes;
        uint_opt_rle_enc_put(&strings->lengths, it->len);
    }
}

static void put_usual_v2(struct doc_enc *e, const struct item *it)
{
    struct update_enc *enc = &e->enc;

    rle_enc_put(&enc->info, info_of(it));
    if (it->origin_client != NONE32) {
        uint_opt_rle_enc_put(&enc->client, e->doc->clients[it->origin_client].id);
        int_diff_opt_rle_enc_put(&enc->left_clock, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        uint_opt_rle_enc_put(&enc->client, e->doc->clients[it->right_client].id);
        int_diff_opt_rle_enc_put(&enc->right_clock, it->right_clock);
    }
    if (item_kind(it) == BLOCK_STRING) {
        put_text(e, it);
    } else {
        uint_opt_rle_enc_put(&enc->len, it->len);
    }
}

static uint32_t put_usual(struct doc_enc *e, const struct id_run *run, uint32_t at)
{
    if (e->enc.format == CRDT_V1) {
        return buf_reserve(e->enc.rest, 1) == RC_OK ? put_usual_v1(e, run, at) : at;
    }
    for (; at < run->count && is_usual(item_at(e->doc, run->item[at])); at++) {
        put_usual_v2(e, item_at(e->doc, run->item[at]));
    }
    return at;
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

static void put_run(struct doc_enc *e, const struct id_run *run)
{
    for (uint32_t i = 0; (i = put_usual(e, run, i)) < run->count; i++) {
        if (run->item[i]) {
            put_any(e, run->item[i], 0);
        } else {
            update_enc_gc(&e->enc, (i + 1 < run->count ? run->clock[i + 1] : run->end) - run->clock[i]);
        }
    }
}

static void put_rest(struct doc_enc *e, struct id_pos pos)
{
    struct id_run run;
    bool more = true;

    while (more) {
        more = ids_run(e->doc, &pos, &run);
        put_run(e, &run);
    }
}

void doc_enc_structs(struct doc_enc *e, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_peek(e->doc, client, clock);

    if (put_first(e, &pos, clock)) {
        put_rest(e, pos);
    }
}

/* ---- what a client has deleted --------------------------------------------------------------------------- */

/* Whether a run's structs are deleted changes at these clocks; without a branch, since nobody can foresee it. `deleted`
 * is how the struct before the run was, and becomes how the last is. */
static uint32_t find_edges(const struct crdt_doc *doc, const struct id_run *run, bool *deleted, uint32_t *edges)
{
    uint32_t count = 0;
    bool before = *deleted;

    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t item = run->item[i];
        bool now = (item == 0) | item_deleted(item_at(doc, item));
        edges[count] = run->clock[i];
        count += now != before;
        before = now;
    }
    *deleted = before;
    return count;
}

int doc_deletes(const struct crdt_doc *doc, uint32_t client, struct idset *deletes)
{
    struct id_pos pos = ids_first(doc, client);
    uint32_t edges[IDS_RUN_MAX], start = 0;
    uint64_t id = doc->clients[client].id;
    bool deleted = false, inside = false, more = true;
    struct id_run run;
    int rc = RC_OK;

    while (more && rc == RC_OK) {
        more = ids_run(doc, &pos, &run);
        uint32_t count = find_edges(doc, &run, &deleted, edges);
        for (uint32_t i = 0; i < count && rc == RC_OK; i++, inside = !inside) {
            if (inside) {
                rc = idset_push(deletes, id, start, edges[i] - start);
            }
            start = edges[i];
        }
    }
    return rc == RC_OK && inside ? idset_push(deletes, id, start, run.end - start) : rc;
}

int doc_enc_client(struct doc_enc *e, uint32_t client, uint32_t clock, struct idset *deletes)
{
    if (clock < e->doc->clients[client].state) {
        doc_enc_structs(e, client, clock);
    }
    return doc_deletes(e->doc, client, deletes);
}
