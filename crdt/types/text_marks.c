#include "crdt/types/text_marks.h"

#include "crdt/core/integrate.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/enc.h"
#include "crdt/types/type_view.h"

void mark_read(const struct crdt_doc *doc, uint32_t item, struct span *key, struct span *value)
{
    struct crdt_run run;

    item_run(doc, item, &run);
    *key = run.key;
    *value = run.bytes;
}

struct span mark_before(const struct crdt_doc *doc, uint32_t item, struct span key)
{
    for (; item; item = seq_prev(doc, item)) {
        if (is_mark(item_at(doc, item))) {
            struct span found, value;
            mark_read(doc, item, &found, &value);
            if (span_equal(found, key)) {
                return value;
            }
        }
    }
    return attr_null();
}

int marks_before(const struct crdt_doc *doc, uint32_t seq, uint32_t last, struct attr_map *out)
{
    struct seq_at place = seq_begin(doc, seq);
    int rc = RC_OK;

    if (!last || doc->seqs[seq].formats == 0) {
        return RC_OK;
    }
    for (uint32_t item = 0; rc == RC_OK && item != last; seq_step(doc, &place)) {
        item = seq_item(doc, place);
        if (is_mark(item_at(doc, item))) {
            struct span key, value;
            mark_read(doc, item, &key, &value);
            rc = attr_map_mark(out, key, value);
        }
    }
    return rc;
}

/* ---- new marks --------------------------------------------------------------------------------------- */

int new_mark_make(struct crdt_doc *doc, struct span key, struct span value, struct new_mark *out)
{
    struct buf b = {0};

    lib0_put_varstring(&b, key);
    buf_put_span(&b, value);
    uint8_t *copy = b.rc == RC_OK ? arena_alloc(&doc->scratch, b.len) : NULL;
    if (copy) {
        size_t head = b.len - key.len - value.len;
        memcpy(copy, b.data, b.len);
        *out = (struct new_mark){.content = span_of(copy, b.len),
                                 .key = span_of(copy + head, key.len),
                                 .value = span_of(copy + head + key.len, value.len)};
    }
    buf_finish(&b);
    return copy ? RC_OK : RC_NOMEM;
}

uint64_t new_marks_bytes(const struct new_mark *marks, size_t count)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        bytes += marks[i].content.len;
    }
    return bytes;
}

uint32_t new_mark_insert(struct crdt_doc *doc, uint32_t seq, uint32_t left, const struct new_mark *mark)
{
    return integrate_local(doc, seq, left, &(struct block){.ref = BLOCK_FORMAT, .len = 1, .content = mark->content});
}

static struct new_mark *find_mark(struct new_mark *marks, size_t count, struct span key)
{
    for (size_t i = 0; i < count; i++) {
        if (!marks[i].dropped && span_equal(marks[i].key, key)) {
            return &marks[i];
        }
    }
    return NULL;
}

void new_marks_end(struct crdt_doc *doc, uint32_t seq, uint32_t left, struct new_mark *marks, size_t count)
{
    uint32_t right = left ? seq_next(doc, left) : seq_first(doc, seq);

    for (; right && !item_visible(item_at(doc, right)); right = seq_next(doc, right)) {
        if (is_mark(item_at(doc, right))) {
            struct span key, value;
            mark_read(doc, right, &key, &value);
            struct new_mark *mark = find_mark(marks, count, key);
            if (!mark || !attr_equal(mark->value, value)) {
                break;
            }
            mark->dropped = true;
        }
        left = right;
    }
    for (size_t i = 0; i < count; i++) {
        if (!marks[i].dropped) {
            left = new_mark_insert(doc, seq, left, &marks[i]);
        }
    }
}
