/* Hexadecimal in and out, and copies in blocks of their own size. */
#include "tests/support/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void hex_is_read_with_and_without_spaces(void **state)
{
    static const struct {
        const char *hex;
        const char *bytes;
        size_t len;
    } cases[] = {
        {"", "", 0},
        {"00", "\0", 1},
        {"01fFaB", "\x01\xff\xab", 3},
        {" 7f 80\n\t81 ", "\x7f\x80\x81", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span got = bytes_from_hex(cases[i].hex);

        assert_int_equal(got.len, cases[i].len);
        assert_memory_equal(got.data, cases[i].bytes, got.len);
        bytes_free(got);
    }
}

static void hex_is_written_as_it_is_read(void **state)
{
    struct span bytes = bytes_from_hex("00 1f e0 ff");
    char *hex = bytes_to_hex(bytes);

    (void)state;
    assert_string_equal(hex, "001fe0ff");
    free(hex);
    bytes_free(bytes);
}

static void a_copy_is_a_block_of_its_own(void **state)
{
    static const char text[] = "caf\xc3\xa9";
    struct span copy = bytes_copy_str(text), empty = bytes_copy(NULL, 0);

    (void)state;
    assert_int_equal(copy.len, 5);
    assert_ptr_not_equal(copy.data, text);
    assert_memory_equal(copy.data, text, 5);
    assert_int_equal(empty.len, 0);
    bytes_free(copy);
    bytes_free(empty);
    bytes_free((struct span){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_is_read_with_and_without_spaces),
        cmocka_unit_test(hex_is_written_as_it_is_read),
        cmocka_unit_test(a_copy_is_a_block_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
