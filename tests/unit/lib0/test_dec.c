#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>
#include "crdt/lib0/dec.h"
#include "tests/unit/lib0/lib0_check.h"

/* Bytes written by lib0's encoding.js, unless said otherwise. */

struct number_case {
    const char *what, *hex;
    int rc;
    int64_t value;
    bool negative;
    size_t left; /* bytes not read */
};

static const struct number_case varuints[] = {
    {"0", "00", RC_OK, 0, false, 0},
    {"127", "7f", RC_OK, 127, false, 0},
    {"128", "8001", RC_OK, 128, false, 0},
    {"300, then more", "ac02ff", RC_OK, 300, false, 1},
    {"2^32", "8080808010", RC_OK, INT64_C(4294967296), false, 0},
    {"2^53 - 1", "ffffffffffffff0f", RC_OK, (int64_t)LIB0_MAX_SAFE, false, 0},
    {"over-long 1", "8180808000", RC_OK, 1, false, 0},
    {"over-long 0 of 20 bytes", "8080808080808080808080808080808080808000", RC_OK, 0, false, 0},
    {"2^53: differs from lib0, which lets the last byte round", "8080808080808010", RC_RANGE, 0, false, 0},
    {"2^63", "80808080808080808001", RC_RANGE, 0, false, 0},
    {"2^64", "80808080808080808002", RC_RANGE, 0, false, 0},
    {"a bit far beyond", "8080808080808080808080808001", RC_RANGE, 0, false, 0},
    {"nothing", "", RC_FORMAT, 0, false, 0},
    {"cut off", "80", RC_FORMAT, 0, false, 0},
    {"cut off late", "ffffffffffff", RC_FORMAT, 0, false, 0},
};

static const struct number_case varints[] = {
    {"0", "00", RC_OK, 0, false, 0},
    {"-0", "40", RC_OK, 0, true, 0},
    {"63", "3f", RC_OK, 63, false, 0},
    {"-63", "7f", RC_OK, -63, true, 0},
    {"64", "8001", RC_OK, 64, false, 0},
    {"-64", "c001", RC_OK, -64, true, 0},
    {"-65, then more", "c10100", RC_OK, -65, true, 1},
    {"2^53 - 1", "bfffffffffffff1f", RC_OK, (int64_t)LIB0_MAX_SAFE, false, 0},
    {"1 - 2^53", "ffffffffffffff1f", RC_OK, -(int64_t)LIB0_MAX_SAFE, true, 0},
    {"over-long -1", "c18000", RC_OK, -1, true, 0},
    {"2^53", "8080808080808020", RC_RANGE, 0, false, 0},
    {"2^62", "80808080808080808001", RC_RANGE, 0, false, 0},
    {"a bit far beyond", "c08080808080808080808001", RC_RANGE, 0, false, 0},
    {"nothing: differs from lib0, which reads 0", "", RC_FORMAT, 0, false, 0},
    {"cut off", "c1", RC_FORMAT, 0, false, 0},
};

static void varuint_reads_what_lib0_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(varuints) / sizeof(varuints[0]); i++) {
        const struct number_case *c = &varuints[i];
        struct span input = bytes_from_hex(c->hex);
        struct lib0_dec d = lib0_dec_of(input);

        assert_int_equal(lib0_dec_varuint(&d), c->value);
        check_rc(c->what, d.rc, c->rc);
        assert_int_equal(lib0_dec_left(&d), c->left);
        bytes_free(input);
    }
}

static void varint_reads_what_lib0_writes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(varints) / sizeof(varints[0]); i++) {
        const struct number_case *c = &varints[i];
        struct span input = bytes_from_hex(c->hex);
        struct lib0_dec d = lib0_dec_of(input);
        bool negative = !c->negative;

        assert_int_equal(lib0_dec_varint(&d, &negative), c->value);
        check_rc(c->what, d.rc, c->rc);
        assert_int_equal(negative, c->negative);
        assert_int_equal(lib0_dec_left(&d), c->left);
        d = lib0_dec_of(input);
        assert_int_equal(lib0_dec_varint(&d, NULL), c->value);
        bytes_free(input);
    }
}

static void varint_can_have_another_bound(void **state)
{
    struct span input = bytes_from_hex("8080808080808020");
    struct lib0_dec d = lib0_dec_of(input);

    (void)state;
    assert_int_equal(lib0_dec_varint_max(&d, UINT64_C(1) << 53, NULL), INT64_C(1) << 53);
    assert_int_equal(d.rc, RC_OK);
    bytes_free(input);
}

struct string_case {
    const char *what, *hex;
    int rc;
    const char *text;
};

static const struct string_case strings[] = {
    {"empty", "00", RC_OK, ""},
    {"ASCII", "03616263", RC_OK, "abc"},
    {"e acute, euro, emoji", "09c3a9e282acf09f9880", RC_OK, "é€😀"},
    {"a byte order mark is kept", "04efbbbf61", RC_OK,
     "\xef\xbb\xbf"
     "a"},
    {"too long by one", "0461", RC_FORMAT, ""},
    {"length of 2^53 - 1", "ffffffffffffff0f61", RC_FORMAT, ""},
    {"length beyond 2^53", "ffffffffffffff1f61", RC_RANGE, ""},
    {"not UTF-8", "01ff", RC_FORMAT, ""},
    {"a surrogate", "03eda080", RC_FORMAT, ""},
    {"nothing", "", RC_FORMAT, ""},
};

static void varstring_is_bounded_and_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        const struct string_case *c = &strings[i];
        struct span input = bytes_from_hex(c->hex);
        struct lib0_dec d = lib0_dec_of(input);

        check_text(c->what, lib0_dec_varstring(&d), c->text);
        check_rc(c->what, d.rc, c->rc);
        assert_true(lib0_dec_at_end(&d));
        bytes_free(input);
    }
}

static void varbytes_may_be_any_bytes(void **state)
{
    struct span input = bytes_from_hex("02ff0001");
    struct lib0_dec d = lib0_dec_of(input);

    (void)state;
    check_hex("bytes", lib0_dec_varbytes(&d), "ff00");
    assert_int_equal(lib0_dec_left(&d), 1);
    check_hex("one", lib0_dec_bytes(&d, 1), "01");
    check_hex("none", lib0_dec_bytes(&d, 0), "");
    assert_int_equal(d.rc, RC_OK);
    assert_int_equal(lib0_dec_bytes(&d, 1).len, 0);
    assert_int_equal(d.rc, RC_FORMAT);
    bytes_free(input);
}

static void fixed_numbers_are_big_endian(void **state)
{
    struct span input = bytes_from_hex("3fc00000 c004000000000000 fffffffffffffffe 7f8000");
    struct lib0_dec d = lib0_dec_of(input);

    (void)state;
    assert_true(lib0_dec_f32(&d) == 1.5f);
    assert_true(lib0_dec_f64(&d) == -2.5);
    assert_int_equal(lib0_dec_bigint(&d), -2);
    assert_int_equal(d.rc, RC_OK);
    assert_true(lib0_dec_f32(&d) == 0);
    assert_int_equal(d.rc, RC_FORMAT);
    bytes_free(input);
}

static void the_first_failure_stays(void **state)
{
    struct span input = bytes_from_hex("0102030405060708090a");
    struct lib0_dec d = lib0_dec_of(input);

    (void)state;
    assert_int_equal(lib0_dec_u8(&d), 1);
    lib0_dec_fail(&d, RC_RANGE);
    lib0_dec_fail(&d, RC_FORMAT);
    assert_int_equal(lib0_dec_u8(&d), 0);
    assert_int_equal(lib0_dec_varuint(&d), 0);
    assert_int_equal(lib0_dec_varint(&d, NULL), 0);
    assert_int_equal(lib0_dec_bytes(&d, 1).len, 0);
    assert_int_equal(lib0_dec_varstring(&d).len, 0);
    assert_true(lib0_dec_f64(&d) == 0);
    assert_int_equal(lib0_dec_bigint(&d), 0);
    assert_int_equal(d.rc, RC_RANGE);
    assert_true(lib0_dec_at_end(&d));
    assert_int_equal(lib0_dec_left(&d), 0);
    bytes_free(input);
}

static void an_empty_span_reads_nothing(void **state)
{
    struct lib0_dec d = lib0_dec_of((struct span){0});

    (void)state;
    assert_true(lib0_dec_at_end(&d));
    assert_int_equal(lib0_dec_bytes(&d, 0).len, 0);
    assert_int_equal(d.rc, RC_OK);
    assert_int_equal(lib0_dec_u8(&d), 0);
    assert_int_equal(d.rc, RC_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varuint_reads_what_lib0_writes), cmocka_unit_test(varint_reads_what_lib0_writes),
        cmocka_unit_test(varint_can_have_another_bound),  cmocka_unit_test(varstring_is_bounded_and_utf8),
        cmocka_unit_test(varbytes_may_be_any_bytes),      cmocka_unit_test(fixed_numbers_are_big_endian),
        cmocka_unit_test(the_first_failure_stays),        cmocka_unit_test(an_empty_span_reads_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
