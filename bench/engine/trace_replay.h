#ifndef BENCH_ENGINE_TRACE_REPLAY_H
#define BENCH_ENGINE_TRACE_REPLAY_H

/* A trace done again by documents of our engine, each transaction one of theirs.
 *
 * In a sequential trace one document edits. In a concurrent one each agent has its own: before a transaction it
 * applies those updates among the ancestors that it has not seen, and at the end all documents exchange what they
 * miss. Agent n is client n + 1; the text is the root "text". */
#include "bench/engine/trace.h"
#include "bench/engine/update_list.h"
#include "crdt/crdt.h"

#define REPLAY_ROOT "text"

struct replay {
    struct replay_agent *agents;
    size_t count;
    struct update_list own; /* updates, where a concurrent trace needs them and the caller does not */
};

/* Makes the documents. RC_NOMEM. */
int replay_start(struct replay *r, const struct trace *t) MUST_CHECK;
/* `updates` (may be NULL; empty) receives the update of each transaction, v1: what the measurement with updates asks
 * for. RC_RANGE when a patch lies outside of the text. */
int replay_run(struct replay *r, const struct trace *t, struct update_list *updates) MUST_CHECK;
/* The document of the first agent, which has everything; borrowed. */
struct crdt_doc *replay_doc(const struct replay *r);
void replay_finish(struct replay *r);

#endif
