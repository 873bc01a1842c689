#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/enc.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

struct normal_case {
    const char *what, *hex, *normal; /* normal: what lib0 writes after reading; NULL: refused */
    int rc;
};

static const struct normal_case normals[] = {
    {"undefined", "7f", "7f", RC_OK},
    {"null", "7e", "7e", RC_OK},
    {"false", "79", "79", RC_OK},
    {"true", "78", "78", RC_OK},
    {"integer", "7d01", "7d01", RC_OK},
    {"-0", "7d40", "7d40", RC_OK},
    {"2^31 - 1", "7dbfffffff0f", "7dbfffffff0f", RC_OK},
    {"2^31 as integer", "7d8080808010", "7c4f000000", RC_OK},
    {"2^53 - 1 as integer", "7dbfffffffffffff1f", "7b433fffffffffffff", RC_OK},
    {"over-long integer", "7d818000", "7d01", RC_OK},
    {"float32", "7c3fc00000", "7c3fc00000", RC_OK},
    {"float32 that is an integer", "7c40400000", "7d03", RC_OK},
    {"float32 -0", "7c80000000", "7d40", RC_OK},
    {"float32 infinity", "7cff800000", "7cff800000", RC_OK},
    {"float32 NaN", "7c7fc00001", "7b7ff8000000000000", RC_OK},
    {"float64", "7b3fb999999999999a", "7b3fb999999999999a", RC_OK},
    {"float64 that is a float32", "7b3ff8000000000000", "7c3fc00000", RC_OK},
    {"float64 that is an integer", "7bc1dfffffffc00000", "7dffffffff0f", RC_OK},
    {"float64 -2^31", "7bc1e0000000000000", "7ccf000000", RC_OK},
    {"float64 beyond float32", "7b47f0000000000000", "7b47f0000000000000", RC_OK},
    {"float64 largest float32", "7b47efffffe0000000", "7c7f7fffff", RC_OK},
    {"float64 smallest float32", "7b36a0000000000000", "7c00000001", RC_OK},
    {"float64 infinity", "7b7ff0000000000000", "7c7f800000", RC_OK},
    {"float64 NaN of another kind", "7bfff0000000000001", "7b7ff8000000000000", RC_OK},
    {"bigint", "7a8000000000000000", "7a8000000000000000", RC_OK},
    {"string", "7703616263", "7703616263", RC_OK},
    {"string of over-long length", "77838000616263", "7703616263", RC_OK},
    {"bytes", "7402ff00", "7402ff00", RC_OK},
    {"empty array", "7500", "7500", RC_OK},
    {"array", "75037d017c404000007f", "75037d017d037f", RC_OK},
    {"empty object", "7600", "7600", RC_OK},
    {"object in order", "7602 0162 7d01 0161 7d02", "7602 0162 7d01 0161 7d02", RC_OK},
    {"repeated key", "7603 0162 7d01 0161 7d02 0162 7d03", "7602 0162 7d03 0161 7d02", RC_OK},
    {"array indexes first", "7604 0161 7e 023130 7e 0132 7e 0130 7e", "7604 0130 7e 0132 7e 023130 7e 0161 7e", RC_OK},
    {"no array indexes", "7604 023031 7e 00 7e 022d31 7e 03312e30 7e", "7604 023031 7e 00 7e 022d31 7e 03312e30 7e",
     RC_OK},
    {"2^32 - 1 is no array index, 2^32 - 2 is", "7602 0a34323934393637323935 7e 0a34323934393637323934 7e",
     "7602 0a34323934393637323934 7e 0a34323934393637323935 7e", RC_OK},
    {"__proto__ makes no member", "7602 095f5f70726f746f5f5f 7d01 0161 7e", "7601 0161 7e", RC_OK},
    {"__proto__ alone", "7601 095f5f70726f746f5f5f 7601 0161 7e", "7600", RC_OK},
    {"disorder within disorder", "7503 7602 0131 7602 0162 7e 0162 79 0130 78 7e 7602 0161 78 0161 79",
     "7503 7602 0130 78 0131 7601 0162 79 7e 7601 0161 79", RC_OK},
    {"nothing", "", NULL, RC_FORMAT},
    {"unknown tag 115", "73", NULL, RC_FORMAT},
    {"unknown tag 128", "80", NULL, RC_FORMAT},
    {"integer cut off", "7d80", NULL, RC_FORMAT},
    {"integer missing", "7d", NULL, RC_FORMAT},
    {"integer beyond 2^53 - 1", "7d8080808080808020", NULL, RC_RANGE},
    {"float32 cut off", "7c000000", NULL, RC_FORMAT},
    {"float64 cut off", "7b00000000000000", NULL, RC_FORMAT},
    {"bigint cut off", "7a00000000000000", NULL, RC_FORMAT},
    {"string cut off", "770261", NULL, RC_FORMAT},
    {"string that is not UTF-8", "7701ff", NULL, RC_FORMAT},
    {"key that is not UTF-8", "760101ff7e", NULL, RC_FORMAT},
    {"bytes cut off", "7402ff", NULL, RC_FORMAT},
    {"array cut off", "75027e", NULL, RC_FORMAT},
    {"array of 2^53 - 1", "75ffffffffffffff0f7e", NULL, RC_FORMAT},
    {"object of 2^53 - 1", "76ffffffffffffff0f01617e", NULL, RC_FORMAT},
    {"object without a value", "76010161", NULL, RC_FORMAT},
};

static void normal_form_is_what_lib0_writes_after_reading(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(normals) / sizeof(normals[0]); i++) {
        const struct normal_case *c = &normals[i];
        struct span input = bytes_from_hex(c->hex);
        struct lib0_dec in = lib0_dec_of(input);
        struct buf out = {0};

        buf_put_str(&out, "kept");
        check_rc(c->what, lib0_any_normalize(&in, &out), c->rc);
        check_rc(c->what, in.rc, c->rc);
        check_text(c->what, span_of(out.data, 4), "kept");
        check_hex(c->what, span_of(out.data + 4, out.len - 4), c->normal == NULL ? "" : c->normal);
        assert_true(lib0_dec_at_end(&in));
        buf_finish(&out);
        bytes_free(input);
    }
}

static void normal_forms_are_their_own_and_can_be_skipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(normals) / sizeof(normals[0]); i++) {
        struct span input = bytes_from_hex(normals[i].normal == NULL ? "7e" : normals[i].normal);
        struct lib0_dec in = lib0_dec_of(input), skipped = in;
        struct buf out = {0};

        check_rc(normals[i].what, lib0_any_normalize(&in, &out), RC_OK);
        assert_true(span_equal(buf_span(&out), input));
        lib0_any_skip(&skipped);
        check_rc(normals[i].what, skipped.rc, RC_OK);
        assert_true(lib0_dec_at_end(&skipped));
        buf_finish(&out);
        bytes_free(input);
    }
}

static void every_cut_is_refused(void **state)
{
    unsigned cuts = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(normals) / sizeof(normals[0]); i++) {
        struct span whole = bytes_from_hex(normals[i].normal == NULL ? "7e" : normals[i].normal);

        for (size_t len = 0; len < whole.len; len++, cuts++) {
            struct span input = bytes_copy(whole.data, len);
            struct lib0_dec in = lib0_dec_of(input), skipped = in;
            struct buf out = {0};

            check_rc(normals[i].what, lib0_any_normalize(&in, &out), RC_FORMAT);
            lib0_any_skip(&skipped);
            check_rc(normals[i].what, skipped.rc, RC_FORMAT);
            assert_int_equal(out.len, 0);
            buf_finish(&out);
            bytes_free(input);
        }
        bytes_free(whole);
    }
    print_message("cuts: %u\n", cuts);
    assert_true(cuts > 200);
}

static void only_one_value_is_read(void **state)
{
    struct span input = bytes_from_hex("7d01 7e");
    struct lib0_dec in = lib0_dec_of(input);
    struct buf out = {0};

    (void)state;
    assert_int_equal(lib0_any_normalize(&in, &out), RC_OK);
    assert_int_equal(lib0_dec_left(&in), 1);
    lib0_any_skip(&in);
    assert_int_equal(in.rc, RC_OK);
    assert_true(lib0_dec_at_end(&in));
    buf_finish(&out);
    bytes_free(input);
}

/* `depth` arrays or objects within each other. */
static void put_nested(struct buf *b, unsigned depth, bool objects)
{
    for (unsigned i = 0; i < depth; i++) {
        buf_put_u8(b, objects ? LIB0_ANY_OBJECT : LIB0_ANY_ARRAY);
        buf_put_u8(b, 1);
        if (objects) {
            lib0_put_varstring(b, span_str("k"));
        }
    }
    lib0_put_any_null(b);
}

static void nesting_is_bounded(void **state)
{
    static const int codes[] = {RC_OK, RC_LIMIT};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct buf b = {0}, out = {0};
        int expected = codes[i % 2];
        struct lib0_dec in, skipped;

        put_nested(&b, LIB0_ANY_DEPTH + i % 2, i >= 2);
        in = skipped = lib0_dec_of(buf_span(&b));
        check_rc("normalize", lib0_any_normalize(&in, &out), expected);
        lib0_any_skip(&skipped);
        check_rc("skip", skipped.rc, expected);
        buf_clear(&out);
        check_rc("to_json", lib0_any_to_json(buf_span(&b), &out), expected);
        buf_clear(&out);
        check_rc("to_string", lib0_any_to_string(buf_span(&b), &out), expected);
        buf_finish(&b);
        buf_finish(&out);
    }
}

static void a_failed_allocation_leaves_nothing(void **state)
{
    struct buf b = {0}, expected = {0};
    unsigned failures = 0;
    struct lib0_dec in;
    int rc = RC_NOMEM;

    (void)state;
    buf_put_u8(&b, LIB0_ANY_OBJECT);
    lib0_put_varuint(&b, 300);
    for (unsigned i = 0; i < 300; i++) {
        char key[20];

        (void)snprintf(key, sizeof(key), "%u", (i * 7) % 290);
        lib0_put_varstring(&b, span_str(key));
        lib0_put_any_number(&b, i);
    }
    in = lib0_dec_of(buf_span(&b));
    assert_int_equal(lib0_any_normalize(&in, &expected), RC_OK);
    for (unsigned n = 1; rc != RC_OK; n++) {
        struct buf out = {0};

        in = lib0_dec_of(buf_span(&b));
        alloc_fault_at(n);
        rc = lib0_any_normalize(&in, &out);
        alloc_fault_at(0);
        if (rc == RC_OK) {
            assert_true(span_equal(buf_span(&out), buf_span(&expected)));
        } else {
            assert_int_equal(rc, RC_NOMEM);
            assert_int_equal(out.len, 0);
            failures++;
        }
        buf_finish(&out);
    }
    print_message("failed allocations: %u\n", failures);
    assert_true(failures > 8);
    buf_finish(&b);
    buf_finish(&expected);
}

static void builders_write_canonical_values(void **state)
{
    struct buf b = {0};

    (void)state;
    lib0_put_any_undefined(&b);
    lib0_put_any_null(&b);
    lib0_put_any_bool(&b, true);
    lib0_put_any_bool(&b, false);
    lib0_put_any_number(&b, -0.0);
    lib0_put_any_number(&b, 2147483648.0);
    lib0_put_any_number(&b, 0.1);
    lib0_put_any_number(&b, -(double)NAN);
    lib0_put_any_bigint(&b, INT64_MIN);
    lib0_put_any_string(&b, span_str("é"));
    lib0_put_any_bytes(&b, span_of("\0", 1));
    check_hex("all", buf_span(&b),
              "7f 7e 78 79 7d40 7c4f000000 7b3fb999999999999a 7b7ff8000000000000 7a8000000000000000 7702c3a9 740100");
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_form_is_what_lib0_writes_after_reading),
        cmocka_unit_test(normal_forms_are_their_own_and_can_be_skipped),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(only_one_value_is_read),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(a_failed_allocation_leaves_nothing),
        cmocka_unit_test(builders_write_canonical_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
