#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/update_enc.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

static const struct id left = {5, 2}, right = {6, 700};

struct enc_case {
    const char *what;
    struct block block; /* of client 5 at clock 3 */
    const char *content;
    uint64_t offset;
    const char *v1; /* the block's bytes */
};

#define ITEM(content_ref, length) .ref = (content_ref), .len = (length), .flags = BLOCK_HAS_ORIGIN, .origin = {5, 2}

static const struct enc_case cases[] = {
    {"GC", {.ref = BLOCK_GC, .len = 300}, "", 0, "00 ac02"},
    {"GC from its middle", {.ref = BLOCK_GC, .len = 30}, "", 29, "00 01"},
    {"skip", {.ref = BLOCK_SKIP, .len = 4}, "", 1, "0a 03"},
    {"deleted", {ITEM(BLOCK_DELETED, 4)}, "", 0, "81 0502 04"},
    {"deleted from its middle", {ITEM(BLOCK_DELETED, 4)}, "", 3, "81 0505 01"},
    {"text", {ITEM(BLOCK_STRING, 2)}, "6162", 0, "84 0502 02 6162"},
    {"text from its middle", {ITEM(BLOCK_STRING, 3)}, "616263", 1, "84 0503 02 6263"},
    {"text from the middle of a pair", {ITEM(BLOCK_STRING, 3)}, "f09f9880 63", 1, "84 0503 04 efbfbd 63"},
    {"text with both origins",
     {.ref = BLOCK_STRING,
      .len = 1,
      .flags = BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN,
      .origin = {5, 2},
      .right_origin = {6, 700}},
     "61",
     0,
     "c4 0502 06bc05 01 61"},
    {"text in a root",
     {.ref = BLOCK_STRING, .len = 1, .flags = BLOCK_PARENT_ROOT, .parent_name = {(const uint8_t *)"t", 1}},
     "61",
     0,
     "04 01 0174 01 61"},
    {"an entry of a type",
     {.ref = BLOCK_ANY,
      .len = 1,
      .flags = BLOCK_PARENT_ID | BLOCK_HAS_PARENT_SUB,
      .parent = {9, 3},
      .parent_sub = {(const uint8_t *)"k", 1}},
     "7e",
     0,
     "28 00 0903 016b 01 7e"},
    {"values from their middle", {ITEM(BLOCK_ANY, 3)}, "7d01 770161 7e", 1, "88 0503 02 770161 7e"},
    {"JSON",
     {ITEM(BLOCK_JSON, 3)},
     "7d01 7f 760101617e",
     0,
     "82 0502 03 0131 09 756e646566696e6564 0a 7b2261223a6e756c6c7d"},
    {"bytes", {ITEM(BLOCK_BINARY, 1)}, "ff00", 0, "83 0502 02 ff00"},
    {"an embed", {ITEM(BLOCK_EMBED, 1)}, "760101617d01", 0, "85 0502 07 7b2261223a317d"},
    {"an embed that JSON cannot tell: undefined", {ITEM(BLOCK_EMBED, 1)}, "7f", 0, "85 0502 04 6e756c6c"},
    {"an embed that JSON cannot tell: a bigint",
     {ITEM(BLOCK_EMBED, 1)},
     "7a 0000000000000007",
     0,
     "85 0502 0f 7b2224626967696e74223a2237227d"},
    {"a format", {ITEM(BLOCK_FORMAT, 1)}, "0162 78", 0, "86 0502 0162 0474727565"},
    {"a type", {ITEM(BLOCK_TYPE, 1), .type = 6}, "", 0, "87 0502 06"},
    {"a type with a name", {ITEM(BLOCK_TYPE, 1), .type = 3}, "70", 0, "87 0502 03 0170"},
    {"a subdocument", {ITEM(BLOCK_DOC, 1)}, "0167 7600", 0, "89 0502 0167 7600"},
};

static int encode(enum crdt_format format, const struct block *b, uint64_t offset, struct buf *out)
{
    struct update_enc enc;
    struct idset none;

    idset_init(&none);
    update_enc_init(&enc, format, out);
    update_enc_clients(&enc, 1);
    update_enc_begin_client(&enc, 1, 5, 3 + offset);
    update_enc_block(&enc, b, offset);
    update_enc_deletes(&enc, &none);
    return update_enc_finish(&enc);
}

static void blocks_are_written_as_yjs_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct enc_case *c = &cases[i];
        struct span content = bytes_from_hex(c->content);
        struct block b = c->block;
        struct buf v1 = {0}, v2 = {0}, back = {0}, expected = {0};

        b.id = (struct id){5, 3};
        b.content = content;
        buf_printf(&expected, "01 01 05 %02x %s 00%c", (unsigned)(3 + c->offset), c->v1, '\0');
        assert_int_equal(encode(CRDT_V1, &b, c->offset, &v1), RC_OK);
        check_hex(c->what, buf_span(&v1), (const char *)expected.data);
        assert_int_equal(encode(CRDT_V2, &b, c->offset, &v2), RC_OK);
        assert_int_equal(crdt_update_convert(CRDT_V2, CRDT_V1, buf_span(&v2), &back), RC_OK);
        check_hex(c->what, buf_span(&back), (const char *)expected.data);
        buf_finish(&v1);
        buf_finish(&v2);
        buf_finish(&back);
        buf_finish(&expected);
        bytes_free(content);
    }
}

static void the_short_ways_write_the_same(void **state)
{
    static const unsigned flags[] = {BLOCK_HAS_ORIGIN, BLOCK_HAS_RIGHT_ORIGIN,
                                     BLOCK_HAS_ORIGIN | BLOCK_HAS_RIGHT_ORIGIN,
                                     BLOCK_HAS_ORIGIN | BLOCK_HAS_PARENT_SUB};
    const enum crdt_format formats[] = {CRDT_V1, CRDT_V2};

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        struct block text = {.id = {5, 3}, .len = 2, .ref = BLOCK_STRING, .flags = (uint8_t)flags[i / 2]};
        struct block deleted = {.id = {5, 5}, .len = 9, .ref = BLOCK_DELETED, .flags = (uint8_t)flags[i / 2]};
        struct buf one = {0}, other = {0};
        struct update_enc enc;

        text.origin = deleted.origin = left;
        text.right_origin = deleted.right_origin = right;
        text.content = span_str("ab");
        update_enc_init(&enc, formats[i % 2], &one);
        update_enc_block(&enc, &text, 0);
        update_enc_block(&enc, &deleted, 0);
        assert_int_equal(update_enc_finish(&enc), RC_OK);
        update_enc_init(&enc, formats[i % 2], &other);
        update_enc_string(&enc, flags[i / 2], &left, &right, text.content, 2);
        update_enc_deleted(&enc, flags[i / 2], &left, &right, 9);
        assert_int_equal(update_enc_finish(&enc), RC_OK);
        assert_true(span_equal(buf_span(&one), buf_span(&other)));
        buf_finish(&one);
        buf_finish(&other);
    }
}

static void a_failure_leaves_the_output_as_it_was(void **state)
{
    struct block b = {.id = {5, 3}, .len = 1, .ref = BLOCK_FORMAT, .flags = BLOCK_HAS_ORIGIN, .origin = {5, 2}};
    static const uint8_t content[] = {1, 'b', 120};
    unsigned failed = 0;

    (void)state;
    b.content = span_of(content, sizeof(content));
    for (int format = CRDT_V1; format <= CRDT_V2; format++) {
        int rc;
        unsigned n = 0;

        do {
            struct buf out = {0};

            alloc_fault_at(0);
            buf_put_str(&out, "kept");
            alloc_fault_at(++n);
            rc = encode((enum crdt_format)format, &b, 0, &out);
            alloc_fault_at(0);
            assert_true(rc == RC_OK || rc == RC_NOMEM);
            assert_true(rc == RC_OK ? out.len > 4 : out.len == 4);
            failed += rc == RC_NOMEM;
            buf_finish(&out);
        } while (rc != RC_OK);
    }
    assert_in_range(failed, 7, 50);
}

static void giving_up_leaves_the_output_as_it_was(void **state)
{
    struct buf out = {0};
    struct update_enc enc;

    (void)state;
    buf_put_str(&out, "kept");
    for (int format = CRDT_V1; format <= CRDT_V2; format++) {
        update_enc_init(&enc, (enum crdt_format)format, &out);
        update_enc_clients(&enc, 1);
        update_enc_begin_client(&enc, 1, 5, 3);
        update_enc_gc(&enc, 3);
        update_enc_skip(&enc, 3);
        update_enc_discard(&enc);
        assert_int_equal(out.len, 4);
    }
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_written_as_yjs_does),
        cmocka_unit_test(the_short_ways_write_the_same),
        cmocka_unit_test(a_failure_leaves_the_output_as_it_was),
        cmocka_unit_test(giving_up_leaves_the_output_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
