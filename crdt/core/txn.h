#ifndef CRDT_CORE_TXN_H
#define CRDT_CORE_TXN_H

/* One transaction: remembers what it touches, and at its end collects garbage and joins neighbours exactly where
 * yjs does (txn_settle.h), so that both encode to the same bytes.
 *
 * yjs joins structs only at the end. Keystrokes do it at once here ("eager"): a new run that continues the one before
 * becomes part of it, which leaves yjs's pass over all new structs nothing to do; what remains is the neighbourhood of
 * deletions and of cuts. Updates of many structs wait for that pass: their structs are apart because others stand
 * between. All memory is made sure of by doc_reserve and txn_reserve beforehand.
 *
 *     txn_open ─► integrate.h, txn_delete.h ─► txn_close
 *                    │ txn_split.h: cuts        │ txn_settle.h: collects, joins
 *                    ▼                          ▼
 *                 touched, dels, splits: what happened where */
#include <assert.h>
#include "crdt/core/doc.h"

/* Starts collecting. Memory of the last transaction is used again. */
void txn_open(struct crdt_doc *doc, bool eager);
/* Room for what up to `items` new or cut items may touch, and delete ranges that overlap `overlapped` structs with
 * `beneath` items below them. */
int txn_reserve(struct crdt_doc *doc, uint64_t items, uint64_t overlapped, uint64_t beneath) MUST_CHECK;
/* A client is about to get new structs. */
static inline void txn_touch(struct crdt_doc *doc, uint32_t client)
{
    struct client *c = &doc->clients[client];
    struct txn *t = &doc->txn;

    doc->recent = client;
    if (c->txn != t->stamp) {
        c->txn = t->stamp;
        c->before = c->state;
        assert(t->touched_count < t->touched_cap);
        t->touched[t->touched_count++] = client;
    }
}
/* The client's state when the transaction began. */
uint32_t txn_before(const struct crdt_doc *doc, uint32_t client);
/* Clocks are deleted from now on. `settled`: they are collected, and what they are in has joined its neighbours already
 * if it could. */
static inline void txn_deleted(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len, bool settled)
{
    struct txn *t = &doc->txn;
    struct del_range *last = t->del_count > 0 ? &t->dels[t->del_count - 1] : NULL;

    t->loose = t->loose || !settled;
    if (last && last->client == client && last->clock + last->len == clock && last->settled == settled) {
        last->len += len;
        return;
    }
    assert(t->del_count < t->del_cap);
    t->dels[t->del_count++] = (struct del_range){client, clock, len, settled};
}
/* The struct at this id is to be joined to its neighbours at the end if possible. */
void txn_join_later(struct crdt_doc *doc, uint32_t client, uint32_t clock);
/* Whether this client, or one more delete range, may be remembered without txn_reserve. */
static inline bool txn_may_touch(const struct crdt_doc *doc, uint32_t client)
{
    return doc->clients[client].txn == doc->txn.stamp || doc->txn.touched_count < doc->txn.touched_cap;
}
static inline bool txn_may_delete(const struct crdt_doc *doc)
{
    return doc->txn.del_count < doc->txn.del_cap;
}
/* True when the transaction has added or deleted anything. */
bool txn_changed(const struct crdt_doc *doc);
/* Collects garbage unless deleted content is kept, joins neighbours. The lists of what was touched and deleted (sorted
 * by client index and clock, joined) stay readable until the next txn_open. */
void txn_close(struct crdt_doc *doc);

#endif
