#include "crdt/core/txn.h"

#include <assert.h>
#include <stdlib.h>
#include "crdt/core/pool.h"
#include "crdt/core/txn_settle.h"

/* ---- what it remembers ------------------------------------------------------------------------- */

void txn_open(struct crdt_doc *doc, bool eager)
{
    struct txn *t = &doc->txn;

    t->active = true;
    t->eager = eager;
    t->stamp++;
    t->touched_count = t->del_count = t->split_count = t->stack_count = 0;
    t->beneath = 0;
    t->loose = !eager;
}

int txn_reserve(struct crdt_doc *doc, uint64_t items, uint64_t overlapped, uint64_t beneath)
{
    struct txn *t = &doc->txn;
    /* A local transaction comes here before each of its edits; what was promised to earlier ones may be used at its
     * end. */
    uint64_t promised = beneath + (t->active ? t->beneath : 0);
    /* An insert may delete itself and what it outdates. */
    uint64_t dels = 2 * items + overlapped + beneath + (t->active ? t->del_count : 0);
    /* A child is remembered for joining when it is deleted, and again when it is collected; new ones likewise. */
    uint64_t splits = 3 * items + 2 * promised + (t->active ? t->split_count : 0);
    int rc = mem_reserve(&doc->mem, (void **)&t->dels, &t->del_cap, dels, sizeof(*t->dels));

    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->splits, &t->split_cap, splits, sizeof(*t->splits));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->stack, &t->stack_cap, (uint64_t)doc->branch_count + items,
                         sizeof(*t->stack));
    }
    if (rc == RC_OK) {
        rc = mem_reserve(&doc->mem, (void **)&t->touched, &t->touched_cap, doc->client_count, sizeof(*t->touched));
    }
    if (rc == RC_OK) {
        t->beneath = promised;
    }
    return rc;
}

uint32_t txn_before(const struct crdt_doc *doc, uint32_t client)
{
    const struct client *c = &doc->clients[client];

    return c->txn == doc->txn.stamp ? c->before : c->state;
}

bool txn_changed(const struct crdt_doc *doc)
{
    return doc->txn.touched_count > 0 || doc->txn.del_count > 0;
}

void txn_join_later(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct txn *t = &doc->txn;

    assert(t->split_count < t->split_cap);
    t->loose = true;
    t->splits[t->split_count++] = (struct split){client, clock};
}

/* ---- the end ----------------------------------------------------------------------------------------------- */

static int by_client_and_clock(const void *a, const void *b)
{
    const struct del_range *x = a, *y = b;

    if (x->client != y->client) {
        return x->client < y->client ? -1 : 1;
    }
    return x->clock < y->clock ? -1 : x->clock > y->clock ? 1 : 0;
}

/* Not inlined: keystrokes, of which most delete one range at most, should not pay for what it needs. */
__attribute__((noinline)) static void sort_deletes(struct txn *t)
{
    uint32_t kept = 0;

    for (uint32_t i = 1; i < t->del_count; i++) {
        if (by_client_and_clock(&t->dels[i - 1], &t->dels[i]) > 0) {
            qsort(t->dels, t->del_count, sizeof(*t->dels), by_client_and_clock);
            break;
        }
    }
    for (uint32_t i = 1; i < t->del_count; i++) {
        struct del_range *last = &t->dels[kept];
        if (last->client == t->dels[i].client && last->clock + last->len == t->dels[i].clock) {
            last->len += t->dels[i].len;
            last->settled = last->settled && t->dels[i].settled;
        } else {
            t->dels[++kept] = t->dels[i];
        }
    }
    t->del_count = kept + 1;
}

void txn_close(struct crdt_doc *doc)
{
    struct txn *t = &doc->txn;

    t->active = false;
    if (t->del_count > 1) {
        sort_deletes(t);
    }
    if (t->loose) {
        txn_settle(doc);
    }
    pool_tidy(doc);
}
