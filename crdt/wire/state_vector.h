#ifndef CRDT_WIRE_STATE_VECTOR_H
#define CRDT_WIRE_STATE_VECTOR_H

/* State vectors: for each client the next clock, i.e. how many clocks of it are known.
 *
 *   varuint entries, then for each (written by client descending) varuint client, varuint clock
 *
 * In memory a sorted array. Zeroed storage is an empty vector; state_vector_finish frees. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/lib0/dec.h"

struct state_entry {
    uint64_t client, clock;
};
struct state_vector {
    struct state_entry *entries; /* by client descending, each client once (after state_vector_sort) */
    size_t count, cap;
};

void state_vector_finish(struct state_vector *sv);
/* Replaces what `out` holds. An empty span is an empty vector. Of a client that comes twice the last clock
 * counts, as in a JavaScript Map. On failure `out` is empty. */
int state_vector_decode(struct span bytes, struct state_vector *out) MUST_CHECK;
/* The same from the middle of something; the reader's rc tells failures, too. */
int state_vector_read(struct lib0_dec *in, struct state_vector *out) MUST_CHECK;
void state_vector_write(const struct state_vector *sv, struct buf *out);

/* Appends; sort afterwards. */
int state_vector_add(struct state_vector *sv, uint64_t client, uint64_t clock) MUST_CHECK;
int state_vector_sort(struct state_vector *sv) MUST_CHECK;
/* 0 when the client is unknown. O(log n). */
uint64_t state_vector_get(const struct state_vector *sv, uint64_t client);
bool state_vector_has(const struct state_vector *sv, uint64_t client);

#endif
