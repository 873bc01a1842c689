#ifndef CRDT_CORE_IDSET_H
#define CRDT_CORE_IDSET_H

/* A set of ids as ranges of clocks: what yjs calls a delete set.
 *
 * One flat array of (client, clock, len). Ranges are added in any order; idset_normalize brings them into
 * the *normal* form: clients descending, clocks ascending, no two ranges of a client touch or overlap
 * (yjs: sortAndMergeDeleteSet). Queries and set operations want the normal form.
 * The first IDSET_FEW ranges need no allocation.
 *
 * Zeroed storage is an empty set. A set is owned by whoever holds the struct and may be moved with
 * memcpy; idset_finish frees it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"

#define IDSET_FEW 3

struct idset_range {
    uint64_t client, clock, len; /* len is at least 1; clock + len at most 2^53 - 1 */
};

struct idset {
    struct idset_range *heap; /* NULL while the ranges fit into `few` */
    size_t count, cap;        /* cap counts the heap */
    struct idset_range few[IDSET_FEW];
};

void idset_init(struct idset *s);
void idset_finish(struct idset *s);
void idset_clear(struct idset *s); /* empties, keeps the memory */
/* Adds a range; `len` 0 adds nothing. A range that touches the last one added grows it, so that typing and
 * backspacing make one range. The set need not stay normal. RC_NOMEM: the set is as it was. */
int idset_add(struct idset *s, uint64_t client, uint64_t clock, uint64_t len) MUST_CHECK;
/* Appends a range as it is (len at least 1), without joining it to the one before: delete sets read from an update are
 * written again as they were. */
int idset_push(struct idset *s, uint64_t client, uint64_t clock, uint64_t len) MUST_CHECK;
/* RC_NOMEM: the set holds the same ids, in any order. Linear when the set is nearly in order. */
int idset_normalize(struct idset *s) MUST_CHECK;
/* Brings the ranges of a client together, clients descending, but keeps the order of the ranges of each client. */
int idset_group(struct idset *s) MUST_CHECK;
bool idset_is_normal(const struct idset *s);

/* The ranges, borrowed until the set changes. In a normal or grouped set the ranges of one client stand together. */
const struct idset_range *idset_ranges(const struct idset *s);
/* Index behind the last range that follows `from` without a change of client. from < count. */
size_t idset_group_end(const struct idset *s, size_t from);
/* Index of the first range of a client (normal sets), or count when there is none. O(log n). */
size_t idset_find_client(const struct idset *s, uint64_t client);

/* Of normal sets. */
bool idset_contains(const struct idset *s, uint64_t client, uint64_t clock);
bool idset_equal(const struct idset *a, const struct idset *b);
/* Of normal sets, into `out`, which is emptied first and is not a or b. The result is normal. On RC_NOMEM `out` is
 * empty. */
int idset_union(const struct idset *a, const struct idset *b, struct idset *out) MUST_CHECK;
int idset_subtract(const struct idset *a, const struct idset *b, struct idset *out) MUST_CHECK; /* a without b */
int idset_intersect(const struct idset *a, const struct idset *b, struct idset *out) MUST_CHECK;

/* Stable sort by client descending, then clock ascending. At once when sorted, insertion for few, else radix by the
 * digits that differ: linear. RC_NOMEM: the ranges are all there, in any order. */
int idset_range_sort(struct idset_range *ranges, size_t count) MUST_CHECK;

#endif
