#include "crdt/core/waiters.h"

/* The root with the higher clock becomes the first child of the other. */
static uint32_t meld(struct waiters w, uint32_t a, uint32_t b)
{
    if (!a || !b) {
        return a ? a : b;
    }
    if (waiter_at(w, b)->clock < waiter_at(w, a)->clock) {
        uint32_t swap = a;
        a = b;
        b = swap;
    }
    struct waiter *top = waiter_at(w, a), *child = waiter_at(w, b);
    child->next = top->child;
    child->prev = a;
    if (top->child) {
        waiter_at(w, top->child)->prev = b;
    }
    top->child = b;
    return a;
}

/* A chain of sisters becomes one heap: in pairs from left to right, then all pairs from right to left. */
static uint32_t meld_sisters(struct waiters w, uint32_t first)
{
    uint32_t pairs = 0, root = 0;

    while (first) {
        uint32_t second = waiter_at(w, first)->next, rest = second ? waiter_at(w, second)->next : 0;
        uint32_t pair = meld(w, first, second);
        waiter_at(w, pair)->next = pairs;
        pairs = pair;
        first = rest;
    }
    while (pairs) {
        uint32_t rest = waiter_at(w, pairs)->next;
        root = meld(w, root, pairs);
        pairs = rest;
    }
    if (root) {
        waiter_at(w, root)->next = waiter_at(w, root)->prev = 0;
    }
    return root;
}

uint32_t waiters_add(struct waiters w, uint32_t root, uint32_t record)
{
    struct waiter *added = waiter_at(w, record);

    added->child = added->next = added->prev = 0;
    return meld(w, root, record);
}

uint32_t waiters_take(struct waiters w, uint32_t root, uint32_t record)
{
    struct waiter *taken = waiter_at(w, record);
    uint32_t below = meld_sisters(w, taken->child);

    if (record == root) {
        return below;
    }
    struct waiter *before = waiter_at(w, taken->prev);
    *(before->child == record ? &before->child : &before->next) = taken->next;
    if (taken->next) {
        waiter_at(w, taken->next)->prev = taken->prev;
    }
    return meld(w, root, below);
}
