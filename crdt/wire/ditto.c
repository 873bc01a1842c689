#include "crdt/wire/ditto.h"

#include <string.h>
#include "crdt/core/direct_wait.h"
#include "crdt/core/stroke.h"
#include "crdt/lib0/enc.h"

struct span ditto_letter(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    struct ditto *d = &doc->ditto;

    if (!d->known || update.len != d->len || d->format != format || (d->item && d->item != stroke_growing(doc)) ||
        update.data[d->letter_at] >= 0x80) {
        return span_of(NULL, 0);
    }
    d->bytes[d->letter_at] = update.data[d->letter_at];
    return span_of(update.data + d->letter_at, memcmp(d->bytes, update.data, d->len) == 0);
}

/* Adds `more` to a number of which the first byte has the bits `low`, the others seven. False: it needs a byte more. */
static bool step(uint8_t *byte, uint8_t low, uint8_t more)
{
    while ((*byte & low) + more > low) {
        *byte = (uint8_t)(*byte & ~low); /* the bits left over are 0: `more` divides low + 1, and the number too */
        if (*byte < 0x80) {
            return false;
        }
        byte++;
        low = 0x7f;
        more = 1;
    }
    *byte = (uint8_t)(*byte + more);
    return true;
}

/* v2 writes the origin's clock as a difference to 0, doubled, with six bits in its first byte. Mostly neither number
 * carries over. */
static inline void go_on(struct ditto *d)
{
    uint8_t low = d->format == CRDT_V2 ? 0x3f : 0x7f, more = d->format == CRDT_V2 ? 2 : 1;
    uint8_t *clock = d->bytes + d->clock_at, *origin = d->bytes + d->origin_at;

    d->clock++;
    if ((*clock & 0x7f) < 0x7f && (*origin & low) + more <= low) {
        *clock = (uint8_t)(*clock + 1);
        *origin = (uint8_t)(*origin + more);
    } else {
        d->known = step(clock, 0x7f, 1) && step(origin, low, more);
    }
}

void ditto_step(struct crdt_doc *doc)
{
    doc->ditto.known = true; /* unless it needs a byte more now */
    go_on(&doc->ditto);
}

/* A letter behind the one before: the next one may be like it. */
static bool is_typed(const struct block *text)
{
    return text->content.len == 1 && text->origin.client == text->id.client && text->origin.clock + 1 == text->id.clock;
}

/* Both clocks are written as everybody writes them: only then it is known how the next ones are. */
static bool is_plain(enum crdt_format format, const struct keystroke *k)
{
    uint8_t clock[LIB0_VARUINT_MAX], origin[LIB0_VARUINT_MAX];
    size_t clock_len = (size_t)(lib0_varuint_at(clock, k->text.id.clock) - clock), origin_len;

    if (format == CRDT_V1) {
        origin_len = (size_t)(lib0_varuint_at(origin, k->text.origin.clock) - origin);
    } else {
        origin_len = (size_t)(lib0_varint_at(origin, 2 * k->text.origin.clock, false) - origin);
        if (k->origin_at[-1] != origin_len) { /* the length of the column */
            return false;
        }
    }
    return memcmp(k->clock_at, clock, clock_len) == 0 && memcmp(k->origin_at, origin, origin_len) == 0;
}

void ditto_learn(const struct crdt_doc *doc, struct ditto *d, enum crdt_format format, struct span update,
                 const struct keystroke *k)
{
    d->known = false;
    if (!k->types || k->erases || update.len > sizeof(d->bytes) || k->end != update.data + update.len ||
        !is_typed(&k->text) || !is_plain(format, k) || !direct_foresee(doc, &k->text, d)) {
        return;
    }
    memcpy(d->bytes, update.data, update.len);
    d->format = (uint8_t)format;
    d->len = (uint8_t)update.len;
    d->clock_at = (uint8_t)(k->clock_at - update.data);
    d->origin_at = (uint8_t)(k->origin_at - update.data);
    d->letter_at = (uint8_t)(k->text.content.data - update.data);
    d->clock = (uint32_t)k->text.id.clock;
    d->known = true;
    go_on(d);
}

/* ---- going out --------------------------------------------------------------------------------------- */

/* The transaction typed the letter that was to come next, and did nothing else. As the stroke has not been elsewhere
 * since, a clock more is a letter more in its run. */
static bool typed_letter(const struct crdt_doc *doc, const struct ditto *d, uint8_t *letter)
{
    const struct txn *t = &doc->txn;
    const struct client *own = &doc->clients[doc->own];

    if (t->del_count > 0 || t->touched_count != 1 || own->before != d->clock || own->state != d->clock + 1 ||
        d->item != stroke_growing(doc)) {
        return false;
    }
    const struct item *it = item_at(doc, d->item);
    *letter = doc->pool[it->off + it->bytes - 1];
    return *letter < 0x80;
}

/* Not inlined: mostly there is room. */
__attribute__((noinline)) static bool write_with_room(struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    return buf_reserve(out, sizeof(doc->echo.bytes)) != RC_OK || ditto_write(doc, format, out);
}

/* Changes a few numbers and calls nobody, where there is room. */
inline bool ditto_write(struct crdt_doc *doc, enum crdt_format format, struct buf *out)
{
    struct ditto *d = &doc->echo;
    uint8_t letter;

    if (!d->known || d->format != format || !typed_letter(doc, d, &letter)) {
        return false;
    }
    if (out->rc != RC_OK || out->cap - out->len < sizeof(d->bytes)) {
        return write_with_room(doc, format, out);
    }
    uint8_t *to = out->data + out->len;
    memcpy(to, d->bytes, sizeof(d->bytes)); /* what is too much is written over */
    to[d->letter_at] = letter;
    out->len += d->len;
    go_on(d);
    return true;
}

/* Not inlined: it is done once for a run. */
__attribute__((noinline)) static void learn(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    struct keystroke k;

    if (keystroke_decode(format, update, &k)) {
        ditto_learn(doc, &doc->echo, format, update, &k);
    }
}

void ditto_written(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    uint32_t item = stroke_growing(doc);

    doc->echo.known = false;
    if (update.len > 0 && item && item_at(doc, item)->clock < doc->clients[doc->own].before) {
        learn(doc, format, update);
    }
}
