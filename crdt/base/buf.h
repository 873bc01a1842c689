#ifndef CRDT_BASE_BUF_H
#define CRDT_BASE_BUF_H

/* A growing block of bytes with a sticky error: append freely, look at `rc` once at the end.
 * After an error nothing more is appended; what was appended before stays. Zeroed storage is an
 * empty buffer. What is appended must not point into the buffer itself.
 *
 * Invariant: len <= cap; data is NULL only while cap is 0. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#pragma GCC visibility push(default) /* the library exports what stands in its public headers, and nothing else */

struct buf {
    uint8_t *data;
    size_t len, cap;
    int rc; /* RC_OK, RC_NOMEM, or RC_ARG (a format that printf refuses); others may set their own code */
};

void buf_init(struct buf *b);
void buf_finish(struct buf *b);                      /* frees; the buffer is empty and usable again; NULL is fine */
void buf_clear(struct buf *b);                       /* empties and forgets the error, keeps the memory */
int buf_grow(struct buf *b, size_t more) MUST_CHECK; /* private: buf_reserve when there is no room yet */

/* Room for `more` bytes after len; the room may be written through data + len. Returns b->rc. */
MUST_CHECK static inline int buf_reserve(struct buf *b, size_t more)
{
    return b->rc == RC_OK && more <= b->cap - b->len ? RC_OK : buf_grow(b, more);
}

static inline void buf_put(struct buf *b, const void *data, size_t len)
{
    if (len > 0 && buf_reserve(b, len) == RC_OK) {
        memcpy(b->data + b->len, data, len);
        b->len += len;
    }
}

static inline void buf_put_u8(struct buf *b, uint8_t byte)
{
    if (buf_reserve(b, 1) == RC_OK) {
        b->data[b->len++] = byte;
    }
}

static inline void buf_put_span(struct buf *b, struct span s)
{
    buf_put(b, s.data, s.len);
}
/* A string literal's length is known to the compiler, so that a short one is copied by a store or two. */
__attribute__((always_inline)) static inline void buf_put_str(struct buf *b, const char *s)
{
    size_t len = strlen(s);

    if (len > 0 && buf_reserve(b, len) == RC_OK) {
        memcpy(b->data + b->len, s, len);
        b->len += len;
    }
}

/* The same byte many times. */
static inline void buf_fill(struct buf *b, uint8_t byte, size_t count)
{
    if (count > 0 && buf_reserve(b, count) == RC_OK) {
        memset(b->data + b->len, byte, count);
        b->len += count;
    }
}

/* printf into the buffer, without a terminator. */
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Borrowed until the buffer changes. */
struct span buf_span(const struct buf *b);
/* A part of it, at + len <= b->len; likewise. An empty buffer has no memory to point into, and needs none. */
struct span buf_slice(const struct buf *b, size_t at, size_t len);
/* Gives the memory to the caller, who frees it with free(); the buffer is empty afterwards, its error forgotten: look
 * at `rc` before. NULL when nothing was ever appended. */
uint8_t *buf_take(struct buf *b, size_t *len);

#pragma GCC visibility pop

#endif
