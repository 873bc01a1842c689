#include "server/store/note_content.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What is really allocated: the public part, the count, the rows. */
struct counted {
    struct store_content content;
    atomic_uint refs;
    uint8_t *bytes;
    struct store_row row[];
};

struct store_content *store_content_ref(struct store_content *c)
{
    atomic_fetch_add_explicit(&((struct counted *)c)->refs, 1, memory_order_relaxed);
    return c;
}

void store_content_unref(struct store_content *c)
{
    struct counted *k = (struct counted *)c;

    if (k == NULL || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    free(k->bytes);
    free(k);
}

int content_begin(struct content_builder *b, size_t rows)
{
    memset(b, 0, sizeof(*b));
    buf_init(&b->bytes);
    if (rows > 0) {
        b->piece = calloc(rows, sizeof(*b->piece));
        if (b->piece == NULL) {
            return RC_NOMEM;
        }
    }
    b->cap = rows;
    return RC_OK;
}

void content_snapshot(struct content_builder *b, struct span snapshot)
{
    assert(b->count == 0 && b->bytes.len == 0);
    buf_put_span(&b->bytes, snapshot);
    b->snapshot_len = snapshot.len;
}

void content_row(struct content_builder *b, const struct store_row *row)
{
    assert(b->count < b->cap);
    buf_put_span(&b->bytes, row->data);
    buf_put_span(&b->bytes, row->sender);
    b->piece[b->count++] = (struct content_piece){row->kind, row->data.len, row->sender.len, row->time_ms, row->seq};
}

static void set_rows(const struct content_builder *b, struct counted *k)
{
    const uint8_t *at = k->bytes;

    k->content.snapshot = span_of(at, b->snapshot_len);
    if (b->snapshot_len > 0) {
        at += b->snapshot_len;
    }
    for (size_t i = 0; i < b->count; i++) {
        const struct content_piece *p = &b->piece[i];
        struct store_row *row = &k->row[i];

        *row = (struct store_row){.kind = p->kind, .time_ms = p->time_ms, .seq = p->seq};
        row->data = span_of(at, p->data_len);
        at += p->data_len;
        row->sender = span_of(at, p->sender_len);
        at += p->sender_len;
    }
}

int content_end(struct content_builder *b, struct store_content **out)
{
    struct counted *k;

    if (b->bytes.rc != RC_OK) {
        content_abort(b);
        return RC_NOMEM;
    }
    k = calloc(1, sizeof(*k) + b->count * sizeof(struct store_row));
    if (k == NULL) {
        content_abort(b);
        return RC_NOMEM;
    }
    atomic_init(&k->refs, 1);
    k->content.bytes = b->bytes.len;
    k->bytes = buf_take(&b->bytes, &(size_t){0});
    k->content.row = k->row;
    k->content.count = b->count;
    set_rows(b, k);
    content_abort(b);
    *out = &k->content;
    return RC_OK;
}

void content_abort(struct content_builder *b)
{
    buf_finish(&b->bytes);
    free(b->piece);
    memset(b, 0, sizeof(*b));
}
