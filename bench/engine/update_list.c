#include "bench/engine/update_list.h"

#include <stdlib.h>
#include <string.h>
#include "tests/support/shared_data.h"

void update_list_finish(struct update_list *l)
{
    if (l != NULL) {
        buf_finish(&l->bytes);
        free(l->end);
        *l = (struct update_list){0};
    }
}

void update_list_clear(struct update_list *l)
{
    buf_clear(&l->bytes);
    l->count = 0;
}

static int grow(struct update_list *l, size_t cap)
{
    size_t *end = realloc(l->end, cap * sizeof(*end));

    if (end == NULL) {
        return RC_NOMEM;
    }
    l->end = end;
    l->cap = cap;
    return RC_OK;
}

int update_list_reserve(struct update_list *l, size_t count, size_t bytes)
{
    int rc = count > l->cap ? grow(l, count) : RC_OK;

    rc = rc == RC_OK ? buf_reserve(&l->bytes, bytes) : rc;
    if (rc == RC_OK && count > 0 && bytes > 0) {
        memset(l->end + l->count, 0, (l->cap - l->count) * sizeof(*l->end));
        memset(l->bytes.data + l->bytes.len, 0, l->bytes.cap - l->bytes.len);
    }
    return rc;
}

int update_list_close(struct update_list *l)
{
    if (l->bytes.rc != RC_OK) {
        return l->bytes.rc;
    }
    if (l->count == l->cap && grow(l, l->cap == 0 ? 1024 : l->cap * 2) != RC_OK) {
        return RC_NOMEM;
    }
    l->end[l->count++] = l->bytes.len;
    return RC_OK;
}

int update_list_add(struct update_list *l, struct span update)
{
    buf_put_span(&l->bytes, update);
    return update_list_close(l);
}

struct span update_list_at(const struct update_list *l, size_t i)
{
    size_t start = i == 0 ? 0 : l->end[i - 1];

    return span_of(l->bytes.data + start, l->end[i] - start);
}

int update_list_parse(struct span file, struct update_list *out)
{
    uint32_t count;
    struct span update;
    int rc = RC_OK;

    if (!shared_data_count(&file, &count)) {
        return RC_FORMAT;
    }
    while (rc == RC_OK && shared_data_next(&file, &update)) {
        rc = update_list_add(out, update);
    }
    return rc == RC_OK && (file.len != 0 || out->count != count) ? RC_FORMAT : rc;
}

static void put_u32(struct buf *out, size_t n)
{
    uint8_t bytes[4] = {(uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16), (uint8_t)(n >> 24)};

    buf_put(out, bytes, sizeof(bytes));
}

void update_list_write(const struct update_list *l, struct buf *out)
{
    put_u32(out, l->count);
    for (size_t i = 0; i < l->count; i++) {
        struct span update = update_list_at(l, i);
        put_u32(out, update.len);
        buf_put_span(out, update);
    }
}

int update_list_convert(const struct update_list *from, enum crdt_format format, enum crdt_format to,
                        struct update_list *out)
{
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < from->count; i++) {
        rc = crdt_update_convert(format, to, update_list_at(from, i), &out->bytes);
        rc = rc == RC_OK ? update_list_close(out) : rc;
    }
    return rc;
}
