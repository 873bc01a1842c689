#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/enc.h"
#include "crdt/wire/update_dec.h"
#include "tests/unit/lib0/lib0_check.h"

/* What an update says, one line: "5:0+2 ref4 <1:3 >2:4 ^'root' .'sub' 6162 | deletes 5:0+1". */

static void put_hex(struct buf *out, struct span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        buf_printf(out, "%02x", bytes.data[i]);
    }
}

static void put_place(struct buf *out, const struct block *b)
{
    if ((b->flags & BLOCK_HAS_ORIGIN) != 0) {
        buf_printf(out, " <%" PRIu64 ":%" PRIu64, b->origin.client, b->origin.clock);
    }
    if ((b->flags & BLOCK_HAS_RIGHT_ORIGIN) != 0) {
        buf_printf(out, " >%" PRIu64 ":%" PRIu64, b->right_origin.client, b->right_origin.clock);
    }
    if ((b->flags & BLOCK_PARENT_ID) != 0) {
        buf_printf(out, " ^%" PRIu64 ":%" PRIu64, b->parent.client, b->parent.clock);
    }
    if ((b->flags & BLOCK_PARENT_ROOT) != 0) {
        buf_printf(out, " ^'%.*s'", (int)b->parent_name.len, (const char *)b->parent_name.data);
    }
    if ((b->flags & BLOCK_HAS_PARENT_SUB) != 0) {
        buf_printf(out, " .'%.*s'", (int)b->parent_sub.len, (const char *)b->parent_sub.data);
    }
}

static void put_block(struct buf *out, const struct block *b)
{
    buf_printf(out, "%s%" PRIu64 ":%" PRIu64 "+%" PRIu64 " ref%d", out->len > 0 ? " | " : "", b->id.client, b->id.clock,
               b->len, b->ref);
    put_place(out, b);
    if (b->ref == BLOCK_TYPE) {
        buf_printf(out, " type%d", b->type);
    }
    if (b->content.len > 0) {
        buf_put_str(out, " ");
        put_hex(out, b->content);
    }
}

static int describe(enum crdt_format format, struct span update, struct buf *out)
{
    struct arena scratch;
    struct update_dec dec;
    struct idset deletes;
    struct block b;
    int rc;

    arena_init(&scratch, 0);
    idset_init(&deletes);
    rc = update_dec_init(&dec, format, update, &scratch);
    while (rc == RC_OK && (rc = update_dec_next(&dec, &b)) > 0) {
        put_block(out, &b);
        rc = RC_OK;
    }
    if (rc == RC_OK) {
        assert_true(update_dec_at_end(&dec));
        rc = update_dec_deletes(&dec, &deletes);
    } else {
        assert_int_equal(update_dec_next(&dec, &b), rc);
    }
    for (size_t i = 0; rc == RC_OK && i < deletes.count; i++) {
        const struct idset_range *r = &idset_ranges(&deletes)[i];

        buf_printf(out, "%sdeletes %" PRIu64 ":%" PRIu64 "+%" PRIu64, out->len > 0 ? " | " : "", r->client, r->clock,
                   r->len);
    }
    update_dec_finish(&dec);
    idset_finish(&deletes);
    arena_finish(&scratch);
    return rc;
}

struct dec_case {
    const char *what, *v1;
    int rc;
    const char *says; /* also what the v2 form of the same update says */
};

static const struct dec_case cases[] = {
    {"nothing", "00 00", RC_OK, ""},
    {"a keystroke", "0101 05 03 84 05 02 01 61 00", RC_OK, "5:3+1 ref4 <5:2 61"},
    {"both origins", "0101 05 03 c4 05 02 06 07 01 61 00", RC_OK, "5:3+1 ref4 <5:2 >6:7 61"},
    {"right origin only", "0101 05 03 44 06 07 01 61 00", RC_OK, "5:3+1 ref4 >6:7 61"},
    {"first in a root", "0101 05 00 04 01 01 74 01 61 00", RC_OK, "5:0+1 ref4 ^'t' 61"},
    {"first in a type", "0101 05 00 04 00 09 03 01 61 00", RC_OK, "5:0+1 ref4 ^9:3 61"},
    {"a map entry", "0101 05 00 28 01 01 6d 01 6b 01 7d01 00", RC_OK, "5:0+1 ref8 ^'m' .'k' 7d01"},
    {"a key beside an origin is not told", "0101 05 03 a8 05 02 01 7d01 00", RC_OK, "5:3+1 ref8 <5:2 7d01"},
    {"text counts UTF-16 units", "0101 05 03 84 05 02 06 61 f09f9880 62 00", RC_OK, "5:3+4 ref4 <5:2 61f09f988062"},
    {"GC, skip, deleted", "0103 05 00 00 02 0a 03 81 05 04 04 00", RC_OK, "5:0+2 ref0 | 5:2+3 ref10 | 5:5+4 ref1 <5:4"},
    {"JSON becomes values", "0101 05 03 82 05 02 03 03 312e30 09 756e646566696e6564 07 7b2261223a317d 00", RC_OK,
     "5:3+3 ref2 <5:2 7d017f760101617d01"},
    {"bytes", "0101 05 03 83 05 02 02 ff00 00", RC_OK, "5:3+1 ref3 <5:2 ff00"},
    {"an embed is JSON in v1", "0101 05 03 85 05 02 07 7b2261223a317d 00", RC_OK, "5:3+1 ref5 <5:2 760101617d01"},
    {"a format", "0101 05 03 86 05 02 01 62 04 74727565 00", RC_OK, "5:3+1 ref6 <5:2 016278"},
    {"a type", "0101 05 03 87 05 02 06 00", RC_OK, "5:3+1 ref7 <5:2 type6"},
    {"a type with a name", "0101 05 03 87 05 02 03 01 70 00", RC_OK, "5:3+1 ref7 <5:2 type3 70"},
    {"values", "0101 05 03 88 05 02 02 7d01 770161 00", RC_OK, "5:3+2 ref8 <5:2 7d01770161"},
    {"values take their normal form", "0101 05 03 88 05 02 01 7b3ff0000000000000 00", RC_OK, "5:3+1 ref8 <5:2 7d01"},
    {"a subdocument", "0101 05 03 89 05 02 01 67 7600 00", RC_OK, "5:3+1 ref9 <5:2 01677600"},
    {"its options as Doc keeps them",
     "0101 05 03 89 05 02 01 67 7605 046d657461 7d05 0a73686f756c644c6f6164 78 026763 7d00 086175746f4c6f6164 7701 61 "
     "0178 7e 00",
     RC_OK, "5:3+1 ref9 <5:2 0167760302676379086175746f4c6f616478046d6574617d05"},
    {"its options left out", "0101 05 03 89 05 02 01 67 7603 046d657461 7e 026763 7f 086175746f4c6f6164 7700 00", RC_OK,
     "5:3+1 ref9 <5:2 01677600"},
    {"several clients and deletes", "02 01 07 00 00 01 01 05 00 00 01 01 05 02 0001 0302", RC_OK,
     "7:0+1 ref0 | 5:0+1 ref0 | deletes 5:0+1 | deletes 5:3+2"},
    {"a group of nothing", "02 00 07 00 01 05 00 00 01 00", RC_OK, "5:0+1 ref0"},
    {"ends at 2^53 - 1", "0101 05 feffffffffffff0f 00 01 00", RC_OK, "5:9007199254740990+1 ref0"},
    {"ends beyond", "0101 05 feffffffffffff0f 00 02 00", RC_RANGE, NULL},
    {"length 0", "0101 05 03 00 00 00", RC_FORMAT, NULL},
    {"text of nothing", "0101 05 03 84 05 02 00 00", RC_FORMAT, NULL},
    {"no values", "0101 05 03 88 05 02 00 00", RC_FORMAT, NULL},
    {"no such content", "0101 05 03 8b 05 02 01 00", RC_FORMAT, NULL},
    {"a skip with flags", "0101 05 03 8a 05 02 01 00", RC_FORMAT, NULL},
    {"no such type", "0101 05 03 87 05 02 07 00", RC_FORMAT, NULL},
    {"text that is not UTF-8", "0101 05 03 84 05 02 01 ff 00", RC_FORMAT, NULL},
    {"JSON that is none", "0101 05 03 85 05 02 02 7b7b 00", RC_FORMAT, NULL},
    {"an embed is not undefined", "0101 05 03 85 05 02 09 756e646566696e6564 00", RC_FORMAT, NULL},
    {"options that are null", "0101 05 03 89 05 02 01 67 7e 00", RC_FORMAT, NULL},
    {"cut in a block", "0101 05 03 84 05 02 02 61", RC_FORMAT, NULL},
    {"no delete set", "0101 05 03 84 05 02 01 61", RC_FORMAT, NULL},
    {"empty", "", RC_FORMAT, NULL},
    {"claims many groups", "ffffffffffffff0f 01 05 00 00 01", RC_FORMAT, NULL},
    {"claims many blocks", "01 ffffffffffffff0f 05 00 00 01", RC_FORMAT, NULL},
    {"claims many values", "0101 05 03 88 05 02 ffffffffffffff0f 7d01 00", RC_FORMAT, NULL},
};

static void check_says(const char *what, enum crdt_format format, struct span update, const char *says)
{
    struct buf out = {0};

    check_rc(what, describe(format, update, &out), RC_OK);
    check_text(what, buf_span(&out), says);
    buf_finish(&out);
}

static void updates_say_the_same_in_both_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct dec_case *c = &cases[i];
        struct span v1 = bytes_from_hex(c->v1);
        struct buf v2 = {0}, said = {0};

        check_rc(c->what, crdt_update_convert(CRDT_V1, CRDT_V2, v1, &v2), c->rc);
        check_rc(c->what, describe(CRDT_V1, v1, &said), c->rc);
        if (c->rc == RC_OK) {
            struct span copy = bytes_copy(v2.data, v2.len);

            check_says(c->what, CRDT_V1, v1, c->says);
            check_says(c->what, CRDT_V2, copy, c->says);
            bytes_free(copy);
        }
        buf_finish(&said);
        buf_finish(&v2);
        bytes_free(v1);
    }
}

static void every_cut_update_is_refused(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span v1 = bytes_from_hex(cases[i].v1);
        struct buf v2 = {0};

        if (cases[i].rc == RC_OK) {
            assert_int_equal(crdt_update_convert(CRDT_V1, CRDT_V2, v1, &v2), RC_OK);
        }
        for (size_t len = 0; cases[i].rc == RC_OK && len < v1.len; len++, cuts++) {
            struct span cut = bytes_copy(v1.data, len);
            struct buf said = {0};

            assert_int_equal(describe(CRDT_V1, cut, &said), RC_FORMAT);
            buf_finish(&said);
            bytes_free(cut);
        }
        for (size_t len = 0; len < v2.len; len++, cuts++) {
            struct span cut = bytes_copy(v2.data, len);
            struct buf said = {0};

            assert_true(describe(CRDT_V2, cut, &said) < 0);
            buf_finish(&said);
            bytes_free(cut);
        }
        buf_finish(&v2);
        bytes_free(v1);
    }
    assert_in_range(cuts, 500, 10000);
}

struct v2_case {
    const char *what, *bytes;
    int rc;
    uint64_t blocks; /* given before the end or the error */
};

/* Columns: key clocks, clients, left clocks, right clocks, info, strings, parent info, types, lengths; then the rest.
 */
static const struct v2_case v2_cases[] = {
    {"a run of 2^53 - 1 GC blocks",
     "00 00 01 05 00 00 01 00 01 00 00 00 09 41fdffffffffffff0f 01 ffffffffffffff0f 00 00", RC_LIMIT, 0},
    {"many groups of as many as may be",
     "00 00 03 4580 08 00 00 01 00 01 00 00 00 09 41fdffffffffffff0f 02 808040 00 808040 00 00", RC_LIMIT,
     (uint64_t)1 << 20},
    {"5,000 GC blocks", "00 00 01 05 00 00 01 00 01 00 00 00 03 41f027 01 8827 00 00", RC_OK, 5000},
    {"no columns", "00", RC_FORMAT, 0},
    {"a column that is too long", "00 ff", RC_FORMAT, 0},
    {"strings that are not UTF-8", "00 00 00 00 00 00 02 01ff 00 00 00 00 00", RC_FORMAT, 0},
};

static uint64_t count_blocks(struct span update, bool trusted, int *rc)
{
    struct arena scratch;
    struct update_dec dec;
    struct block b;
    uint64_t blocks = 0;

    arena_init(&scratch, 0);
    *rc = update_dec_init(&dec, CRDT_V2, update, &scratch);
    if (*rc == RC_OK && trusted) {
        update_dec_trust(&dec);
    }
    while (*rc == RC_OK && blocks < 3000000 && (*rc = update_dec_next(&dec, &b)) > 0) {
        blocks++;
        *rc = RC_OK;
    }
    update_dec_finish(&dec);
    arena_finish(&scratch);
    return blocks;
}

static void runs_are_limited_before_they_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(v2_cases) / sizeof(v2_cases[0]); i++) {
        struct span bytes = bytes_from_hex(v2_cases[i].bytes);
        uint64_t blocks;
        int rc;

        blocks = count_blocks(bytes, false, &rc);
        check_rc(v2_cases[i].what, rc, v2_cases[i].rc);
        assert_int_equal(blocks, v2_cases[i].blocks);
        bytes_free(bytes);
    }
}

static void put_names(struct buf *out, uint64_t count, size_t name_len)
{
    struct buf text = {0}, column = {0};

    buf_put_str(&text, "t");
    for (size_t i = 0; i < name_len; i++) {
        buf_put_u8(&text, 'n');
    }
    for (uint64_t i = 1; i < count; i++) {
        buf_put_str(&text, "t");
    }
    lib0_put_varstring(&column, buf_span(&text));
    lib0_put_varint(&column, 1, false);
    lib0_put_varint(&column, name_len, false);
    lib0_put_varint(&column, 1, true); /* a run */
    lib0_put_varuint(&column, count - 3);
    lib0_put_varbytes(out, buf_span(&column));
    buf_finish(&text);
    buf_finish(&column);
}

/* A column that is one run of a value. */
static void put_run(struct buf *out, uint8_t coded, uint64_t count)
{
    struct buf column = {0};

    buf_put_u8(&column, coded);
    lib0_put_varuint(&column, count - 2);
    lib0_put_varbytes(out, buf_span(&column));
    buf_finish(&column);
}

/* XML elements in the root "t", `count` of them, whose names are all the first one's, by its number. */
static struct span elements_of_one_name(uint64_t count, size_t name_len)
{
    struct buf b = {0};
    struct span bytes;

    buf_put(&b, "\0", 1);           /* no flags */
    put_run(&b, 0x01, count);       /* key numbers: 0 */
    buf_put(&b, "\1\5\0\0\1\7", 6); /* client 5; no clocks; info */
    put_names(&b, count, name_len);
    buf_put(&b, "\1\1", 2); /* parents are roots */
    put_run(&b, 0x43, count);
    buf_put(&b, "\0\1", 2); /* no lengths; one group */
    lib0_put_varuint(&b, count);
    buf_put(&b, "\0\0", 2); /* clock; no deletes */
    bytes = bytes_copy(b.data, b.len);
    buf_finish(&b);
    return bytes;
}

static void keys_repeat_by_number_within_limits(void **state)
{
    struct span update = elements_of_one_name(200, 3);
    struct buf said = {0};
    uint64_t blocks;
    int rc;

    (void)state;
    assert_int_equal(describe(CRDT_V2, update, &said), RC_OK);
    buf_put_u8(&said, 0);
    assert_non_null(strstr((const char *)said.data, "5:199+1 ref7 ^'t' type3 6e6e6e"));
    buf_finish(&said);
    bytes_free(update);

    update = elements_of_one_name(10000, 1000);
    blocks = count_blocks(update, false, &rc);
    assert_int_equal(rc, RC_LIMIT);
    assert_in_range(blocks, 1000, 5000);
    bytes_free(update);
}

static void a_trusted_update_has_no_limit(void **state)
{
    struct span bytes = bytes_from_hex(v2_cases[0].bytes);
    int rc;

    (void)state;
    assert_int_equal(count_blocks(bytes, true, &rc), 3000000);
    assert_int_equal(rc, RC_OK);
    bytes_free(bytes);
}

static void plain_content_is_borrowed(void **state)
{
    struct span update = bytes_from_hex("0102 05 03 84 05 02 01 61 88 05 03 02 7d01 770161 00");
    struct arena scratch;
    struct update_dec dec;
    struct block b;

    (void)state;
    arena_init(&scratch, 1); /* nothing fits */
    assert_int_equal(update_dec_init(&dec, CRDT_V1, update, &scratch), RC_OK);
    while (update_dec_next(&dec, &b) > 0) {
        assert_true(b.content.data > update.data && b.content.data + b.content.len <= update.data + update.len);
    }
    assert_true(update_dec_at_end(&dec));
    update_dec_finish(&dec);
    arena_finish(&scratch);
    bytes_free(update);
}

static void a_full_arena_is_a_limit(void **state)
{
    struct span update = bytes_from_hex("0101 05 03 86 05 02 01 62 04 74727565 00");
    struct arena scratch;
    struct update_dec dec;
    struct block b;

    (void)state;
    arena_init(&scratch, 1);
    assert_int_equal(update_dec_init(&dec, CRDT_V1, update, &scratch), RC_OK);
    assert_int_equal(update_dec_next(&dec, &b), RC_LIMIT);
    update_dec_finish(&dec);
    arena_finish(&scratch);
    bytes_free(update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_say_the_same_in_both_formats),
        cmocka_unit_test(every_cut_update_is_refused),
        cmocka_unit_test(runs_are_limited_before_they_are_read),
        cmocka_unit_test(a_trusted_update_has_no_limit),
        cmocka_unit_test(keys_repeat_by_number_within_limits),
        cmocka_unit_test(plain_content_is_borrowed),
        cmocka_unit_test(a_full_arena_is_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
