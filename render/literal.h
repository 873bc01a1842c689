#ifndef RENDER_LITERAL_H
#define RENDER_LITERAL_H

/* What is written often and is short: a tag, a list's marker. It goes out in one copy of a size that the compiler
 * knows. */
#include <string.h>
#include "crdt/base/buf.h"

struct literal {
    char text[16];
    uint8_t len; /* bytes of it that count */
};

static inline void literal_put(struct buf *out, const struct literal *s)
{
    if (buf_reserve(out, sizeof(s->text)) == RC_OK) {
        memcpy(out->data + out->len, s->text, sizeof(s->text));
        out->len += s->len;
    }
}

#endif
