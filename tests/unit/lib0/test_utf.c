#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/utf.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/lib0_check.h"

struct valid_case {
    const char *what, *hex;
    bool valid;
};

static const struct valid_case valids[] = {
    {"nothing", "", true},
    {"ASCII, NUL included", "00417f", true},
    {"U+0080", "c280", true},
    {"U+07FF", "dfbf", true},
    {"U+0800", "e0a080", true},
    {"U+D7FF", "ed9fbf", true},
    {"U+E000", "ee8080", true},
    {"U+FFFF", "efbfbf", true},
    {"U+10000", "f0908080", true},
    {"U+10FFFF", "f48fbfbf", true},
    {"eight ASCII, then U+00E9", "6161616161616161c3a9", true},
    {"over-long in two", "c080", false},
    {"over-long in two, highest", "c1bf", false},
    {"over-long in three", "e09fbf", false},
    {"over-long in four", "f08fbfbf", false},
    {"first surrogate", "eda080", false},
    {"last surrogate", "edbfbf", false},
    {"U+110000", "f4908080", false},
    {"lead f5", "f5808080", false},
    {"lead ff", "ff", false},
    {"continuation alone", "80", false},
    {"two cut off", "c3", false},
    {"three cut off", "e282", false},
    {"four cut off", "f09f98", false},
    {"two without continuation", "c341", false},
    {"three without second continuation", "e28241", false},
    {"four without third continuation", "f09f9841", false},
    {"bad byte behind eight ASCII", "616161616161616180", false},
    {"bad byte as eighth", "61616161616161ff61", false},
};

static void only_well_formed_utf8_is_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(valids) / sizeof(valids[0]); i++) {
        struct span input = bytes_from_hex(valids[i].hex);

        if (utf8_valid(input) != valids[i].valid) {
            fail_msg("%s", valids[i].what);
        }
        bytes_free(input);
    }
    assert_true(utf8_valid((struct span){0}));
}

/* A character as UTF-8; returns its length in bytes. */
static size_t encode(uint32_t c, uint8_t *out)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (uint8_t)(0xc0 | c >> 6);
        out[1] = (uint8_t)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (uint8_t)(0xe0 | c >> 12);
        out[1] = (uint8_t)(0x80 | (c >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | c >> 18);
    out[1] = (uint8_t)(0x80 | (c >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (c >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (c & 63));
    return 4;
}

static void every_code_point_is_known(void **state)
{
    unsigned surrogates = 0;

    (void)state;
    for (uint32_t c = 0; c < 0x110000; c++) {
        uint8_t bytes[4];
        struct span s = span_of(bytes, encode(c, bytes));
        bool surrogate = c >= 0xd800 && c < 0xe000, inside;

        surrogates += surrogate;
        if (utf8_valid(s) == surrogate || (!surrogate && utf16_length(s) != (c < 0x10000 ? 1 : 2))) {
            fail_msg("U+%04X", (unsigned)c);
        }
        if (c >= 0x10000 && (utf16_to_byte(s, 1, &inside) != 0 || !inside)) {
            fail_msg("U+%04X: its half", (unsigned)c);
        }
    }
    assert_int_equal(surrogates, 2048);
}

#define CHARACTERS 60

/* Random text, and for each character where it begins in bytes and units. */
struct sample {
    uint8_t bytes[4 * CHARACTERS];
    uint16_t units[2 * CHARACTERS]; /* the text in UTF-16 */
    size_t byte_at[CHARACTERS + 1], unit_at[CHARACTERS + 1];
    size_t count;
};

static uint32_t random_character(struct rng *r, unsigned ascii_percent)
{
    static const uint32_t first[] = {0x80, 0x800, 0xe000, 0x10000, 0xff00};
    static const uint32_t width[] = {0x780, 0xd000, 0x1f00, 0x100000, 0x100};
    uint64_t kind = rng_below(r, 5);

    return rng_chance(r, ascii_percent) ? (uint32_t)rng_below(r, 128)
                                        : first[kind] + (uint32_t)rng_below(r, width[kind]);
}

static void make_sample(struct rng *r, struct sample *s)
{
    unsigned ascii = (unsigned)rng_below(r, 101);
    size_t bytes = 0, units = 0;

    s->count = rng_below(r, CHARACTERS + 1);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t c = random_character(r, ascii);

        s->byte_at[i] = bytes;
        s->unit_at[i] = units;
        bytes += encode(c, s->bytes + bytes);
        if (c >= 0x10000) {
            s->units[units++] = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
            s->units[units++] = (uint16_t)(0xdc00 + ((c - 0x10000) & 0x3ff));
        } else {
            s->units[units++] = (uint16_t)c;
        }
    }
    s->byte_at[s->count] = bytes;
    s->unit_at[s->count] = units;
}

static void offsets_agree_with_a_walk_by_characters(void **state)
{
    struct rng r;
    unsigned halves = 0;

    (void)state;
    rng_init(&r, rng_test_seed(2));
    for (unsigned round = 0; round < 3000; round++) {
        struct sample s;
        struct span text;
        bool inside;

        make_sample(&r, &s);
        text = bytes_copy(s.bytes, s.byte_at[s.count]);
        assert_true(utf8_valid(text));
        assert_int_equal(utf16_length(text), s.unit_at[s.count]);
        for (size_t i = 0; i <= s.count; i++) {
            assert_int_equal(utf16_to_byte(text, s.unit_at[i], &inside), s.byte_at[i]);
            assert_false(inside);
            assert_int_equal(utf16_to_byte_of(text, s.unit_at[s.count], s.unit_at[i], &inside), s.byte_at[i]);
            assert_false(inside);
            if (i < s.count && s.unit_at[i + 1] - s.unit_at[i] == 2) {
                assert_int_equal(utf16_to_byte(text, s.unit_at[i] + 1, &inside), s.byte_at[i]);
                assert_true(inside);
                assert_int_equal(utf16_to_byte_of(text, s.unit_at[s.count], s.unit_at[i] + 1, &inside), s.byte_at[i]);
                assert_true(inside);
                halves++;
            }
        }
        assert_int_equal(utf16_to_byte(text, s.unit_at[s.count] + 5, &inside), text.len);
        assert_false(inside);
        bytes_free(text);
    }
    print_message("surrogate pairs cut: %u\n", halves);
    assert_true(halves > 1000);
}

static int compare_units(const struct sample *a, const struct sample *b)
{
    size_t la = a->unit_at[a->count], lb = b->unit_at[b->count];

    for (size_t i = 0; i < la && i < lb; i++) {
        if (a->units[i] != b->units[i]) {
            return a->units[i] < b->units[i] ? -1 : 1;
        }
    }
    return (la > lb) - (la < lb);
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

/* A sample that begins like the other. */
static void make_similar(struct rng *r, const struct sample *a, struct sample *b)
{
    struct sample tail;
    size_t keep = rng_below(r, a->count + 1);

    make_sample(r, &tail);
    *b = *a;
    b->count = keep;
    for (size_t i = 0; i < tail.count && b->count < CHARACTERS; i++) {
        size_t bytes = tail.byte_at[i + 1] - tail.byte_at[i], units = tail.unit_at[i + 1] - tail.unit_at[i];
        size_t n = b->count++;

        memcpy(b->bytes + b->byte_at[n], tail.bytes + tail.byte_at[i], bytes);
        memcpy(b->units + b->unit_at[n], tail.units + tail.unit_at[i], units * sizeof(b->units[0]));
        b->byte_at[n + 1] = b->byte_at[n] + bytes;
        b->unit_at[n + 1] = b->unit_at[n] + units;
    }
}

static void order_is_that_of_utf16_units(void **state)
{
    unsigned met[3] = {0}, unlike_bytes = 0;
    struct rng r;

    (void)state;
    rng_init(&r, rng_test_seed(3));
    for (unsigned round = 0; round < 20000; round++) {
        struct sample a, b;
        struct span x, y;
        int expected;

        make_sample(&r, &a);
        make_similar(&r, &a, &b);
        x = span_of(a.bytes, a.byte_at[a.count]);
        y = span_of(b.bytes, b.byte_at[b.count]);
        expected = compare_units(&a, &b);
        assert_int_equal(sign(utf16_compare(x, y)), expected);
        assert_int_equal(sign(utf16_compare(y, x)), -expected);
        met[expected + 1]++;
        unlike_bytes += expected != 0 && x.len > 0 && y.len > 0 &&
                        sign(memcmp(x.data, y.data, x.len < y.len ? x.len : y.len)) == -expected;
    }
    print_message("less %u, equal %u, greater %u, unlike the order of bytes %u\n", met[0], met[1], met[2],
                  unlike_bytes);
    assert_true(met[0] > 0 && met[1] > 0 && met[2] > 0 && unlike_bytes > 0);
    assert_true(utf16_compare(span_str("\xf0\x90\x80\x80"), span_str("\xef\xbf\xbf")) < 0);
    assert_int_equal(utf16_compare((struct span){0}, span_str("")), 0);
}

static void what_is_not_ascii_is_seen_anywhere(void **state)
{
    enum { LONGEST = 40 };
    uint8_t bytes[LONGEST];
    size_t units;

    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    for (size_t len = 0; len <= LONGEST; len++) {
        struct span s = bytes_copy(bytes, len);

        assert_true(utf8_is_ascii(s));
        assert_true(utf8_measure(s, &units));
        assert_int_equal(units, len);
        bytes_free(s);
        for (size_t at = 0; at < len; at++) {
            bytes[at] = 0x80;
            s = bytes_copy(bytes, len);
            assert_false(utf8_is_ascii(s));
            assert_false(utf8_measure(s, &units));
            bytes_free(s);
            bytes[at] = 'a';
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_well_formed_utf8_is_valid), cmocka_unit_test(what_is_not_ascii_is_seen_anywhere),
        cmocka_unit_test(every_code_point_is_known),      cmocka_unit_test(offsets_agree_with_a_walk_by_characters),
        cmocka_unit_test(order_is_that_of_utf16_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
