#ifndef CRDT_CORE_DOC_H
#define CRDT_CORE_DOC_H

/* The document: what every part of core/ works on. Private to the engine.
 *
 * Everything lives in a few arrays and is named by index, never by pointer:
 *
 *   items     one record per list or map item                          struct item, 48 bytes
 *   words     leaves, tree nodes, id chunks and directories             heap of 32-bit words, see words.h
 *   seqs      one order of items: a type's list, or one key of a map     see seq.h
 *   branches  one per shared type                                        see branch.h
 *   clients   one per author, with its ids in clock order                see ids.h
 *   pool      all content bytes                                          see pool.h
 *
 * Index 0 of items, seqs and branches and word 0 mean "none".
 *
 *   client ──► directory ──► id chunk [clock…][item…]        find (client, clock)
 *                                        │
 *                                        ▼
 *   branch ──► seq ──► leaf ⇄ leaf ⇄ leaf [item…][visible…]   order; sums above when asked for
 *                                        │
 *                                        ▼
 *                                      item ──► pool (bytes)
 *
 * Neighbours in a leaf are neighbours in the list: items carry no links. Garbage (GC structs) has
 * no item at all, only an entry with item 0 in its client's id chunk; the length of a struct
 * is the distance to the next entry. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/arena.h"
#include "crdt/core/block.h"
#include "crdt/core/mem.h"
#include "crdt/crdt.h"

#define NONE32 UINT32_MAX

enum item_flag {
    ITEM_KIND = 0x0f, /* enum block_ref, 1 to 9 */
    ITEM_DELETED = 0x10,
    ITEM_COUNTABLE = 0x20, /* counts in the length of its list while it is alive */
    ITEM_KEYED = 0x40,     /* stands under a key, not in a list */
    ITEM_FREE = 0x80       /* on the free list */
};

struct item {
    uint32_t client;                      /* dense index */
    uint32_t clock, len;                  /* clocks; UTF-16 units for text */
    uint32_t origin_client, origin_clock; /* dense index or NONE32 */
    uint32_t right_client, right_clock;   /* right origin, likewise */
    uint32_t off;                         /* content: offset in the pool, or index of the branch for types */
    uint32_t bytes;                       /* content: length in the pool */
    uint32_t leaf;                        /* where it stands; next free item while free */
    uint32_t flags;                       /* enum item_flag */
    uint32_t mark;                        /* stamp of the integration scan that saw it last; node of its list's nest */
};

struct client {
    uint64_t id;
    uint8_t id_bytes[8]; /* the id as a varuint … */
    uint8_t id_len;      /* … of so many bytes */
    uint32_t state;      /* next clock */
    uint32_t dir;        /* word reference of the directory; 0 while there are no structs */
    uint32_t dir_count, dir_class;
    uint32_t hint;         /* directory slot found last … */
    uint32_t hint_slot;    /* … and slot in its chunk */
    uint32_t txn;          /* stamp of the transaction that touched it last … */
    uint32_t before;       /* … and its state when that one began */
    uint32_t queue;        /* its structs that wait, see pending.h */
    uint32_t waiters;      /* heap of the queues that wait for it */
    uint32_t plan;         /* stamp of the plan that knows the three below, see plan.h */
    uint32_t planned;      /* state that the plan has reached */
    uint32_t plan_waiters; /* heap of the plan's own queues that wait for it */
    uint8_t plan_ripe;     /* deletes that waited for its clocks are in the plan, of the first or second pass */
    bool plan_noted;       /* the plan will wake queues of `waiters` */
    uint32_t open_item;    /* item whose text has slack behind it in the pool … */
    uint32_t open_end;     /* … up to here */
    uint32_t slot;         /* where in its leaf the run stood that it left last, if nothing has moved */
};

struct seq {
    uint32_t branch;
    uint32_t key, key_len; /* pool; key is NONE32 for the list of a type */
    uint32_t first, last;  /* leaves; 0 while empty */
    uint32_t root;         /* top node of the sums; 0 while no position was asked for */
    uint32_t length;       /* visible UTF-16 units or elements */
    uint32_t formats;      /* formatting marks alive */
    uint32_t next;         /* next key of the same branch; next free seq */
    uint32_t nest;         /* of lists with many concurrent items; see nest.h */
    uint32_t format_root;  /* of texts with many marks, if `indexed`; see formats.h */
    bool indexed;
};

struct branch {
    uint32_t item;            /* the item whose content this is; 0 for roots */
    uint32_t list;            /* seq; 0 while nothing was inserted */
    uint32_t keys, keys_last; /* chain of seqs, in order of first appearance */
    uint32_t name, name_len;  /* pool: root name, node name */
    uint8_t kind;             /* enum crdt_kind */
    uint8_t free;
};

/* Open-addressing table of indexes; the owner knows hashes and equality. Slots hold index or 0. */
struct hash_index {
    uint32_t *slot;
    uint32_t cap, count; /* cap: power of two */
};

/* A range of deleted clocks, while a transaction collects them. */
struct del_range {
    uint32_t client, clock, len;
    bool settled; /* collected and joined already */
};

/* A place in a client's sequence of structs, see ids.h. Valid until that sequence changes. */
struct id_pos {
    uint32_t client; /* dense index */
    uint32_t at;     /* directory slot */
    uint32_t chunk;  /* word reference */
    uint32_t slot;
};

/* Where typing may go on, see stroke.h. Valid while `changes` is the document's. */
struct stroke {
    uint64_t changes;
    uint32_t item;        /* the live run */
    uint32_t seq, leaf;   /* where it stands … */
    uint32_t visible;     /* … and the word that has its visible length, see seq_visible */
    uint32_t type, end;   /* the text, and its visible units up to the run's end; type 0: not known */
    uint32_t dead;        /* the deleted run beside it; 0: none known */
    struct id_pos border; /* the later one of the two */
    bool grows;           /* what is typed at its end becomes part of it */
    bool tail;            /* the deleted run stands behind it, not before it */
    bool plain;           /* the text is known, and has no formats */
};

/* The update that the next letter will come in, or go out in, see wire/ditto.h. */
struct ditto {
    bool known;
    uint8_t format; /* enum crdt_format */
    uint8_t len;    /* of the bytes */
    uint8_t clock_at, origin_at, letter_at;
    uint32_t item;   /* the run that the letter goes to; 0: it will wait … */
    uint32_t client; /* … whose it is … */
    uint32_t clock;  /* … and its clock */
    uint64_t quiet;  /* below this clock it wakes nothing that waits */
    uint8_t bytes[64];
};

/* What the running transaction has touched. Emptied by commit, memory kept. */
struct txn {
    bool active;
    bool eager; /* a run that continues the one before joins it at once */
    bool loose; /* something may have to be collected or joined at the end */
    uint32_t stamp;
    uint32_t *touched; /* clients that have new structs; `before` stands in the client */
    struct del_range *dels;
    struct split {
        uint32_t client, clock;
    } * splits;      /* right halves, to be merged again if possible */
    uint32_t *stack; /* branches to visit: deletion and collection walk without recursion */
    uint32_t touched_count, del_count, split_count, stack_count; /* together: all become 0 when it begins */
    uint32_t touched_cap, del_cap, split_cap, stack_cap;
    uint64_t beneath; /* items below types that it was promised it may delete */
};

struct format_node;
struct nest;
struct pending;

struct crdt_doc {
    struct mem mem;
    uint64_t client_id;
    uint64_t hash_seed;
    bool keep_deleted;

    struct item *items;
    uint32_t item_count, item_cap, item_free;

    uint32_t *words;
    uint32_t word_count, word_cap;
    uint32_t word_free[24]; /* free list per size class */
    uint32_t node_count;    /* nodes above leaves */
    uint32_t dir_words;     /* words in directories */
    uint32_t struct_count;  /* entries in all id chunks */

    struct seq *seqs;
    uint32_t seq_count, seq_cap, seq_free;
    struct branch *branches;
    uint32_t branch_count, branch_cap, branch_free; /* free ones chained by `item` */
    struct hash_index keys;                         /* (branch, key) -> seq */
    struct hash_index roots;                        /* name -> branch */
    uint32_t
        *root_order; /* the roots: [0] tells how many behind it stand in UTF-16 order of their names, the rest follow */
    uint32_t root_order_cap;
    uint32_t type_count; /* items that contain a type */

    struct client *clients;
    uint32_t client_count, client_cap;
    struct hash_index client_index; /* id -> client + 1 */

    uint8_t *pool;
    uint32_t pool_len, pool_cap;
    uint32_t pool_dead;     /* bytes that nobody refers to */
    uint32_t credit;        /* keystrokes that room has been made for … */
    uint32_t credit_text;   /* … unless content becomes longer than so many bytes and pairs may be cut */
    uint64_t pool_promised; /* bytes that doc_reserve made sure of for the running change */
    uint32_t text_max;      /* bytes of the longest content that an item ever had */
    bool pairs;             /* characters beyond U+FFFF have been seen */

    struct nest *nests;
    uint32_t nest_count, nest_cap, nest_free;
    struct format_node *format_nodes;
    uint32_t format_count, format_cap, format_free;
    uint32_t scan; /* last stamp given out by integration scans */
    uint32_t plan; /* last stamp given out to a plan */
    struct txn txn;
    struct arena scratch;    /* for the piece of work at hand */
    struct pending *pending; /* NULL while nothing waits */

    /* Sums that wait to be carried upwards: one leaf's difference. */
    uint32_t late_leaf;
    int64_t late_delta;
    /* Where the last position was found: valid while cursor_leaf is not 0. */
    uint32_t cursor_seq, cursor_leaf, cursor_start;
    uint8_t way[8];   /* the slots on the way to it, by level: hints, see sums.c */
    uint64_t changes; /* grows whenever a list or the structs of a client change */
    struct stroke stroke;
    struct ditto ditto; /* what comes in: known until the stroke goes on or elsewhere, or who waits changes */
    struct ditto echo;  /* what goes out: known until the stroke goes elsewhere */
    uint32_t slot_hint; /* slot of the item that was looked for last in its leaf */
    uint32_t recent;    /* client that wrote last */
    uint32_t own;       /* the document's own client; NONE32 before its first local transaction */
};

static inline struct item *item_at(const struct crdt_doc *doc, uint32_t item)
{
    return &doc->items[item];
}
static inline uint32_t item_kind(const struct item *it)
{
    return it->flags & ITEM_KIND;
}
static inline bool item_deleted(const struct item *it)
{
    return (it->flags & ITEM_DELETED) != 0;
}
/* A living formatting mark. */
static inline bool item_is_mark(const struct item *it)
{
    return item_kind(it) == BLOCK_FORMAT && !item_deleted(it);
}
static inline uint32_t item_visible(const struct item *it)
{
    return (it->flags & (ITEM_DELETED | ITEM_COUNTABLE)) == ITEM_COUNTABLE ? it->len : 0;
}

/* Two items were written before the same neighbour. */
static inline bool item_same_right(const struct item *a, const struct item *b)
{
    return a->right_client == b->right_client && (a->right_client == NONE32 || a->right_clock == b->right_clock);
}

/* What a change may add at most. */
struct reserve {
    uint64_t inserts, splits;           /* new items; items that may be cut */
    uint64_t clients;                   /* of the inserts: the first of their author */
    uint64_t lists, keys, types, roots; /* new seqs (those of keys included), keys, branches, root names */
    uint64_t bytes;                     /* content, keys and names */
    uint64_t overlapped;                /* structs that delete ranges overlap */
    uint64_t beneath;                   /* items below types that may be deleted, see branch_beneath */
};
/* After RC_OK a change within `r` cannot fail. RC_NOMEM, RC_LIMIT: nothing has changed. */
int doc_reserve(struct crdt_doc *doc, const struct reserve *r) MUST_CHECK;
/* The same for what most edits of text do, when room for some of them has been made already: one insert of up to
 * DOC_KEYSTROKE_BYTES bytes, four items cut, four structs deleted, and nothing else. False: ask doc_reserve. */
#define DOC_KEYSTROKE_BYTES 64
static inline bool doc_spend_keystroke(struct crdt_doc *doc)
{
    bool spare = doc->credit > 0 && !doc->pairs;

    doc->credit -= spare;
    return spare;
}
/* Gives back room that a large change reserved and did not use. */
void doc_settle(struct crdt_doc *doc);

/* The piece of work is done: empties the scratch arena, keeping a little of it. */
void doc_scratch_done(struct crdt_doc *doc);

/* An item from the reserve, its fields undefined; and back. */
uint32_t item_new(struct crdt_doc *doc);
void item_free(struct crdt_doc *doc, uint32_t item);

#endif
