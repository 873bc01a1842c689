#ifndef RENDER_LITERAL_H
#define RENDER_LITERAL_H

/* What is written often and is short: a tag, a list's marker. It goes out in one copy of a size that the compiler
 * knows. */
#include <string.h>
#include "crdt/base/buf.h"

#define LITERAL_ROOM 16

struct literal {
    char text[LITERAL_ROOM];
    uint8_t len; /* bytes of it that count */
};

/* Room for LITERAL_ROOM bytes must be there. Returns the end of those that count. */
static inline uint8_t *literal_copy(uint8_t *to, const struct literal *s)
{
    memcpy(to, s->text, LITERAL_ROOM);
    return to + s->len;
}

static inline void literal_put(struct buf *out, const struct literal *s)
{
    if (buf_reserve(out, LITERAL_ROOM) == RC_OK) {
        (void)literal_copy(out->data + out->len, s);
        out->len += s->len;
    }
}

#endif
