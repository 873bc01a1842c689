#include "crdt/core/slice.h"

#include <string.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/utf.h"

static const uint8_t replacement[] = {0xef, 0xbf, 0xbd}; /* U+FFFD */

static size_t values_offset(struct span values, uint64_t count)
{
    struct lib0_dec in = lib0_dec_of(values);

    for (; count > 0; count--) {
        lib0_any_skip(&in);
    }
    return (size_t)(in.pos - values.data);
}

size_t slice_offset(uint32_t ref, struct span content, uint64_t len, uint64_t offset, bool *inside)
{
    if (ref == BLOCK_STRING) {
        return utf16_to_byte_of(content, (size_t)len, (size_t)offset, inside);
    }
    *inside = false;
    return ref == BLOCK_JSON || ref == BLOCK_ANY ? values_offset(content, offset) : 0;
}

struct span block_content_behind(const struct block *b, uint64_t offset, bool *replaced)
{
    size_t at = slice_offset(b->ref, b->content, b->len, offset, replaced);

    at += *replaced ? PAIR_BYTES : 0;
    return at > 0 ? span_of(b->content.data + at, b->content.len - at) : b->content;
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
