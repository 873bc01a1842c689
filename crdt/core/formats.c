#include "crdt/core/formats.h"

#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "crdt/core/sums.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"

/* ---- nodes ------------------------------------------------------------------------------------------ */

void format_read(const struct crdt_doc *doc, uint32_t mark, struct span *key, struct span *value)
{
    const struct item *it = item_at(doc, mark);
    struct lib0_dec d = lib0_dec_of(pool_span(doc, it->off, it->bytes));

    *key = lib0_dec_varbytes(&d);
    *value = span_of(d.pos, lib0_dec_left(&d));
}

static struct format_node *node_at(const struct crdt_doc *doc, uint32_t node)
{
    return &doc->format_nodes[node];
}

static bool ends_below(const struct crdt_doc *doc, uint32_t node)
{
    const struct format_node *n = node_at(doc, node);
    uint32_t left = n->link.child[TREAP_LEFT], right = n->link.child[TREAP_RIGHT];

    return n->ends || (left && node_at(doc, left)->ends_below) || (right && node_at(doc, right)->ends_below);
}

static void sum_node(void *owner, uint32_t node)
{
    struct crdt_doc *doc = owner;

    node_at(doc, node)->ends_below = ends_below(doc, node);
}

/* The document outlives the view, which only changes what the document's owner may. */
static struct treap treap_of(const struct crdt_doc *doc, uint32_t seq)
{
    return (struct treap){.records = doc->format_nodes,
                          .size = sizeof(*doc->format_nodes),
                          .root = &doc->seqs[seq].format_root,
                          .seed = doc->hash_seed,
                          .owner = (void *)doc,
                          .sum = sum_node};
}

static void sum_upwards(struct crdt_doc *doc, uint32_t node)
{
    for (; node; node = node_at(doc, node)->link.up) {
        sum_node(doc, node);
    }
}

static int nodes_reserve(struct crdt_doc *doc, uint64_t more)
{
    uint64_t used = doc->format_count ? doc->format_count : 1;

    return mem_reserve(&doc->mem, (void **)&doc->format_nodes, &doc->format_cap, used + more,
                       sizeof(*doc->format_nodes));
}

/* Room has been made. */
static uint32_t node_new(struct crdt_doc *doc, uint32_t mark)
{
    uint32_t node = doc->format_free;
    struct span key, value;

    if (node) {
        doc->format_free = node_at(doc, node)->link.up;
    } else {
        doc->format_count += doc->format_count == 0;
        node = doc->format_count++;
    }
    format_read(doc, mark, &key, &value);
    bool ends = value.len == 1 && value.data[0] == LIB0_ANY_NULL;
    *node_at(doc, node) = (struct format_node){.item = mark, .ends = ends, .ends_below = ends};
    return node;
}

static void node_release(struct crdt_doc *doc, uint32_t node)
{
    node_at(doc, node)->link.up = doc->format_free;
    doc->format_free = node;
}

/* ---- finding ------------------------------------------------------------------------------------------ */

static struct span key_of(const struct crdt_doc *doc, uint32_t node)
{
    struct span key, value;

    format_read(doc, node_at(doc, node)->item, &key, &value);
    return key;
}

/* Any order of keys does. */
static int compare_keys(struct span a, struct span b)
{
    if (a.len != b.len) {
        return a.len < b.len ? -1 : 1;
    }
    return a.len > 0 ? memcmp(a.data, b.data, a.len) : 0;
}

#define KEY_END NONE32 /* a place behind all marks of a key; 0 is one before them */

static bool at_or_before(const struct crdt_doc *doc, uint32_t mark, uint32_t item)
{
    return item == KEY_END || mark == item || (item && seq_in_order(doc, mark, item));
}

/* The last node of this or a lower key that stands at or before the item; 0: none. */
static uint32_t last_until(const struct crdt_doc *doc, uint32_t seq, struct span key, uint32_t item)
{
    uint32_t found = 0;

    for (uint32_t node = doc->seqs[seq].format_root; node;) {
        int order = compare_keys(key_of(doc, node), key);
        bool until = order < 0 || (order == 0 && at_or_before(doc, node_at(doc, node)->item, item));
        found = until ? node : found;
        node = node_at(doc, node)->link.child[until ? TREAP_RIGHT : TREAP_LEFT];
    }
    return found;
}

/* The last node of exactly this key; likewise. */
static uint32_t last_of_key(const struct crdt_doc *doc, uint32_t seq, struct span key, uint32_t item)
{
    uint32_t node = last_until(doc, seq, key, item);

    return node && span_equal(key_of(doc, node), key) ? node : 0;
}

uint32_t formats_nearest(const struct crdt_doc *doc, uint32_t seq, uint32_t item, struct span key)
{
    uint32_t node = last_of_key(doc, seq, key, item);

    return node ? node_at(doc, node)->item : 0;
}

static uint32_t last_end_below(const struct crdt_doc *doc, uint32_t node)
{
    for (;;) {
        const struct format_node *n = node_at(doc, node);
        uint32_t right = n->link.child[TREAP_RIGHT];
        if (right && node_at(doc, right)->ends_below) {
            node = right;
        } else if (n->ends) {
            return node;
        } else {
            node = n->link.child[TREAP_LEFT];
        }
    }
}

/* The last node before this one whose mark ends its key, whatever that is; 0: none. */
static uint32_t end_before(const struct crdt_doc *doc, const struct treap *t, uint32_t node)
{
    for (;;) {
        uint32_t left = node_at(doc, node)->link.child[TREAP_LEFT];
        if (left && node_at(doc, left)->ends_below) {
            return last_end_below(doc, left);
        }
        while (treap_is_child(t, node, TREAP_LEFT)) {
            node = node_at(doc, node)->link.up;
        }
        node = node_at(doc, node)->link.up;
        if (!node || node_at(doc, node)->ends) {
            return node;
        }
    }
}

/* The mark with which the key of a node, which is in force, began to have values. */
static uint32_t beginning(const struct crdt_doc *doc, uint32_t seq, uint32_t node)
{
    struct treap t = treap_of(doc, seq);
    struct span key = key_of(doc, node);
    uint32_t end = end_before(doc, &t, node);
    bool own = end && span_equal(key_of(doc, end), key);

    return node_at(doc, treap_next(&t, own ? end : last_until(doc, seq, key, 0)))->item;
}

bool formats_in_force(const struct crdt_doc *doc, uint32_t seq, uint32_t item, uint32_t marks[FORMAT_KEYS],
                      uint32_t *count)
{
    struct treap t = treap_of(doc, seq);
    uint32_t begins[FORMAT_KEYS], keys = 0;

    *count = 0;
    for (uint32_t first = treap_next(&t, 0); first; keys++) {
        struct span key = key_of(doc, first);
        uint32_t node = last_of_key(doc, seq, key, item), at = *count;
        if (keys == FORMAT_KEYS) {
            return false;
        }
        if (node && !node_at(doc, node)->ends) {
            uint32_t begin = beginning(doc, seq, node);
            for (; at > 0 && seq_in_order(doc, begin, begins[at - 1]); at--) {
                begins[at] = begins[at - 1];
                marks[at] = marks[at - 1];
            }
            begins[at] = begin;
            marks[at] = node_at(doc, node)->item;
            ++*count;
        }
        first = treap_next(&t, last_until(doc, seq, key, KEY_END));
    }
    return true;
}

/* ---- changes -------------------------------------------------------------------------------------------- */

static void put_behind(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t node)
{
    struct treap t = treap_of(doc, seq);

    treap_attach(&t, left, node);
    sum_upwards(doc, node);
    treap_lift(&t, node);
}

void formats_inserted(struct crdt_doc *doc, uint32_t mark)
{
    uint32_t seq = seq_of(doc, mark);
    struct span key, value;

    if (!formats_indexed(doc, seq)) {
        return;
    }
    if (!doc->format_free && nodes_reserve(doc, 1) != RC_OK) {
        formats_drop(doc, seq);
        return;
    }
    format_read(doc, mark, &key, &value);
    uint32_t left = last_until(doc, seq, key, mark);
    put_behind(doc, seq, left, node_new(doc, mark));
}

void formats_removed(struct crdt_doc *doc, uint32_t mark)
{
    uint32_t seq = seq_of(doc, mark);
    struct span key, value;

    if (!formats_indexed(doc, seq)) {
        return;
    }
    format_read(doc, mark, &key, &value);
    struct treap t = treap_of(doc, seq);
    uint32_t node = last_of_key(doc, seq, key, mark);
    sum_upwards(doc, treap_remove(&t, node));
    node_release(doc, node);
}

/* ---- the index as a whole --------------------------------------------------------------------------------- */

/* The marks come in the order of the list, so each stands behind all others of its key. */
int formats_build(struct crdt_doc *doc, uint32_t seq)
{
    struct seq_at place = seq_begin(doc, seq);
    struct span key, value;

    if (formats_indexed(doc, seq)) {
        return RC_OK;
    }
    int rc = doc->seqs[seq].root ? RC_OK : sums_build(doc, seq);
    if (rc == RC_OK) {
        rc = nodes_reserve(doc, doc->seqs[seq].formats);
    }
    if (rc != RC_OK) {
        return rc;
    }
    for (uint32_t item; (item = seq_item(doc, place)) != 0; seq_step(doc, &place)) {
        if (item_is_mark(item_at(doc, item))) {
            format_read(doc, item, &key, &value);
            uint32_t left = last_until(doc, seq, key, KEY_END);
            put_behind(doc, seq, left, node_new(doc, item));
        }
    }
    doc->seqs[seq].indexed = true;
    return RC_OK;
}

/* Children before parents. */
void formats_drop(struct crdt_doc *doc, uint32_t seq)
{
    uint32_t node = doc->seqs[seq].format_root;

    while (node) {
        struct treap_link *link = &node_at(doc, node)->link;
        int side = link->child[TREAP_LEFT] ? TREAP_LEFT : TREAP_RIGHT;
        uint32_t next = link->child[side];
        if (next) {
            link->child[side] = 0;
        } else {
            next = link->up;
            node_release(doc, node);
        }
        node = next;
    }
    doc->seqs[seq].format_root = 0;
    doc->seqs[seq].indexed = false;
}

void formats_drop_all(struct crdt_doc *doc)
{
    for (uint32_t seq = 1; doc->format_count > 0 && seq < doc->seq_count; seq++) {
        doc->seqs[seq].format_root = 0;
        doc->seqs[seq].indexed = false;
    }
    mem_trim(&doc->mem, (void **)&doc->format_nodes, &doc->format_cap, 0, sizeof(*doc->format_nodes));
    doc->format_count = doc->format_free = 0;
}

/* ---- checking ------------------------------------------------------------------------------------------------- */

static bool in_order(const struct crdt_doc *doc, uint32_t node, uint32_t next)
{
    int order = compare_keys(key_of(doc, node), key_of(doc, next));

    return order < 0 || (order == 0 && seq_in_order(doc, node_at(doc, node)->item, node_at(doc, next)->item));
}

const char *formats_check(const struct crdt_doc *doc, uint32_t seq)
{
    struct treap t = treap_of(doc, seq);
    uint32_t count = 0;

    if (!formats_indexed(doc, seq)) {
        return doc->seqs[seq].format_root ? "marks are indexed in a list that does not know it" : NULL;
    }
    for (uint32_t node = treap_next(&t, 0), next; node; node = next, count++) {
        const struct item *it = item_at(doc, node_at(doc, node)->item);
        next = treap_next(&t, node);
        if (!item_is_mark(it) || seq_of(doc, node_at(doc, node)->item) != seq) {
            return "an index of marks holds something else";
        }
        if (next && !in_order(doc, node, next)) {
            return "an index of marks is out of order";
        }
        if (node_at(doc, node)->ends_below != ends_below(doc, node)) {
            return "an index of marks does not know where keys end";
        }
    }
    return count == doc->seqs[seq].formats ? NULL : "an index of marks lacks some";
}
