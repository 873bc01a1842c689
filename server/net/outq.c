#include "server/net/outq.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX   (UINT32_MAX / 2)
#define FIRST_SLOTS 8 /* of those outside; a power of two, as every capacity is */

static struct outq_slot *slot_at(const struct outq *q, size_t i)
{
    return &q->slot[(q->head + i) & (q->cap - 1)];
}

static size_t slot_len(const struct outq *q, size_t i)
{
    return frame_wire(slot_at(q, i)->frame).len;
}

void outq_init(struct outq *q, const struct outq_limits *limits)
{
    *q = (struct outq){.slot = &q->own, .cap = 1, .limits = limits};
}

static void free_slots(struct outq *q)
{
    if (q->slot != &q->own) {
        free(q->slot);
    }
}

void outq_finish(struct outq *q)
{
    for (size_t i = 0; i < q->count; i++) {
        frame_unref(slot_at(q, i)->frame);
    }
    free_slots(q);
    outq_init(q, q->limits);
}

static int grow(struct outq *q)
{
    size_t cap = q->cap > 1 ? (size_t)q->cap * 2 : FIRST_SLOTS;
    struct outq_slot *slot = cap <= SLOTS_MAX ? malloc(cap * sizeof *slot) : NULL;

    if (!slot) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < q->count; i++) {
        slot[i] = *slot_at(q, i);
    }
    free_slots(q);
    q->slot = slot;
    q->cap = (uint32_t)cap;
    q->head = 0;
    return RC_OK;
}

/* What counts against the hard limit: the bytes behind a message that was taken whole. */
static size_t counted(const struct outq *q)
{
    return q->bytes > q->whole ? q->bytes - q->whole : 0;
}

int outq_push(struct outq *q, struct frame *f, enum outq_kind kind)
{
    size_t len = frame_wire(f).len;

    if (q->bytes > q->limits->soft) {
        if (kind == OUTQ_REPEATABLE) {
            return RC_BUSY;
        }
        if (counted(q) >= q->limits->hard || len > q->limits->hard - counted(q)) {
            return RC_LIMIT;
        }
    }
    if (q->count == q->cap) {
        int rc = grow(q);

        if (rc != RC_OK) {
            return rc;
        }
    }
    q->count++;
    *slot_at(q, q->count - 1) = (struct outq_slot){frame_ref(f), kind};
    if (q->bytes <= q->limits->soft) {
        q->whole = q->bytes + len;
    }
    q->bytes += len;
    return RC_OK;
}

/* Keeps the frame that is begun, and with `keep_once` those that nothing else repeats, in their order. */
static size_t drop(struct outq *q, bool keep_once)
{
    size_t kept = 0, dropped = 0;

    for (size_t i = 0; i < q->count; i++) {
        struct outq_slot s = *slot_at(q, i);

        if ((i == 0 && q->taken > 0) || (keep_once && s.kind == OUTQ_ONCE)) {
            *slot_at(q, kept++) = s;
        } else {
            dropped += frame_wire(s.frame).len;
            frame_unref(s.frame);
        }
    }
    q->count = kept;
    q->bytes -= dropped;
    q->whole = q->whole < q->bytes ? q->whole : q->bytes;
    return dropped;
}

size_t outq_drop_repeatable(struct outq *q)
{
    return drop(q, true);
}

void outq_drop_all(struct outq *q)
{
    drop(q, false);
}

size_t outq_gather(const struct outq *q, uint8_t *to, size_t room)
{
    size_t len = 0, from = q->taken;

    for (size_t i = 0; i < q->count; i++) {
        struct span wire = frame_wire(slot_at(q, i)->frame);

        while (from < wire.len) {
            size_t n = wire.len - from < FRAME_PIECE ? wire.len - from : FRAME_PIECE;

            if (n > room - len) {
                return len;
            }
            memcpy(to + len, wire.data + from, n);
            len += n;
            from += n;
        }
        from = 0;
    }
    return len;
}

const struct frame *outq_peek(const struct outq *q)
{
    return q->count > 0 ? slot_at(q, 0)->frame : NULL;
}

void outq_advance(struct outq *q, size_t len)
{
    assert(len <= q->bytes);
    q->bytes -= len;
    q->whole -= len < q->whole ? len : q->whole;
    q->taken += len;
    while (q->count > 0 && q->taken >= slot_len(q, 0)) {
        q->taken -= slot_len(q, 0);
        frame_unref(slot_at(q, 0)->frame);
        q->head = (q->head + 1) & (q->cap - 1);
        q->count--;
    }
}

size_t outq_bytes(const struct outq *q)
{
    return q->bytes;
}

bool outq_is_empty(const struct outq *q)
{
    return q->count == 0;
}

bool outq_check(const struct outq *q)
{
    size_t sum = 0;

    for (size_t i = 0; i < q->count; i++) {
        sum += slot_len(q, i);
    }
    return q->count <= q->cap && (q->cap == 1) == (q->slot == &q->own) && q->taken <= sum &&
           sum - q->taken == q->bytes && (q->count == 0 ? q->taken == 0 : q->taken < slot_len(q, 0));
}
