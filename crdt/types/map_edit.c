#include "crdt/core/branch.h"
#include "crdt/core/integrate.h"
#include "crdt/core/seq.h"
#include "crdt/core/txn_delete.h"
#include "crdt/lib0/utf.h"
#include "crdt/types/edit.h"

/* Edits of maps and of attributes (yjs: typeMapSet, typeMapDelete). */

static int set_content(struct crdt_doc *doc, uint32_t branch, struct span key, const struct block *content,
                       uint32_t *item)
{
    struct reserve need = {.inserts = 1,
                           .lists = 1,
                           .keys = 1,
                           .types = content->ref == BLOCK_TYPE,
                           .bytes = content->content.len + key.len,
                           .overlapped = 1};
    int rc = utf8_valid(key) ? RC_OK : RC_ARG;

    if (rc == RC_OK) {
        rc = edit_keep(doc, &key);
    }
    if (rc == RC_OK) {
        uint32_t seq = branch_key_find(doc, branch, key);
        need.beneath = seq ? branch_beneath(doc, seq_last(doc, seq)) : 0;
        rc = edit_reserve(doc, &need, 1);
    }
    if (rc == RC_OK) {
        uint32_t seq = branch_key_make(doc, branch, key);
        *item = integrate_local(doc, seq, seq_last(doc, seq), content);
    }
    return rc;
}

int crdt_map_set(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span value)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, map, EDIT_MAP, &branch);

    if (rc == RC_OK) {
        rc = edit_value_content(doc, value, &content);
    }
    if (rc == RC_OK) {
        rc = set_content(doc, branch, key, &content, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_map_set_bytes(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span bytes)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, map, EDIT_MAP, &branch);

    if (rc == RC_OK) {
        rc = edit_bytes_content(doc, bytes, &content);
    }
    if (rc == RC_OK) {
        rc = set_content(doc, branch, key, &content, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_map_set_type(struct crdt_doc *doc, struct crdt_type map, struct span key, enum crdt_kind kind,
                      struct span name, struct crdt_type *out)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, map, EDIT_MAP, &branch);

    if (rc == RC_OK) {
        rc = edit_type_content(doc, kind, name, &content);
    }
    if (rc == RC_OK) {
        rc = set_content(doc, branch, key, &content, &item);
    }
    if (rc == RC_OK) {
        out->ref = item_at(doc, item)->off;
    }
    edit_done(doc);
    return rc;
}

int crdt_map_set_doc(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span guid, struct span options)
{
    uint32_t branch, item;
    struct block content;
    int rc = edit_check(doc, map, EDIT_MAP, &branch);

    if (rc == RC_OK) {
        rc = edit_doc_content(doc, guid, options, &content);
    }
    if (rc == RC_OK) {
        rc = set_content(doc, branch, key, &content, &item);
    }
    edit_done(doc);
    return rc;
}

int crdt_map_delete(struct crdt_doc *doc, struct crdt_type map, struct span key)
{
    uint32_t branch;
    int rc = edit_check(doc, map, EDIT_MAP, &branch);
    uint32_t seq = rc == RC_OK ? branch_key_find(doc, branch, key) : 0;
    uint32_t item = seq ? seq_last(doc, seq) : 0;

    if (item && !item_deleted(item_at(doc, item))) {
        rc = edit_reserve(doc, &(struct reserve){.overlapped = 1, .beneath = branch_beneath(doc, item)}, 0);
        if (rc == RC_OK) {
            txn_delete(doc, item);
        }
    }
    return rc;
}
