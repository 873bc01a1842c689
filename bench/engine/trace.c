#include "bench/engine/trace.h"

#include <stdlib.h>

void trace_finish(struct trace *t)
{
    if (t != NULL) {
        free(t->patches);
        free(t->txns);
        free(t->parents);
        buf_finish(&t->text);
        buf_finish(&t->end);
        *t = (struct trace){0};
    }
}

/* Room for one more of `size` bytes. */
static int grow(void *array, size_t count, size_t *cap, size_t size)
{
    void **data = array;
    size_t more = *cap == 0 ? 256 : *cap * 2;
    void *moved;

    if (count < *cap) {
        return RC_OK;
    }
    if (count >= UINT32_MAX) {
        return RC_LIMIT;
    }
    moved = realloc(*data, more * size);
    if (moved == NULL) {
        return RC_NOMEM;
    }
    *data = moved;
    *cap = more;
    return RC_OK;
}

int trace_add_txn(struct trace *t, uint32_t agent)
{
    int rc = grow(&t->txns, t->txn_count, &t->txn_cap, sizeof(*t->txns));

    if (rc == RC_OK) {
        t->txns[t->txn_count++] =
            (struct trace_txn){.patch = (uint32_t)t->patch_count, .parent = (uint32_t)t->parent_count, .agent = agent};
        t->agents = agent >= t->agents ? agent + 1 : t->agents;
        t->copies = t->copies == 0 ? 1 : t->copies;
    }
    return rc;
}

int trace_add_patch(struct trace *t, uint32_t at, uint32_t deleted, struct span inserted)
{
    int rc = t->text.len + inserted.len > UINT32_MAX
                 ? RC_LIMIT
                 : grow(&t->patches, t->patch_count, &t->patch_cap, sizeof(*t->patches));

    if (rc == RC_OK) {
        t->patches[t->patch_count++] = (struct trace_patch){at, deleted, (uint32_t)t->text.len, (uint32_t)inserted.len};
        t->txns[t->txn_count - 1].patches++;
        buf_put_span(&t->text, inserted);
        rc = t->text.rc;
    }
    return rc;
}

int trace_add_parent(struct trace *t, uint32_t txn)
{
    int rc = grow(&t->parents, t->parent_count, &t->parent_cap, sizeof(*t->parents));

    if (rc == RC_OK) {
        t->parents[t->parent_count++] = txn;
        t->txns[t->txn_count - 1].parents++;
    }
    return rc;
}

struct span trace_text(const struct trace *t, const struct trace_patch *p)
{
    return span_of(t->text.data + p->text, p->len);
}
