#include "crdt/wire/lazy_enc.h"

#include <stdlib.h>
#include <string.h>

void lazy_enc_init(struct lazy_enc *e, enum crdt_format format, struct buf *out)
{
    update_enc_init(&e->enc, format, out);
    e->groups = NULL;
    e->count = e->cap = 0;
    e->client = e->clock = 0;
    e->rc = RC_OK;
}

static int add_group(struct lazy_enc *e)
{
    if (e->count == e->cap) {
        size_t cap = e->cap == 0 ? 16 : 2 * e->cap;
        struct lazy_group *groups = NULL;

        if (cap <= SIZE_MAX / sizeof(*groups)) {
            groups = realloc(e->groups, cap * sizeof(*groups));
        }
        if (groups == NULL) {
            return RC_NOMEM;
        }
        e->groups = groups;
        e->cap = cap;
    }
    e->groups[e->count++] = (struct lazy_group){e->enc.rest->len, 0};
    return RC_OK;
}

void lazy_enc_block(struct lazy_enc *e, const struct block *b, uint64_t offset)
{
    uint64_t clock = b->id.clock + offset;

    if (e->count == 0 || e->client != b->id.client || e->clock != clock) {
        if (e->rc == RC_OK) {
            e->rc = add_group(e);
        }
        if (e->rc != RC_OK) {
            return;
        }
        update_enc_begin_uncounted(&e->enc, b->id.client, clock);
        e->client = b->id.client;
    }
    update_enc_block(&e->enc, b, offset);
    e->clock = b->id.clock + b->len;
    e->groups[e->count - 1].blocks++;
}

static size_t varuint_size(uint64_t value)
{
    size_t size = 1;

    for (; value >= 0x80; value >>= 7) {
        size++;
    }
    return size;
}

/* Writes a number that ends right before `end`; returns where it begins. */
static uint8_t *varuint_before(uint8_t *end, uint64_t value)
{
    size_t size = varuint_size(value);
    uint8_t *to = end - size;

    for (size_t i = 0; i + 1 < size; i++) {
        to[i] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    end[-1] = (uint8_t)value;
    return to;
}

/* Before: the bytes of group after group. After: the number of groups, then for each its number of blocks and its
 * bytes. Moves from the last group to the first, so that nothing is overwritten before it has moved. */
static void open_gaps(struct lazy_enc *e)
{
    struct buf *rest = e->enc.rest;
    size_t gaps = varuint_size(e->count);
    size_t end = rest->len;
    uint8_t *to;

    for (size_t i = 0; i < e->count; i++) {
        gaps += varuint_size(e->groups[i].blocks);
    }
    if (buf_reserve(rest, gaps) != RC_OK) {
        return;
    }
    to = rest->data + rest->len + gaps;
    for (size_t i = e->count; i-- > 0;) {
        size_t len = end - e->groups[i].at;

        to -= len;
        memmove(to, rest->data + e->groups[i].at, len);
        to = varuint_before(to, e->groups[i].blocks);
        end = e->groups[i].at;
    }
    (void)varuint_before(to, e->count);
    rest->len += gaps;
}

int lazy_enc_finish(struct lazy_enc *e, const struct idset *deletes)
{
    int rc = e->rc;

    if (rc == RC_OK) {
        rc = e->enc.rest->rc;
    }
    if (rc != RC_OK) {
        lazy_enc_discard(e);
        return rc;
    }
    open_gaps(e);
    free(e->groups);
    e->groups = NULL;
    update_enc_deletes(&e->enc, deletes);
    return update_enc_finish(&e->enc);
}

void lazy_enc_discard(struct lazy_enc *e)
{
    free(e->groups);
    e->groups = NULL;
    update_enc_discard(&e->enc);
}
