#include "crdt/wire/merge_exact.h"

#include <string.h>
#include "crdt/wire/merge_turn.h"

/* yjs's comparison. Of a GC block and an item at one id each is "before" the other. */
static int yjs_compare(const struct merge_input *a, const struct merge_input *b)
{
    if (a->block.id.client != b->block.id.client) {
        return a->block.id.client > b->block.id.client ? -1 : 1;
    }
    if (a->block.id.clock != b->block.id.clock) {
        return a->block.id.clock < b->block.id.clock ? -1 : 1;
    }
    return (a->block.ref == BLOCK_GC) == (b->block.ref == BLOCK_GC) ? 0 : -1;
}

static void reverse(struct merge_input **order, size_t count)
{
    for (size_t i = 0; i < count / 2; i++) {
        struct merge_input *swapped = order[i];

        order[i] = order[count - 1 - i];
        order[count - 1 - i] = swapped;
    }
}

/* Length of the ordered run at the head; one that descends strictly is turned round. */
static size_t count_run(struct merge_input **order, size_t count)
{
    size_t run = 2;
    bool descending;

    if (count < 2) {
        return count;
    }
    descending = yjs_compare(order[1], order[0]) < 0;
    while (run < count && (yjs_compare(order[run], order[run - 1]) < 0) == descending) {
        run++;
    }
    if (descending) {
        reverse(order, run);
    }
    return run;
}

/* Array.prototype.sort of V8 for fewer than 64 elements (TimSort: one run, the rest by binary insertion). With a
 * comparison that contradicts itself its result depends on each step, so the steps are the same here. */
static void yjs_sort(struct merge_input **order, size_t count)
{
    for (size_t start = count_run(order, count); start < count; start++) {
        struct merge_input *pivot = order[start];
        size_t left = 0, right = start;

        while (left < right) {
            size_t middle = left + (right - left) / 2;

            if (yjs_compare(pivot, order[middle]) < 0) {
                right = middle;
            } else {
                left = middle + 1;
            }
        }
        memmove(order + left + 1, order + left, (start - left) * sizeof(struct merge_input *));
        order[left] = pivot;
    }
}

static size_t drop_finished(struct merge_input **order, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        if (order[i]->live) {
            order[kept++] = order[i];
        }
    }
    return kept;
}

void merge_run_exactly(struct merge *m)
{
    struct merge_input *order[MERGE_EXACT_INPUTS];
    size_t count = m->count;

    memcpy(order, m->opened, count * sizeof(struct merge_input *));
    while (m->rc == RC_OK && m->again == MERGE_DONE && (count = drop_finished(order, count)) > 0) {
        yjs_sort(order, count);
        merge_take_turn(m, order[0]);
    }
}
