#include "crdt/wire/keystroke.h"

#include "crdt/core/ids.h"
#include "crdt/core/pool.h"
#include "crdt/core/stroke.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/number.h"
#include "crdt/lib0/utf.h"
#include "crdt/wire/info.h"

/* ---- reading ---------------------------------------------------------------------------------------- */

/* Most ids are the author's own: his number is decoded once. */
struct reader {
    const uint8_t *end;
    struct lib0_known author;
};

/* These return the place behind what they have read from `p`; NULL: it is something else, or `p` is NULL. */

static inline const uint8_t *read_number(const struct reader *in, const uint8_t *p, uint64_t *out)
{
    return p != NULL ? lib0_number(p, in->end, out) : NULL;
}

static inline const uint8_t *read_one(const struct reader *in, const uint8_t *p)
{
    return p != NULL && p < in->end && *p == 1 ? p + 1 : NULL;
}

static inline const uint8_t *read_client(const struct reader *in, const uint8_t *p, uint64_t *out)
{
    struct lib0_known other;

    if (p == NULL) {
        return NULL;
    }
    const uint8_t *behind = lib0_known_again(&in->author, p, in->end);
    if (behind != NULL) {
        *out = in->author.value;
        return behind;
    }
    behind = lib0_known_read(p, in->end, &other); /* ids are long, and this needs no loop */
    *out = other.value;
    return behind;
}

static inline const uint8_t *read_units(const struct reader *in, const uint8_t *p, struct block *out)
{
    uint64_t len = 0;
    size_t units;

    p = read_number(in, p, &len);
    if (p == NULL || len > (uint64_t)(in->end - p)) {
        return NULL;
    }
    out->content = span_of(p, (size_t)len);
    if (!utf8_measure(out->content, &units) || units == 0) {
        return NULL;
    }
    out->len = units;
    return p + len;
}

/* Behind the number of groups, which was 1. */
static inline const uint8_t *read_text(struct reader *in, const uint8_t *p, struct keystroke *out)
{
    struct block *text = &out->text;

    p = read_one(in, p);
    out->clock_at = p != NULL ? lib0_known_read(p, in->end, &in->author) : NULL;
    text->id.client = in->author.value;
    p = read_number(in, out->clock_at, &text->id.clock);
    if (p == NULL || p == in->end || (*p & ~INFO_RIGHT_ORIGIN) != (BLOCK_STRING | INFO_ORIGIN)) {
        return NULL;
    }
    bool right = (*p++ & INFO_RIGHT_ORIGIN) != 0;
    text->ref = BLOCK_STRING;
    text->flags = BLOCK_HAS_ORIGIN | (right ? BLOCK_HAS_RIGHT_ORIGIN : 0);
    out->origin_at = read_client(in, p, &text->origin.client);
    p = read_number(in, out->origin_at, &text->origin.clock);
    if (right) {
        p = read_client(in, p, &text->right_origin.client);
        p = read_number(in, p, &text->right_origin.clock);
    }
    return read_units(in, p, text);
}

/* Behind the number of clients, which was 1. */
static inline const uint8_t *read_deleted(const struct reader *in, const uint8_t *p, struct idset_range *out)
{
    p = read_one(in, read_number(in, p, &out->client));
    p = read_number(in, read_number(in, p, &out->clock), &out->len);
    return p != NULL && out->len > 0 ? p : NULL;
}

static bool decode_v1(struct span update, struct keystroke *out)
{
    struct reader in = {update.data + update.len, LIB0_KNOWN_NONE};
    const uint8_t *p = update.data;

    if (update.len < 2 || p[0] > 1) {
        return false;
    }
    out->types = *p++ == 1;
    if (out->types) {
        p = read_text(&in, p, out);
    }
    if (p == NULL || p == in.end || *p > 1) {
        return false;
    }
    out->erases = *p++ == 1;
    out->end = out->erases ? read_deleted(&in, p, &out->deleted) : p;
    return out->end != NULL;
}

bool keystroke_decode(enum crdt_format format, struct span update, struct keystroke *out)
{
    return format == CRDT_V1 ? decode_v1(update, out) : keystroke_decode_v2(update, out);
}

/* ---- what there is to write --------------------------------------------------------------------------- */

#define NUMBER_MAX  8  /* bytes of a varuint up to 2^53 */
#define NUMBERS_MAX 16 /* of an update: 15 */

/* What is new of a run of text. */
struct typed {
    const struct item *item; /* NULL: no text is new */
    uint32_t client, clock;  /* of its first new unit */
    struct span text;
};

/* UTF-8 of the last `units` of a text; false when it begins within a surrogate pair. */
static bool tail_of(const struct crdt_doc *doc, const struct item *it, uint32_t units, struct span *out)
{
    struct span text = pool_span(doc, it->off, it->bytes);
    size_t at = text.len;

    if (it->bytes == it->len) { /* ASCII */
        *out = span_of(text.data + text.len - units, units);
        return true;
    }
    if (units == it->len) {
        *out = text;
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

static uint32_t last_item(const struct crdt_doc *doc, uint32_t client)
{
    uint32_t item = stroke_growing(doc);

    if (!item || item_at(doc, item)->client != client) {
        struct id_pos pos = ids_last(doc, client);
        item = ids_item(doc, &pos);
    }
    return item;
}

/* The one run of text that the transaction added to. */
static bool find_typed(const struct crdt_doc *doc, struct typed *s)
{
    uint32_t client = doc->txn.touched[0];
    const struct client *c = &doc->clients[client];
    uint32_t item = last_item(doc, client);
    const struct item *it = item_at(doc, item);

    if (!item || it->clock > c->before || (it->flags & (ITEM_KIND | ITEM_KEYED)) != BLOCK_STRING) {
        return false;
    }
    *s = (struct typed){.item = it, .client = client, .clock = c->before};
    bool origin = it->clock < c->before || it->origin_client != NONE32 || it->right_client != NONE32;
    return origin && tail_of(doc, it, it->clock + it->len - c->before, &s->text);
}

/* ---- bytes ------------------------------------------------------------------------------------------ */

static uint8_t *put_client(const struct crdt_doc *doc, uint8_t *to, uint32_t client)
{
    const struct client *c = &doc->clients[client];

    memcpy(to, c->id_bytes, sizeof(c->id_bytes)); /* what is too much is written over */
    return to + c->id_len;
}

static uint8_t *put_id(const struct crdt_doc *doc, uint8_t *to, uint32_t client, uint32_t clock)
{
    return lib0_clock_at(put_client(doc, to, client), clock);
}

static uint8_t *put_text(uint8_t *to, struct span text)
{
    to = lib0_varuint_at(to, text.len);
    if (text.len == 1) { /* mostly */
        *to = text.data[0];
    } else {
        memcpy(to, text.data, text.len);
    }
    return to + text.len;
}

static uint8_t *put_typed(const struct crdt_doc *doc, uint8_t *to, const struct typed *s)
{
    const struct item *it = s->item;
    bool continues = it->clock < s->clock;
    bool origin = continues || it->origin_client != NONE32, right = it->right_client != NONE32;

    *to++ = 1;
    *to++ = 1;
    to = put_id(doc, to, s->client, s->clock);
    *to++ = (uint8_t)(BLOCK_STRING | (origin ? INFO_ORIGIN : 0) | (right ? INFO_RIGHT_ORIGIN : 0));
    if (continues) {
        to = put_id(doc, to, s->client, s->clock - 1);
    } else if (origin) {
        to = put_id(doc, to, it->origin_client, it->origin_clock);
    }
    if (right) {
        to = put_id(doc, to, it->right_client, it->right_clock);
    }
    return put_text(to, s->text);
}

static uint8_t *put_deleted(const struct crdt_doc *doc, uint8_t *to, const struct del_range *d)
{
    *to++ = 1;
    to = put_client(doc, to, d->client);
    *to++ = 1;
    return lib0_varuint_at(lib0_clock_at(to, d->clock), d->len);
}

/* Text, mostly; one deleted range beside it, perhaps. Not inlined: what is deleted on and on does not come here. */
__attribute__((noinline)) static bool encode_typed(const struct crdt_doc *doc, struct buf *out)
{
    const struct txn *t = &doc->txn;
    struct typed s = {.item = NULL};

    if (t->touched_count == 1 && !find_typed(doc, &s)) {
        return false;
    }
    if (buf_reserve(out, NUMBER_MAX * NUMBERS_MAX + s.text.len) != RC_OK) {
        return true;
    }
    uint8_t *start = out->data + out->len, *to = start;
    if (s.item) {
        to = put_typed(doc, to, &s);
    } else {
        *to++ = 0;
    }
    if (t->del_count == 1) {
        to = put_deleted(doc, to, &t->dels[0]);
    } else {
        *to++ = 0;
    }
    out->len += (size_t)(to - start);
    return true;
}

/* Nothing was typed, one range deleted. */
static void encode_deleted(const struct crdt_doc *doc, struct buf *out)
{
    if (buf_reserve(out, NUMBER_MAX * NUMBERS_MAX) == RC_OK) {
        uint8_t *to = out->data + out->len;
        *to++ = 0;
        out->len = (size_t)(put_deleted(doc, to, &doc->txn.dels[0]) - out->data);
    }
}

bool keystroke_encode(const struct crdt_doc *doc, struct buf *out)
{
    const struct txn *t = &doc->txn;

    if (t->touched_count == 0 && t->del_count == 1) {
        encode_deleted(doc, out);
        return true;
    }
    return t->touched_count <= 1 && t->del_count <= 1 && encode_typed(doc, out);
}
