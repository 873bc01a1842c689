#include "bench/engine/trace_replay.h"

#include <stdlib.h>

struct replay_agent {
    struct crdt_doc *doc;
    struct crdt_type text;
    uint8_t *seen;   /* a byte per transaction: applied or made here */
    size_t complete; /* all before this index are seen */
};

static int start_agent(struct replay_agent *a, uint64_t client, const struct trace *t)
{
    int rc = crdt_doc_create(&(struct crdt_doc_options){.client = client}, &a->doc);

    rc = rc == RC_OK ? crdt_root_declare(a->doc, span_str(REPLAY_ROOT), CRDT_TEXT, &a->text) : rc;
    if (rc == RC_OK && t->concurrent) {
        a->seen = calloc(t->txn_count, 1);
        rc = a->seen == NULL ? RC_NOMEM : RC_OK;
    }
    return rc;
}

int replay_start(struct replay *r, const struct trace *t)
{
    size_t count = t->concurrent ? t->agents : 1;
    int rc = RC_OK;

    *r = (struct replay){.agents = calloc(count, sizeof(*r->agents)), .count = count};
    if (r->agents == NULL) {
        r->count = 0;
        return RC_NOMEM;
    }
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = start_agent(&r->agents[i], i + 1, t);
    }
    if (rc != RC_OK) {
        replay_finish(r);
    }
    return rc;
}

static inline int edit(const struct replay_agent *a, const struct trace *t, const struct trace_patch *p)
{
    if (p->deleted > 0) {
        int rc = crdt_text_delete(a->doc, a->text, p->at, p->deleted);
        if (rc != RC_OK || p->len == 0) {
            return rc;
        }
    }
    return crdt_text_insert(a->doc, a->text, p->at, trace_text(t, p), NULL, 0);
}

/* Inline, as it stands between the engine and the clock. */
static inline int do_txn(const struct replay_agent *a, const struct trace *t, const struct trace_txn *txn,
                         struct buf *update)
{
    const struct trace_patch *p = t->patches + txn->patch, *end = p + txn->patches;
    int rc = crdt_txn_begin(a->doc);

    for (; rc == RC_OK && p < end; p++) {
        rc = edit(a, t, p);
    }
    return rc == RC_OK ? crdt_txn_commit(a->doc, CRDT_V1, update) : rc;
}

static int run_sequential(struct replay *r, const struct trace *t, struct update_list *updates)
{
    int rc = RC_OK;

    for (unsigned copy = 0; copy < t->copies; copy++) {
        for (size_t i = 0; rc == RC_OK && i < t->txn_count; i++) {
            rc = do_txn(&r->agents[0], t, &t->txns[i], updates != NULL ? &updates->bytes : NULL);
            if (updates != NULL && rc == RC_OK) {
                rc = update_list_close(updates);
            }
        }
    }
    return rc;
}

/* Marks with 2 the ancestors of a transaction that the agent has not seen; `from` receives the lowest. Parents are
 * earlier, so one walk downwards finds them all. */
static void mark_missing(struct replay_agent *a, const struct trace *t, size_t txn, size_t *from)
{
    size_t marked = 0, lowest = txn;

    for (size_t i = txn + 1; i-- > a->complete;) {
        if (i != txn && a->seen[i] != 2) {
            continue;
        }
        marked -= i != txn;
        lowest = i != txn ? i : lowest;
        for (size_t k = 0; k < t->txns[i].parents; k++) {
            uint32_t parent = t->parents[t->txns[i].parent + k];
            marked += a->seen[parent] == 0;
            a->seen[parent] = a->seen[parent] == 0 ? 2 : a->seen[parent];
        }
        if (marked == 0) {
            break;
        }
    }
    *from = lowest;
}

static int apply_one(struct replay_agent *a, const struct update_list *updates, size_t i)
{
    struct span update = update_list_at(updates, i);

    a->seen[i] = 1;
    return update.len == 0 ? RC_OK : crdt_apply(a->doc, CRDT_V1, update, NULL);
}

static int catch_up(struct replay_agent *a, const struct trace *t, const struct update_list *updates, size_t txn)
{
    size_t from;
    int rc = RC_OK;

    mark_missing(a, t, txn, &from);
    for (size_t i = from; rc == RC_OK && i < txn; i++) {
        rc = a->seen[i] == 2 ? apply_one(a, updates, i) : RC_OK;
    }
    while (a->complete < txn && a->seen[a->complete] == 1) {
        a->complete++;
    }
    return rc;
}

static int exchange(struct replay_agent *a, const struct update_list *updates)
{
    int rc = RC_OK;

    for (size_t i = a->complete; rc == RC_OK && i < updates->count; i++) {
        rc = a->seen[i] == 1 ? RC_OK : apply_one(a, updates, i);
    }
    return rc;
}

static int run_concurrent(struct replay *r, const struct trace *t, struct update_list *updates)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < t->txn_count; i++) {
        struct replay_agent *a = &r->agents[t->txns[i].agent];
        rc = catch_up(a, t, updates, i);
        rc = rc == RC_OK ? do_txn(a, t, &t->txns[i], &updates->bytes) : rc;
        rc = rc == RC_OK ? update_list_close(updates) : rc;
        a->seen[i] = 1;
    }
    for (size_t i = 0; rc == RC_OK && i < r->count; i++) {
        rc = exchange(&r->agents[i], updates);
    }
    return rc;
}

int replay_run(struct replay *r, const struct trace *t, struct update_list *updates)
{
    if (!t->concurrent) {
        return run_sequential(r, t, updates);
    }
    return run_concurrent(r, t, updates != NULL ? updates : &r->own);
}

struct crdt_doc *replay_doc(const struct replay *r)
{
    return r->agents[0].doc;
}

void replay_finish(struct replay *r)
{
    for (size_t i = 0; i < r->count; i++) {
        crdt_doc_destroy(r->agents[i].doc);
        free(r->agents[i].seen);
    }
    free(r->agents);
    update_list_finish(&r->own);
    *r = (struct replay){0};
}
