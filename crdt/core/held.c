#include "crdt/core/held.h"

#include <stdlib.h>
#include <string.h>

static struct span keep(struct held *h, struct span s)
{
    uint8_t *to = h->bytes + h->room;

    if (s.len > 0) {
        memcpy(to, s.data, s.len);
    }
    h->room += (uint32_t)s.len;
    return span_of(to, s.len);
}

int held_create(struct crdt_doc *doc, const struct block *b, struct held **out)
{
    struct span none = {0};
    struct span name = b->flags & BLOCK_PARENT_ROOT ? b->parent_name : none;
    struct span sub = b->flags & BLOCK_HAS_PARENT_SUB ? b->parent_sub : none;
    size_t len = b->content.len + name.len + sub.len;
    size_t size = sizeof(struct held) + len;

    if (len > UINT32_MAX || size > mem_left(&doc->mem)) {
        return RC_LIMIT;
    }
    struct held *h = malloc(size);
    if (!h) {
        return RC_NOMEM;
    }
    doc->mem.used += size;
    h->block = *b;
    h->room = 0;
    h->room_cap = (uint32_t)len;
    h->block.content = keep(h, b->content);
    if (b->flags & BLOCK_PARENT_ROOT) {
        h->block.parent_name = keep(h, name);
    }
    if (b->flags & BLOCK_HAS_PARENT_SUB) {
        h->block.parent_sub = keep(h, sub);
    }
    *out = h;
    return RC_OK;
}

void held_destroy(struct crdt_doc *doc, struct held *h)
{
    doc->mem.used -= sizeof(struct held) + h->room_cap;
    free(h);
}

/* ---- letters --------------------------------------------------------------------------------------- */

uint32_t held_count(const struct held *h)
{
    return h->block.flags & BLOCK_LETTERS ? (uint32_t)h->block.len : 1;
}

struct block held_struct(const struct held *h, uint32_t i)
{
    struct block b = h->block;

    if ((b.flags & BLOCK_LETTERS) == 0) {
        return b;
    }
    b.flags = (uint8_t)(b.flags & ~BLOCK_LETTERS);
    b.len = 1;
    b.content = span_of(h->bytes + i, 1);
    if (i > 0) {
        b.id.clock += i;
        b.origin = (struct id){b.id.client, b.id.clock - 1};
    }
    return b;
}

static bool is_letter(const struct block *b)
{
    return b->ref == BLOCK_STRING && b->content.len == 1 && (b->flags & BLOCK_HAS_ORIGIN);
}

static bool same_right(const struct block *a, const struct block *b)
{
    return (a->flags & BLOCK_HAS_RIGHT_ORIGIN) == (b->flags & BLOCK_HAS_RIGHT_ORIGIN) &&
           (!(a->flags & BLOCK_HAS_RIGHT_ORIGIN) ||
            (a->right_origin.client == b->right_origin.client && a->right_origin.clock == b->right_origin.clock));
}

bool held_goes_on(const struct held *h, const struct block *b)
{
    const struct block *last = &h->block;

    return (is_letter(last) || (last->flags & BLOCK_LETTERS)) && is_letter(b) && b->id.client == last->id.client &&
           b->id.clock == last->id.clock + last->len && b->origin.client == b->id.client &&
           b->origin.clock + 1 == b->id.clock && same_right(last, b);
}

static bool grow(struct crdt_doc *doc, struct held **h)
{
    uint32_t cap = 2 * (*h)->room_cap + 14, more;

    cap = cap < HELD_LETTERS_MAX ? cap : HELD_LETTERS_MAX;
    more = cap - (*h)->room_cap;
    struct held *grown = more <= mem_left(&doc->mem) ? realloc(*h, sizeof(struct held) + cap) : NULL;
    if (!grown) {
        return false;
    }
    doc->mem.used += more;
    grown->room_cap = cap;
    grown->block.content.data = grown->bytes;
    *h = grown;
    return true;
}

bool held_add_letter(struct crdt_doc *doc, struct held **h, uint8_t letter)
{
    struct block *b = &(*h)->block;

    if (b->len == HELD_LETTERS_MAX || b->id.clock + b->len >= UINT32_MAX ||
        ((*h)->room == (*h)->room_cap && !grow(doc, h))) {
        return false;
    }
    b = &(*h)->block;
    (*h)->bytes[(*h)->room++] = letter;
    b->content.len++;
    b->len++;
    b->flags |= BLOCK_LETTERS;
    return true;
}
