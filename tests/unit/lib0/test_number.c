#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/number.h"
#include "tests/unit/lib0/lib0_check.h"

static const struct {
    const char *what, *hex;
    size_t taken; /* bytes; 0: refused */
    uint64_t value;
} cases[] = {
    {"0", "00", 1, 0},
    {"127, then more", "7fffff", 1, 127},
    {"128, at the end", "8001", 2, 128},
    {"128, then more", "8001ff", 2, 128},
    {"2^14 - 1", "ff7f00", 2, 16383},
    {"2^14", "808001", 3, 16384},
    {"2^21 - 1", "ffff7f", 3, 2097151},
    {"2^21", "80808001", 4, 2097152},
    {"2^32", "8080808010", 5, UINT64_C(4294967296)},
    {"2^49 - 1", "ffffffffffff7f", 7, (UINT64_C(1) << 49) - 1},
    {"2^49 - 1, then more", "ffffffffffff7f0000", 7, (UINT64_C(1) << 49) - 1},
    {"over-long 1", "81808000", 4, 1},
    {"2^49: it may leave the range", "8080808080808001", 0, 0},
    {"nothing", "", 0, 0},
    {"cut after one", "80", 0, 0},
    {"cut after two", "8080", 0, 0},
    {"cut after three", "808080", 0, 0},
    {"cut after seven", "80808080808080", 0, 0},
};

static void a_number_is_read_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span bytes = bytes_from_hex(cases[i].hex);
        const uint8_t *end = bytes.data + bytes.len;
        uint64_t value = 0;

        print_message("%s\n", cases[i].what);
        assert_ptr_equal(lib0_number(bytes.data, end, &value), cases[i].taken > 0 ? bytes.data + cases[i].taken : NULL);
        assert_int_equal(cases[i].taken > 0 ? value : 0, cases[i].value);
        bytes_free(bytes);
    }
}

/* Far from the end it is read as a word. */
static void a_known_number_is_read_as_any_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span bytes = bytes_from_hex(cases[i].hex);
        uint8_t far[24];
        struct lib0_known known;

        memset(far, 0xff, sizeof(far)); /* what was cut has no end now */
        memcpy(far, bytes.data, bytes.len);
        print_message("%s\n", cases[i].what);
        assert_ptr_equal(lib0_known_read(far, far + sizeof(far), &known),
                         cases[i].taken > 0 ? far + cases[i].taken : NULL);
        if (cases[i].taken > 0) {
            assert_int_equal(known.value, cases[i].value);
            assert_ptr_equal(lib0_known_again(&known, far, far + sizeof(far)), far + cases[i].taken);
        }
        bytes_free(bytes);
    }
}

static void a_known_number_is_found_again_where_its_bytes_stand(void **state)
{
    /* The same number twice, one that begins like it, one that it begins like, and it again near the end. */
    struct span bytes = bytes_from_hex("a9b9e41f a9b9e41f a9b9e49f01 a9b964 a9b9e41f");
    const uint8_t *p = bytes.data, *end = p + bytes.len;
    struct lib0_known known;

    (void)state;
    assert_ptr_equal(lib0_known_read(p, end, &known), p + 4);
    assert_int_equal(known.value, 66657449);
    assert_ptr_equal(lib0_known_again(&known, p + 4, end), p + 8);
    assert_null(lib0_known_again(&known, p + 8, end));
    assert_null(lib0_known_again(&known, p + 5, end));
    assert_null(lib0_known_again(&known, p + 16, end));
    bytes_free(bytes);
}

static void what_is_not_remembered_is_found_nowhere(void **state)
{
    struct span zeros = bytes_from_hex("0000000000000000"), end = bytes_from_hex("ac02"), cut = bytes_from_hex("ac");
    struct lib0_known known = LIB0_KNOWN_NONE;

    (void)state;
    assert_null(lib0_known_again(&known, zeros.data, zeros.data + zeros.len));
    assert_ptr_equal(lib0_known_read(end.data, end.data + end.len, &known), end.data + 2);
    assert_int_equal(known.value, 300);
    assert_null(lib0_known_again(&known, zeros.data, zeros.data + zeros.len));
    assert_null(lib0_known_read(cut.data, cut.data + cut.len, &known));
    assert_null(lib0_known_again(&known, zeros.data, zeros.data + zeros.len));
    bytes_free(zeros);
    bytes_free(end);
    bytes_free(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_is_read_or_refused),
        cmocka_unit_test(a_known_number_is_read_as_any_other),
        cmocka_unit_test(a_known_number_is_found_again_where_its_bytes_stand),
        cmocka_unit_test(what_is_not_remembered_is_found_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
