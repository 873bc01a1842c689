#ifndef SERVER_API_IDEMPOTENCY_H
#define SERVER_API_IDEMPOTENCY_H

/* Idempotency-Key: a POST that is sent again, because its answer got lost, is done once.
 *
 * A table of the last keys, each with its sender, a fingerprint of the body and the id of what was made. A key is
 * remembered for 24 hours, while the process lives and unless 1,024 newer ones push it out. Bytes in keys and senders
 * are compared whole; of the body a 64-bit hash is enough, as only its own sender could be deceived.
 *
 *     free ── begin ──► under way ── done ──► made ── 24 h ──► free
 *       ◄────────────────── forget ┘
 *
 * Event loop thread only. */
#include <stddef.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/base/clock.h"

#define IDEMPOTENCY_KEY_MAX 200 /* bytes */
#define IDEMPOTENCY_ID_MAX  32  /* characters of what was made */
#define IDEMPOTENCY_SLOTS   1024

struct idempotency;
struct idempotency_slot;

int idempotency_create(const struct clock *clock, struct idempotency **out) MUST_CHECK; /* borrows the clock */
void idempotency_destroy(struct idempotency *t);                                        /* NULL is fine */

/* RC_OK: a new key; *out is the caller's until idempotency_done or _forget. RC_EXISTS: made before;
 * idempotency_id(*out) says what, until the next call. RC_BUSY: the first request is under way, or all slots are.
 * RC_STATE: the key belongs to another body. RC_RANGE: no key, or longer than IDEMPOTENCY_KEY_MAX. RC_NOMEM. */
int idempotency_begin(struct idempotency *t, struct span sender, struct span key, struct span body,
                      struct idempotency_slot **out) MUST_CHECK;
const char *idempotency_id(const struct idempotency_slot *slot);
/* `id` is copied; at most IDEMPOTENCY_ID_MAX characters. NULL slots are fine. */
void idempotency_done(struct idempotency_slot *slot, const char *id);
void idempotency_forget(struct idempotency_slot *slot); /* it failed: the key may be used again */

#endif
