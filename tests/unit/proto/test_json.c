/* JSON texts as RFC 8259 has them, and their near misses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/proto/json.h"
#include "tests/support/bytes.h"

static const struct {
    const char *text;
    int rc;
} cases[] = {
    {"null", RC_OK},
    {" \t\r\n{} ", RC_OK},
    {"{\"user\":{\"name\":\"Zoé\",\"color\":\"#123\"},\"cursor\":null}", RC_OK},
    {"[]", RC_OK},
    {"[1,2,[3,{\"a\":[]}],true,false,\"\"]", RC_OK},
    {"0", RC_OK},
    {"-0.5e+10", RC_OK},
    {"1E5", RC_OK},
    {"\"\\u00e9\\n\\\"\\\\\\/\"", RC_OK},
    {"{\"a\" : 1 , \"b\" : [ ] }", RC_OK},
    {"", RC_FORMAT},
    {" ", RC_FORMAT},
    {"nul", RC_FORMAT},
    {"nulll", RC_FORMAT},
    {"undefined", RC_FORMAT},
    {"NaN", RC_FORMAT},
    {"01", RC_FORMAT},
    {"1.", RC_FORMAT},
    {".5", RC_FORMAT},
    {"-", RC_FORMAT},
    {"1e", RC_FORMAT},
    {"+1", RC_FORMAT},
    {"{", RC_FORMAT},
    {"}", RC_FORMAT},
    {"{,}", RC_FORMAT},
    {"{\"a\"}", RC_FORMAT},
    {"{\"a\":}", RC_FORMAT},
    {"{\"a\":1,}", RC_FORMAT},
    {"{a:1}", RC_FORMAT},
    {"{1:1}", RC_FORMAT},
    {"[1,]", RC_FORMAT},
    {"[,1]", RC_FORMAT},
    {"[1 2]", RC_FORMAT},
    {"[1}", RC_FORMAT},
    {"{\"a\":1]", RC_FORMAT},
    {"{} {}", RC_FORMAT},
    {"\"a", RC_FORMAT},
    {"\"\\", RC_FORMAT},
    {"\"\\x\"", RC_FORMAT},
    {"\"\\u12g4\"", RC_FORMAT},
    {"\"\\u12", RC_FORMAT},
    {"\"\n\"", RC_FORMAT},
    {"'a'", RC_FORMAT},
    {"// a", RC_FORMAT},
};

static void texts_are_told_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span text = bytes_copy_str(cases[i].text);
        int rc = json_check(text);

        if (rc != cases[i].rc) {
            fail_msg("%s: %d", cases[i].text, rc);
        }
        bytes_free(text);
    }
}

static void an_escaped_zero_byte_is_no_escape(void **state)
{
    struct span text = bytes_copy("\"\\\0\"", 4);

    (void)state;
    assert_int_equal(json_check(text), RC_FORMAT);
    bytes_free(text);
}

static int nested(int depth, char open, char close)
{
    char text[200];

    memset(text, open, (size_t)depth);
    memset(text + depth, close, (size_t)depth);
    return json_check(span_of(text, 2 * (size_t)depth));
}

static void nesting_ends_at_the_limit(void **state)
{
    (void)state;
    assert_int_equal(nested(JSON_DEPTH, '[', ']'), RC_OK);
    assert_int_equal(nested(JSON_DEPTH + 2, '[', ']'), RC_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_told_apart),
        cmocka_unit_test(an_escaped_zero_byte_is_no_escape),
        cmocka_unit_test(nesting_ends_at_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
