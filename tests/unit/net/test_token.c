#include "server/net/token.h"

#include <stdarg.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static const struct {
    const char *query, *header, *token;
} rows[] = {
    {"", "", ""},
    {"", "Authorization: Bearer abc\r\n", "abc"},
    {"", "authorization: bEARER a.b-c\r\n", "a.b-c"},
    {"", "Authorization: Bearer \r\n", ""},
    {"", "Authorization: Basic abc\r\n", ""},
    {"", "Authorization: Bearerabc\r\n", ""},
    {"?token=q", "", "q"},
    {"?a=1&token=q%20r&b", "Authorization: Bearer abc\r\n", "q r"},
    {"?token=", "Authorization: Bearer abc\r\n", "abc"},
    {"?token=%zz", "Authorization: Bearer abc\r\n", "abc"},
    {"?tokens=q", "", ""},
};

static void the_query_comes_before_the_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf text = {0}, token = {0};
        struct http_head head;

        buf_printf(&text, "GET /x%s HTTP/1.1\r\nHost: x\r\n%s\r\n", rows[i].query, rows[i].header);
        assert_int_equal(http_head_parse(buf_span(&text), &head), RC_OK);
        buf_put_str(&token, "<");
        token_of_request(&head, &token);
        assert_int_equal(token.len, strlen(rows[i].token) + 1);
        assert_memory_equal(token.data + 1, rows[i].token, token.len - 1);
        if (rows[i].query[0] == '\0') {
            assert_true(span_equal(token_of_header(&head), span_str(rows[i].token)));
        }
        buf_finish(&token);
        buf_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_query_comes_before_the_header)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
