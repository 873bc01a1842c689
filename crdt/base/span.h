#ifndef CRDT_BASE_SPAN_H
#define CRDT_BASE_SPAN_H

/* A view of bytes that somebody else owns. Text in a span is UTF-8 without a terminator. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
    const uint8_t *data; /* may be NULL when len is 0 */
    size_t len;
};

static inline struct span span_of(const void *data, size_t len)
{
    return (struct span){data, len};
}

/* The bytes of a C string, without its terminator; borrows `s`. */
static inline struct span span_str(const char *s)
{
    return (struct span){(const uint8_t *)s, strlen(s)};
}

static inline bool span_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

#endif
