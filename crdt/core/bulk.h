#ifndef CRDT_CORE_BULK_H
#define CRDT_CORE_BULK_H

/* A whole state into an empty document, several times faster than struct by struct.
 *
 *     rc = bulk_begin(&bulk, doc, bytes);
 *     while (rc == RC_OK && a block comes) rc = bulk_add(&bulk, &block);
 *     if (rc == RC_OK) rc = bulk_end(&bulk, &deletes);
 *     bulk_finish(&bulk);
 *
 * The blocks become items of a second document at once, in the order of the bytes; only when all are there,
 *
 *   1. origins are looked up in a table by clock, and items are cut where an origin ends or a deletion begins or ends
 *      in them (bulk_table.h),
 *   2. items are linked into lists, each when what it hangs on is there (bulk_link.h),
 *   3. what is deleted is collected, and neighbours that yjs would join are joined,
 *   4. the leaves and id chunks are filled from left to right.
 *
 * Then the second document's contents become the first's. An error leaves the first as it was: nobody has touched it.
 *
 * What real states do not have is not dealt with here: structs that must wait, come twice, hang on garbage, or have a
 * right origin within an item; Skip.
 * BULK_UNFIT then says that the update has to go the ordinary way (plan.h). Work is bounded by the structs: scans
 * among concurrent items that go beyond make the update unfit, too. */
#include "crdt/base/arena.h"
#include "crdt/core/block.h"
#include "crdt/core/doc.h"
#include "crdt/core/ids.h"
#include "crdt/core/idset.h"

#define BULK_UNFIT 1
#define BULK_NONE  NONE32 /* no struct */

/* Where an item goes that has neither origin nor right origin. */
struct bulk_parent {
    uint32_t branch;        /* a root; 0: the type at this id */
    uint32_t client, clock; /* dense index */
    bool keyed;
    struct span key; /* borrowed until bulk_end returns */
};

/* One for each client, by dense index. Structs of one author stand together in `structs`. */
struct bulk_author {
    uint32_t first, end;   /* its structs */
    uint32_t table;        /* where its part of the table begins */
    uint32_t shift;        /* clocks of one bucket: 1 << shift */
    uint32_t next;         /* the struct to be linked next */
    uint32_t awaited;      /* the struct that this one must wait for */
    uint32_t waiting;      /* first of the authors that wait for a struct of this one; BULK_NONE: nobody … */
    uint32_t next_waiting; /* … and the next of them, or of those that may go on */
};

struct bulk { /* private */
    struct crdt_doc *target, *doc;
    struct arena *scratch;
    uint32_t client, other; /* author of the blocks that come; author named last by an origin … */
    uint64_t id, other_id;  /* … and their ids, while there are any */
    uint32_t first_author;  /* the first that came; the others behind it by next_waiting */

    struct id_entry *structs; /* by author and clock; item 0 is garbage */
    uint32_t count, cap;
    struct bulk_parent *parents;
    uint32_t parent_count, parent_cap;
    struct bulk_author *authors;
    uint32_t author_count, author_cap;

    uint32_t *table;       /* see bulk_table.h */
    uint32_t *left;        /* of each struct: the one that its origin names */
    uint32_t *next;        /* of each struct: the one behind it in its list */
    struct id_entry *cuts; /* clocks at which structs must be cut; here `item` is a struct */
    uint32_t cut_count, cut_cap;
    uint64_t patience;  /* steps that scans may still take */
    struct idset later; /* deletes for the ordinary way: of types, and of what has not come */
};

/* Whether a document is empty but for names of roots. */
bool bulk_suits(const struct crdt_doc *doc);
/* `doc` suits; `size` is the bytes of the update, to guess by; scratch memory is used until bulk_end. RC_NOMEM,
 * RC_LIMIT. */
int bulk_begin(struct bulk *b, struct crdt_doc *doc, size_t size, struct arena *scratch) MUST_CHECK;
/* `more`: blocks that the group claims to have behind this one; not believed. The block's content is copied, its key
 * and names are borrowed until bulk_end. BULK_UNFIT, RC_NOMEM, RC_LIMIT. */
int bulk_add(struct bulk *b, const struct block *block, uint64_t more) MUST_CHECK;
/* All have come. `deletes` is normal. BULK_UNFIT, RC_NOMEM, RC_LIMIT; RC_OK: the document holds the state. */
int bulk_end(struct bulk *b, const struct idset *deletes) MUST_CHECK;
/* Frees what is left; after any result. */
void bulk_finish(struct bulk *b);

/* ---- for the files of bulk alone ---- */

static inline struct item *bulk_item(const struct bulk *b, uint32_t s)
{
    return item_at(b->doc, b->structs[s].item);
}
static inline bool bulk_garbage(const struct bulk *b, uint32_t s)
{
    return b->structs[s].item == 0;
}

/* One author for each client. RC_NOMEM, RC_LIMIT. */
int bulk_author_reserve(struct bulk *b) MUST_CHECK;

#endif
