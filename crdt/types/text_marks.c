#include "crdt/types/text_marks.h"

#include "crdt/core/integrate.h"
#include "crdt/core/seq.h"
#include "crdt/core/seq_position.h"
#include "crdt/lib0/enc.h"

/* ---- what is in force --------------------------------------------------------------------------------- */

#define WALK_MAX 256 /* items; a longer walk is worth an index */

/* An index for who has walked so far; where there is no memory for it he walks on. */
static bool index_after(struct crdt_doc *doc, uint32_t seq, uint32_t walked)
{
    return walked == WALK_MAX && formats_build(doc, seq) == RC_OK;
}

static struct span mark_value(const struct crdt_doc *doc, uint32_t mark)
{
    struct span key, value = attr_null();

    if (mark) {
        format_read(doc, mark, &key, &value);
    }
    return value;
}

struct span mark_before(struct crdt_doc *doc, uint32_t item, struct span key)
{
    uint32_t seq = item ? seq_of(doc, item) : 0, walked = 0;

    if (doc->seqs[seq].formats == 0) {
        return attr_null();
    }
    for (uint32_t at = item; at && !formats_indexed(doc, seq) && !index_after(doc, seq, walked++);
         at = seq_prev(doc, at)) {
        if (item_is_mark(item_at(doc, at))) {
            struct span found, value;
            format_read(doc, at, &found, &value);
            if (span_equal(found, key)) {
                return value;
            }
        }
    }
    return formats_indexed(doc, seq) ? mark_value(doc, formats_nearest(doc, seq, item, key)) : attr_null();
}

static int add_mark(const struct crdt_doc *doc, uint32_t mark, struct attr_map *out)
{
    struct span key, value;

    format_read(doc, mark, &key, &value);
    return attr_map_mark(out, key, value);
}

/* From the head on. */
static int walk_to(struct crdt_doc *doc, uint32_t seq, uint32_t last, struct attr_map *out)
{
    struct seq_at place = seq_begin(doc, seq);
    int rc = RC_OK;

    for (uint32_t item = 0; rc == RC_OK && item != last; seq_step(doc, &place)) {
        item = seq_item(doc, place);
        if (item_is_mark(item_at(doc, item))) {
            rc = add_mark(doc, item, out);
        }
    }
    return rc;
}

/* The last item stands beyond the first few leaves. */
static bool is_far(struct crdt_doc *doc, uint32_t seq, uint32_t last)
{
    struct seq_at place = seq_begin(doc, seq);

    for (uint32_t walked = 0; walked < WALK_MAX; walked++, seq_step(doc, &place)) {
        if (seq_item(doc, place) == last) {
            return false;
        }
    }
    return true;
}

int marks_before(struct crdt_doc *doc, uint32_t seq, uint32_t last, struct attr_map *out)
{
    uint32_t marks[FORMAT_KEYS], count;
    int rc = RC_OK;

    if (!last || doc->seqs[seq].formats == 0) {
        return RC_OK;
    }
    if (!formats_indexed(doc, seq) && (!is_far(doc, seq, last) || formats_build(doc, seq) != RC_OK)) {
        return walk_to(doc, seq, last, out);
    }
    if (!formats_in_force(doc, seq, last, marks, &count)) {
        return walk_to(doc, seq, last, out);
    }
    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        rc = add_mark(doc, marks[i], out);
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
    uint32_t right = seq_next_alive(doc, seq, left);

    for (; right && item_is_mark(item_at(doc, right)); right = seq_next_alive(doc, seq, right)) {
        struct span key, value;
        format_read(doc, right, &key, &value);
        struct new_mark *mark = find_mark(marks, count, key);
        if (!mark || !attr_equal(mark->value, value)) {
            break;
        }
        mark->dropped = true;
    }
    left = seq_before(doc, seq, right);
    for (size_t i = 0; i < count; i++) {
        if (!marks[i].dropped) {
            left = new_mark_insert(doc, seq, left, &marks[i]);
        }
    }
}
