#ifndef CRDT_WIRE_MERGE_EXACT_H
#define CRDT_WIRE_MERGE_EXACT_H

/* The turns of a merge in the order in which yjs's own sort puts the inputs, step by step: of a GC block and an item at
 * one clock it takes each for the one that is before, so that its algorithm decides. */
#include "crdt/wire/merge_input.h"

/* As merge_run does; the sources are few. */
void merge_run_exactly(struct merge *m);

#endif
