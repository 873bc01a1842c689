#include "crdt/core/direct.h"

#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/direct_wait.h"
#include "crdt/core/integrate.h"
#include "crdt/core/need.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"

#define BLOCKS_MAX 16
#define RANGES_MAX 32

/* What there is of an update. */
struct update {
    const struct piece *pieces;
    size_t count;
    const struct idset_range *deleted;
    size_t deleted_count;
    const struct block *only; /* its one block; NULL: there are none, or more */
    uint32_t author;          /* of that one; NONE32: not known yet, or there is none */
};

/* ---- whether all is here --------------------------------------------------------------------------- */

static bool is_here(struct crdt_doc *doc, const struct block *b, uint32_t own, const struct id *id)
{
    if (id->client == b->id.client) {
        return id->clock < b->id.clock;
    }
    uint32_t client = doc->clients[own].id == id->client ? own : client_find(doc, id->client);
    return client != NONE32 && id->clock < client_planned(doc, client)->planned;
}

/* The block's author is known, as `own`, and so is all that it hangs on. */
static bool block_ready(struct crdt_doc *doc, const struct block *b, uint32_t own)
{
    if (own == NONE32) {
        return false;
    }
    doc->recent = own; /* asked for again and again from now on */
    struct client *c = client_planned(doc, own);
    if (b->ref == BLOCK_SKIP || b->id.clock > c->planned || b->id.clock + b->len <= c->planned ||
        b->id.clock + b->len > UINT32_MAX) {
        return false;
    }
    c->planned = (uint32_t)(b->id.clock + b->len);
    return (!(b->flags & BLOCK_HAS_ORIGIN) || is_here(doc, b, own, &b->origin)) &&
           (!(b->flags & BLOCK_HAS_RIGHT_ORIGIN) || is_here(doc, b, own, &b->right_origin)) &&
           (!(b->flags & BLOCK_PARENT_ID) || is_here(doc, b, own, &b->parent));
}

static bool range_ready(struct crdt_doc *doc, const struct idset_range *r)
{
    uint32_t client = client_find(doc, r->client);

    return client != NONE32 && r->clock + r->len <= client_planned(doc, client)->planned;
}

static bool blocks_ready(struct crdt_doc *doc, const struct update *u)
{
    for (size_t i = 0; i < u->count; i++) {
        for (uint32_t j = 0; j < u->pieces[i].count; j++) {
            const struct block *b = &u->pieces[i].blocks[j];
            if (!block_ready(doc, b, client_find(doc, b->id.client))) {
                return false;
            }
        }
    }
    return true;
}

/* All of it can be integrated now, in the order in which it comes. */
static bool all_ready(struct crdt_doc *doc, const struct update *u)
{
    doc->plan++;
    if (!(u->only ? block_ready(doc, u->only, u->author) : blocks_ready(doc, u))) {
        return false;
    }
    for (size_t i = 0; i < u->deleted_count; i++) {
        if (!range_ready(doc, &u->deleted[i])) {
            return false;
        }
    }
    return true;
}

/* ---- putting it in ---------------------------------------------------------------------------------- */

/* A text that goes on where somebody left off. */
static bool type_on(struct crdt_doc *doc, const struct update *u)
{
    const struct block *block = u->only;

    if (!block || u->deleted_count > 0 || block->len > UINT32_MAX || !stroke_continues(doc, block)) {
        return false;
    }
    txn_open(doc, true);
    content_seen(doc, block);
    bool done = stroke_append(doc, block->content, (uint32_t)block->len);
    txn_close(doc);
    return done;
}

/* A delete range that does. */
static bool erase_on(struct crdt_doc *doc, const struct update *u)
{
    const struct idset_range *r = u->deleted;
    uint32_t client = u->deleted_count == 1 && u->count == 0 ? client_find(doc, r->client) : NONE32;

    if (client == NONE32) {
        return false;
    }
    doc->recent = client; /* asked for again and again from now on */
    if (r->clock + r->len > doc->clients[client].state) {
        return false;
    }
    txn_open(doc, true);
    bool done = stroke_erase(doc, client, (uint32_t)r->clock, (uint32_t)r->len);
    txn_close(doc);
    return done;
}

static void count_needs(struct crdt_doc *doc, const struct update *u, struct reserve *need)
{
    for (size_t i = 0; i < u->deleted_count; i++) {
        const struct idset_range *r = &u->deleted[i];
        need_deleted(doc, need, client_find(doc, r->client), r->clock, r->clock + r->len);
    }
    for (size_t i = 0; i < u->count; i++) {
        for (uint32_t j = 0; j < u->pieces[i].count; j++) {
            const struct block *b = &u->pieces[i].blocks[j];
            content_seen(doc, b);
            need_block(doc, need, b);
            need->clients += crdt_state(doc, b->id.client) == 0;
        }
    }
}

/* A short text beside something that is here, by an author who is, takes no more room than a keystroke, which may have
 * been made. Where values stand under keys, it may outdate one of them, and needs a closer look. */
static bool spends_keystroke(struct crdt_doc *doc, const struct update *u)
{
    const struct block *b = u->only;

    if (!b || u->deleted_count > 0 || b->ref != BLOCK_STRING || b->content.len > DOC_KEYSTROKE_BYTES ||
        !(b->flags & (BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN)) || doc->keys.count > 0 ||
        doc->clients[u->author].state == 0) {
        return false;
    }
    content_seen(doc, b);
    return doc_spend_keystroke(doc);
}

static void change(struct crdt_doc *doc, const struct update *u)
{
    txn_open(doc, true);
    for (size_t i = 0; i < u->count; i++) {
        for (uint32_t j = 0; j < u->pieces[i].count; j++) {
            integrate_block(doc, &u->pieces[i].blocks[j]);
        }
    }
    for (size_t i = 0; i < u->deleted_count; i++) {
        const struct idset_range *r = &u->deleted[i];
        txn_delete_range(doc, client_find(doc, r->client), (uint32_t)r->clock, (uint32_t)r->len);
    }
    txn_close(doc);
}

/* Not inlined: as the rare case that it is in direct_apply it would be compiled for size. */
__attribute__((noinline)) static int integrate_all(struct crdt_doc *doc, const struct update *u)
{
    struct reserve need = {0};
    int rc = RC_OK;

    if (!spends_keystroke(doc, u)) {
        count_needs(doc, u, &need);
        rc = doc_reserve(doc, &need);
    }
    if (rc == RC_OK) {
        change(doc, u);
    }
    if (need.beneath > 0) {
        doc_settle(doc); /* that may have been much, and in vain */
    }
    return rc;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

/* Something that waits may be set free by the block, or overlaps it. */
static bool wakes(const struct crdt_doc *doc, const struct update *u)
{
    return u->author == NONE32 || direct_wakes_from(doc, u->author) < u->only->id.clock + u->only->len;
}

static uint32_t count_blocks(const struct piece *pieces, size_t count)
{
    uint32_t blocks = 0;

    for (size_t i = 0; i < count && blocks <= BLOCKS_MAX; i++) {
        blocks += pieces[i].count < BLOCKS_MAX ? pieces[i].count : BLOCKS_MAX + 1;
    }
    return blocks;
}

bool direct_apply(struct crdt_doc *doc, const struct piece *pieces, size_t count, const struct idset_range *deleted,
                  size_t deleted_count, int *rc)
{
    uint32_t blocks = count_blocks(pieces, count);
    struct update u = {pieces, count, deleted, deleted_count, blocks == 1 ? pieces->blocks : NULL, NONE32};

    if (blocks > BLOCKS_MAX || deleted_count > RANGES_MAX || (doc->pending && blocks > 1)) {
        return false;
    }
    if (u.only) {
        u.author = client_find(doc, u.only->id.client);
    }
    if (doc->pending && u.only && wakes(doc, &u)) {
        bool behind = deleted_count == 0 && direct_waits_behind(doc, u.only);
        if (behind) {
            *rc = direct_wait(doc, u.only);
        }
        return behind;
    }
    if (type_on(doc, &u) || erase_on(doc, &u)) {
        *rc = RC_OK;
        return true;
    }
    if (!all_ready(doc, &u)) {
        return false;
    }
    *rc = integrate_all(doc, &u);
    return true;
}

/* The author's next clock wakes nothing that waits. Where it was foreseen, that is known. */
static bool is_quiet(const struct crdt_doc *doc)
{
    if (!doc->pending || (doc->ditto.known && doc->ditto.clock < doc->ditto.quiet)) {
        return true;
    }
    uint32_t author = item_at(doc, doc->stroke.item)->client;
    return doc->clients[author].state < direct_wakes_from(doc, author);
}

bool direct_letter(struct crdt_doc *doc, uint8_t letter)
{
    if (!is_quiet(doc)) {
        return false;
    }
    txn_open(doc, true);
    bool done = stroke_letter(doc, letter) || stroke_append(doc, span_of(&letter, 1), 1);
    txn_close(doc);
    return done;
}
