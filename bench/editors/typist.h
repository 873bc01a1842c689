#ifndef BENCH_EDITORS_TYPIST_H
#define BENCH_EDITORS_TYPIST_H

/* Somebody who types, in a document of our engine: what comes out are the updates that an editor would send.
 *
 * People type in runs: some twenty keys one after another, then a pause, often elsewhere in the text. Of the keys seven
 * in a hundred are backspaces, one is a paste of a sentence. The pauses are as long as it takes to keep the mean rate.
 * Or a recorded history is typed again, from its beginning, in the same rhythm.
 *
 * The document holds what the typist wrote, and what it was told of others by typist_hear; the cursor stays at its
 * letter while others write before it. One thread. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "bench/engine/trace.h"
#include "crdt/crdt.h"
#include "tests/support/rng.h"

struct typist {
    struct crdt_doc *doc; /* NULL until typist_init */
    struct crdt_type text;
    struct rng rng;
    uint64_t cursor;           /* UTF-16 units */
    unsigned run;              /* keys left in this run */
    size_t piece;              /* units that each key brings, in place of all the typist wrote; 0: a letter */
    const struct trace *trace; /* NULL: made up; borrowed */
    size_t patch;              /* the next of the trace */
};

int typist_init(struct typist *t, uint64_t client, uint64_t seed, const struct trace *trace) MUST_CHECK;
void typist_finish(struct typist *t);
/* The next key: its update is appended. *moved: the cursor went elsewhere first. RC_LIMIT: the history is at its end.
 */
int typist_type(struct typist *t, struct buf *update, bool *moved) MUST_CHECK;
/* Time until the next key when keys come every `mean` on average; same unit. */
uint64_t typist_gap(struct typist *t, uint64_t mean);
/* Somebody else's update, or a state. */
int typist_hear(struct typist *t, struct span update) MUST_CHECK;
/* `len` units of text, as if typed long ago at many places: a note as it is after weeks. */
int typist_fill(struct typist *t, size_t len) MUST_CHECK;

#endif
