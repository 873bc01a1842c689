#ifndef TESTS_SERVER_STORE_WORKLOAD_H
#define TESTS_SERVER_STORE_WORKLOAD_H

/* A load whose loss can be told. Each append to a note carries its number in that note, 1, 2, 3 …
 * (eight bytes, then padding that follows from note and number). A snapshot carries WORKLOAD_MARK,
 * then the number up to which it holds everything, then padding.
 *
 * After any accident a note must load as 1, 2, … n without a gap, a repetition or a changed byte,
 * and n must be at least the last number that was acknowledged. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/store/store.h"
#include "tests/support/rng.h"

#define WORKLOAD_NOTES 6
#define WORKLOAD_MARK  "snapshot-of-the-workload"

struct workload {
    struct store *s; /* borrowed */
    struct rng rng;
    uint64_t sent[WORKLOAD_NOTES];     /* last number appended */
    uint64_t acked[WORKLOAD_NOTES];    /* last number acknowledged */
    uint64_t last_seq[WORKLOAD_NOTES]; /* of that append */
    uint64_t acks, refused, compactions, out_of_order;
    /* Called for each acknowledged append; may be NULL. */
    void (*on_ack)(void *ctx, unsigned note, uint64_t number);
    void *ctx;
};

void workload_init(struct workload *w, struct store *s, uint64_t seed);
/* Queues 1 to `most` appends and now and then a compaction. False: the store refuses. */
bool workload_push(struct workload *w, unsigned most);

/* What one note holds now. */
struct workload_found {
    int rc;            /* of the load; RC_NOTFOUND counts as an empty note */
    uint64_t last;     /* 1 … last are there */
    bool gap, garbage; /* a number is missing or repeated; bytes are not what was written */
};
struct workload_found workload_read(struct store *s, unsigned note);

#endif
