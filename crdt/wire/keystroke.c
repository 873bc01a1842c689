#include "crdt/wire/keystroke.h"

#include "crdt/core/ids.h"
#include "crdt/core/pool.h"

#define NUMBER_MAX  8  /* bytes of a varuint up to 2^53 */
#define NUMBERS_MAX 16 /* of an update: 15 */

/* What is new of a run of text. */
struct stroke {
    const struct item *item; /* NULL: no text is new */
    uint32_t client, clock;  /* of its first new unit */
    struct span text;
};

/* UTF-8 of the last `units` of a text; false when it begins within a surrogate pair. */
static bool tail_of(const struct crdt_doc *doc, const struct item *it, uint32_t units, struct span *out)
{
    struct span text = pool_span(doc, it->off, it->bytes);
    size_t at = text.len;
    bool ascii = it->bytes == it->len;

    if (units == it->len || ascii) {
        *out = ascii ? span_of(text.data + text.len - units, units) : text;
        return true;
    }
    while (units > 0) {
        do {
            at--;
        } while ((text.data[at] & 0xc0) == 0x80);
        uint32_t width = text.data[at] >= 0xf0 ? 2 : 1;
        if (width > units) {
            return false;
        }
        units -= width;
    }
    *out = span_of(text.data + at, text.len - at);
    return true;
}

/* The one run of text that the transaction added to. */
static bool find_stroke(const struct crdt_doc *doc, struct stroke *s)
{
    uint32_t client = doc->txn.touched[0];
    const struct client *c = &doc->clients[client];
    struct id_pos pos = ids_last(doc, client);
    uint32_t item = ids_item(doc, &pos);
    const struct item *it = item_at(doc, item);

    if (!item || it->clock > c->before || (it->flags & (ITEM_KIND | ITEM_KEYED)) != BLOCK_STRING) {
        return false;
    }
    *s = (struct stroke){.item = it, .client = client, .clock = c->before};
    bool origin = it->clock < c->before || it->origin_client != NONE32 || it->right_client != NONE32;
    return origin && tail_of(doc, it, it->clock + it->len - c->before, &s->text);
}

/* ---- bytes ------------------------------------------------------------------------------------------ */

static uint8_t *put(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *to++ = (uint8_t)(value | 0x80);
    }
    *to++ = (uint8_t)value;
    return to;
}

static uint8_t *put_id(const struct crdt_doc *doc, uint8_t *to, uint32_t client, uint32_t clock)
{
    return put(put(to, doc->clients[client].id), clock);
}

static uint8_t *put_stroke(const struct crdt_doc *doc, uint8_t *to, const struct stroke *s)
{
    const struct item *it = s->item;
    bool continues = it->clock < s->clock;
    bool origin = continues || it->origin_client != NONE32, right = it->right_client != NONE32;

    to = put_id(doc, put(put(to, 1), 1), s->client, s->clock);
    *to++ = (uint8_t)(BLOCK_STRING | (origin ? 0x80 : 0) | (right ? 0x40 : 0));
    if (continues) {
        to = put_id(doc, to, s->client, s->clock - 1);
    } else if (origin) {
        to = put_id(doc, to, it->origin_client, it->origin_clock);
    }
    if (right) {
        to = put_id(doc, to, it->right_client, it->right_clock);
    }
    to = put(to, s->text.len);
    memcpy(to, s->text.data, s->text.len);
    return to + s->text.len;
}

bool keystroke_encode(const struct crdt_doc *doc, struct buf *out)
{
    const struct txn *t = &doc->txn;
    struct stroke s = {.item = NULL};

    if (t->touched_count > 1 || t->del_count > 1 || (t->touched_count == 1 && !find_stroke(doc, &s))) {
        return false;
    }
    if (buf_reserve(out, NUMBER_MAX * NUMBERS_MAX + s.text.len) != RC_OK) {
        return true;
    }
    uint8_t *start = out->data + out->len, *to = s.item ? put_stroke(doc, start, &s) : put(start, 0);
    to = put(to, t->del_count);
    if (t->del_count == 1) {
        const struct del_range *d = &t->dels[0];
        to = put(put(to, doc->clients[d->client].id), 1);
        to = put(put(to, d->clock), d->len);
    }
    out->len += (size_t)(to - start);
    return true;
}
