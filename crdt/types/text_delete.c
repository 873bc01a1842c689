#include <stdlib.h>
#include "crdt/core/branch.h"
#include "crdt/core/seq_position.h"
#include "crdt/core/stroke.h"
#include "crdt/core/txn_delete.h"
#include "crdt/core/txn_split.h"
#include "crdt/types/edit.h"
#include "crdt/types/text_marks.h"

/* Deleting from texts (yjs: YText.js, deleteText): as everywhere, first read, then reserve, then change. */

/* What one deletion does, found by walking over it first. */
struct removal {
    uint32_t seq;
    struct edit_place place;
    uint64_t items;   /* items to delete, marks included … */
    uint64_t beneath; /* … and what stands below them */
    uint32_t *marks;  /* marks between the text on both sides of what is deleted */
    size_t count, cap;
};

static bool is_text_content(const struct item *it)
{
    uint32_t kind = item_kind(it);

    return kind == BLOCK_STRING || kind == BLOCK_EMBED || kind == BLOCK_TYPE;
}

static int note_mark(struct removal *r, uint32_t item)
{
    if (r->count == r->cap) {
        size_t cap = r->cap ? r->cap * 2 : 16;
        uint32_t *marks = realloc(r->marks, cap * sizeof(*marks));
        if (!marks) {
            return RC_NOMEM;
        }
        r->marks = marks;
        r->cap = cap;
    }
    r->marks[r->count++] = item;
    return RC_OK;
}

/* Walks over the range and on to the next visible item, collecting the marks in the gap that will be. */
static int survey(struct crdt_doc *doc, struct removal *r, uint64_t length)
{
    bool cuts = edit_cuts(doc, r->place), gap = true;
    uint32_t item = cuts ? r->place.item : seq_next_alive(doc, r->seq, r->place.item);
    uint32_t before = cuts ? r->place.units : 0;
    int rc = RC_OK;

    for (; rc == RC_OK && item; item = seq_next_alive(doc, r->seq, item), before = 0) {
        const struct item *it = item_at(doc, item);
        uint32_t units = item_visible(it) - (item_visible(it) ? before : 0);
        if (item_is_mark(it) && gap) {
            rc = note_mark(r, item);
        } else if (units > 0 && !(length > 0 && is_text_content(it))) {
            gap = false; /* it stays: the gap ends */
        } else if (units > 0) {
            gap = gap && units <= length;
            length -= units < length ? units : length;
            r->items++;
            r->beneath += branch_beneath(doc, item);
        }
        if (!gap && length == 0) {
            break;
        }
    }
    return rc;
}

/* yjs: cleanupFormattingGap. Keeps in r->marks those that go: all but the last of a key, and those that repeat what is
 * in force before the gap. */
static int choose_marks(struct crdt_doc *doc, struct removal *r)
{
    struct attr_map last = {.seed = doc->hash_seed};
    struct span key, value;
    size_t kept = 0;
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < r->count; i++) {
        format_read(doc, r->marks[i], &key, &value);
        rc = attr_map_set(&last, key, value);
    }
    for (size_t i = 0; rc == RC_OK && i < r->count; i++) {
        format_read(doc, r->marks[i], &key, &value);
        const struct span *final = attr_map_get(&last, key);
        /* A value's place in the pool tells the marks apart. */
        if (final->data != value.data || attr_equal(mark_before(doc, r->place.item, key), value)) {
            r->marks[kept++] = r->marks[i];
        }
    }
    r->count = kept;
    attr_map_finish(&last);
    return rc;
}

static void remove_content(struct crdt_doc *doc, struct removal *r, uint64_t length)
{
    uint32_t item = edit_cut(doc, r->place);

    while (length > 0 && (item = seq_next_alive(doc, r->seq, item)) != 0) {
        const struct item *it = item_at(doc, item);
        if (!item_visible(it) || !is_text_content(it)) {
            continue;
        }
        if (it->len > length) {
            txn_split(doc, item, (uint32_t)length);
        }
        length -= item_at(doc, item)->len;
        txn_delete(doc, item);
    }
    for (size_t i = 0; i < r->count; i++) {
        txn_delete(doc, r->marks[i]);
    }
}

static int remove_formatted(struct crdt_doc *doc, uint32_t seq, uint64_t index, uint64_t length)
{
    struct removal r = {.seq = seq};
    int rc = edit_find(doc, seq, index, false, &r.place);

    if (rc == RC_OK) {
        rc = seq_make_sums(doc, seq);
    }
    if (rc == RC_OK) {
        rc = survey(doc, &r, length);
    }
    if (rc == RC_OK) {
        rc = choose_marks(doc, &r);
    }
    if (rc == RC_OK) {
        rc =
            edit_reserve(doc, &(struct reserve){.splits = 2, .overlapped = r.items + r.count, .beneath = r.beneath}, 0);
    }
    if (rc == RC_OK) {
        remove_content(doc, &r, length);
    }
    free(r.marks);
    return rc;
}

/* Letters taken away one after another need no place to be looked for. */
static bool erases_on(const struct crdt_doc *doc)
{
    return doc->txn.active && doc->stroke.plain;
}

/* Not inlined: letters that are taken away one by one should not pay for what it needs. */
__attribute__((noinline)) static int delete_anywhere(struct crdt_doc *doc, struct crdt_type text, uint64_t index,
                                                     uint64_t length)
{
    uint32_t branch;

    if (erases_on(doc) && stroke_erase_units(doc, text.ref, index, length)) {
        return RC_OK;
    }
    int rc = edit_check(doc, text, EDIT_TEXT, &branch);
    if (rc != RC_OK) {
        return rc;
    }
    uint32_t seq = doc->branches[branch].list;
    const struct seq *s = &doc->seqs[seq];
    if (s->formats == 0) {
        return edit_delete(doc, seq, index, length);
    }
    if (index > s->length || length > s->length - index) {
        return RC_RANGE;
    }
    return length > 0 ? remove_formatted(doc, seq, index, length) : RC_OK;
}

int crdt_text_delete(struct crdt_doc *doc, struct crdt_type text, uint64_t index, uint64_t length)
{
    if (erases_on(doc) && stroke_erase_letters(doc, text.ref, index, length)) {
        return RC_OK;
    }
    return delete_anywhere(doc, text, index, length);
}
