#include "crdt/wire/merge.h"

#include <stdlib.h>
#include "crdt/base/arena.h"
#include "crdt/wire/lazy_enc.h"
#include "crdt/wire/merge_exact.h"
#include "crdt/wire/merge_runs.h"
#include "crdt/wire/merge_turn.h"
#include "crdt/wire/update_dec.h"

/* ---- A merge ---------------------------------------------------------------------------------------------------- */

static int merge_init(struct merge *m, const struct update_source *sources, size_t count, enum crdt_format to,
                      struct buf *out)
{
    *m = (struct merge){.sources = sources, .count = count};
    lazy_enc_init(&m->enc, to, out);
    if (count > SIZE_MAX / sizeof(*m->queue)) {
        return RC_NOMEM;
    }
    m->queue = malloc((count > 0 ? count : 1) * sizeof(*m->queue));
    return m->queue == NULL ? RC_NOMEM : RC_OK;
}

static void merge_finish(struct merge *m)
{
    merge_free_inputs(m);
    free(m->queue);
    free(m->heap);
    idset_finish(&m->deletes);
}

/* Writes what is held and the deletes, or gives up. */
static int merge_end(struct merge *m)
{
    if (m->rc == RC_OK && m->again == MERGE_DONE) {
        m->rc = idset_normalize(&m->deletes);
    }
    if (m->rc != RC_OK || m->again != MERGE_DONE) {
        lazy_enc_discard(&m->enc);
        return m->rc;
    }
    if (m->holder != NULL) {
        merge_write_held(m);
    }
    return lazy_enc_finish(&m->enc, &m->deletes);
}

/* Merges all or, with *again set, wants to be called another way. `exactly`: with yjs's sort. */
static int merge_once(const struct update_source *sources, size_t count, enum crdt_format to, bool exactly,
                      struct buf *out, enum merge_again *again)
{
    struct merge m;
    int rc;

    m.rc = merge_init(&m, sources, count, to, out);
    if (m.rc == RC_OK) {
        merge_fill_queue(&m);
    }
    if (m.rc == RC_OK && exactly) {
        merge_run_exactly(&m);
    } else if (m.rc == RC_OK) {
        merge_run(&m);
    }
    rc = merge_end(&m);
    *again = m.again;
    merge_finish(&m);
    return rc;
}

static int merge_ordered(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out,
                         enum merge_again *again)
{
    int rc = merge_once(sources, count, to, false, out, again);

    if (rc == RC_OK && *again == MERGE_EXACT) {
        rc = merge_once(sources, count, to, true, out, again);
    }
    return rc;
}

static int merge_unordered(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out)
{
    struct merge_runs u;
    enum merge_again again;
    int rc = RC_OK;

    merge_runs_init(&u);
    for (size_t i = 0; rc == RC_OK && i < count; i++) {
        rc = merge_runs_add(&u, &sources[i]);
    }
    if (rc == RC_OK) {
        rc = merge_runs_end(&u);
    }
    if (rc == RC_OK) {
        rc = merge_ordered(u.runs, u.count, to, out, &again);
    }
    merge_runs_finish(&u);
    return rc;
}

int update_merge(const struct update_source *sources, size_t count, enum crdt_format to, struct buf *out)
{
    enum merge_again again;
    int rc = merge_ordered(sources, count, to, out, &again);

    if (rc == RC_OK && again == MERGE_UNORDERED) {
        rc = merge_unordered(sources, count, to, out);
    }
    return rc;
}

/* ---- The public function --------------------------------------------------------------------------------- */

/* Decodes everything, for its errors. */
static int check_update(enum crdt_format format, struct span update)
{
    struct arena scratch;
    struct update_dec dec;
    struct idset deletes;
    struct block b;
    int rc;

    arena_init(&scratch, 0);
    idset_init(&deletes);
    rc = update_dec_init(&dec, format, update, &scratch);
    if (rc == RC_OK) {
        do {
            rc = update_dec_next(&dec, &b);
        } while (rc > 0);
    }
    if (rc == RC_OK) {
        rc = update_dec_deletes(&dec, &deletes);
    }
    update_dec_finish(&dec);
    idset_finish(&deletes);
    arena_finish(&scratch);
    return rc;
}

/* yjs gives a single update back as it is. */
static int copy_update(enum crdt_format format, struct span update, struct buf *out)
{
    int rc = check_update(format, update);

    if (rc == RC_OK) {
        buf_put_span(out, update);
        rc = out->rc;
    }
    return rc;
}

int crdt_update_merge(enum crdt_format format, const struct span *updates, size_t count, struct buf *out)
{
    struct update_source *sources;
    int rc;

    if (count == 1) {
        return copy_update(format, updates[0], out);
    }
    sources = calloc(count > 0 ? count : 1, sizeof(*sources));
    if (sources == NULL) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < count; i++) {
        sources[i].format = format;
        sources[i].bytes = updates[i];
    }
    rc = update_merge(sources, count, format, out);
    free(sources);
    return rc;
}
