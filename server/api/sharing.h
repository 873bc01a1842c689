#ifndef SERVER_API_SHARING_H
#define SERVER_API_SHARING_H

/* Calls that want the same at the same time: the first makes it, the others wait for what it makes.
 *
 *     making ─► call (first) ─► call (first)
 *                 │ waiting
 *                 └─► call ─► call            at most SHARING_MOST
 *
 * A call is embedded in what the caller makes, which lives until it is answered whatever its client does: one whose
 * client has gone waits with the others, and its answer goes nowhere. Event loop thread. */
#include <stddef.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define SHARING_MOST 256 /* that wait for one */

struct sharing_call {
    struct span key;           /* of what is wanted; set by the caller, who keeps its bytes until sharing_end */
    struct sharing_call *next; /* private, and in the list that sharing_end gives */
    struct sharing_call *waiting;
    size_t waiters;
};

/* Zeroed: nothing is being made. */
struct sharing {
    struct sharing_call *making;
};

/* RC_NOTFOUND: it is the first, and makes it. RC_OK: it waits. RC_BUSY: too many wait already; nothing has happened. */
int sharing_begin(struct sharing *t, struct sharing_call *c) MUST_CHECK;
/* What the first made, or not, is there. Gives those who waited for it, in the order of their coming; NULL: nobody. */
struct sharing_call *sharing_end(struct sharing *t, struct sharing_call *first);

#endif
