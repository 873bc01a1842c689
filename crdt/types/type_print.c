#include "crdt/types/type_print.h"

#include <stdlib.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/utf.h"

int print_grow(void **data, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return RC_OK;
    }
    size_t more = *cap ? *cap * 2 : 8;
    void *grown = more <= SIZE_MAX / size ? realloc(*data, more * size) : NULL;
    if (!grown) {
        return RC_NOMEM;
    }
    *data = grown;
    *cap = more;
    return RC_OK;
}

static int by_name(const void *a, const void *b)
{
    return utf16_compare(((const struct print_key *)a)->name, ((const struct print_key *)b)->name);
}

int print_keys(const struct crdt_doc *doc, struct crdt_type type, struct print_key **out, size_t *count)
{
    struct crdt_map_iter it;
    struct print_key *keys = NULL, key;
    size_t used = 0, cap = 0;

    crdt_map_iter_init(&it, doc, type);
    while (crdt_map_iter_next(&it, &key.name, &key.run)) {
        int rc = print_grow((void **)&keys, used, &cap, sizeof(*keys));
        if (rc != RC_OK) {
            free(keys);
            return rc;
        }
        keys[used++] = key;
    }
    if (used > 1) {
        qsort(keys, used, sizeof(*keys), by_name);
    }
    *out = keys;
    *count = used;
    return RC_OK;
}

void print_text(const struct crdt_doc *doc, struct crdt_type type, struct buf *out)
{
    struct crdt_iter it;
    struct crdt_run run;

    crdt_iter_init(&it, doc, type);
    while (crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_STRING) {
            buf_put_span(out, run.bytes);
        }
    }
}

/* Content bytes are not a value yet. */
static int print_bytes(struct span bytes, int (*print)(struct span, struct buf *), struct buf *out)
{
    struct buf value = {0};

    lib0_put_any_bytes(&value, bytes);
    int rc = value.rc == RC_OK ? print(buf_span(&value), out) : value.rc;
    buf_finish(&value);
    return rc;
}

int print_bytes_string(struct span bytes, struct buf *out)
{
    return print_bytes(bytes, lib0_any_to_string, out);
}

int print_bytes_json(struct span bytes, struct buf *out)
{
    return print_bytes(bytes, lib0_any_to_json_tagged, out);
}

int crdt_text_to_string(const struct crdt_doc *doc, struct crdt_type type, struct buf *out)
{
    size_t before = out->len;

    print_text(doc, type, out);
    if (out->rc != RC_OK) {
        out->len = before;
    }
    return out->rc;
}
