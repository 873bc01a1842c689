#include "crdt/base/buf.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* Doubling makes appending n bytes cost O(n) altogether. */
#define BUF_FIRST_CAP 64

void buf_init(struct buf *b)
{
    *b = (struct buf){0};
}

void buf_finish(struct buf *b)
{
    if (b != NULL) {
        free(b->data);
        *b = (struct buf){0};
    }
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->rc = RC_OK;
}

static size_t grown_cap(const struct buf *b, size_t need)
{
    size_t cap = b->cap > PTRDIFF_MAX / 2 ? PTRDIFF_MAX : b->cap * 2;

    if (cap < BUF_FIRST_CAP) {
        cap = BUF_FIRST_CAP;
    }
    return cap < need ? need : cap;
}

/* Not inlined: it is rare, and large. */
__attribute__((noinline)) int buf_grow(struct buf *b, size_t more)
{
    uint8_t *data;
    size_t cap;

    if (b->rc != RC_OK) {
        return b->rc;
    }
    if (more > PTRDIFF_MAX - b->len) { /* no object may be larger */
        return b->rc = RC_NOMEM;
    }
    if (more <= b->cap - b->len) {
        return RC_OK;
    }
    cap = grown_cap(b, b->len + more);
    data = realloc(b->data, cap);
    if (data == NULL) {
        return b->rc = RC_NOMEM;
    }
    b->data = data;
    b->cap = cap;
    return RC_OK;
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) {
        if (b->rc == RC_OK) {
            b->rc = RC_ARG;
        }
        return;
    }
    /* One byte more for the terminator that vsnprintf writes. */
    if (buf_reserve(b, (size_t)len + 1) == RC_OK) {
        va_start(args, format);
        (void)vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, args);
        va_end(args);
        b->len += (size_t)len;
    }
}

struct span buf_slice(const struct buf *b, size_t at, size_t len)
{
    return len > 0 ? span_of(b->data + at, len) : (struct span){0};
}

struct span buf_span(const struct buf *b)
{
    return span_of(b->data, b->len);
}

uint8_t *buf_take(struct buf *b, size_t *len)
{
    uint8_t *data = b->data;

    *len = b->len;
    *b = (struct buf){0};
    return data;
}
