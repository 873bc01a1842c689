#ifndef SERVER_API_BODY_CACHE_H
#define SERVER_API_BODY_CACHE_H

/* Compressed bodies that were asked for lately, so that a class that opens one note compresses it once.
 *
 * A body is kept under its note and query, and its entity tag. The tag says what the note holds, so that an entry never
 * is out of date: when the note changes nobody asks for the old tag, and the entry goes as the one that was not used
 * for longest.
 *
 * Invariant: at most BODY_CACHE_ENTRIES entries, and at most the bytes given at the beginning. Event loop thread. */
#include <stddef.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define BODY_CACHE_ENTRIES 64

struct body_cache;

int body_cache_create(size_t bytes, struct body_cache **out) MUST_CHECK;
void body_cache_destroy(struct body_cache *cache); /* NULL is fine */
/* `key` says which note in which form. Appends the body; a failure is kept in out->rc. RC_NOTFOUND: it is not kept. */
int body_cache_get(struct body_cache *cache, struct span key, const char *etag, struct buf *out) MUST_CHECK;
/* Keeps a copy, when it is small enough and there is memory. */
void body_cache_put(struct body_cache *cache, struct span key, const char *etag, struct span body);

#endif
