#include "crdt/core/weave.h"

#include "crdt/core/slice.h"

/* One weaving: two inputs, each with a cursor, and where the output ends. */
struct loom {
    const struct pending_queue *queue;
    const struct block *const *fresh;
    uint32_t waiting, waiting_end; /* cursor; what lies from here on is out of reach */
    uint32_t next_fresh, fresh_count;
    uint64_t end;     /* of the last block put out */
    bool garbage;     /* that was one */
    bool fresh_first; /* what is new had its turn last */
    struct weave *out;
    struct arena *scratch;
    int rc;
};

static uint64_t end_of(const struct block *b)
{
    return b->id.clock + b->len;
}

/* The next block of an input; NULL at its end. */
static const struct block *head(const struct loom *l, bool fresh)
{
    if (fresh) {
        return l->next_fresh < l->fresh_count ? l->fresh[l->next_fresh] : NULL;
    }
    return l->waiting < l->waiting_end ? &pending_held(l->queue, l->waiting)->block : NULL;
}

static void pass(struct loom *l, bool fresh)
{
    if (fresh) {
        l->next_fresh++;
    } else {
        l->out->dropped[l->out->dropped_count++] = pending_held(l->queue, l->waiting++);
    }
}

/* What the output does not tell of a block. */
static const struct block *rest_of(struct loom *l, const struct block *b)
{
    struct block *rest = arena_alloc(l->scratch, sizeof(*rest));

    if (rest == NULL) {
        l->rc = RC_NOMEM;
        return b;
    }
    *rest = *b;
    if (block_slice(rest, l->end - b->id.clock, l->scratch) != RC_OK) {
        l->rc = RC_NOMEM;
    }
    rest->flags = (uint8_t)(rest->flags & ~BLOCK_HAS_PARENT_SUB); /* yjs keeps bytes, which do not tell it any more */
    return rest;
}

static void put(struct loom *l, bool fresh)
{
    const struct block *b = head(l, fresh);
    struct held *held = fresh ? NULL : pending_held(l->queue, l->waiting);

    l->out->entries[l->out->count++] = (struct woven){.block = b->id.clock < l->end ? rest_of(l, b) : b, .held = held};
    l->end = end_of(b);
    l->garbage = b->ref == BLOCK_GC;
    l->next_fresh += fresh;
    l->waiting += !fresh;
}

/* Drops what the output covers. True when something of the input has been dropped. */
static bool pass_covered(struct loom *l, bool fresh)
{
    const struct block *b;
    bool passed = false;

    while ((b = head(l, fresh)) != NULL && end_of(b) <= l->end) {
        pass(l, fresh);
        passed = true;
    }
    return passed;
}

/* An input goes on while its blocks follow each other. What is new and covered by now is of no more interest; yjs steps
 * over it in a turn of its own behind this one. */
static void follow(struct loom *l, bool fresh)
{
    const struct block *b;
    bool passed = pass_covered(l, true);

    while (l->next_fresh < l->fresh_count && (b = head(l, fresh)) != NULL && b->id.clock == l->end) {
        put(l, fresh);
        passed = pass_covered(l, true) || passed;
    }
    l->fresh_first = l->fresh_first || passed;
    l->out->overtaken = !fresh && l->next_fresh == l->fresh_count;
}

/* yjs sorts its inputs before each turn, and keeps the order of equals. */
static bool fresh_goes_first(const struct loom *l)
{
    const struct block *w = head(l, false), *f = head(l, true);

    if (w == NULL || w->id.clock != f->id.clock) {
        return w == NULL || f->id.clock < w->id.clock;
    }
    return l->fresh_first != ((w->ref == BLOCK_GC) != (f->ref == BLOCK_GC));
}

/* One turn of the input that comes first. */
static void take_turn(struct loom *l)
{
    bool fresh = l->fresh_first = fresh_goes_first(l);
    bool passed = pass_covered(l, fresh);
    const struct block *b = head(l, fresh);

    if (b == NULL || (passed && b->id.clock > l->end)) {
        return;
    }
    bool grows = l->garbage && b->ref == BLOCK_GC && b->id.clock <= l->end; /* yjs: GC grows, and the turn ends */
    put(l, fresh);
    if (!grows) {
        follow(l, fresh);
    }
}

uint64_t weave_end(const struct block *const *fresh, uint32_t count)
{
    uint64_t end = 0;

    for (uint32_t i = 0; i < count; i++) {
        end = end_of(fresh[i]) > end ? end_of(fresh[i]) : end;
    }
    return end;
}

int weave_blocks(const struct pending_queue *q, const struct block *const *fresh, uint32_t count, enum weave_turn turn,
                 struct arena *scratch, struct weave *out)
{
    uint32_t from = pending_behind(q, fresh[0]->id.clock), reach = pending_behind(q, weave_end(fresh, count));
    uint32_t room = reach - from + 1;
    struct loom l = {.queue = q,
                     .fresh = fresh,
                     .fresh_count = count,
                     .waiting = from,
                     .waiting_end = reach,
                     .fresh_first = turn == WEAVE_FIRST,
                     .out = out,
                     .scratch = scratch,
                     .rc = RC_OK};

    *out = (struct weave){.from = from, .to = from};
    out->entries = arena_alloc(scratch, ((size_t)room + count) * sizeof(*out->entries));
    out->dropped = arena_alloc(scratch, (size_t)room * sizeof(struct held *));
    if (!out->entries || !out->dropped) {
        return RC_NOMEM;
    }
    if (from > 0) {
        const struct block *before = &pending_held(q, from - 1)->block;
        l.end = end_of(before);
        l.garbage = before->ref == BLOCK_GC;
        l.fresh_first = false;
        follow(&l, false);
    } else if (turn == WEAVE_RUNNING) {
        l.fresh_first = true;
        put(&l, true);
        follow(&l, true);
    }
    while (l.next_fresh < l.fresh_count) {
        take_turn(&l);
    }
    out->left = l.waiting < q->count;
    (void)pass_covered(&l, false);
    if (head(&l, false) && head(&l, false)->id.clock < l.end) {
        put(&l, false);
    }
    out->to = l.waiting;
    return l.rc;
}

/* What was overtaken has its last turn, in which it only steps aside, when the run that overtook it has ended: so the
 * queue has the last turn only if there is a gap behind. */
bool weave_waiting_last(const struct weave *w, const struct pending_queue *q)
{
    if (!w->overtaken) {
        return w->left;
    }
    for (uint32_t i = w->to > 0 ? w->to : 1; i < q->count; i++) {
        if (end_of(&pending_held(q, i - 1)->block) != pending_held(q, i)->block.id.clock) {
            return true;
        }
    }
    return false;
}
