#ifndef CRDT_WIRE_MERGE_TURN_H
#define CRDT_WIRE_MERGE_TURN_H

/* Whose turn it is in a merge, and what is written in a turn. */
#include "crdt/wire/merge_input.h"

/* Turn by turn until all is written but what is held, or m->again says that it has to begin anew. */
void merge_run(struct merge *m);
/* One turn of an input that is live: writes its blocks as long as they follow on what is written. */
void merge_take_turn(struct merge *m, struct merge_input *in);
/* Writes what is held; the end, too. */
void merge_write_held(struct merge *m);

#endif
