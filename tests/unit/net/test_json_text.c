#include "server/base/json_text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

static void strings_are_escaped_as_json_stringify_does(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", "\"\""},
        {"abc", "\"abc\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\""},
        {"\xc3\xa9\xe2\x80\xa8", "\"\xc3\xa9\xe2\x80\xa8\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};

        json_put_string(&out, span_str(cases[i].in));
        assert_true(span_equal(buf_span(&out), span_str(cases[i].out)));
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(strings_are_escaped_as_json_stringify_does)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
