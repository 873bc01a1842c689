#include "crdt/core/txn_split.h"

#include "crdt/core/content.h"
#include "crdt/core/ids.h"
#include "crdt/core/nest.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"
#include "crdt/core/txn_settle.h"

uint32_t txn_cut(struct crdt_doc *doc, struct id_pos *pos, uint32_t item, uint32_t diff)
{
    uint32_t right = item_new(doc);
    struct item *l = item_at(doc, item), *r = item_at(doc, right);

    *r = *l;
    r->clock = l->clock + diff;
    r->len = l->len - diff;
    r->origin_client = l->client;
    r->origin_clock = l->clock + diff - 1;
    r->mark = l->mark;
    content_split(doc, item, diff, right);
    l->len = diff;
    seq_split(doc, item, right);
    nest_split(doc, item, right);
    ids_insert_after(doc, pos, r->clock, right);
    return right;
}

uint32_t txn_split_at(struct crdt_doc *doc, struct id_pos *pos, uint32_t item, uint32_t diff)
{
    uint32_t right = txn_cut(doc, pos, item, diff);

    txn_join_later(doc, item_at(doc, right)->client, item_at(doc, right)->clock);
    return right;
}

uint32_t txn_split(struct crdt_doc *doc, uint32_t item, uint32_t diff)
{
    const struct item *it = item_at(doc, item);
    struct id_pos pos = ids_find(doc, it->client, it->clock);

    return txn_split_at(doc, &pos, item, diff);
}

bool txn_continued(const struct crdt_doc *doc, const struct id_pos *pos, uint32_t item)
{
    struct id_pos next = *pos;
    uint32_t behind = ids_next(doc, &next) ? ids_item(doc, &next) : 0;

    /* Mostly it stands elsewhere, and then its memory is better not asked for: it would have to be fetched. */
    return behind && seq_next(doc, item) == behind && txn_continues(doc, item, behind);
}

uint32_t txn_part(struct crdt_doc *doc, uint32_t item, uint32_t diff)
{
    const struct item *it = item_at(doc, item);
    struct id_pos pos = ids_find(doc, it->client, it->clock);

    return txn_continued(doc, &pos, item) ? txn_split_at(doc, &pos, item, diff) : txn_cut(doc, &pos, item, diff);
}

uint32_t txn_part_end(struct crdt_doc *doc, uint32_t client, uint32_t clock, uint32_t *rest)
{
    /* Typing goes on behind the last clock: no search. */
    bool last = clock + 1 == doc->clients[client].state;
    struct id_pos pos = last ? ids_last(doc, client) : ids_find(doc, client, clock);
    uint32_t item = ids_item(doc, &pos), diff = item ? clock - item_at(doc, item)->clock + 1 : 0;

    *rest = 0;
    if (!item || diff >= item_at(doc, item)->len) {
        return item;
    }
    if (txn_continued(doc, &pos, item)) {
        txn_split_at(doc, &pos, item, diff);
    } else {
        *rest = txn_cut(doc, &pos, item, diff);
    }
    return item;
}

uint32_t txn_clean_start(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t item = ids_item(doc, &pos);

    if (item && item_at(doc, item)->clock < clock) {
        return txn_split_at(doc, &pos, item, clock - item_at(doc, item)->clock);
    }
    return item;
}
