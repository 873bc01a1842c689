#ifndef CRDT_CORE_NEST_H
#define CRDT_CORE_NEST_H

/* Finds the place of an item among many concurrent ones in O(log n), where the scan of yjs (Item.integrate) visits
 * each. Only lists that have cost long scans get a nest; all others cost nothing.
 *
 * What yjs does. A new item with origin L, right origin R and client c looks at the items behind L one by one. Write
 * p(i) for the origin of i. The scan ends at E: at R, or at the first i with p(i) before L ("E0"), or at the end. An
 * i with p(i) = L is a *sibling*. The scan keeps m, the item behind which the new one goes, at first L:
 *
 *   - a sibling with a client below c:    m becomes i
 *   - another sibling:                    m stays; where its right origin is R, too, the scan ends
 *   - p(i) behind L:                      m becomes i if p(i) is not behind m, else it stays
 *
 * So m follows the scan until a larger sibling b stops it, and then moves on only at a smaller sibling, or at an i with
 * p(i) before b: we say that i *covers* b. In documents that editors have written nothing is covered.
 *
 * Depth. Go through the list from left to right with a stack: i takes off all that stands behind p(i), then lies on
 * top. Its depth is the height of the stack (letters of a run count one by one, the list itself is 0). What lies below
 * i may differ from p(i), if that has been taken off before; then i is a *stray*, as all are that cover something. It
 * follows that E0 is the first i behind L that is not deeper than L, and that until E0 the siblings are those of L's
 * depth + 1 that are no strays.
 *
 * What never changes. A new item goes to where its origin is still on the stack, so later items never cover a sibling
 * that is there already. What covers a sibling b first, cover(b), is known when b comes: it is what stands behind b
 * if that is a stray or deeper than b, and cover(what stands behind) if that is a sibling. Strays remain strays. Depth
 * changes only behind an item that comes between others and their origins: they become shallower by stretches.
 *
 * The end at an equal right origin changes nothing: for a sibling b with right origin R, cover(b) is never before E. By
 * induction: b came to stand before E, before an older sibling with right origin R, or before a larger sibling that was
 * not covered before E; each time it is covered by nothing else than its neighbour. So a smaller sibling between such a
 * b and E cannot be: if it came first, b would have passed it; if b came first, b would have stopped it.
 *
 * Therefore: let j be the last smaller sibling before E (L if there is none), and b the first larger one behind j with
 * cover(b) not before E. The place is before b, or before E if there is no b.
 *
 * Three searches by depth in the tree of nest_tree.h. tests/model/engine_order.c compares with the plain scan. */
#include "crdt/core/doc.h"
#include "crdt/core/nest_tree.h"
#include "crdt/core/seq.h"

struct nest {
    struct nest_tree tree; /* empty while there is only debt */
    uint32_t debt;         /* steps of long scans in this list … */
    uint32_t due;          /* … and from where on it may be worth a tree */
    uint32_t next;         /* next free nest */
};

/* Whether places in the list are to be asked of nest_place. */
static inline bool nest_is_built(const struct crdt_doc *doc, uint32_t seq)
{
    return doc->seqs[seq].nest && doc->nests[doc->seqs[seq].nest].tree.root;
}
/* A scan of the list has taken so many steps. May build the tree, if there is memory, once these have cost more than
 * it does. */
void nest_scanned(struct crdt_doc *doc, uint32_t seq, uint32_t steps);
/* Builds the tree at once. RC_NOMEM, RC_LIMIT: there is none, as before. */
int nest_build(struct crdt_doc *doc, uint32_t seq) MUST_CHECK;
/* The item behind which a new one of `client` goes, 0 for the head. */
uint32_t nest_place(const struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t right, uint32_t client);

/* The list has changed; these do nothing where there is no tree. If there is no memory the tree goes. */
void nest_inserted(struct crdt_doc *doc, uint32_t seq, uint32_t left, uint32_t item);
void nest_split(struct crdt_doc *doc, uint32_t item, uint32_t right);
void nest_removed(struct crdt_doc *doc, uint32_t item);
void nest_shift(struct crdt_doc *doc, uint32_t item, int64_t by); /* private: where there is a tree */
/* The item begins `by` clocks later. */
static inline void nest_moved(struct crdt_doc *doc, uint32_t item, int64_t by)
{
    if (doc->nest_count > 0 && nest_is_built(doc, seq_of(doc, item))) {
        nest_shift(doc, item, by);
    }
}

void nest_drop(struct crdt_doc *doc, uint32_t seq);
void nest_drop_all(struct crdt_doc *doc);

/* NULL, or what is broken. */
const char *nest_check(const struct crdt_doc *doc, uint32_t seq);

#endif
