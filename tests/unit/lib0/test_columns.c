#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/columns.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

/* The bytes are what lib0's encoders give for these values; tests/diff/lib0 compares thousands more. */

#define MOST 12

struct column_case {
    const char *what, *hex;
    size_t count;
    int64_t values[MOST];
};

static const struct column_case rle_cases[] = {
    {"nothing", "", 0, {0}},
    {"one", "05", 1, {5}},
    {"zero first", "00", 1, {0}},
    {"a run to the end", "05", 4, {5, 5, 5, 5}},
    {"runs", "0002 0100 07", 7, {0, 0, 0, 1, 7, 7, 7}},
};

static const struct column_case uint_cases[] = {
    {"nothing", "", 0, {0}},
    {"one", "05", 1, {5}},
    {"zero", "00", 1, {0}},
    {"zeros", "4001", 3, {0, 0, 0}},
    {"two of a kind", "4500", 2, {5, 5}},
    {"mixed", "4001 01 4200 8010", 7, {0, 0, 0, 1, 2, 2, 1024}},
    {"2^53 - 1", "bfffffffffffff1f", 1, {(int64_t)LIB0_MAX_SAFE}},
};

static const struct column_case diff_cases[] = {
    {"nothing", "", 0, {0}},
    {"zeros", "0101", 3, {0, 0, 0}},
    {"counting", "0103", 5, {0, 0, 0, 0, 0}},
    {"up by one", "0302", 4, {1, 2, 3, 4}},
    {"down by one", "14 4100", 3, {10, 9, 8}},
    {"down by two", "14 4300", 3, {10, 8, 6}},
    {"far and back", "bcffffffffffff3f fcffffffffffff3f", 2, {(int64_t)LIB0_MAX_SAFE - 1, 0}},
};

static void rle_matches_lib0(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rle_cases) / sizeof(rle_cases[0]); i++) {
        const struct column_case *c = &rle_cases[i];
        struct span column = bytes_from_hex(c->hex);
        struct rle_enc e = {0};
        struct rle_dec d;

        rle_dec_init(&d, column);
        for (size_t k = 0; k < c->count; k++) {
            rle_enc_put(&e, (uint8_t)c->values[k]);
            assert_int_equal(rle_dec_next(&d), c->values[k]);
        }
        rle_enc_flush(&e);
        check_hex(c->what, buf_span(&e.out), c->hex);
        assert_int_equal(d.in.rc, RC_OK);
        rle_enc_finish(&e);
        bytes_free(column);
    }
}

static void uint_opt_rle_matches_lib0(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(uint_cases) / sizeof(uint_cases[0]); i++) {
        const struct column_case *c = &uint_cases[i];
        struct span column = bytes_from_hex(c->hex);
        struct uint_opt_rle_enc e = {0};
        struct uint_opt_rle_dec d;

        uint_opt_rle_dec_init(&d, column);
        for (size_t k = 0; k < c->count; k++) {
            uint_opt_rle_enc_put(&e, (uint64_t)c->values[k]);
            assert_int_equal(uint_opt_rle_dec_next(&d), c->values[k]);
        }
        uint_opt_rle_enc_flush(&e);
        check_hex(c->what, buf_span(&e.out), c->hex);
        assert_int_equal(d.in.rc, RC_OK);
        assert_int_equal(uint_opt_rle_dec_next(&d), 0);
        check_rc("behind the last value: differs from lib0, which gives 0", d.in.rc, RC_FORMAT);
        uint_opt_rle_enc_finish(&e);
        bytes_free(column);
    }
}

static void int_diff_opt_rle_matches_lib0(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(diff_cases) / sizeof(diff_cases[0]); i++) {
        const struct column_case *c = &diff_cases[i];
        struct span column = bytes_from_hex(c->hex);
        struct int_diff_opt_rle_enc e = {0};
        struct int_diff_opt_rle_dec d;

        int_diff_opt_rle_dec_init(&d, column);
        for (size_t k = 0; k < c->count; k++) {
            int_diff_opt_rle_enc_put(&e, c->values[k]);
            assert_int_equal(int_diff_opt_rle_dec_next(&d), c->values[k]);
        }
        int_diff_opt_rle_enc_flush(&e);
        check_hex(c->what, buf_span(&e.out), c->hex);
        assert_int_equal(d.in.rc, RC_OK);
        assert_int_equal(int_diff_opt_rle_dec_next(&d), 0);
        check_rc("behind the last value: differs from lib0, which repeats it", d.in.rc, RC_FORMAT);
        int_diff_opt_rle_enc_finish(&e);
        bytes_free(column);
    }
}

struct hostile_case {
    const char *what, *hex;
    int rc;
    unsigned good; /* values before the failure */
};

static const struct hostile_case hostile_rle[] = {
    {"nothing", "", RC_FORMAT, 0},
    {"a count cut off", "0580", RC_FORMAT, 0},
    {"a count beyond 2^53", "05ffffffffffffff7f", RC_RANGE, 0},
    {"behind a counted run", "0500", RC_FORMAT, 1},
};

static const struct hostile_case hostile_uint[] = {
    {"cut off", "80", RC_FORMAT, 0},
    {"no count", "45", RC_FORMAT, 0},
    {"beyond 2^53", "8080808080808020", RC_RANGE, 0},
    {"a count beyond 2^53", "45ffffffffffffff7f", RC_RANGE, 0},
};

static const struct hostile_case hostile_diff[] = {
    {"below 0", "42", RC_RANGE, 0},
    {"below 0 in the middle of a run", "06 4308", RC_RANGE, 2},
    {"beyond 2^53", "beffffffffffff3f 02", RC_RANGE, 1},
    {"a difference that is too large", "8080808080808040", RC_RANGE, 0},
    {"a difference far too large", "80808080808080808001", RC_RANGE, 0},
    {"no count", "03", RC_FORMAT, 0},
};

static void hostile_columns_fail_where_they_lie(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile_rle) / sizeof(hostile_rle[0]); i++) {
        const struct hostile_case *c = &hostile_rle[i];
        struct span column = bytes_from_hex(c->hex);
        struct rle_dec d;

        rle_dec_init(&d, column);
        for (unsigned k = 0; k < c->good; k++) {
            (void)rle_dec_next(&d);
        }
        assert_int_equal(d.in.rc, RC_OK);
        assert_int_equal(rle_dec_next(&d), 0);
        assert_int_equal(rle_dec_next(&d), 0);
        check_rc(c->what, d.in.rc, c->rc);
        bytes_free(column);
    }
    for (size_t i = 0; i < sizeof(hostile_uint) / sizeof(hostile_uint[0]); i++) {
        const struct hostile_case *c = &hostile_uint[i];
        struct span column = bytes_from_hex(c->hex);
        struct uint_opt_rle_dec d;

        uint_opt_rle_dec_init(&d, column);
        assert_int_equal(uint_opt_rle_dec_next(&d), 0);
        assert_int_equal(uint_opt_rle_dec_next(&d), 0);
        check_rc(c->what, d.in.rc, c->rc);
        bytes_free(column);
    }
    for (size_t i = 0; i < sizeof(hostile_diff) / sizeof(hostile_diff[0]); i++) {
        const struct hostile_case *c = &hostile_diff[i];
        struct span column = bytes_from_hex(c->hex);
        struct int_diff_opt_rle_dec d;

        int_diff_opt_rle_dec_init(&d, column);
        for (unsigned k = 0; k < c->good; k++) {
            (void)int_diff_opt_rle_dec_next(&d);
        }
        assert_int_equal(d.in.rc, RC_OK);
        assert_int_equal(int_diff_opt_rle_dec_next(&d), 0);
        assert_int_equal(int_diff_opt_rle_dec_next(&d), 0);
        check_rc(c->what, d.in.rc, c->rc);
        bytes_free(column);
    }
}

static void a_run_length_from_outside_allocates_nothing(void **state)
{
    struct span column = bytes_from_hex("45 ffffffffffffff0f");
    struct uint_opt_rle_dec d;

    (void)state;
    alloc_fault_at(0);
    uint_opt_rle_dec_init(&d, column);
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(uint_opt_rle_dec_next(&d), 5);
    }
    assert_int_equal(alloc_fault_count(), 0);
    assert_int_equal(d.in.rc, RC_OK);
    bytes_free(column);
}

struct piece {
    uint64_t units;
    bool lead, tail;
    const char *text;
};

struct string_case {
    const char *what, *text;
    size_t count;
    struct piece pieces[6];
};

static const struct string_case string_cases[] = {
    {"nothing", "", 0, {{0}}},
    {"empty texts", "", 3, {{0, false, false, ""}, {0, false, false, ""}, {0, false, false, ""}}},
    {"words", "keyvalueé", 3, {{3, false, false, "key"}, {5, false, false, "value"}, {1, false, false, "é"}}},
    {"whole pairs", "a😀😀", 2, {{3, false, false, "a😀"}, {2, false, false, "😀"}}},
    {"a pair cut", "a😀b", 2, {{2, false, true, "a"}, {2, true, false, "b"}}},
    {"nothing between the halves", "😀", 3, {{1, false, true, ""}, {0, false, false, ""}, {1, true, false, ""}}},
    {"cut on both sides", "😀x😀", 3, {{1, false, true, ""}, {3, true, true, "x"}, {1, true, false, ""}}},
    {"two pairs cut by one text", "😀😀", 3, {{1, false, true, ""}, {2, true, true, ""}, {1, true, false, ""}}},
};

static struct span string_column(const struct string_case *c)
{
    struct uint_opt_rle_enc lengths = {0};
    struct buf out = {0};
    struct span column;

    lib0_put_varstring(&out, span_str(c->text));
    for (size_t i = 0; i < c->count; i++) {
        uint_opt_rle_enc_put(&lengths, c->pieces[i].units);
    }
    uint_opt_rle_enc_flush(&lengths);
    buf_put_span(&out, buf_span(&lengths.out));
    column = bytes_copy(out.data, out.len);
    uint_opt_rle_enc_finish(&lengths);
    buf_finish(&out);
    return column;
}

static void strings_are_cut_where_the_lengths_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(string_cases) / sizeof(string_cases[0]); i++) {
        const struct string_case *c = &string_cases[i];
        struct span column = string_column(c);
        struct string_dec d;
        uint64_t units;
        bool lead, tail;

        string_dec_init(&d, column);
        for (size_t k = 0; k < c->count; k++) {
            const struct piece *p = &c->pieces[k];

            check_text(c->what, string_dec_next(&d, &units, &lead, &tail), p->text);
            check_rc(c->what, d.rc, RC_OK);
            if (units != p->units || lead != p->lead || tail != p->tail) {
                fail_msg("%s, text %zu", c->what, k);
            }
        }
        assert_int_equal(string_dec_next(&d, &units, &lead, &tail).len, 0);
        check_rc(c->what, d.rc, RC_FORMAT);
        assert_int_equal(units, 0);
        bytes_free(column);
    }
}

static void strings_are_written_as_lib0_writes_them(void **state)
{
    struct string_enc e = {0};
    struct buf out = {0};

    (void)state;
    string_enc_put(&e, span_str("ab"), 2);
    string_enc_put(&e, span_str("😀"), 2);
    string_enc_put(&e, span_str(""), 0);
    string_enc_put(&e, span_str("c"), 1);
    string_enc_write(&e, &out);
    check_hex("column", buf_span(&out), "07 6162f09f988063 4200 00 01");
    string_enc_finish(&e);
    string_enc_finish(&e);
    string_enc_finish(NULL);
    buf_finish(&out);
}

static const struct hostile_case hostile_strings[] = {
    {"no column", "", RC_FORMAT, 0},
    {"text longer than the column", "0561", RC_FORMAT, 0},
    {"text that is not UTF-8", "01ff01", RC_FORMAT, 0},
    {"no lengths", "0161", RC_FORMAT, 0},
    {"a length beyond the text: differs from lib0, which gives less", "0261620163", RC_FORMAT, 1},
    {"fewer units than bytes", "03e282ac02", RC_FORMAT, 0},
    {"half a pair more than there is", "04f09f98800103", RC_FORMAT, 1},
    {"a length of 2^53 - 1", "0161 bfffffffffffff1f", RC_FORMAT, 0},
};

static void hostile_strings_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(hostile_strings) / sizeof(hostile_strings[0]); i++) {
        const struct hostile_case *c = &hostile_strings[i];
        struct span column = bytes_from_hex(c->hex);
        struct string_dec d;
        uint64_t units;
        bool lead, tail;

        string_dec_init(&d, column);
        for (unsigned k = 0; k < c->good; k++) {
            (void)string_dec_next(&d, &units, &lead, &tail);
            check_rc(c->what, d.rc, RC_OK);
        }
        assert_int_equal(string_dec_next(&d, &units, &lead, &tail).len, 0);
        assert_true(units == 0 && !lead && !tail);
        assert_int_equal(string_dec_next(&d, &units, &lead, &tail).len, 0);
        check_rc(c->what, d.rc, c->rc);
        bytes_free(column);
    }
}

static void a_failed_allocation_reaches_the_update(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 2; n++) {
        struct string_enc e = {0};
        struct buf out = {0};

        alloc_fault_at(n);
        string_enc_put(&e, span_str("ab"), 2);
        string_enc_put(&e, span_str("abc"), 3);
        alloc_fault_at(0);
        string_enc_write(&e, &out);
        check_rc("column", out.rc, RC_NOMEM);
        string_enc_finish(&e);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rle_matches_lib0),
        cmocka_unit_test(uint_opt_rle_matches_lib0),
        cmocka_unit_test(int_diff_opt_rle_matches_lib0),
        cmocka_unit_test(hostile_columns_fail_where_they_lie),
        cmocka_unit_test(a_run_length_from_outside_allocates_nothing),
        cmocka_unit_test(strings_are_cut_where_the_lengths_say),
        cmocka_unit_test(strings_are_written_as_lib0_writes_them),
        cmocka_unit_test(hostile_strings_fail),
        cmocka_unit_test(a_failed_allocation_reaches_the_update),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
