#include "crdt/types/type_view.h"

#include "crdt/core/branch.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"

inline uint32_t type_branch(const struct crdt_doc *doc, struct crdt_type type)
{
    return type.ref < doc->branch_count && !doc->branches[type.ref].free ? type.ref : 0;
}

uint32_t type_list(const struct crdt_doc *doc, struct crdt_type type)
{
    return doc->branches[type_branch(doc, type)].list;
}

static inline struct span item_bytes(const struct crdt_doc *doc, const struct item *it)
{
    return pool_span(doc, it->off, it->bytes);
}

/* The name is that of an XML element or hook; other types have none. */
static inline void fill_type(const struct crdt_doc *doc, uint32_t branch, struct crdt_run *out)
{
    out->type.ref = branch;
    out->kind = (enum crdt_kind)doc->branches[branch].kind;
    out->key = branch_name(doc, branch);
    out->bytes = (struct span){0};
}

static inline void fill_run(const struct crdt_doc *doc, const struct item *it, struct crdt_run *out)
{
    uint32_t kind = item_kind(it);

    out->content = (enum crdt_content)kind;
    out->count = kind == BLOCK_FORMAT ? 0 : it->len;
    out->client = doc->clients[it->client].id;
    out->clock = it->clock;
    if (kind == BLOCK_TYPE) {
        fill_type(doc, it->off, out);
        return;
    }
    out->type.ref = 0;
    out->kind = CRDT_UNKNOWN;
    out->key = (struct span){0};
    out->bytes = item_bytes(doc, it);
    if (kind == BLOCK_FORMAT || kind == BLOCK_DOC) {
        (void)crdt_value_read_key(&out->bytes, &out->key); /* integrated only when it has one */
    }
}

void item_run(const struct crdt_doc *doc, const struct item *it, struct crdt_run *out)
{
    fill_run(doc, it, out);
}

/* The last of several values. */
__attribute__((noinline)) static struct span last_value(struct span values, uint64_t count)
{
    struct lib0_dec d = lib0_dec_of(values);

    for (; count > 1; count--) {
        lib0_any_skip(&d);
    }
    return span_of(d.pos, lib0_dec_left(&d));
}

static inline bool is_values(const struct item *it)
{
    return item_kind(it) == BLOCK_ANY || item_kind(it) == BLOCK_JSON;
}

/* The item that is the value of a key; NULL: it has none. */
static inline const struct item *key_item(const struct crdt_doc *doc, uint32_t seq)
{
    uint32_t item = seq_last(doc, seq);

    return item && !item_deleted(item_at(doc, item)) ? item_at(doc, item) : NULL;
}

bool key_run(const struct crdt_doc *doc, uint32_t seq, struct crdt_run *out)
{
    const struct item *item = key_item(doc, seq);

    if (item == NULL) {
        return false;
    }
    fill_run(doc, item, out);
    if (out->count > 1 && is_values(item)) { /* yjs takes the last; its own entries have only one */
        out->bytes = last_value(out->bytes, out->count);
        out->clock += out->count - 1;
        out->count = 1;
    }
    return true;
}

/* ---- values ---------------------------------------------------------------------------------------- */

struct span value_take(struct span *values)
{
    struct lib0_dec d = lib0_dec_of(*values);
    struct span value;

    lib0_any_skip(&d);
    value = span_of(values->data, values->len - lib0_dec_left(&d));
    *values = span_of(values->data + value.len, values->len - value.len);
    return value;
}

/* ---- walking --------------------------------------------------------------------------------------- */

/* Whether a type of text stands there, alive. */
static inline bool is_text(const struct crdt_doc *doc, const struct item *it)
{
    return (it->flags & (ITEM_KIND | ITEM_DELETED)) == BLOCK_TYPE &&
           (doc->branches[it->off].kind == CRDT_XML_TEXT || doc->branches[it->off].kind == CRDT_TEXT);
}

/* Goes to the items of a leaf, 0: to the end. */
static inline void go_to_leaf(struct crdt_iter *it, uint32_t leaf)
{
    uint32_t count = 0;

    it->leaf = 0;
    it->at = it->end = NULL;
    if (leaf != 0) {
        it->leaf = seq_leaf_items(it->doc, leaf, &it->at, &count);
        it->end = it->at + count;
    }
}

inline void crdt_iter_init(struct crdt_iter *it, const struct crdt_doc *doc, struct crdt_type type)
{
    it->doc = doc;
    it->item = NULL;
    go_to_leaf(it, seq_first_leaf(doc, type_list(doc, type)));
}

inline void crdt_iter_enter(struct crdt_iter *inner, const struct crdt_iter *it)
{
    inner->doc = it->doc;
    go_to_leaf(inner, seq_first_leaf(it->doc, it->doc->branches[it->item->off].list));
}

/* The next visible item; NULL at the end. */
static inline const struct item *step(struct crdt_iter *it)
{
    do {
        while (it->at == it->end) {
            if (it->leaf == 0) {
                return NULL;
            }
            go_to_leaf(it, it->leaf);
        }
        it->item = item_at(it->doc, *it->at++);
    } while (item_deleted(it->item));
    return it->item;
}

bool crdt_iter_next(struct crdt_iter *it, struct crdt_run *out)
{
    const struct item *item = step(it);

    if (item == NULL) {
        return false;
    }
    fill_run(it->doc, item, out);
    return true;
}

inline enum crdt_content crdt_iter_step(struct crdt_iter *it)
{
    const struct item *item = step(it);

    return item == NULL ? CRDT_CONTENT_NONE : (enum crdt_content)item_kind(item);
}

struct span crdt_iter_bytes(const struct crdt_iter *it)
{
    return item_bytes(it->doc, it->item);
}

bool crdt_iter_is_last(const struct crdt_iter *it)
{
    return it->at == it->end && it->leaf == 0;
}

struct crdt_type crdt_iter_type(const struct crdt_iter *it)
{
    return (struct crdt_type){it->item->off};
}

enum crdt_kind crdt_iter_kind(const struct crdt_iter *it)
{
    return (enum crdt_kind)it->doc->branches[it->item->off].kind;
}

struct span crdt_iter_name(const struct crdt_iter *it)
{
    return branch_name(it->doc, it->item->off);
}

bool crdt_iter_has_keys(const struct crdt_iter *it)
{
    return it->doc->branches[it->item->off].keys != 0;
}

/* Beside what is one unit long stand deleted items and marks alone. */
inline struct crdt_type crdt_iter_only_text(const struct crdt_iter *it)
{
    const struct crdt_doc *doc = it->doc;
    const struct seq *list = &doc->seqs[doc->branches[it->item->off].list];
    const uint32_t *items = NULL;
    uint32_t count = 0;

    if (list->length != 1) {
        return (struct crdt_type){0};
    }
    (void)seq_leaf_items(doc, list->first, &items, &count);
    return (struct crdt_type){is_text(doc, item_at(doc, items[0])) ? item_at(doc, items[0])->off : 0};
}

bool crdt_map_get(const struct crdt_doc *doc, struct crdt_type type, struct span key, struct crdt_run *out)
{
    uint32_t branch = type_branch(doc, type), seq = branch ? branch_key_find(doc, branch, key) : 0;

    return seq && key_run(doc, seq, out);
}

inline void crdt_map_iter_init(struct crdt_map_iter *it, const struct crdt_doc *doc, struct crdt_type type)
{
    *it = (struct crdt_map_iter){doc, doc->branches[type_branch(doc, type)].keys};
}

bool crdt_map_iter_next(struct crdt_map_iter *it, struct span *key, struct crdt_run *out)
{
    while (it->seq) {
        uint32_t seq = it->seq;
        it->seq = it->doc->seqs[seq].next;
        if (key_run(it->doc, seq, out)) {
            *key = branch_key_name(it->doc, seq);
            return true;
        }
    }
    return false;
}

inline bool crdt_map_iter_next_value(struct crdt_map_iter *it, struct crdt_attr *out)
{
    while (it->seq) {
        uint32_t seq = it->seq;
        const struct item *item = key_item(it->doc, seq);

        it->seq = it->doc->seqs[seq].next;
        if (item != NULL && is_values(item)) {
            out->key = branch_key_name(it->doc, seq);
            out->value = item_bytes(it->doc, item);
            if (item->len > 1) {
                out->value = last_value(out->value, item->len);
            }
            return true;
        }
    }
    return false;
}
