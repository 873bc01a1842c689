#include "crdt/core/branch.h"
#include "crdt/core/integrate.h"
#include "crdt/lib0/any.h"
#include "crdt/types/edit.h"
#include "crdt/types/type_view.h"

/* Edits of arrays and of the children of XML nodes (yjs: typeListInsertGenerics, typeListDelete). */

/* One item's worth of the values at *rest: bytes alone, anything else together with what follows (yjs:
 * packJsonContent). */
static struct block take_run(struct span *rest)
{
    struct block b = {.ref = BLOCK_ANY};
    const uint8_t *start = rest->data;

    while (rest->len > 0 && (rest->data[0] != LIB0_ANY_BYTES || b.len == 0)) {
        bool bytes = rest->data[0] == LIB0_ANY_BYTES;
        struct span value = value_take(rest);
        b.len++;
        if (bytes) {
            struct lib0_dec d = lib0_dec_of(span_of(value.data + 1, value.len - 1));
            b.ref = BLOCK_BINARY;
            b.content = lib0_dec_varbytes(&d);
            return b;
        }
    }
    b.content = span_of(start, (size_t)(rest->data - start));
    return b;
}

static void count_runs(struct span values, uint64_t *runs, uint64_t *clocks)
{
    *runs = *clocks = 0;
    while (values.len > 0) {
        *clocks += take_run(&values).len;
        (*runs)++;
    }
}

static int insert_values(struct crdt_doc *doc, uint32_t branch, uint64_t index, struct span values)
{
    uint32_t seq = doc->branches[branch].list;
    struct edit_place place;
    uint64_t runs, clocks;

    count_runs(values, &runs, &clocks);
    int rc = edit_find(doc, seq, index, false, &place);
    if (rc == RC_OK && runs > 0) {
        rc = edit_reserve(
            doc,
            &(struct reserve){
                .inserts = runs, .splits = 1, .lists = doc->branches[branch].list == 0, .bytes = values.len},
            clocks);
    }
    if (rc != RC_OK || runs == 0) {
        return rc;
    }
    seq = branch_list_make(doc, branch);
    uint32_t left = edit_part(doc, place);
    while (values.len > 0) {
        struct block b = take_run(&values);
        left = integrate_local(doc, seq, left, &b);
    }
    return RC_OK;
}

static int insert_content(struct crdt_doc *doc, uint32_t branch, uint64_t index, const struct block *content,
                          uint32_t *item)
{
    struct edit_place place;
    int rc = edit_find(doc, doc->branches[branch].list, index, false, &place);

    if (rc == RC_OK) {
        rc = edit_reserve(doc,
                          &(struct reserve){.inserts = 1,
                                            .splits = 1,
                                            .lists = doc->branches[branch].list == 0,
                                            .types = content->ref == BLOCK_TYPE,
                                            .bytes = content->content.len},
                          1);
    }
    if (rc == RC_OK) {
        uint32_t seq = branch_list_make(doc, branch);
        *item = integrate_local(doc, seq, edit_part(doc, place), content);
    }
    return rc;
}

int crdt_list_insert(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span values)
{
    uint32_t branch;
    struct span kept;
    int rc = edit_check(doc, list, EDIT_LIST, &branch);

    if (rc == RC_OK) {
        rc = edit_values(doc, values, 0, &kept);
    }
    if (rc == RC_OK) {
        rc = insert_values(doc, branch, index, kept);
    }
    edit_done(doc);
    return rc;
}

int crdt_list_insert_bytes(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span bytes)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, list, EDIT_LIST, &branch);

    if (rc == RC_OK) {
        rc = edit_bytes_content(doc, bytes, &content);
    }
    if (rc == RC_OK) {
        rc = insert_content(doc, branch, index, &content, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_list_insert_type(struct crdt_doc *doc, struct crdt_type list, uint64_t index, enum crdt_kind kind,
                          struct span name, struct crdt_type *out)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, list, EDIT_LIST, &branch);

    if (rc == RC_OK) {
        rc = edit_type_content(doc, kind, name, &content);
    }
    if (rc == RC_OK) {
        rc = insert_content(doc, branch, index, &content, &item);
    }
    if (rc == RC_OK) {
        out->ref = item_at(doc, item)->off;
    }
    edit_done(doc);
    return rc;
}

int crdt_list_insert_doc(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span guid,
                         struct span options)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, list, EDIT_LIST, &branch);

    if (rc == RC_OK) {
        rc = edit_doc_content(doc, guid, options, &content);
    }
    if (rc == RC_OK) {
        rc = insert_content(doc, branch, index, &content, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_list_delete(struct crdt_doc *doc, struct crdt_type list, uint64_t index, uint64_t length)
{
    uint32_t branch;
    int rc = edit_check(doc, list, EDIT_LIST, &branch);

    return rc == RC_OK ? edit_delete(doc, doc->branches[branch].list, index, length) : rc;
}
