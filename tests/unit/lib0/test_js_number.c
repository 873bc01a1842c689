#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/js_number.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/lib0_check.h"

struct print_case {
    double value;
    const char *text; /* what String(value) is in V8 */
};

static const struct print_case prints[] = {
    {0, "0"},
    {-0.0, "0"},
    {1, "1"},
    {-1, "-1"},
    {0.5, "0.5"},
    {-123.456, "-123.456"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {1e-6, "0.000001"},
    {1.5e-6, "0.0000015"},
    {1e-7, "1e-7"},
    {1.25e-7, "1.25e-7"},
    {1e20, "100000000000000000000"},
    {1e21, "1e+21"},
    {1.5e21, "1.5e+21"},
    {1e23, "1e+23"},
    {123456789012345680000.0, "123456789012345680000"},
    {9007199254740991.0, "9007199254740991"},
    {9007199254740992.0, "9007199254740992"},
    {9007199254740994.0, "9007199254740994"},
    {4294967296.5, "4294967296.5"},
    {5e-324, "5e-324"},
    {1e-323, "1e-323"},
    {2.225073858507201e-308, "2.225073858507201e-308"},
    {2.2250738585072014e-308, "2.2250738585072014e-308"},
    {1.7976931348623157e308, "1.7976931348623157e+308"},
    {5.684341886080802e-14, "5.684341886080802e-14"}, /* 2^-44: the nearest 16 digits do not read back */
    {9.5367431640625e-7, "9.5367431640625e-7"},
    {4.35, "4.35"},
    {(double)NAN, "NaN"},
    {(double)INFINITY, "Infinity"},
    {-(double)INFINITY, "-Infinity"},
};

static void numbers_print_as_in_javascript(void **state)
{
    struct buf out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(prints) / sizeof(prints[0]); i++) {
        buf_clear(&out);
        lib0_put_js_number(&out, prints[i].value);
        check_text("number", buf_span(&out), prints[i].text);
    }
    buf_finish(&out);
}

struct read_case {
    const char *text;
    double value;
};

static const struct read_case reads[] = {
    {"0", 0},
    {"10", 10},
    {"0.5", 0.5},
    {"-2.5e3", -2500},
    {"1E+2", 100},
    {"1e-2", 0.01},
    {"0.000001", 1e-6},
    {"100000000000000000000000", 1e23},
    {"9007199254740993", 9007199254740992.0},
    {"9007199254740993.00000000000000000000000000000000000000000000001", 9007199254740994.0},
    {"9007199254740995", 9007199254740996.0},
    {"2.4703282292062327e-324", 0},
    {"2.4703282292062328e-324", 5e-324},
    {"7.4109846876186981e-324", 5e-324},
    {"7.4109846876186982e-324", 1e-323},
    {"2.2250738585072011e-308", 2.225073858507201e-308},
    {"2.2250738585072012e-308", 2.2250738585072014e-308},
    {"1.7976931348623157e308", DBL_MAX},
    {"1.7976931348623158e308", DBL_MAX},
    {"1.7976931348623159e308", (double)INFINITY},
    {"1e400", (double)INFINITY},
    {"-1e400", -(double)INFINITY},
    {"1e-400", 0},
    {"1e99999999999999999999", (double)INFINITY},
    {"1e-99999999999999999999", 0},
    {"0e99999999999999999999", 0},
    {"0.0", 0},
};

static void literals_round_to_the_nearest_double(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
        struct span text = bytes_copy_str(reads[i].text);

        if (js_number_read(text) != reads[i].value) {
            fail_msg("%s: %.17g", reads[i].text, js_number_read(text));
        }
        bytes_free(text);
    }
    assert_true(signbit(js_number_read(span_str("-0"))) && signbit(js_number_read(span_str("-1e-400"))));
    assert_false(signbit(js_number_read(span_str("0"))));
}

/* A tie to which a digit is added far behind, and zeros instead of the digit. */
static void every_digit_counts(void **state)
{
    struct buf text = {0};

    (void)state;
    buf_put_str(&text, "9007199254740993.");
    for (unsigned i = 0; i < 5000; i++) {
        buf_put_u8(&text, '0');
    }
    assert_true(js_number_read(buf_span(&text)) == 9007199254740992.0);
    buf_put_u8(&text, '1');
    assert_true(js_number_read(buf_span(&text)) == 9007199254740994.0);
    buf_put_str(&text, "e-10000");
    assert_true(js_number_read(buf_span(&text)) == 0);
    buf_clear(&text);
    buf_put_str(&text, "0.");
    for (unsigned i = 0; i < 5000; i++) {
        buf_put_u8(&text, '0');
    }
    buf_put_str(&text, "15e5000");
    assert_true(js_number_read(buf_span(&text)) == 0.15);
    buf_finish(&text);
}

static double random_double(struct rng *r)
{
    uint64_t bits = rng_next(r);
    double value;

    if (rng_chance(r, 10)) {
        bits &= UINT64_C(0x800fffffffffffff); /* subnormal */
    } else if (rng_chance(r, 10)) {
        bits &= UINT64_C(0xfff0000000000000); /* a power of two */
    } else if (rng_chance(r, 30)) {
        bits = (bits & UINT64_C(0x800fffffffffffff)) | (UINT64_C(1003) + rng_below(r, 60)) << 52; /* everyday sizes */
    }
    memcpy(&value, &bits, sizeof(value));
    return isfinite(value) ? value : 0.1;
}

static size_t significant_digits(struct span text)
{
    size_t count = 0, zeros = 0;

    for (size_t i = 0; i < text.len && text.data[i] != 'e'; i++) {
        if (text.data[i] >= '1' && text.data[i] <= '9') {
            count += zeros + 1;
            zeros = 0;
        } else if (text.data[i] == '0' && count > 0) {
            zeros++;
        }
    }
    return count;
}

/* Against the C library: what is printed reads back, and no shorter text does. */
static void printing_is_shortest_and_reading_is_exact(void **state)
{
    struct buf out = {0};
    unsigned digits17 = 0;
    struct rng r;

    (void)state;
    rng_init(&r, rng_test_seed(4));
    for (unsigned i = 0; i < 30000; i++) {
        double value = random_double(&r);
        char shorter[40];
        size_t digits;

        buf_clear(&out);
        lib0_put_js_number(&out, value);
        digits = significant_digits(buf_span(&out));
        buf_put_u8(&out, '\0');
        assert_true(strtod((const char *)out.data, NULL) == value);
        assert_true(js_number_read(span_of(out.data, out.len - 1)) == value);
        digits17 += digits == 17;
        if (digits > 1) {
            (void)snprintf(shorter, sizeof(shorter), "%.*e", (int)digits - 2, value);
            assert_true(strtod(shorter, NULL) != value);
            assert_true(js_number_read(span_str(shorter)) == strtod(shorter, NULL));
        }
    }
    print_message("with 17 digits: %u\n", digits17);
    assert_true(digits17 > 100);
    buf_finish(&out);
}

static void any_literal_reads_as_strtod_reads_it(void **state)
{
    struct rng r;

    (void)state;
    rng_init(&r, rng_test_seed(5));
    for (unsigned i = 0; i < 30000; i++) {
        struct buf text = {0};
        unsigned whole = 1 + (unsigned)rng_below(&r, 25), fraction = (unsigned)rng_below(&r, 30);

        buf_put_u8(&text, (uint8_t)('1' + rng_below(&r, 9)));
        for (unsigned k = 1; k < whole; k++) {
            buf_put_u8(&text, (uint8_t)('0' + rng_below(&r, 10)));
        }
        buf_put_str(&text, fraction > 0 ? "." : "");
        for (unsigned k = 0; k < fraction; k++) {
            buf_put_u8(&text, (uint8_t)('0' + rng_below(&r, 10)));
        }
        buf_printf(&text, "e%d%c", (int)rng_below(&r, 700) - 360, '\0');
        if (js_number_read(span_of(text.data, text.len - 1)) != strtod((const char *)text.data, NULL)) {
            fail_msg("%s", (const char *)text.data);
        }
        buf_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_print_as_in_javascript),
        cmocka_unit_test(literals_round_to_the_nearest_double),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(printing_is_shortest_and_reading_is_exact),
        cmocka_unit_test(any_literal_reads_as_strtod_reads_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
