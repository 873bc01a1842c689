#include "crdt/types/position.h"

#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/types/type_view.h"

/* ---- From an index ------------------------------------------------------------------------------- */

static struct position at_type(const struct crdt_doc *doc, uint32_t branch, int64_t assoc)
{
    uint32_t item = doc->branches[branch].item;

    if (item == 0) {
        return (struct position){.anchor = POSITION_ROOT, .name = branch_name(doc, branch), .assoc = assoc};
    }
    const struct item *it = item_at(doc, item);
    return (struct position){
        .anchor = POSITION_TYPE, .client = doc->clients[it->client].id, .clock = it->clock, .assoc = assoc};
}

static struct position at_unit(const struct crdt_doc *doc, uint32_t item, uint32_t offset, int64_t assoc)
{
    const struct item *it = item_at(doc, item);

    return (struct position){.anchor = POSITION_UNIT,
                             .client = doc->clients[it->client].id,
                             .clock = (uint64_t)it->clock + offset,
                             .assoc = assoc};
}

int position_make(struct crdt_doc *doc, struct crdt_type type, uint64_t index, int64_t assoc, struct position *out)
{
    uint32_t branch = type_branch(doc, type), seq = type_list(doc, type), item, offset;

    if (branch == 0) {
        return RC_NOTFOUND;
    }
    if (seq == 0 || seq_first(doc, seq) == 0 || (assoc < 0 && index == 0)) {
        *out = at_type(doc, branch, assoc);
        return RC_OK;
    }
    index -= assoc < 0;
    if (index < doc->seqs[seq].length) {
        int rc = seq_find(doc, seq, (uint32_t)index, &item, &offset);
        if (rc == RC_OK) {
            *out = at_unit(doc, item, offset, assoc);
        }
        return rc;
    }
    if (assoc < 0) {
        item = seq_last(doc, seq);
        *out = at_unit(doc, item, item_at(doc, item)->len - 1, assoc);
    } else {
        *out = at_type(doc, branch, assoc);
    }
    return RC_OK;
}

/* ---- To an index ----------------------------------------------------------------------------------- */

/* The item that holds an id, with the id's offset in it; 0 when it has not come or is garbage. */
static uint32_t find_item(const struct crdt_doc *doc, const struct position *p, uint32_t *offset)
{
    uint32_t client = client_find(doc, p->client);

    if (client == NONE32 || p->clock >= doc->clients[client].state) {
        return 0;
    }
    struct id_pos pos = ids_peek(doc, client, (uint32_t)p->clock);
    *offset = (uint32_t)p->clock - ids_clock(doc, &pos);
    return ids_item(doc, &pos);
}

static bool is_dead(const struct crdt_doc *doc, uint32_t branch)
{
    uint32_t item = doc->branches[branch].item;

    return item != 0 && item_deleted(item_at(doc, item));
}

static int resolve_unit(struct crdt_doc *doc, const struct position *p, struct crdt_type *type, uint64_t *index)
{
    uint32_t offset = 0, item = find_item(doc, p, &offset);

    if (item == 0) {
        return RC_NOTFOUND;
    }
    uint32_t branch = doc->seqs[seq_of(doc, item)].branch;
    type->ref = branch;
    *index = 0;
    if (!is_dead(doc, branch)) {
        bool visible = item_visible(item_at(doc, item)) > 0;
        *index = (uint64_t)seq_index_of(doc, item) + (visible ? offset + (p->assoc < 0) : 0);
    }
    return RC_OK;
}

/* The type whose head or end is meant; 0 when there is none. */
static uint32_t anchored_branch(const struct crdt_doc *doc, const struct position *p)
{
    uint32_t offset, item;

    if (p->anchor == POSITION_ROOT) {
        return branch_root_find(doc, p->name);
    }
    item = find_item(doc, p, &offset);
    return item != 0 && item_kind(item_at(doc, item)) == BLOCK_TYPE ? item_at(doc, item)->off : 0;
}

int position_resolve(struct crdt_doc *doc, const struct position *p, struct crdt_type *type, uint64_t *index)
{
    if (p->anchor == POSITION_UNIT) {
        return resolve_unit(doc, p, type, index);
    }
    uint32_t branch = anchored_branch(doc, p);
    if (branch == 0) {
        return RC_NOTFOUND;
    }
    type->ref = branch;
    *index = p->assoc < 0 ? 0 : crdt_type_length(doc, *type);
    return RC_OK;
}

/* ---- Bytes ------------------------------------------------------------------------------------------- */

void position_write(const struct position *p, struct buf *out)
{
    bool negative = p->assoc < 0;

    buf_put_u8(out, (uint8_t)p->anchor);
    if (p->anchor == POSITION_ROOT) {
        lib0_put_varstring(out, p->name);
    } else {
        lib0_put_varuint(out, p->client);
        lib0_put_varuint(out, p->clock);
    }
    lib0_put_varint(out, negative ? (uint64_t)-p->assoc : (uint64_t)p->assoc, negative);
}

int position_read(struct span bytes, struct position *out)
{
    struct lib0_dec in = lib0_dec_of(bytes);
    uint64_t anchor = lib0_dec_varuint(&in);
    struct position p = {.anchor = (enum position_anchor)anchor};

    if (anchor > POSITION_TYPE) {
        return RC_FORMAT;
    }
    if (p.anchor == POSITION_ROOT) {
        p.name = lib0_dec_varstring(&in);
    } else {
        p.client = lib0_dec_varuint(&in);
        p.clock = lib0_dec_varuint(&in);
    }
    if (!lib0_dec_at_end(&in)) {
        p.assoc = lib0_dec_varint(&in, NULL);
    }
    if (in.rc == RC_OK) {
        *out = p;
    }
    return in.rc;
}

/* ---- Public ------------------------------------------------------------------------------------------ */

int crdt_position_at(struct crdt_doc *doc, struct crdt_type type, uint64_t index, int64_t assoc, struct buf *out)
{
    size_t before = out->len;
    struct position p;
    int rc = position_make(doc, type, index, assoc, &p);

    if (rc != RC_OK) {
        return rc;
    }
    position_write(&p, out);
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}

int crdt_position_find(struct crdt_doc *doc, struct span position, struct crdt_type *type, uint64_t *index)
{
    struct position p;
    int rc = position_read(position, &p);

    return rc == RC_OK ? position_resolve(doc, &p, type, index) : rc;
}
