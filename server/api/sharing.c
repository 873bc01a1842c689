#include "server/api/sharing.h"

static int wait_for(struct sharing_call *first, struct sharing_call *c)
{
    struct sharing_call **last = &first->waiting;

    if (first->waiters >= SHARING_MOST) {
        return RC_BUSY;
    }
    while (*last != NULL) {
        last = &(*last)->next;
    }
    *last = c;
    first->waiters++;
    return RC_OK;
}

int sharing_begin(struct sharing *t, struct sharing_call *c)
{
    c->next = c->waiting = NULL;
    c->waiters = 0;
    for (struct sharing_call *first = t->making; first != NULL; first = first->next) {
        if (span_equal(first->key, c->key)) {
            return wait_for(first, c);
        }
    }
    c->next = t->making;
    t->making = c;
    return RC_NOTFOUND;
}

struct sharing_call *sharing_end(struct sharing *t, struct sharing_call *first)
{
    struct sharing_call **at = &t->making;

    while (*at != first) {
        at = &(*at)->next;
    }
    *at = first->next;
    return first->waiting;
}
