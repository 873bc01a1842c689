#include "server/seal/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/bytes.h"

static void hashes_are_blake2b_256(void **state)
{
    static const struct {
        const char *data, *hex;
    } cases[] = {
        /* b2sum -l 256 */
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span data = bytes_copy_str(cases[i].data);
        uint8_t hash[SEAL_HASH_BYTES];
        char *hex;

        seal_hash(data, hash);
        hex = bytes_to_hex(span_of(hash, sizeof(hash)));
        assert_string_equal(hex, cases[i].hex);
        free(hex);
        bytes_free(data);
    }
}

static void tags_tell_key_order_and_borders_apart(void **state)
{
    static const uint8_t zeros[SEAL_KEY_BYTES], ones[SEAL_KEY_BYTES] = {1};
    const struct span parts[][2] = {
        {span_str("ab"), span_str("c")}, {span_str("a"), span_str("bc")}, {span_str("c"), span_str("ab")},
        {span_str("abc"), span_str("")}, {span_str(""), span_str("abc")},
    };
    uint8_t tag[6][SEAL_TAG_BYTES], again[SEAL_TAG_BYTES];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        seal_tag(zeros, parts[i], 2, tag[i]);
    }
    seal_tag(ones, parts[0], 2, tag[5]);
    for (size_t i = 0; i < 6; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(tag[i], tag[j], SEAL_TAG_BYTES);
        }
    }
    seal_tag(zeros, parts[0], 2, again);
    assert_memory_equal(tag[0], again, SEAL_TAG_BYTES);
}

static void ids_are_safe_in_urls_and_differ(void **state)
{
    char id[2][SEAL_ID_CHARS(64) + 1];

    (void)state;
    for (size_t bytes = SEAL_ID_BYTES; bytes <= 64; bytes++) {
        assert_int_equal(seal_random_id(id[0], SEAL_ID_CHARS(bytes) + 1, bytes), RC_OK);
        assert_int_equal(seal_random_id(id[1], sizeof(id[1]), bytes), RC_OK);
        assert_int_equal(strlen(id[0]), SEAL_ID_CHARS(bytes));
        assert_int_equal(strspn(id[0], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
                         strlen(id[0]));
        assert_string_not_equal(id[0], id[1]);
    }
    assert_int_equal(seal_random_id(id[0], sizeof(id[0]), SEAL_ID_BYTES - 1), RC_ARG);
    assert_int_equal(seal_random_id(id[0], sizeof(id[0]), 65), RC_ARG);
    assert_int_equal(seal_random_id(id[0], SEAL_ID_CHARS(16), 16), RC_ARG);
}

static void equality_is_of_length_and_bytes(void **state)
{
    (void)state;
    assert_true(seal_equal(span_str("abc"), span_str("abc")));
    assert_true(seal_equal(span_of(NULL, 0), span_str("")));
    assert_false(seal_equal(span_str("abc"), span_str("abd")));
    assert_false(seal_equal(span_str("abc"), span_str("ab")));
}

static int set_up(void **state)
{
    (void)state;
    return seal_init() == RC_OK && seal_init() == RC_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_blake2b_256),
        cmocka_unit_test(tags_tell_key_order_and_borders_apart),
        cmocka_unit_test(ids_are_safe_in_urls_and_differ),
        cmocka_unit_test(equality_is_of_length_and_bytes),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
