/* See stroke.h. Everything here is O(1). */
#include "crdt/core/stroke.h"

#include "crdt/core/client.h"
#include "crdt/core/content.h"
#include "crdt/core/ids.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_delete.h"

/* ---- the place ----------------------------------------------------------------------------------- */

/* Each field by itself: copied as a whole, they would be read back wider than they have just been written. */
static void note_at(struct crdt_doc *doc, uint32_t item, struct seq_at place, bool grows)
{
    struct stroke *s = &doc->stroke;

    doc->clients[item_at(doc, item)->client].slot = place.slot;
    s->changes = doc->changes;
    s->item = item;
    s->seq = seq_of(doc, item);
    s->leaf = place.leaf;
    s->visible = seq_visible(doc, place);
    s->grows = grows;
    s->type = s->dead = 0;
    s->plain = false;
    doc->ditto.known = doc->echo.known = false;
}

void stroke_note(struct crdt_doc *doc, uint32_t item, bool grows)
{
    note_at(doc, item, seq_at_item(doc, item), grows);
}

void stroke_note_border(struct crdt_doc *doc, uint32_t live, uint32_t dead, const struct id_pos *border)
{
    stroke_note(doc, live, false);
    doc->stroke.dead = dead;
    doc->stroke.border = *border;
    doc->stroke.tail = item_at(doc, live)->clock < item_at(doc, dead)->clock;
}

void stroke_locate(struct crdt_doc *doc, uint32_t type, uint32_t end)
{
    doc->stroke.type = type;
    doc->stroke.end = end;
    doc->stroke.plain = type && doc->seqs[doc->stroke.seq].formats == 0;
}

/* The run has become so much longer, in a leaf that waits (seq_await). */
static inline void went_on(struct crdt_doc *doc, int64_t units)
{
    struct stroke *s = &doc->stroke;

    seq_stretch(doc, s->seq, s->visible, units);
    s->end = (uint32_t)(s->end + units);
    doc->ditto.known = false; /* its clock has passed */
}

/* ---- letters come ---------------------------------------------------------------------------------- */

uint32_t stroke_growing(const struct crdt_doc *doc)
{
    return stroke_known(doc) && doc->stroke.grows ? doc->stroke.item : 0;
}

static bool append_content(struct crdt_doc *doc, uint32_t item, struct span text)
{
    if (pool_append_here(doc, item, text)) {
        return true;
    }
    if (!pool_room(doc, pool_append_cost(doc, item, text.len))) {
        return false;
    }
    pool_append(doc, item, text);
    return true;
}

bool stroke_append(struct crdt_doc *doc, struct span text, uint32_t units)
{
    uint32_t item = doc->stroke.item;
    struct item *it = item_at(doc, item);
    struct client *c = &doc->clients[it->client];

    if (units > UINT32_MAX - c->state || !txn_may_touch(doc, it->client) || !append_content(doc, item, text)) {
        return false;
    }
    txn_touch(doc, it->client);
    it->len += units;
    c->state += units;
    seq_await(doc, doc->stroke.seq, doc->stroke.leaf);
    went_on(doc, units);
    return true;
}

/* Changes a few numbers and calls nobody. */
inline bool stroke_letter(struct crdt_doc *doc, uint8_t letter)
{
    uint32_t item = doc->stroke.item, client = item_at(doc, item)->client;
    uint8_t *at;

    if (!seq_awaits(doc, doc->stroke.leaf) || doc->clients[client].state == UINT32_MAX || !txn_may_touch(doc, client) ||
        (at = pool_append_letter(doc, item)) == NULL) {
        return false;
    }
    went_on(doc, 1);
    item_at(doc, item)->len++;
    txn_touch(doc, client);
    doc->clients[client].state++;
    *at = letter;
    return true;
}

static bool same_origin(const struct crdt_doc *doc, uint32_t client, uint32_t clock, const struct id *id)
{
    return client != NONE32 && clock == id->clock && doc->clients[client].id == id->client;
}

/* The block was written before what the run was written before. */
static bool same_right(const struct crdt_doc *doc, const struct item *it, const struct block *b)
{
    return b->flags & BLOCK_HAS_RIGHT_ORIGIN ? same_origin(doc, it->right_client, it->right_clock, &b->right_origin)
                                             : it->right_client == NONE32;
}

/* Text behind its author's clock before. */
static bool is_typed(const struct block *b)
{
    return b->ref == BLOCK_STRING && (b->flags & BLOCK_HAS_ORIGIN) && b->origin.client == b->id.client &&
           b->origin.clock + 1 == b->id.clock;
}

static bool continues(const struct crdt_doc *doc, const struct block *b)
{
    uint32_t item = stroke_growing(doc);

    if (!item) {
        return false;
    }
    const struct item *it = item_at(doc, item);
    return b->id.clock == (uint64_t)it->clock + it->len && b->id.client == doc->clients[it->client].id &&
           same_right(doc, it, b);
}

static bool is_right_origin(const struct crdt_doc *doc, const struct item *it, uint32_t next)
{
    const struct item *n = item_at(doc, next);

    return next ? n->client == it->right_client && n->clock == it->right_clock : it->right_client == NONE32;
}

/* The item of a client's last struct, 0 for garbage. When it has slack in the pool it is known without a search. */
static uint32_t last_item(const struct crdt_doc *doc, uint32_t client)
{
    const struct client *c = &doc->clients[client];
    const struct item *open = item_at(doc, c->open_item);

    if (c->open_item && open->clock + open->len == c->state) {
        return c->open_item;
    }
    struct id_pos last = ids_last(doc, client);
    return ids_item(doc, &last);
}

/* Several people type at once: the run that a block's author left last may go on although others were in between. */
static bool resume(struct crdt_doc *doc, const struct block *b)
{
    uint32_t client = client_find(doc, b->id.client);

    if (client == NONE32 || b->id.clock == 0 || b->id.clock != doc->clients[client].state) {
        return false;
    }
    doc->recent = client; /* asked for again and again from now on */
    doc->slot_hint = doc->clients[client].slot;
    uint32_t item = last_item(doc, client);
    const struct item *it = item_at(doc, item);
    if (!item || (it->flags & (ITEM_KIND | ITEM_DELETED | ITEM_KEYED)) != BLOCK_STRING) {
        return false;
    }
    struct seq_at place = seq_at_item(doc, item), behind = place;
    seq_step(doc, &behind);
    note_at(doc, item, place, is_right_origin(doc, it, seq_item(doc, behind)));
    return true;
}

bool stroke_continues(struct crdt_doc *doc, const struct block *b)
{
    return is_typed(b) && (continues(doc, b) ||
                           (resume(doc, b) && doc->stroke.grows && same_right(doc, item_at(doc, doc->stroke.item), b)));
}

/* ---- letters go -------------------------------------------------------------------------------------- */

/* Where the run is cut when it loses so many units. */
static inline uint32_t cut_for(const struct crdt_doc *doc, uint32_t len)
{
    return doc->stroke.tail ? item_at(doc, doc->stroke.item)->len - len : len;
}

/* The end of the run that stands beside the deleted one, up to or from byte `at` of it, goes there. */
static inline void take_end(struct crdt_doc *doc, uint32_t len, uint32_t at)
{
    struct stroke *s = &doc->stroke;
    const struct item *live = item_at(doc, s->item);

    txn_deleted(doc, live->client, s->tail ? live->clock + live->len - len : live->clock, len, true);
    went_on(doc, -(int64_t)len);
    txn_move_border(doc, &s->border, s->item, s->dead, len, at);
}

static bool erase_end(struct crdt_doc *doc, uint32_t len)
{
    struct stroke *s = &doc->stroke;
    uint32_t cut = cut_for(doc, len);

    if (!txn_may_delete(doc) || content_cuts_pair(doc, s->item, cut)) {
        return false;
    }
    seq_await(doc, s->seq, s->leaf);
    take_end(doc, len, content_at(doc, s->item, cut));
    return true;
}

/* These units are the end that was taken from last, and not all of the run. */
static inline bool is_at_end(const struct crdt_doc *doc, uint32_t type, uint64_t index, uint64_t len)
{
    const struct stroke *s = &doc->stroke;
    uint32_t all = item_at(doc, s->item)->len;

    return stroke_is_in(doc, type) && s->dead && len > 0 && len < all && index + (s->tail ? len : all) == s->end;
}

bool stroke_erase_units(struct crdt_doc *doc, uint32_t type, uint64_t index, uint64_t len)
{
    return is_at_end(doc, type, index, len) && erase_end(doc, (uint32_t)len);
}

/* Changes a few numbers and calls nobody. */
inline bool stroke_erase_letters(struct crdt_doc *doc, uint32_t type, uint64_t index, uint64_t len)
{
    const struct item *live = item_at(doc, doc->stroke.item);

    if (!is_at_end(doc, type, index, len) || live->bytes != live->len || !seq_awaits(doc, doc->stroke.leaf) ||
        !txn_may_delete(doc)) {
        return false;
    }
    take_end(doc, (uint32_t)len, cut_for(doc, (uint32_t)len));
    return true;
}

/* Clocks go where the last change took some away: without a search. */
static bool erase_on(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len)
{
    const struct stroke *s = &doc->stroke;

    if (!stroke_known(doc) || !s->dead) {
        return false;
    }
    const struct item *live = item_at(doc, s->item);
    return live->client == client && len < live->len && clock == live->clock + (s->tail ? live->len - len : 0) &&
           erase_end(doc, len);
}

bool stroke_erase(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t len)
{
    return erase_on(doc, client, clock, len) || (txn_may_delete(doc) && txn_delete_border(doc, client, clock, len));
}
