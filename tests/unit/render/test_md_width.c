/* Columns of a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "render/md_width.h"
#include "tests/support/bytes.h"

static void widths_are_those_of_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(md_width(span_str("")), 0);
    assert_int_equal(md_width(span_str("abc")), 3);
    assert_int_equal(md_width(span_str("é")), 1);
    assert_int_equal(md_width(span_str("À l'été ÿ")), 9);
    assert_int_equal(md_width(span_str("œuvre é")), 7);
    assert_int_equal(md_width(span_str("e\xcc\x81")), 1);
    assert_int_equal(md_width(span_str("中文")), 4);
    assert_int_equal(md_width(span_str("🎒")), 2);
    assert_int_equal(md_width(span_of("\xff\xfe", 2)), 2);
}

/* All letters of two bytes, each at every place among eight: beside a letter that is wide it is measured by itself. */
static void letters_are_as_wide_together_as_alone(void **state)
{
    static const char others[] = "abcdefgh";

    (void)state;
    for (unsigned point = 0x80; point < 0x800; point++) {
        const char letter[] = {(char)(0xc0 | point >> 6), (char)(0x80 | (point & 0x3f)), 0};
        char line[16];
        size_t width;

        (void)snprintf(line, sizeof(line), "%s中", letter);
        width = md_width(span_str(line)) - 2;
        for (int before = 0; before <= 8; before++) {
            struct span text;

            (void)snprintf(line, sizeof(line), "%.*s%s%s", before, others, letter, &others[before]);
            text = bytes_copy_str(line);
            assert_int_equal(md_width(text), 8 + width);
            bytes_free(text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_those_of_a_terminal),
        cmocka_unit_test(letters_are_as_wide_together_as_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
