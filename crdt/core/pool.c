#include "crdt/core/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_SLACK_MIN 16
#define OPEN_SLACK_MAX (1u << 20)
#define TIDY_MIN       (64u << 10) /* dead bytes worth a copy of the living ones */

bool pool_room(struct crdt_doc *doc, uint64_t more)
{
    return mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap, doc->pool_len + more + doc->pool_promised, 1) ==
           RC_OK;
}

static inline void copy(uint8_t *to, struct span bytes)
{
    if (bytes.len == 1) { /* letters are typed one by one */
        *to = bytes.data[0];
    } else if (bytes.len > 0) {
        memcpy(to, bytes.data, bytes.len);
    }
}

uint32_t pool_put(struct crdt_doc *doc, struct span bytes)
{
    uint32_t off = doc->pool_len;

    assert(bytes.len <= doc->pool_cap - doc->pool_len);
    copy(doc->pool + off, bytes);
    doc->pool_len += (uint32_t)bytes.len;
    return off;
}

struct span pool_span(const struct crdt_doc *doc, uint32_t off, uint32_t len)
{
    return span_of((const uint8_t *)((uintptr_t)doc->pool + off), len); /* there may be no pool yet, nor an offset */
}

static uint64_t open_slack(uint64_t bytes)
{
    uint64_t slack = bytes / 2 < OPEN_SLACK_MIN ? OPEN_SLACK_MIN : bytes / 2;

    return slack > OPEN_SLACK_MAX ? OPEN_SLACK_MAX : slack;
}

uint64_t pool_append_cost(const struct crdt_doc *doc, uint32_t item, uint64_t more)
{
    uint64_t whole = item_at(doc, item)->bytes + more;

    return whole + open_slack(whole);
}

static void grown(struct crdt_doc *doc, struct item *it, size_t more)
{
    it->bytes += (uint32_t)more;
    if (it->bytes > doc->text_max) {
        doc->text_max = it->bytes;
    }
}

/* Behind `item` there is slack for so many bytes more. */
static bool is_open(const struct crdt_doc *doc, uint32_t item, size_t more)
{
    const struct item *it = item_at(doc, item);
    const struct client *c = &doc->clients[it->client];

    return c->open_item == item && (uint64_t)it->off + it->bytes + more <= c->open_end;
}

static void take_slack(struct crdt_doc *doc, struct item *it, struct span bytes)
{
    copy(doc->pool + it->off + it->bytes, bytes);
    doc->pool_dead -= (uint32_t)bytes.len;
    grown(doc, it, bytes.len);
}

void pool_append(struct crdt_doc *doc, uint32_t item, struct span bytes)
{
    struct item *it = item_at(doc, item);
    struct client *c = &doc->clients[it->client];

    if (it->off + it->bytes == doc->pool_len) {
        pool_put(doc, bytes);
    } else if (is_open(doc, item, bytes.len)) {
        take_slack(doc, it, bytes);
        return;
    } else {
        struct span old = pool_span(doc, it->off, it->bytes);
        uint32_t slack = (uint32_t)open_slack((uint64_t)it->bytes + bytes.len);
        it->off = pool_put(doc, old);
        pool_put(doc, bytes);
        doc->pool_dead += it->bytes + slack;
        c->open_item = item;
        assert(slack <= doc->pool_cap - doc->pool_len);
        memset(doc->pool + doc->pool_len, 0, slack);
        doc->pool_len += slack;
        c->open_end = doc->pool_len;
    }
    grown(doc, it, bytes.len);
}

bool pool_append_here(struct crdt_doc *doc, uint32_t item, struct span bytes)
{
    struct item *it = item_at(doc, item);

    if (is_open(doc, item, bytes.len)) {
        take_slack(doc, it, bytes);
        return true;
    }
    if (it->off + it->bytes != doc->pool_len || bytes.len + doc->pool_promised > doc->pool_cap - doc->pool_len) {
        return false;
    }
    pool_put(doc, bytes);
    grown(doc, it, bytes.len);
    return true;
}

uint8_t *pool_append_letter(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);
    uint32_t end = it->off + it->bytes;

    if (end == doc->pool_len && doc->pool_promised < doc->pool_cap - end) {
        doc->pool_len++;
    } else if (is_open(doc, item, 1)) {
        doc->pool_dead--;
    } else {
        return NULL;
    }
    grown(doc, it, 1);
    return doc->pool + end;
}

void pool_drop(struct crdt_doc *doc, uint32_t len)
{
    doc->pool_dead += len;
}

static uint32_t move_bytes(const struct crdt_doc *doc, uint8_t *to, uint32_t *to_len, uint32_t off, uint32_t len)
{
    uint32_t at = *to_len;

    memcpy(to + at, doc->pool + off, len);
    *to_len += len;
    return at;
}

/* Not inlined: each change ends with the question whether it is worth it. */
__attribute__((noinline)) int pool_compact(struct crdt_doc *doc)
{
    uint32_t cap = 0, len = 0;
    void *to = NULL;

    /* Item content after item order; the old pool stays whole until all is copied. The copy is no larger than the pool,
     * and for its short life it does not count against the budget. */
    doc->mem.limit += doc->pool_len;
    int rc = mem_reserve(&doc->mem, &to, &cap, (uint64_t)doc->pool_len - doc->pool_dead + 1, 1);
    doc->mem.limit -= doc->pool_len;
    if (rc != RC_OK) {
        return rc;
    }
    for (uint32_t i = 1; i < doc->item_count; i++) {
        struct item *it = item_at(doc, i);
        if (!(it->flags & ITEM_FREE) && item_kind(it) != BLOCK_TYPE && it->bytes > 0) {
            it->off = move_bytes(doc, to, &len, it->off, it->bytes);
        }
    }
    for (uint32_t i = 1; i < doc->seq_count; i++) {
        struct seq *s = &doc->seqs[i];
        if (s->branch && s->key != NONE32) {
            s->key = move_bytes(doc, to, &len, s->key, s->key_len);
        }
    }
    for (uint32_t i = 1; i < doc->branch_count; i++) {
        struct branch *b = &doc->branches[i];
        if (!b->free) {
            b->name = move_bytes(doc, to, &len, b->name, b->name_len);
        }
    }
    for (uint32_t i = 0; i < doc->client_count; i++) {
        doc->clients[i].open_item = 0;
    }
    mem_trim(&doc->mem, (void **)&doc->pool, &doc->pool_cap, 0, 1);
    doc->pool = to;
    doc->pool_cap = cap;
    doc->pool_len = len;
    doc->pool_dead = 0;
    doc->credit = 0; /* the spare room is gone */
    return RC_OK;
}

void pool_tidy(struct crdt_doc *doc)
{
    if (doc->pool_dead > TIDY_MIN && doc->pool_dead > doc->pool_len / 2) {
        int rc = pool_compact(doc);
        (void)rc; /* without memory to move to, the dead bytes stay until next time */
    }
}
