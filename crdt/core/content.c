#include "crdt/core/content.h"

#include <string.h>
#include "crdt/core/pool.h"
#include "crdt/core/slice.h"
#include "crdt/lib0/utf.h"

static const uint8_t replacement[3] = {0xef, 0xbf, 0xbd}; /* U+FFFD */

bool content_joins(uint32_t kind)
{
    return kind == BLOCK_STRING || kind == BLOCK_DELETED || kind == BLOCK_ANY || kind == BLOCK_JSON;
}

void content_seen(struct crdt_doc *doc, const struct block *b)
{
    if (b->ref != BLOCK_STRING || b->content.len == b->len) {
        return;
    }
    for (size_t i = 0; !doc->pairs && i < b->content.len; i++) {
        if (b->content.data[i] >= 0xf0) {
            doc->pairs = true;
            doc->credit = 0; /* cuts cost more from now on */
        }
    }
}

/* A cut pair moves the smaller part of its item, and adds two characters. */
#define CUT_PAIR 6

uint64_t content_split_cost_below(const struct crdt_doc *doc, uint64_t splits, uint64_t longest)
{
    return doc->pairs ? splits * (longest / 2 + CUT_PAIR) : 0;
}

uint64_t content_split_cost(const struct crdt_doc *doc, uint64_t splits, uint64_t more)
{
    /* A byte that moves was in a part at most half as large as what it belonged to before, hence at most 32 times. */
    uint64_t live = (uint64_t)doc->pool_len - doc->pool_dead + more;
    uint64_t all = live * (splits < 32 ? splits : 32) + splits * CUT_PAIR;
    uint64_t each = content_split_cost_below(doc, splits, doc->text_max + more);

    return doc->pairs && all < each ? all : each;
}

/* Not inlined: most text is ASCII. */
__attribute__((noinline)) bool content_cuts_wide(const struct crdt_doc *doc, uint32_t item, uint32_t diff)
{
    const struct item *it = item_at(doc, item);
    bool inside = false;

    if (item_kind(it) == BLOCK_STRING && diff > 0 && diff < it->len) {
        utf16_to_byte_of(pool_span(doc, it->off, it->bytes), it->len, diff, &inside);
    }
    return inside;
}

static void open_run_moves(struct crdt_doc *doc, uint32_t from, uint32_t to)
{
    struct client *c = &doc->clients[item_at(doc, from)->client];

    if (c->open_item == from) {
        c->open_item = to;
    }
}

/* `at` is the byte offset of the pair that is cut. */
static void split_pair(struct crdt_doc *doc, struct item *left, struct item *right, uint32_t at)
{
    struct span half = span_of(replacement, sizeof(replacement));
    uint32_t rest = left->bytes - at - PAIR_BYTES, start = left->off + at;

    right->bytes = (uint32_t)sizeof(replacement) + rest;
    left->bytes = at + (uint32_t)sizeof(replacement);
    if (at < rest) {
        memcpy(doc->pool + start + 1, replacement, sizeof(replacement));
        right->off = start + 1;
        left->off = pool_put(doc, pool_span(doc, left->off, at));
        pool_put(doc, half);
        pool_drop(doc, at + 1);
    } else {
        right->off = pool_put(doc, half);
        pool_put(doc, pool_span(doc, start + PAIR_BYTES, rest));
        memcpy(doc->pool + start, replacement, sizeof(replacement));
        pool_drop(doc, rest + 1);
    }
}

void content_split(struct crdt_doc *doc, uint32_t item, uint32_t diff, uint32_t right_item)
{
    struct item *left = item_at(doc, item), *right = item_at(doc, right_item);
    struct span content = pool_span(doc, left->off, left->bytes);
    bool inside;
    size_t at = slice_offset(item_kind(left), content, left->len, diff, &inside);

    if (inside) {
        open_run_moves(doc, item, 0);
        split_pair(doc, left, right, (uint32_t)at);
        return;
    }
    open_run_moves(doc, item, right_item);
    right->off = left->off + (uint32_t)at;
    right->bytes = left->bytes - (uint32_t)at;
    left->bytes = (uint32_t)at;
}

uint32_t content_put(struct crdt_doc *doc, const struct block *b, uint64_t offset, uint32_t *bytes)
{
    bool replaced;
    struct span rest = block_content_after(b, offset, &replaced);
    uint32_t before = doc->pool_len;

    if (replaced) {
        pool_put(doc, span_of(replacement, sizeof(replacement)));
    }
    pool_put(doc, rest);
    *bytes = doc->pool_len - before;
    return before;
}

void content_grew(struct crdt_doc *doc, const struct item *it)
{
    if (it->bytes > doc->text_max) {
        doc->text_max = it->bytes;
    }
}

bool content_join(struct crdt_doc *doc, uint32_t left, uint32_t right)
{
    struct item *l = item_at(doc, left), *r = item_at(doc, right);

    if (r->bytes == 0 || l->off + l->bytes == r->off) {
        open_run_moves(doc, left, 0);
        open_run_moves(doc, right, left);
        l->bytes += r->bytes;
        content_grew(doc, l);
        return true;
    }
    if (!pool_room(doc, pool_append_cost(doc, left, r->bytes))) {
        return false;
    }
    open_run_moves(doc, right, 0);
    pool_append(doc, left, pool_span(doc, r->off, r->bytes));
    pool_drop(doc, r->bytes);
    return true;
}

/* Not inlined, as above. */
__attribute__((noinline)) uint32_t content_at_wide(const struct crdt_doc *doc, uint32_t item, uint32_t units)
{
    const struct item *it = item_at(doc, item);
    bool inside;

    return (uint32_t)utf16_to_byte_of(pool_span(doc, it->off, it->bytes), it->len, units, &inside);
}

inline void content_shrink(struct crdt_doc *doc, uint32_t item, uint32_t at, bool tail)
{
    struct item *it = item_at(doc, item);

    if (!tail) {
        pool_drop(doc, at);
        it->off += at;
        it->bytes -= at;
    } else if (it->off + it->bytes == doc->pool_len) {
        open_run_moves(doc, item, 0);
        doc->pool_len = it->off + at;
        it->bytes = at;
    } else {
        pool_drop(doc, it->bytes - at);
        it->bytes = at;
    }
}

void content_drop(struct crdt_doc *doc, uint32_t item)
{
    struct item *it = item_at(doc, item);

    open_run_moves(doc, item, 0);
    pool_drop(doc, it->bytes);
    it->off = it->bytes = 0;
    it->flags = (it->flags & ~(uint32_t)(ITEM_KIND | ITEM_COUNTABLE)) | BLOCK_DELETED;
}
