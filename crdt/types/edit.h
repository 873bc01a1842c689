#ifndef CRDT_TYPES_EDIT_H
#define CRDT_TYPES_EDIT_H

/* What all local edits have in common: check everything, reserve, then change without failing. Private to types/.
 *
 * Spans into the pool die with the next reserve; edit_keep makes them last until edit_done. */
#include "crdt/core/doc.h"
#include "crdt/types/attr_map.h"

/* Sets of kinds, 1 << enum crdt_kind. A root that nobody declared may be edited as anything. */
#define EDIT_TEXT  (1u << CRDT_TEXT | 1u << CRDT_XML_TEXT | 1u << CRDT_UNKNOWN)
#define EDIT_LIST  (1u << CRDT_ARRAY | 1u << CRDT_XML_ELEMENT | 1u << CRDT_XML_FRAGMENT | 1u << CRDT_UNKNOWN)
#define EDIT_ATTRS (1u << CRDT_MAP | 1u << CRDT_XML_HOOK | 1u << CRDT_XML_ELEMENT)
#define EDIT_MAP   (EDIT_ATTRS | EDIT_TEXT)

/* RC_STATE outside a transaction, RC_NOTFOUND when the type is gone, RC_TYPE when it is of none of the kinds. */
int edit_check(const struct crdt_doc *doc, struct crdt_type type, unsigned kinds, uint32_t *branch) MUST_CHECK;
/* doc_reserve for an edit that adds `clocks` of the document's own client. */
int edit_reserve(struct crdt_doc *doc, struct reserve *r, uint64_t clocks) MUST_CHECK;
/* A span that outlives what the edit does to the pool: itself, or a copy when it lies in the pool. */
int edit_keep(struct crdt_doc *doc, struct span *s) MUST_CHECK;
/* Canonical bytes of `count` values (0: as many as there are), until edit_done. */
int edit_values(struct crdt_doc *doc, struct span values, uint64_t count, struct span *out) MUST_CHECK;
/* What a caller wants text to be: values made canonical, undefined taken as null. The spans last until edit_done.
 * RC_ARG: a key that is not UTF-8. */
int edit_attrs(struct crdt_doc *doc, const struct crdt_attr *attrs, size_t count, struct attr_map *out) MUST_CHECK;
/* Forgets copies. */
void edit_done(struct crdt_doc *doc);

/* Content of one item. */
int edit_value_content(struct crdt_doc *doc, struct span value, struct block *out) MUST_CHECK; /* bytes: binary */
int edit_bytes_content(struct crdt_doc *doc, struct span bytes, struct block *out) MUST_CHECK;
int edit_type_content(struct crdt_doc *doc, enum crdt_kind kind, struct span name, struct block *out) MUST_CHECK;
int edit_doc_content(struct crdt_doc *doc, struct span guid, struct span options, struct block *out) MUST_CHECK;

/* The end of what stands before visible unit `index` of a list: the item and how much of it; item 0 for the head. With
 * `skip_deleted` the place is the one furthest right, just before the unit, else the one furthest left. */
struct edit_place {
    uint32_t item, units; /* units below the item's length: it has to be cut */
};
int edit_find(struct crdt_doc *doc, uint32_t seq, uint64_t index, bool skip_deleted, struct edit_place *out) MUST_CHECK;
static inline bool edit_cuts(const struct crdt_doc *doc, struct edit_place place)
{
    return place.item && place.units < item_at(doc, place.item)->len;
}
/* Cuts there if need be. Returns the item on the left, 0 for the head. */
uint32_t edit_cut(struct crdt_doc *doc, struct edit_place place);
/* The same where something is inserted at once. */
uint32_t edit_part(struct crdt_doc *doc, struct edit_place place);

/* An edit may have left a stroke (core/stroke.h) in `item`, which ends before visible unit `end`. */
void edit_typed(struct crdt_doc *doc, uint32_t item, uint64_t end);

/* Deletes `length` visible units from `index` on. RC_RANGE. */
int edit_delete(struct crdt_doc *doc, uint32_t seq, uint64_t index, uint64_t length) MUST_CHECK;

#endif
