#include "crdt/wire/slice.h"

#include <string.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/utf.h"

static const uint8_t replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD */

static struct span text_after(struct span text, uint64_t offset, bool *replaced)
{
    size_t at = utf16_to_byte(text, (size_t)offset, replaced);

    if (*replaced) {
        at += 4; /* a character with two halves has four bytes */
    }
    return span_of(text.data + at, text.len - at);
}

static struct span values_after(struct span values, uint64_t offset)
{
    struct lib0_dec in = lib0_dec_of(values);

    for (; offset > 0; offset--) {
        lib0_any_skip(&in);
    }
    return span_of(in.pos, lib0_dec_left(&in));
}

struct span block_content_after(const struct block *b, uint64_t offset, bool *replaced)
{
    *replaced = false;
    if (offset == 0) {
        return b->content;
    }
    switch (b->ref) {
    case BLOCK_STRING:
        return text_after(b->content, offset, replaced);
    case BLOCK_JSON:
    case BLOCK_ANY:
        return values_after(b->content, offset);
    default:
        return b->content;
    }
}

int block_slice(struct block *b, uint64_t offset, struct arena *scratch)
{
    bool replaced;
    struct span rest = block_content_after(b, offset, &replaced);

    if (replaced) {
        uint8_t *text = arena_alloc(scratch, sizeof(replacement) + rest.len);

        if (text == NULL) {
            return RC_NOMEM;
        }
        memcpy(text, replacement, sizeof(replacement));
        memcpy(text + sizeof(replacement), rest.data, rest.len);
        rest = span_of(text, sizeof(replacement) + rest.len);
    }
    b->content = rest;
    b->id.clock += offset;
    b->len -= offset;
    if (b->ref != BLOCK_GC && b->ref != BLOCK_SKIP) {
        b->origin = (struct id){b->id.client, b->id.clock - 1};
        b->flags = (uint8_t)((b->flags | BLOCK_HAS_ORIGIN) & ~(BLOCK_PARENT_ROOT | BLOCK_PARENT_ID));
    }
    return RC_OK;
}
