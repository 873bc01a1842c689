#include "server/base/utf8.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

/* The rule written out the other way round: decode, then look at what came out. */
static bool decodes(const uint8_t *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        size_t n = s[i] < 0x80 ? 1 : s[i] >= 0xf0 ? 4 : s[i] >= 0xe0 ? 3 : 2;
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        uint32_t c = n == 1 ? s[i] : s[i] & (0x7fu >> n);

        if ((n > 1 && s[i] < 0xc0) || s[i] > 0xf7 || n > len - i) {
            return false;
        }
        for (size_t k = 1; k < n; k++) {
            if ((s[i + k] & 0xc0) != 0x80) {
                return false;
            }
            c = c << 6 | (s[i + k] & 0x3f);
        }
        if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
            return false;
        }
        i += n;
    }
    return true;
}

static void every_two_bytes_and_many_longer_ones_are_judged_right(void **state)
{
    static const uint8_t edge[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
                                   0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff};
    size_t good = 0, n = sizeof edge;

    (void)state;
    for (unsigned pair = 0; pair < 65536; pair++) {
        uint8_t two[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};

        assert_int_equal(text_is_utf8(span_of(two, 2)), decodes(two, 2));
    }
    for (size_t i = 0; i < n * n * n * n; i++) {
        uint8_t four[4] = {edge[i % n], edge[i / n % n], edge[i / n / n % n], edge[i / n / n / n]};
        struct span s = bytes_copy(four, 4);

        assert_int_equal(text_is_utf8(s), decodes(four, 4));
        good += decodes(four, 4);
        bytes_free(s);
    }
    assert_true(good > 100);
}

static void control_characters_are_not_plain(void **state)
{
    (void)state;
    assert_true(text_is_plain(span_str("a b\xc3\xa9\xc2\xa0")));
    assert_false(text_is_plain(span_str("a\tb")));
    assert_false(text_is_plain(span_str("\x7f")));
    assert_false(text_is_plain(span_str("\xc2\x80")));
    assert_true(text_is_plain(span_of(NULL, 0)));
}

static void a_prefix_cuts_no_character(void **state)
{
    static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};

    (void)state;
    for (size_t max = 0; max < 12; max++) {
        assert_int_equal(text_prefix(span_str(text), max).len, expected[max]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_two_bytes_and_many_longer_ones_are_judged_right),
        cmocka_unit_test(control_characters_are_not_plain),
        cmocka_unit_test(a_prefix_cuts_no_character),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
