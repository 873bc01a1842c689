#ifndef CRDT_WIRE_MERGE_RUNS_H
#define CRDT_WIRE_MERGE_RUNS_H

/* Sources that go backwards, made ready for a merge: all their blocks in memory, cut into runs that go forwards. */
#include "crdt/base/arena.h"
#include "crdt/wire/merge.h"

struct merge_runs {
    struct update_source *runs; /* the last holds the deletes, once merge_runs_end was called */
    size_t count;
    struct arena scratch; /* private, like what follows */
    struct idset deletes;
    size_t cap;
};

void merge_runs_init(struct merge_runs *u);
/* What it borrows is borrowed on. RC_NOMEM, RC_LIMIT, or what is wrong with the bytes. */
int merge_runs_add(struct merge_runs *u, const struct update_source *source) MUST_CHECK;
int merge_runs_end(struct merge_runs *u) MUST_CHECK;
void merge_runs_finish(struct merge_runs *u);

#endif
