/* Does to documents of ours what types_diff.mjs does to documents of yjs, and tells what came of it.
 *
 * A frame is a u32 length (little-endian) and that many bytes. Request: a letter, then fields in lib0's encoding.
 * Answer: 0 and the result, or the negated return code alone. Ends with the input.
 *
 *   'N' doc client keep_deleted                        a new document in that slot
 *   'T' doc format count edit…                         one transaction; the update
 *   'A' doc format update                              the changes, as v1
 *   'S' doc format                                     the whole state
 *   'P' doc                                            its snapshot
 *   'W' doc format snapshot                            the state of the document at the snapshot
 *   'V' doc how path                                   a type as delta 'd', string 's', JSON 'j', XML 'x'
 *   'I' doc path                                       kind, inferred kind, length, its value by delta, iteration and
 * get 'R' doc                                            names of the roots, each a varstring
 *
 *   path    root name, kind it is declared as (255: not at all), number of steps, then each: 0 and a position, or
 *           1 and a key
 *   edit    letter, path, arguments
 *   attrs   0: none given; 1, number, then key and value each */
#include <stdio.h>
#include <stdlib.h>
#include "crdt/crdt.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "tests/support/bytes.h"

#define DOCS      16
#define ATTRS_MAX 16

static struct crdt_doc *docs[DOCS];

/* ---- fields ----------------------------------------------------------------------------------------- */

static struct crdt_doc *take_doc(struct lib0_dec *in)
{
    uint64_t at = lib0_dec_varuint(in);

    if (in->rc != RC_OK || at >= DOCS || !docs[at]) {
        lib0_dec_fail(in, RC_ARG);
        return NULL;
    }
    return docs[at];
}

static enum crdt_format take_format(struct lib0_dec *in)
{
    return lib0_dec_varuint(in) == 2 ? CRDT_V2 : CRDT_V1;
}

static struct span take_any(struct lib0_dec *in)
{
    const uint8_t *start = in->pos;

    lib0_any_skip(in);
    return span_of(start, in->rc == RC_OK ? (size_t)(in->pos - start) : 0);
}

/* NULL when none are given. */
static const struct crdt_attr *take_attrs(struct lib0_dec *in, struct crdt_attr *room, size_t *count)
{
    *count = 0;
    if (lib0_dec_u8(in) == 0) {
        return NULL;
    }
    uint64_t claimed = lib0_dec_varuint(in);
    for (uint64_t i = 0; i < claimed && i < ATTRS_MAX; i++) {
        room[i].key = lib0_dec_varstring(in);
        room[i].value = take_any(in);
        *count = i + 1;
    }
    return room;
}

/* ---- finding types ------------------------------------------------------------------------------------ */

static struct crdt_type child_at(const struct crdt_doc *doc, struct crdt_type type, uint64_t index)
{
    struct crdt_iter it;
    struct crdt_run run;

    crdt_iter_init(&it, doc, type);
    while (crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_TYPE && index == 0) {
            return run.type;
        }
        if (index < run.count) {
            break;
        }
        index -= run.count;
    }
    return (struct crdt_type){0};
}

static int take_path(struct lib0_dec *in, struct crdt_doc *doc, struct crdt_type *out)
{
    struct span root = lib0_dec_varstring(in);
    uint8_t kind = lib0_dec_u8(in);
    int rc = RC_OK;

    if (kind == 255) {
        *out = crdt_root(doc, root);
    } else {
        rc = crdt_root_declare(doc, root, (enum crdt_kind)kind, out);
    }
    for (uint64_t steps = lib0_dec_varuint(in); rc == RC_OK && steps > 0; steps--) {
        struct crdt_run run = {.type = {0}};
        if (lib0_dec_u8(in) == 0) {
            *out = child_at(doc, *out, lib0_dec_varuint(in));
        } else {
            struct span key = lib0_dec_varstring(in);
            *out = crdt_map_get(doc, *out, key, &run) ? run.type : (struct crdt_type){0};
        }
        rc = crdt_type_is_none(*out) ? RC_NOTFOUND : in->rc;
    }
    return rc;
}

/* ---- edits ----------------------------------------------------------------------------------------------- */

static int edit_text(char op, struct crdt_doc *doc, struct crdt_type type, struct lib0_dec *in)
{
    struct crdt_attr room[ATTRS_MAX];
    struct crdt_type made;
    size_t count;
    uint64_t index = lib0_dec_varuint(in);

    if (op == 't') {
        struct span text = lib0_dec_varstring(in);
        const struct crdt_attr *attrs = take_attrs(in, room, &count);
        return crdt_text_insert(doc, type, index, text, attrs, count);
    }
    if (op == 'e') {
        struct span value = take_any(in);
        const struct crdt_attr *attrs = take_attrs(in, room, &count);
        return crdt_text_insert_embed(doc, type, index, value, attrs, count);
    }
    if (op == 'y') {
        enum crdt_kind kind = (enum crdt_kind)lib0_dec_u8(in);
        return crdt_text_insert_type(doc, type, index, kind, lib0_dec_varstring(in), &made);
    }
    uint64_t length = lib0_dec_varuint(in);
    if (op == 'd') {
        return crdt_text_delete(doc, type, index, length);
    }
    const struct crdt_attr *attrs = take_attrs(in, room, &count);
    return crdt_text_format(doc, type, index, length, attrs, count);
}

static int edit_list(char op, struct crdt_doc *doc, struct crdt_type type, struct lib0_dec *in)
{
    struct crdt_type made;
    uint64_t index = lib0_dec_varuint(in);

    if (op == 'i') {
        return crdt_list_insert(doc, type, index, lib0_dec_varbytes(in));
    }
    if (op == 'b') {
        return crdt_list_insert_bytes(doc, type, index, lib0_dec_varbytes(in));
    }
    if (op == 'n') {
        enum crdt_kind kind = (enum crdt_kind)lib0_dec_u8(in);
        return crdt_list_insert_type(doc, type, index, kind, lib0_dec_varstring(in), &made);
    }
    if (op == 'o') {
        struct span guid = lib0_dec_varstring(in);
        return crdt_list_insert_doc(doc, type, index, guid, take_any(in));
    }
    return crdt_list_delete(doc, type, index, lib0_dec_varuint(in));
}

static int edit_map(char op, struct crdt_doc *doc, struct crdt_type type, struct lib0_dec *in)
{
    struct crdt_type made;
    struct span key = lib0_dec_varstring(in);

    if (op == 'S') {
        return crdt_map_set(doc, type, key, take_any(in));
    }
    if (op == 'B') {
        return crdt_map_set_bytes(doc, type, key, lib0_dec_varbytes(in));
    }
    if (op == 'N') {
        enum crdt_kind kind = (enum crdt_kind)lib0_dec_u8(in);
        return crdt_map_set_type(doc, type, key, kind, lib0_dec_varstring(in), &made);
    }
    if (op == 'O') {
        struct span guid = lib0_dec_varstring(in);
        return crdt_map_set_doc(doc, type, key, guid, take_any(in));
    }
    return crdt_map_delete(doc, type, key);
}

static int edit(struct crdt_doc *doc, struct lib0_dec *in)
{
    char op = (char)lib0_dec_u8(in);
    struct crdt_type type;
    int rc = take_path(in, doc, &type);

    if (rc != RC_OK) {
        return rc;
    }
    if (strchr("teydf", op)) {
        return edit_text(op, doc, type, in);
    }
    return strchr("ibnox", op) ? edit_list(op, doc, type, in) : edit_map(op, doc, type, in);
}

static int transact(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in);
    enum crdt_format format = take_format(in);
    uint64_t count = lib0_dec_varuint(in);
    int rc = doc ? crdt_txn_begin(doc) : RC_ARG;

    for (; rc == RC_OK && count > 0; count--) {
        rc = edit(doc, in);
        rc = rc == RC_OK ? in->rc : rc;
    }
    int end = doc ? crdt_txn_commit(doc, format, out) : RC_ARG;
    return rc == RC_OK ? end : rc;
}

/* ---- reading ---------------------------------------------------------------------------------------------- */

static int show(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in);
    uint8_t how = lib0_dec_u8(in);
    struct crdt_type type;
    int rc = doc ? take_path(in, doc, &type) : RC_ARG;

    if (rc != RC_OK) {
        return rc;
    }
    switch (how) {
    case 'd':
        return crdt_text_to_delta(doc, type, out);
    case 's':
        return crdt_text_to_string(doc, type, out);
    case 'x':
        return crdt_xml_to_string(doc, type, out);
    default:
        return crdt_type_to_json(doc, type, out);
    }
}

static uint64_t sum_runs(const struct crdt_doc *doc, struct crdt_type type)
{
    struct crdt_iter it;
    struct crdt_run run;
    uint64_t sum = 0;

    crdt_iter_init(&it, doc, type);
    while (crdt_iter_next(&it, &run)) {
        sum += run.count;
    }
    return sum;
}

/* Entries, each of which a look-up must find; UINT64_MAX when one does not. */
static uint64_t count_entries(const struct crdt_doc *doc, struct crdt_type type)
{
    struct crdt_map_iter it;
    struct crdt_run run, found;
    struct span key;
    uint64_t count = 0;

    crdt_map_iter_init(&it, doc, type);
    while (crdt_map_iter_next(&it, &key, &run)) {
        if (!crdt_map_get(doc, type, key, &found) || found.clock != run.clock || found.client != run.client) {
            return UINT64_MAX >> 12;
        }
        count++;
    }
    return count;
}

static int inspect(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in);
    struct crdt_type type;
    int rc = doc ? take_path(in, doc, &type) : RC_ARG;

    if (rc == RC_OK) {
        lib0_put_varuint(out, crdt_type_kind(doc, type));
        lib0_put_varuint(out, crdt_type_infer(doc, type));
        lib0_put_varuint(out, crdt_type_length(doc, type));
        lib0_put_varuint(out, sum_runs(doc, type));
        lib0_put_varuint(out, count_entries(doc, type));
        lib0_put_varstring(out, crdt_type_name(doc, type));
    }
    return rc;
}

static int list_roots(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in);

    if (!doc) {
        return RC_ARG;
    }
    for (struct crdt_type t = crdt_root_next(doc, (struct crdt_type){0}); !crdt_type_is_none(t);
         t = crdt_root_next(doc, t)) {
        lib0_put_varstring(out, crdt_type_name(doc, t));
    }
    return RC_OK;
}

/* ---- documents ------------------------------------------------------------------------------------------------ */

static int make_doc(struct lib0_dec *in)
{
    uint64_t at = lib0_dec_varuint(in);
    struct crdt_doc_options options = {.client = lib0_dec_varuint(in)};

    options.keep_deleted = lib0_dec_u8(in) != 0;
    if (in->rc != RC_OK || at >= DOCS) {
        return RC_ARG;
    }
    crdt_doc_destroy(docs[at]);
    docs[at] = NULL;
    return crdt_doc_create(&options, &docs[at]);
}

static int state_at(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in), *then = NULL;
    enum crdt_format format = take_format(in);
    int rc = doc ? crdt_doc_at(doc, lib0_dec_varbytes(in), &then) : RC_ARG;

    if (rc == RC_OK) {
        rc = crdt_encode_state(then, format, (struct span){0}, out);
    }
    if (rc == RC_OK && crdt_check(then)) {
        rc = RC_CORRUPT;
    }
    crdt_doc_destroy(then);
    return rc;
}

static int apply(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc = take_doc(in);
    enum crdt_format format = take_format(in);

    return doc ? crdt_apply(doc, format, lib0_dec_varbytes(in), out) : RC_ARG;
}

static int answer(struct lib0_dec *in, struct buf *out)
{
    struct crdt_doc *doc;

    switch (lib0_dec_u8(in)) {
    case 'N':
        return make_doc(in);
    case 'T':
        return transact(in, out);
    case 'A':
        return apply(in, out);
    case 'S':
        doc = take_doc(in);
        return doc ? crdt_encode_state(doc, take_format(in), (struct span){0}, out) : RC_ARG;
    case 'P':
        doc = take_doc(in);
        return doc ? crdt_encode_snapshot(doc, out) : RC_ARG;
    case 'W':
        return state_at(in, out);
    case 'V':
        return show(in, out);
    case 'I':
        return inspect(in, out);
    case 'R':
        return list_roots(in, out);
    default:
        return RC_ARG;
    }
}

/* Every answer is preceded by a look at all documents. */
static int check_all(int rc)
{
    for (int i = 0; i < DOCS; i++) {
        const char *broken = docs[i] ? crdt_check(docs[i]) : NULL;
        if (broken) {
            (void)fprintf(stderr, "document %d: %s\n", i, broken);
            return RC_CORRUPT;
        }
    }
    return rc;
}

static void put_frame(int rc, const struct buf *result)
{
    size_t len = 1 + (rc == RC_OK ? result->len : 0);
    uint8_t head[5] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24), (uint8_t)-rc};

    (void)fwrite(head, 1, sizeof(head), stdout);
    if (rc == RC_OK && result->len > 0) {
        (void)fwrite(result->data, 1, result->len, stdout);
    }
    (void)fflush(stdout);
}

int main(void)
{
    uint8_t head[4];

    while (fread(head, 1, sizeof(head), stdin) == sizeof(head)) {
        size_t len = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
        uint8_t *frame = malloc(len > 0 ? len : 1);
        struct buf result = {0};
        if (!frame || fread(frame, 1, len, stdin) != len) {
            return EXIT_FAILURE;
        }
        struct lib0_dec in = lib0_dec_of(span_of(frame, len));
        int rc = check_all(answer(&in, &result));
        put_frame(rc, &result);
        buf_finish(&result);
        free(frame);
    }
    for (int i = 0; i < DOCS; i++) {
        crdt_doc_destroy(docs[i]);
    }
    return EXIT_SUCCESS;
}
