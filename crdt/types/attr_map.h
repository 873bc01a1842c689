#ifndef CRDT_TYPES_ATTR_MAP_H
#define CRDT_TYPES_ATTR_MAP_H

/* Attributes by key, ordered as a JavaScript Map: a key stands where it was first set; deleted and set again it stands
 * at the end. Keys and values are borrowed. Zeroed storage is an empty map, to which its owner gives the document's
 * seed, so that strangers cannot aim their keys at one slot; attr_map_finish frees. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/crdt.h"

struct attr_entry {
    struct span key, value;
    bool live;
};
struct attr_map {
    struct attr_entry *entries; /* those not live have been deleted */
    uint32_t count, cap, live;
    uint32_t *slots; /* hash of keys: entry + 1, the last one of its key; none while there are few */
    uint32_t slot_cap;
    uint64_t seed;
};

void attr_map_finish(struct attr_map *m);
void attr_map_clear(struct attr_map *m); /* keeps the memory */
/* NULL when the key is not there. Borrowed until the next set. */
const struct span *attr_map_get(const struct attr_map *m, struct span key);
/* RC_NOMEM: nothing has changed. */
int attr_map_set(struct attr_map *m, struct span key, struct span value) MUST_CHECK;
void attr_map_delete(struct attr_map *m, struct span key);
/* Takes a format mark into account: null ends a key (yjs: updateCurrentAttributes). */
int attr_map_mark(struct attr_map *m, struct span key, struct span value) MUST_CHECK;
/* The entries as the members of a JavaScript object: array indexes ascending, then the rest in order. `out` has room
 * for m->live; returns how many ("__proto__" makes no member). */
uint32_t attr_map_list(const struct attr_map *m, struct crdt_attr *out);

/* yjs: equalAttrs. Objects are equal when their members are, in any order. A known difference: yjs compares objects
 * within values, and its clean-up compares any objects, by identity, which has no meaning in a document that was
 * loaded. */
bool attr_equal(struct span a, struct span b);
/* The encoded value null. */
struct span attr_null(void);
bool attr_is_null(struct span value);

#endif
