#ifndef BENCH_ENGINE_TRACE_H
#define BENCH_ENGINE_TRACE_H

/* An editing history: transactions of patches on one text, each patch "at this position delete so many, then insert
 * this". In a sequential trace one agent does all, each transaction on what the one before left. In a concurrent one
 * several agents do, and the state before a transaction is the merge of its parents.
 *
 * The JSON form is that of the public editing-traces collection:
 *
 *     {"startContent": "", "endContent": "…", "txns": [{"patches": [[position, deleted, "inserted"], …],
 *                                                       "agent": 0, "parents": [0]}, …]}
 *
 * where agent and parents occur only in concurrent traces. Positions there are code points; characters beyond U+FFFF
 * are refused, so that here they are UTF-16 units as well.
 *
 * Zeroed storage is an empty trace. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"

/* Small, since a replay reads them while it is measured. */
struct trace_patch {
    uint32_t at, deleted; /* UTF-16 units */
    uint32_t text, len;   /* inserted UTF-8: offset and length in trace.text */
};
struct trace_txn {
    uint32_t patch, patches;  /* index of the first, how many */
    uint32_t parent, parents; /* likewise, in trace.parents */
    uint32_t agent;
};
struct trace {
    struct trace_patch *patches;
    struct trace_txn *txns;
    uint32_t *parents; /* indexes of transactions */
    size_t patch_count, patch_cap, txn_count, txn_cap, parent_count, parent_cap;
    uint32_t agents;
    unsigned copies; /* how many times the whole is done, one after another on the same text; at least 1 */
    bool concurrent;
    struct buf text;
    struct buf end; /* the text at the end, of one copy */
    bool has_end;
};

void trace_finish(struct trace *t);
/* Building: a transaction, then its patches and parents. RC_NOMEM, RC_LIMIT: more than 2^32 - 1 of something. */
int trace_add_txn(struct trace *t, uint32_t agent) MUST_CHECK;
int trace_add_patch(struct trace *t, uint32_t at, uint32_t deleted, struct span inserted) MUST_CHECK;
int trace_add_parent(struct trace *t, uint32_t txn) MUST_CHECK;
struct span trace_text(const struct trace *t, const struct trace_patch *p);

/* RC_FORMAT with a sentence in *why (static), RC_NOMEM. */
int trace_parse(struct span json, struct trace *out, const char **why) MUST_CHECK;
/* For the peers: {"agents", "concurrent", "copies", "txns": [{"agent", "parents", "patches"}]}. */
void trace_write(const struct trace *t, struct buf *out);

#endif
