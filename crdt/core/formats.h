#ifndef CRDT_CORE_FORMATS_H
#define CRDT_CORE_FORMATS_H

/* What formatting is in force somewhere in a long text, in O(log n).
 *
 * A mark says from where on a key has a value; null ends it. What is in force behind an item is, for each key, the
 * nearest mark to the left. Short texts are walked through; a text in which that took long gets an index: a treap of
 * its living marks by key, then by place, in which each node knows whether a mark below it ends its key. It goes with
 * crdt_doc_trim, and where there is no memory for it the walks go on.
 *
 *     text   … color:red · bold:true … color:blue … bold:null … color:null …
 *     treap  bold:true  bold:null │ color:red  color:blue  color:null         (keys in the order of their bytes)
 *
 * Places are compared through the sums above the leaves (sums.h), so an indexed list has them. */
#include "crdt/core/doc.h"
#include "crdt/core/treap.h"

struct format_node {
    struct treap_link link; /* free ones are chained by `up` */
    uint32_t item;
    bool ends, ends_below; /* the mark's value is null; that of one at or below the node is */
};

/* Key and value of a mark, of which the document is not asked whether it lives; spans into the pool. */
void format_read(const struct crdt_doc *doc, uint32_t mark, struct span *key, struct span *value);

/* Makes the index of a list that has items, unless there is one. RC_NOMEM, RC_LIMIT: there is none, as before. */
int formats_build(struct crdt_doc *doc, uint32_t seq) MUST_CHECK;
static inline bool formats_indexed(const struct crdt_doc *doc, uint32_t seq)
{
    return doc->seqs[seq].indexed;
}
/* In an indexed list: the nearest mark of the key at or before `item` (0: the head); 0: none. */
uint32_t formats_nearest(const struct crdt_doc *doc, uint32_t seq, uint32_t item, struct span key);

#define FORMAT_KEYS 64
/* In an indexed list: the marks that are in force behind `item`, each where yjs's Map of current attributes has its
 * key: at the place where the key began to have values. False: the list knows more than FORMAT_KEYS keys. */
bool formats_in_force(const struct crdt_doc *doc, uint32_t seq, uint32_t item, uint32_t marks[FORMAT_KEYS],
                      uint32_t *count);

/* A mark has come into its list, or is about to go; nothing happens in lists without index. */
void formats_inserted(struct crdt_doc *doc, uint32_t mark);
void formats_removed(struct crdt_doc *doc, uint32_t mark);
void formats_drop(struct crdt_doc *doc, uint32_t seq);
void formats_drop_all(struct crdt_doc *doc);

/* NULL, or what is broken. */
const char *formats_check(const struct crdt_doc *doc, uint32_t seq);

#endif
