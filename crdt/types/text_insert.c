#include "crdt/core/branch.h"
#include "crdt/core/content.h"
#include "crdt/core/integrate.h"
#include "crdt/core/seq_position.h"
#include "crdt/core/stroke.h"
#include "crdt/lib0/utf.h"
#include "crdt/types/edit.h"
#include "crdt/types/text_marks.h"

/* Inserting into texts (yjs: YText.js, insertText).
 *
 * Everything is worked out by reading, then room is reserved, then the text changes. yjs starts at a search marker when
 * a text has never had formats; that leads to the same places.
 *
 *     insert "x" with {b: true} where {i: true} is in force:
 *
 *         … | b:true  i:null | "x" | b:null  i:true | …
 *             marks that start       marks that end, unless what follows says the same */

struct insertion {
    uint32_t branch, seq;
    struct edit_place place;
    struct new_mark *start, *end; /* `count` of each */
    size_t count;
};

/* To the end of what stands before `item` (0: to the end of the text). */
static void move_before(const struct crdt_doc *doc, struct insertion *in, uint32_t item)
{
    uint32_t left = seq_before(doc, in->seq, item);

    in->place = (struct edit_place){left, left ? item_at(doc, left)->len : 0};
}

/* Text that takes over the formatting goes behind what is deleted and behind marks that change nothing. */
static void skip_idle(struct crdt_doc *doc, struct insertion *in)
{
    uint32_t left = in->place.item, item = left;

    if (edit_cuts(doc, in->place)) {
        return;
    }
    while ((item = seq_next_alive(doc, in->seq, item)) != 0 && item_is_mark(item_at(doc, item))) {
        struct span key, value;
        format_read(doc, item, &key, &value);
        if (!attr_equal(mark_before(doc, left, key), value)) {
            break;
        }
    }
    move_before(doc, in, item);
}

/* yjs: minimizeAttributeChanges. `now` moves along. */
static int skip_wanted(struct crdt_doc *doc, struct insertion *in, const struct attr_map *want, struct attr_map *now)
{
    uint32_t item = in->place.item;
    int rc = RC_OK;

    if (edit_cuts(doc, in->place)) {
        return RC_OK;
    }
    while (rc == RC_OK && (item = seq_next_alive(doc, in->seq, item)) != 0 && item_is_mark(item_at(doc, item))) {
        struct span key, value;
        format_read(doc, item, &key, &value);
        const struct span *wanted = attr_map_get(want, key);
        if (!attr_equal(wanted ? *wanted : attr_null(), value)) {
            break;
        }
        rc = attr_map_mark(now, key, value);
    }
    move_before(doc, in, item);
    return rc;
}

/* What is in force and not asked for ends here. */
static int want_nulls(const struct attr_map *now, struct attr_map *want)
{
    int rc = RC_OK;

    for (uint32_t i = 0; rc == RC_OK && i < now->count; i++) {
        if (now->entries[i].live && !attr_map_get(want, now->entries[i].key)) {
            rc = attr_map_set(want, now->entries[i].key, attr_null());
        }
    }
    return rc;
}

/* yjs: insertAttributes. */
static int plan_marks(struct crdt_doc *doc, struct insertion *in, const struct attr_map *want,
                      const struct attr_map *now)
{
    struct crdt_attr *list = arena_alloc(&doc->scratch, want->live * sizeof(*list));
    int rc = RC_OK;

    in->start = arena_alloc(&doc->scratch, want->live * sizeof(*in->start));
    in->end = arena_alloc(&doc->scratch, want->live * sizeof(*in->end));
    if (!list || !in->start || !in->end) {
        return RC_NOMEM;
    }
    uint32_t count = attr_map_list(want, list);
    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        const struct span *current = attr_map_get(now, list[i].key);
        struct span before = current ? *current : attr_null();
        if (attr_equal(before, list[i].value)) {
            continue;
        }
        rc = new_mark_make(doc, list[i].key, list[i].value, &in->start[in->count]);
        if (rc == RC_OK) {
            rc = new_mark_make(doc, list[i].key, before, &in->end[in->count]);
        }
        in->count++;
    }
    return rc;
}

static int plan_formatting(struct crdt_doc *doc, struct insertion *in, const struct crdt_attr *attrs, size_t count)
{
    struct attr_map now = {.seed = doc->hash_seed}, want = {.seed = doc->hash_seed};
    int rc = marks_before(doc, in->seq, in->place.item, &now);

    if (rc == RC_OK) {
        rc = edit_attrs(doc, attrs, count, &want);
    }
    if (rc == RC_OK) {
        rc = want_nulls(&now, &want);
    }
    if (rc == RC_OK) {
        rc = skip_wanted(doc, in, &want, &now);
    }
    if (rc == RC_OK && want.live > 0) {
        rc = plan_marks(doc, in, &want, &now);
    }
    attr_map_finish(&now);
    attr_map_finish(&want);
    return rc;
}

/* `attrs` NULL: the formatting at the place. */
static int plan_insertion(struct crdt_doc *doc, struct insertion *in, uint64_t index, const struct crdt_attr *attrs,
                          size_t count)
{
    bool plain = doc->seqs[in->seq].formats == 0 && count == 0;
    int rc = edit_find(doc, in->seq, index, plain, &in->place);

    if (rc == RC_OK && !plain) {
        rc = seq_make_sums(doc, in->seq);
    }
    if (rc != RC_OK || plain) {
        return rc;
    }
    if (attrs) {
        return plan_formatting(doc, in, attrs, count);
    }
    skip_idle(doc, in);
    return RC_OK;
}

static uint32_t insert_content(struct crdt_doc *doc, struct insertion *in, const struct block *content)
{
    uint32_t seq = branch_list_make(doc, in->branch), left = edit_part(doc, in->place);

    for (size_t i = 0; i < in->count; i++) {
        left = new_mark_insert(doc, seq, left, &in->start[i]);
    }
    uint32_t item = integrate_local(doc, seq, left, content);
    if (in->count > 0) {
        new_marks_end(doc, seq, item, in->end, in->count);
    }
    return item;
}

/* A little text without marks, in a list that is there, by an author who is. */
static bool is_keystroke(const struct crdt_doc *doc, const struct insertion *in, const struct block *content)
{
    uint32_t state = doc->clients[doc->own].state;

    return content->ref == BLOCK_STRING && content->content.len <= DOC_KEYSTROKE_BYTES && in->count == 0 &&
           in->seq != 0 && state > 0 && content->len <= UINT32_MAX - state;
}

static int reserve_insertion(struct crdt_doc *doc, const struct insertion *in, const struct block *content)
{
    if (is_keystroke(doc, in, content) && doc_spend_keystroke(doc)) {
        return RC_OK;
    }
    struct reserve need = {.inserts = 1 + 2 * in->count,
                           .splits = 1,
                           .lists = in->seq == 0,
                           .types = content->ref == BLOCK_TYPE,
                           .bytes = content->content.len + new_marks_bytes(in->start, in->count) +
                                    new_marks_bytes(in->end, in->count)};
    return edit_reserve(doc, &need, content->len + 2 * in->count);
}

static int insert(struct crdt_doc *doc, uint32_t branch, uint64_t index, const struct block *content,
                  const struct crdt_attr *attrs, size_t count, uint32_t *item)
{
    struct insertion in = {.branch = branch, .seq = doc->branches[branch].list};
    int rc = plan_insertion(doc, &in, index, attrs, count);

    if (rc == RC_OK) {
        rc = reserve_insertion(doc, &in, content);
    }
    if (rc == RC_OK) {
        *item = insert_content(doc, &in, content);
    }
    return rc;
}

/* For yjs, no attributes is none at all, except where it inserts text. */
static const struct crdt_attr *none_if_null(const struct crdt_attr *attrs)
{
    static const struct crdt_attr none = {{NULL, 0}, {NULL, 0}};

    return attrs ? attrs : &none;
}

/* Text behind what was typed last. */
static bool type_on(struct crdt_doc *doc, uint32_t branch, uint64_t index, struct span utf8, size_t units)
{
    return stroke_is_in(doc, branch) && doc->stroke.end == index && doc->stroke.grows && units <= UINT32_MAX &&
           stroke_append(doc, utf8, (uint32_t)units);
}

/* The same for one ASCII letter, which is what is typed most, before anything else is looked at. */
static bool type_letter(struct crdt_doc *doc, uint32_t branch, uint64_t index, uint8_t letter)
{
    return letter < 0x80 && doc->txn.active && stroke_is_in(doc, branch) && doc->stroke.end == index &&
           doc->stroke.grows && stroke_letter(doc, letter);
}

static int insert_text(struct crdt_doc *doc, uint32_t branch, uint64_t index, struct span utf8, size_t units,
                       const struct crdt_attr *attrs, size_t count)
{
    struct block content = {.ref = BLOCK_STRING, .len = units, .content = utf8};
    uint32_t item;

    content_seen(doc, &content);
    if (!attrs && type_on(doc, branch, index, utf8, units)) {
        return RC_OK;
    }
    int rc = insert(doc, branch, index, &content, attrs, count, &item);
    if (rc == RC_OK) {
        edit_typed(doc, item, index + content.len);
    }
    return rc;
}

/* Not inlined: letters that are typed on should not pay for what it needs. */
__attribute__((noinline)) static int insert_anywhere(struct crdt_doc *doc, struct crdt_type text, uint64_t index,
                                                     struct span utf8, const struct crdt_attr *attrs, size_t count)
{
    uint32_t branch;
    size_t units;
    int rc = edit_check(doc, text, EDIT_TEXT, &branch);

    if (rc == RC_OK && !utf8_measure(utf8, &units)) {
        rc = RC_ARG;
    }
    if (rc == RC_OK) {
        rc = edit_keep(doc, &utf8);
    }
    if (rc == RC_OK && units == 0) {
        return index > doc->seqs[doc->branches[branch].list].length ? RC_RANGE : RC_OK;
    }
    if (rc == RC_OK) {
        rc = insert_text(doc, branch, index, utf8, units, attrs, count);
    }
    edit_done(doc);
    return rc;
}

/* Not inlined, so that a letter finds registers free. */
__attribute__((noinline)) int crdt_text_insert(struct crdt_doc *doc, struct crdt_type text, uint64_t index,
                                               struct span utf8, const struct crdt_attr *attrs, size_t attr_count)
{
    if (!attrs && utf8.len == 1 && type_letter(doc, text.ref, index, utf8.data[0])) {
        return RC_OK;
    }
    return insert_anywhere(doc, text, index, utf8, attrs, attrs ? attr_count : 0);
}

int crdt_text_insert_embed(struct crdt_doc *doc, struct crdt_type text, uint64_t index, struct span value,
                           const struct crdt_attr *attrs, size_t attr_count)
{
    uint32_t branch, item;
    struct block content = {.ref = BLOCK_EMBED, .len = 1};
    int rc = edit_check(doc, text, EDIT_TEXT, &branch);

    if (rc == RC_OK) {
        rc = edit_values(doc, value, 1, &content.content);
    }
    if (rc == RC_OK) {
        rc = insert(doc, branch, index, &content, none_if_null(attrs), attrs ? attr_count : 0, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_text_insert_type(struct crdt_doc *doc, struct crdt_type text, uint64_t index, enum crdt_kind kind,
                          struct span name, struct crdt_type *out)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, text, EDIT_TEXT, &branch);

    if (rc == RC_OK) {
        rc = edit_type_content(doc, kind, name, &content);
    }
    if (rc == RC_OK) {
        rc = insert(doc, branch, index, &content, none_if_null(NULL), 0, &item);
    }
    if (rc == RC_OK) {
        out->ref = item_at(doc, item)->off;
    }
    edit_done(doc);
    return rc;
}
