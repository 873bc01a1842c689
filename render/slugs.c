#include "render/slugs.h"
#include <stdbool.h>
#include <stdlib.h>
#include <utf8proc.h>

#define SLUG_LONGEST 100 /* bytes, before the number */

/* An anchor given out, and the number that the next heading of this text may try. */
struct slug_slot {
    size_t at, len; /* in names; len 0: free */
    uint32_t next;
};

void slugs_finish(struct slugs *s)
{
    if (s != NULL) {
        free(s->slots);
        buf_finish(&s->names);
        *s = (struct slugs){0};
    }
}

static uint32_t hash(struct span s)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < s.len; i++) {
        h = (h ^ s.data[i]) * 16777619u;
    }
    return h ^ h >> 15;
}

/* The slot of that anchor, or the free one where it would stand. */
static struct slug_slot *find(const struct slugs *s, struct span name)
{
    size_t i = hash(name) & (s->room - 1);

    while (s->slots[i].len != 0 && !span_equal(span_of(s->names.data + s->slots[i].at, s->slots[i].len), name)) {
        i = (i + 1) & (s->room - 1);
    }
    return &s->slots[i];
}

static bool grow(struct slugs *s)
{
    struct slugs old = *s;

    if (s->count * 2 < s->room) {
        return true;
    }
    s->room = old.room == 0 ? 32 : old.room * 2;
    s->slots = calloc(s->room, sizeof(*s->slots));
    if (s->slots == NULL) {
        *s = old;
        return false;
    }
    for (size_t i = 0; i < old.room; i++) {
        if (old.slots[i].len != 0) {
            *find(s, span_of(s->names.data + old.slots[i].at, old.slots[i].len)) = old.slots[i];
        }
    }
    free(old.slots);
    return true;
}

static bool is_kept(utf8proc_int32_t point)
{
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return true;
    default:
        return false;
    }
}

/* A character of an anchor as it stands there, small. Returns its bytes; 0 when it does not stand there. */
static size_t keep_ascii(uint8_t c, uint8_t bytes[4])
{
    bool letter = (unsigned)(c | 0x20) - 'a' < 26;

    bytes[0] = letter ? c | 0x20 : c;
    return letter || (unsigned)c - '0' < 10 ? 1 : 0;
}

/* The same beyond ASCII; *len: how many bytes of the text it is about. */
static size_t keep_point(struct span text, size_t *len, uint8_t bytes[4])
{
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t read = utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point);

    *len = read > 0 ? (size_t)read : 1;
    return read > 0 && is_kept(point) ? (size_t)utf8proc_encode_char(utf8proc_tolower(point), bytes) : 0;
}

static void put_slug(struct span text, struct buf *out)
{
    size_t from = out->len;
    bool gap = false;

    while (text.len > 0 && out->len - from < SLUG_LONGEST) {
        uint8_t bytes[4];
        size_t len = 1, kept;

        kept = text.data[0] < 128 ? keep_ascii(text.data[0], bytes) : keep_point(text, &len, bytes);
        text = span_of(text.data + len, text.len - len);
        if (kept == 0) {
            gap = out->len > from;
            continue;
        }
        buf_put(out, "-", gap ? 1 : 0);
        gap = false;
        buf_put(out, bytes, kept);
    }
    if (out->len == from) {
        buf_put_str(out, "section");
    }
}

static int remember(struct slugs *s, struct slug_slot *slot, struct span name)
{
    *slot = (struct slug_slot){.at = s->names.len, .len = name.len, .next = 1};
    buf_put_span(&s->names, name);
    s->count++;
    return s->names.rc;
}

int slugs_put(struct slugs *s, struct span text, struct buf *out)
{
    size_t from = out->len, base = 0;
    struct slug_slot *first = NULL, *slot = NULL;

    put_slug(text, out);
    if (out->rc != RC_OK || !grow(s)) {
        return RC_NOMEM;
    }
    base = out->len - from;
    first = slot = find(s, buf_slice(out, from, base));
    while (slot->len != 0) {
        out->len = from + base;
        buf_printf(out, "-%u", first->next++);
        if (out->rc != RC_OK) {
            return out->rc;
        }
        slot = find(s, buf_slice(out, from, out->len - from));
    }
    return remember(s, slot, buf_slice(out, from, out->len - from));
}
