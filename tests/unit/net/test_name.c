#include "server/net/name.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

static void percent_decoding_happens_once(void **state)
{
    static const struct {
        const char *in;
        bool plus;
        int rc;
        const char *out;
    } cases[] = {
        {"", false, RC_OK, ""},           {"abc", false, RC_OK, "abc"},    {"a%2Fb", false, RC_OK, "a/b"},
        {"%2f%2F", false, RC_OK, "//"},   {"%2525", false, RC_OK, "%25"},  {"a+b", false, RC_OK, "a+b"},
        {"a+b", true, RC_OK, "a b"},      {"%2B", true, RC_OK, "+"},       {"%C3%A9", false, RC_OK, "\xc3\xa9"},
        {"%", false, RC_FORMAT, NULL},    {"%2", false, RC_FORMAT, NULL},  {"ab%", false, RC_FORMAT, NULL},
        {"%zz", false, RC_FORMAT, NULL},  {"%2g", false, RC_FORMAT, NULL}, {"a%2", false, RC_FORMAT, NULL},
        {"%%20", false, RC_FORMAT, NULL}, {"%:0", false, RC_FORMAT, NULL}, {"%@0", false, RC_FORMAT, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span in = bytes_copy_str(cases[i].in);
        struct buf out = {0};

        buf_put_str(&out, "<");
        assert_int_equal(net_percent_decode(in, cases[i].plus, &out), cases[i].rc);
        if (cases[i].out) {
            assert_int_equal(out.len, 1 + strlen(cases[i].out));
            assert_memory_equal(out.data + 1, cases[i].out, out.len - 1);
        } else {
            assert_int_equal(out.len, 1);
        }
        buf_finish(&out);
        bytes_free(in);
    }
}

static void what_is_encoded_decodes_to_the_same(void **state)
{
    struct buf encoded = {0}, decoded = {0};
    uint8_t all[256];

    (void)state;
    for (size_t i = 0; i < 256; i++) {
        all[i] = (uint8_t)i;
    }
    net_percent_encode(span_of(all, sizeof all), &encoded);
    assert_int_equal(net_percent_decode(buf_span(&encoded), true, &decoded), RC_OK);
    assert_int_equal(decoded.len, sizeof all);
    assert_memory_equal(decoded.data, all, sizeof all);
    buf_finish(&encoded);
    buf_finish(&decoded);
}

static void note_names_are_plain_utf8_of_200_bytes(void **state)
{
    static const struct {
        const char *hex;
        bool valid;
    } cases[] = {
        {"", false},       {"61", true},    {"2f2e2e2f", true}, {"20", true},        {"00", false},
        {"610a", false},   {"1f", false},   {"7f", false},      {"c285", false},     {"c29f", false},
        {"c2a0", true},    {"c3a9", true},  {"f09f9880", true}, {"c3", false},       {"c328", false},
        {"eda080", false}, {"c080", false}, {"e08080", false},  {"f4908080", false}, {"f08080af", false},
        {"e282", false},   {"ff", false},   {"efbfbd", true},   {"80", false},       {"f5808080", false},
    };
    char name[202];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span s = bytes_from_hex(cases[i].hex);

        if (net_note_name_valid(s) != cases[i].valid) {
            fail_msg("%s", cases[i].hex);
        }
        bytes_free(s);
    }
    memset(name, 'x', sizeof name);
    assert_true(net_note_name_valid(span_of(name, 200)));
    assert_false(net_note_name_valid(span_of(name, 201)));
}

static void a_segment_gives_a_name_or_nothing(void **state)
{
    static const struct {
        const char *segment;
        int rc;
    } cases[] = {{"a%20b", RC_OK}, {"", RC_RANGE}, {"%00", RC_RANGE}, {"%FF", RC_RANGE}, {"%f", RC_FORMAT}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};

        assert_int_equal(net_note_name_decode(span_str(cases[i].segment), &out), cases[i].rc);
        assert_int_equal(out.len > 0, cases[i].rc == RC_OK);
        buf_finish(&out);
    }
}

static void query_parameters_are_found_by_their_name(void **state)
{
    static const struct {
        const char *query, *key;
        int rc;
        const char *value;
    } cases[] = {
        {"a=1&b=2", "b", RC_OK, "2"},
        {"a=1&b=2", "a", RC_OK, "1"},
        {"ab=1", "a", RC_NOTFOUND, ""},
        {"", "a", RC_NOTFOUND, ""},
        {"a", "a", RC_OK, ""},
        {"a=", "a", RC_OK, ""},
        {"&&a=1", "a", RC_OK, "1"},
        {"a=1&a=2", "a", RC_OK, "1"},
        {"a=x%26y", "a", RC_OK, "x&y"},
        {"a=x+y", "a", RC_OK, "x y"},
        {"a=b=c", "a", RC_OK, "b=c"},
        {"a=%zz", "a", RC_FORMAT, ""},
        {"token2=x", "token", RC_NOTFOUND, ""},
        {"xtoken=1&token=2", "token", RC_OK, "2"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span query = bytes_copy_str(cases[i].query);
        struct buf out = {0};

        assert_int_equal(net_query_get(query, cases[i].key, &out), cases[i].rc);
        assert_true(span_equal(buf_span(&out), span_str(cases[i].value)));
        buf_finish(&out);
        bytes_free(query);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percent_decoding_happens_once),
        cmocka_unit_test(what_is_encoded_decodes_to_the_same),
        cmocka_unit_test(note_names_are_plain_utf8_of_200_bytes),
        cmocka_unit_test(a_segment_gives_a_name_or_nothing),
        cmocka_unit_test(query_parameters_are_found_by_their_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
