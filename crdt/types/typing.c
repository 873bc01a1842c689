#include "crdt/types/typing.h"

#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn.h"

void typing_note(struct crdt_doc *doc, uint32_t seq, uint32_t item, uint32_t end, bool extends)
{
    doc->typing = (struct typing){.changes = doc->changes, .seq = seq, .item = item, .end = end, .extends = extends};
}

uint32_t typing_at(const struct crdt_doc *doc, uint32_t seq, uint64_t index)
{
    const struct typing *t = &doc->typing;

    return t->changes == doc->changes && t->seq == seq && t->end == index ? t->item : 0;
}

bool typing_continue(struct crdt_doc *doc, uint32_t seq, uint64_t index, const struct block *text)
{
    uint32_t item = doc->typing.extends ? typing_at(doc, seq, index) : 0;

    if (!item) {
        return false;
    }
    struct item *it = item_at(doc, item);
    struct client *c = &doc->clients[it->client];
    if (it->clock + it->len != c->state || text->len > UINT32_MAX - c->state ||
        !pool_room(doc, pool_append_cost(doc, item, text->content.len))) {
        return false;
    }
    txn_touch(doc, it->client);
    pool_append(doc, item, text->content);
    it->len += (uint32_t)text->len;
    c->state += (uint32_t)text->len;
    seq_update(doc, item);
    typing_note(doc, seq, item, (uint32_t)(index + text->len), true);
    return true;
}
