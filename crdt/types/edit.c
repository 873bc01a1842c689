#include "crdt/types/edit.h"

#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/txn_split.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "crdt/types/type_view.h"

int edit_check(const struct crdt_doc *doc, struct crdt_type type, unsigned kinds, uint32_t *branch)
{
    uint32_t found = type_branch(doc, type);

    if (!doc->txn.active) {
        return RC_STATE;
    }
    if (!found || item_deleted(item_at(doc, doc->branches[found].item))) {
        return RC_NOTFOUND;
    }
    if (!(kinds >> doc->branches[found].kind & 1)) {
        return RC_TYPE;
    }
    *branch = found;
    return RC_OK;
}

int edit_reserve(struct crdt_doc *doc, struct reserve *r, uint64_t clocks)
{
    uint32_t state = doc->clients[doc->own].state;

    if (clocks > UINT32_MAX - state) {
        return RC_LIMIT;
    }
    r->clients = clocks > 0 && state == 0;
    return doc_reserve(doc, r);
}

/* ---- what outlives the pool ------------------------------------------------------------------------ */

static int copy(struct crdt_doc *doc, struct span *s)
{
    uint8_t *bytes = arena_alloc(&doc->scratch, s->len);

    if (!bytes) {
        return RC_NOMEM;
    }
    if (s->len > 0) {
        memcpy(bytes, s->data, s->len);
    }
    s->data = bytes;
    return RC_OK;
}

int edit_keep(struct crdt_doc *doc, struct span *s)
{
    return pool_holds(doc, *s) ? copy(doc, s) : RC_OK;
}

int edit_values(struct crdt_doc *doc, struct span values, uint64_t count, struct span *out)
{
    struct lib0_dec d = lib0_dec_of(values);
    struct buf canonical = {0};
    uint64_t read = 0;
    int rc = RC_OK;

    for (; rc == RC_OK && lib0_dec_left(&d) > 0; read++) {
        rc = lib0_any_normalize(&d, &canonical);
    }
    if (rc == RC_OK && count > 0 && read != count) {
        rc = RC_FORMAT;
    }
    struct span kept = buf_span(&canonical);
    if (rc == RC_OK) {
        rc = copy(doc, &kept);
    }
    if (rc == RC_OK) {
        *out = kept;
    }
    buf_finish(&canonical);
    return rc;
}

static int read_attr(struct crdt_doc *doc, const struct crdt_attr *attr, struct attr_map *out)
{
    struct span key = attr->key, value;
    int rc = utf8_valid(key) ? RC_OK : RC_ARG;

    if (rc == RC_OK) {
        rc = edit_keep(doc, &key);
    }
    if (rc == RC_OK) {
        rc = edit_values(doc, attr->value, 1, &value);
    }
    if (rc == RC_OK) {
        rc = attr_map_set(out, key, value.data[0] == LIB0_ANY_UNDEFINED ? attr_null() : value);
    }
    return rc;
}

int edit_attrs(struct crdt_doc *doc, const struct crdt_attr *attrs, size_t count, struct attr_map *out)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = read_attr(doc, &attrs[i], out);
    }
    return rc;
}

void edit_done(struct crdt_doc *doc)
{
    if (doc->scratch.used > 0) {
        arena_reset(&doc->scratch);
    }
}

/* ---- content ------------------------------------------------------------------------------------------- */

int edit_bytes_content(struct crdt_doc *doc, struct span bytes, struct block *out)
{
    *out = (struct block){.ref = BLOCK_BINARY, .len = 1, .content = bytes};
    return edit_keep(doc, &out->content);
}

int edit_value_content(struct crdt_doc *doc, struct span value, struct block *out)
{
    struct span kept;
    int rc = edit_values(doc, value, 1, &kept);

    if (rc != RC_OK) {
        return rc;
    }
    *out = (struct block){.ref = BLOCK_ANY, .len = 1, .content = kept};
    if (kept.data[0] == LIB0_ANY_BYTES) {
        struct lib0_dec d = lib0_dec_of(span_of(kept.data + 1, kept.len - 1));
        out->ref = BLOCK_BINARY;
        out->content = lib0_dec_varbytes(&d);
    }
    return RC_OK;
}

int edit_type_content(struct crdt_doc *doc, enum crdt_kind kind, struct span name, struct block *out)
{
    bool named = kind == CRDT_XML_ELEMENT || kind == CRDT_XML_HOOK;

    if ((unsigned)kind >= CRDT_UNKNOWN || (named && !utf8_valid(name))) {
        return RC_ARG;
    }
    *out = (struct block){.ref = BLOCK_TYPE, .len = 1, .type = (uint8_t)kind};
    if (named) {
        out->content = name;
    }
    return edit_keep(doc, &out->content);
}

int edit_doc_content(struct crdt_doc *doc, struct span guid, struct span options, struct block *out)
{
    static const uint8_t none[] = {LIB0_ANY_OBJECT, 0};
    struct buf content = {0};
    struct span kept;
    int rc = utf8_valid(guid) ? RC_OK : RC_ARG;

    if (rc == RC_OK) {
        rc = edit_values(doc, options.len > 0 ? options : span_of(none, sizeof(none)), 1, &kept);
    }
    if (rc == RC_OK && kept.data[0] != LIB0_ANY_OBJECT) {
        rc = RC_ARG;
    }
    if (rc == RC_OK) {
        lib0_put_varstring(&content, guid);
        buf_put_span(&content, kept);
        kept = buf_span(&content);
        rc = content.rc == RC_OK ? copy(doc, &kept) : content.rc;
    }
    if (rc == RC_OK) {
        *out = (struct block){.ref = BLOCK_DOC, .len = 1, .content = kept};
    }
    buf_finish(&content);
    return rc;
}

/* ---- places --------------------------------------------------------------------------------------------- */

#define FEW_DELETED 4

/* The run that the last edit left before unit `index` of the list; 0: it was elsewhere. */
static uint32_t typed_before(const struct crdt_doc *doc, uint32_t seq, uint64_t index)
{
    return stroke_is_in(doc, doc->seqs[seq].branch) && doc->stroke.end == index ? doc->stroke.item : 0;
}

static struct edit_place end_of(const struct crdt_doc *doc, uint32_t item)
{
    return (struct edit_place){item, item ? item_at(doc, item)->len : 0};
}

/* Behind what is deleted after `item`, when that is not much. */
static bool place_behind(const struct crdt_doc *doc, uint32_t item, struct edit_place *out)
{
    struct seq_at place = seq_at_item(doc, item);

    for (int steps = 0; steps < FEW_DELETED; steps++) {
        seq_step(doc, &place);
        uint32_t next = seq_item(doc, place);
        if (!next || item_visible(item_at(doc, next))) {
            *out = end_of(doc, item);
            return true;
        }
        item = next;
    }
    return false;
}

static int find_before(struct crdt_doc *doc, uint32_t seq, uint32_t index, struct edit_place *out)
{
    uint32_t item = typed_before(doc, seq, index), offset;

    if (item && place_behind(doc, item, out)) {
        return RC_OK;
    }
    if (index == doc->seqs[seq].length) {
        *out = end_of(doc, seq_last(doc, seq));
        return RC_OK;
    }
    int rc = seq_find(doc, seq, index, &item, &offset);
    if (rc == RC_OK) {
        *out = offset > 0 ? (struct edit_place){item, offset} : end_of(doc, seq_prev(doc, item));
    }
    return rc;
}

int edit_find(struct crdt_doc *doc, uint32_t seq, uint64_t index, bool skip_deleted, struct edit_place *out)
{
    uint32_t item, offset;

    if (index > doc->seqs[seq].length) {
        return RC_RANGE;
    }
    if (skip_deleted) {
        return find_before(doc, seq, (uint32_t)index, out);
    }
    if (index == 0) {
        *out = (struct edit_place){0, 0};
        return RC_OK;
    }
    int rc = seq_find(doc, seq, (uint32_t)index - 1, &item, &offset);
    if (rc == RC_OK) {
        *out = (struct edit_place){item, offset + 1};
    }
    return rc;
}

void edit_typed(struct crdt_doc *doc, uint32_t item, uint64_t end)
{
    if (stroke_known(doc) && doc->stroke.item == item) {
        uint32_t branch = doc->seqs[seq_of(doc, item)].branch;
        stroke_locate(doc, EDIT_TEXT >> doc->branches[branch].kind & 1 ? branch : 0, (uint32_t)end);
    }
}

uint32_t edit_part(struct crdt_doc *doc, struct edit_place place)
{
    if (edit_cuts(doc, place)) {
        txn_part(doc, place.item, place.units);
    }
    return place.item;
}

uint32_t edit_cut(struct crdt_doc *doc, struct edit_place place)
{
    if (edit_cuts(doc, place)) {
        txn_split(doc, place.item, place.units);
    }
    return place.item;
}

/* ---- deleting --------------------------------------------------------------------------------------------- */

/* Counts what goes with the next `length` visible units from `item` on, which are there. */
static void count_alive(struct crdt_doc *doc, uint32_t item, uint64_t length, struct reserve *need)
{
    uint32_t seq = seq_of(doc, item);

    for (uint64_t seen = 0;; item = seq_next_alive(doc, seq, item)) {
        uint32_t units = item_visible(item_at(doc, item));
        need->overlapped += units > 0;
        need->beneath += branch_beneath(doc, item);
        seen += units;
        if (seen >= length) {
            return;
        }
    }
}

static void delete_from(struct crdt_doc *doc, uint32_t item, uint64_t length)
{
    while (length > 0) {
        uint32_t units = item_visible(item_at(doc, item));
        if (units > length) {
            txn_split(doc, item, (uint32_t)length);
            units = (uint32_t)length;
        }
        if (units > 0) {
            txn_delete(doc, item);
            length -= units;
        }
        if (length > 0) {
            item = seq_next_alive(doc, seq_of(doc, item), item);
        }
    }
}

/* Units have gone at `index`, which may have left a stroke before or behind it. */
static void erased(struct crdt_doc *doc, uint32_t index)
{
    const struct stroke *s = &doc->stroke;

    if (stroke_known(doc) && s->dead) {
        edit_typed(doc, s->item, s->tail ? index : (uint64_t)index + item_at(doc, s->item)->len);
    }
}

/* Room for deleting so many visible units from `item` on, which are there. */
static int reserve_deletion(struct crdt_doc *doc, uint32_t item, uint64_t units)
{
    const struct item *it = item_at(doc, item);
    struct reserve need = {.splits = 2};

    if (units <= it->len && item_kind(it) == BLOCK_STRING && doc_spend_keystroke(doc)) {
        return RC_OK;
    }
    count_alive(doc, item, units, &need);
    return doc_reserve(doc, &need);
}

static int delete_units(struct crdt_doc *doc, uint32_t seq, uint32_t index, uint32_t length)
{
    uint32_t item, offset;
    int rc = seq_find(doc, seq, index, &item, &offset);

    if (rc == RC_OK) {
        rc = reserve_deletion(doc, item, (uint64_t)offset + length);
    }
    if (rc != RC_OK) {
        return rc;
    }
    const struct item *it = item_at(doc, item);
    if ((uint64_t)offset + length <= it->len) {
        txn_delete_range(doc, it->client, it->clock + offset, length);
    } else {
        delete_from(doc, offset > 0 ? txn_split(doc, item, offset) : item, length);
    }
    erased(doc, index);
    return RC_OK;
}

int edit_delete(struct crdt_doc *doc, uint32_t seq, uint64_t index, uint64_t length)
{
    uint32_t have = doc->seqs[seq].length;

    if (index > have || length > have - index) {
        return RC_RANGE;
    }
    return length > 0 ? delete_units(doc, seq, (uint32_t)index, (uint32_t)length) : RC_OK;
}
