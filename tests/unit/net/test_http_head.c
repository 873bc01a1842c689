#include "server/net/http_head.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

#define H "Host: h\r\n"

static void heads_are_read_strictly(void **state)
{
    static const struct {
        const char *head;
        int rc;
        const char *path, *query;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" H "\r\n", RC_OK, "/", ""},
        {"GET /a%20b?x=1?y HTTP/1.1\r\n" H "\r\n", RC_OK, "/a%20b", "x=1?y"},
        {"GET http://h/a?b HTTP/1.1\r\n" H "\r\n", RC_OK, "/a", "b"},
        {"GET /\xc3\xa9 HTTP/1.1\r\n" H "\r\n", RC_OK, "/\xc3\xa9", ""},
        {"GET / HTTP/1.0\r\n\r\n", RC_OK, "/", ""},
        {"PROPFIND / HTTP/1.1\r\n" H "\r\n", RC_OK, "/", ""},
        {"GET / HTTP/1.x\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.:\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET http://h HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET * HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET  / HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET /a b HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1 \r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {" / HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"G(T / HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET /\x01 HTTP/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/2.0\r\n" H "\r\n", RC_UNSUPPORTED, NULL, NULL},
        {"GET / http/1.1\r\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\n" H "\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA : b\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\n: b\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA: b\x01\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", RC_FORMAT, NULL, NULL},
        {"GET / HTTP/1.1\r\n\r\nX", RC_FORMAT, NULL, NULL},
        {"", RC_FORMAT, NULL, NULL},
        {"\r\n", RC_FORMAT, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span bytes = bytes_copy_str(cases[i].head);
        struct http_head head;
        int rc = http_head_parse(bytes, &head);

        if (rc != cases[i].rc) {
            fail_msg("%s -> %d", cases[i].head, rc);
        }
        if (rc == RC_OK) {
            assert_true(span_equal(head.path, span_str(cases[i].path)));
            assert_true(span_equal(head.query, span_str(cases[i].query)));
        }
        bytes_free(bytes);
    }
}

/* Every beginning of a head, and every head with one byte changed, is read without reading beyond. */
static void damaged_heads_do_no_harm(void **state)
{
    static const char whole[] =
        "POST http://h/a%20b?c=d HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\nA:\tb, c \r\n\r\n";
    size_t good = 0;

    (void)state;
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        struct span bytes = bytes_copy(whole, len);
        struct http_head head;

        assert_int_equal(http_head_end(bytes), 0);
        assert_int_not_equal(http_head_parse(bytes, &head), RC_OK);
        bytes_free(bytes);
    }
    for (size_t at = 0; at < sizeof whole - 1; at++) {
        for (unsigned c = 0; c < 256; c++) {
            struct span bytes = bytes_copy(whole, sizeof whole - 1);
            struct http_framing framing;
            struct http_head head;

            ((uint8_t *)(uintptr_t)bytes.data)[at] = (uint8_t)c;
            if (http_head_parse(bytes, &head) == RC_OK) {
                good += http_head_framing(&head, &framing) == RC_OK;
            }
            http_head_end(bytes);
            bytes_free(bytes);
        }
    }
    assert_true(good > 1000);
}

static void the_end_of_a_head_is_its_empty_line(void **state)
{
    (void)state;
    assert_int_equal(http_head_end(span_str("")), 0);
    assert_int_equal(http_head_end(span_str("\r\n\r\n")), 4);
    assert_int_equal(http_head_end(span_str("a\r\n\r\nb")), 5);
    assert_int_equal(http_head_end(span_str("a\r\n\r")), 0);
    assert_int_equal(http_head_end(span_str("a\r\r\n\r\n")), 6);
    assert_int_equal(http_head_end(span_str("a\n\n")), 0);
}

static void framing_is_unambiguous(void **state)
{
    static const struct {
        const char *head;
        int rc;
        uint64_t length;
        bool chunked, keep, expect, upgrade;
    } cases[] = {
        {"GET / HTTP/1.1\r\n" H "\r\n", RC_OK, 0, false, true, false, false},
        {"GET / HTTP/1.1\r\n" H "Connection: a, Close\r\n\r\n", RC_OK, 0, false, false, false, false},
        {"GET / HTTP/1.0\r\n\r\n", RC_OK, 0, false, false, false, false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 007\r\nExpect: 100-Continue\r\n\r\n", RC_OK, 7, false, true, true,
         false},
        {"POST / HTTP/1.1\r\n" H "Transfer-Encoding: gzip\r\n\r\n", RC_OK, 0, true, true, false, false},
        {"GET / HTTP/1.1\r\n" H "Upgrade: x, WebSocket\r\nConnection: keep-alive, Upgrade\r\n\r\n", RC_OK, 0, false,
         true, false, true},
        {"GET / HTTP/1.1\r\n" H "Upgrade: websocket\r\n\r\n", RC_OK, 0, false, true, false, false},
        {"POST / HTTP/1.1\r\n" H "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", RC_OK, 0, false, true, false,
         false},
        {"GET / HTTP/1.1\r\n\r\n", RC_FORMAT, 0, false, false, false, false},
        {"GET / HTTP/1.1\r\n" H H "\r\n", RC_FORMAT, 0, false, false, false, false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", RC_FORMAT, 0, false, false, false,
         false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1, 1\r\n\r\n", RC_FORMAT, 0, false, false, false, false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: +1\r\n\r\n", RC_FORMAT, 0, false, false, false, false},
        {"POST / HTTP/1.1\r\n" H "Content-Length:\r\n\r\n", RC_FORMAT, 0, false, false, false, false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1234567890123456789\r\n\r\n", RC_FORMAT, 0, false, false, false,
         false},
        {"POST / HTTP/1.1\r\n" H "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", RC_FORMAT, 0, false, false,
         false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct http_framing f = {0};
        struct http_head head;

        assert_int_equal(http_head_parse(span_str(cases[i].head), &head), RC_OK);
        if (http_head_framing(&head, &f) != cases[i].rc || f.length != cases[i].length ||
            f.chunked != cases[i].chunked || (cases[i].rc == RC_OK && f.keep_alive != cases[i].keep) ||
            f.expect_continue != cases[i].expect || f.upgrade_websocket != cases[i].upgrade) {
            fail_msg("%s", cases[i].head);
        }
    }
}

static void headers_are_found_without_regard_to_case(void **state)
{
    struct http_head head;

    (void)state;
    assert_int_equal(
        http_head_parse(span_str("GET / HTTP/1.1\r\nAcCePt:  a , b\t\r\nX: 1\r\naccept: C,d\r\n\r\n"), &head), RC_OK);
    assert_true(span_equal(http_head_get(&head, "accept"), span_str("a , b")));
    assert_int_equal(http_head_get(&head, "accep").len, 0);
    assert_true(http_head_lists(&head, "ACCEPT", "b"));
    assert_true(http_head_lists(&head, "accept", "c"));
    assert_false(http_head_lists(&head, "accept", "e"));
    assert_true(http_equal(span_str("AbC"), "aBc"));
    assert_false(http_equal(span_str("AbC"), "aBcd"));
    assert_false(http_equal(span_str("AbCd"), "aBc"));
    assert_string_equal(http_method_name(HTTP_PATCH), "PATCH");
}

static void more_headers_than_there_is_room_for_are_refused(void **state)
{
    char text[8192] = "GET / HTTP/1.1\r\n";
    struct http_head head;

    (void)state;
    for (int i = 0; i < HTTP_HEADERS_MAX; i++) {
        strcat(text, "A: b\r\n");
    }
    strcat(text, "\r\n");
    assert_int_equal(http_head_parse(span_str(text), &head), RC_OK);
    assert_int_equal(head.count, HTTP_HEADERS_MAX);
    strcpy(text + strlen(text) - 2, "A: b\r\n\r\n");
    assert_int_equal(http_head_parse(span_str(text), &head), RC_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_read_strictly),
        cmocka_unit_test(damaged_heads_do_no_harm),
        cmocka_unit_test(the_end_of_a_head_is_its_empty_line),
        cmocka_unit_test(framing_is_unambiguous),
        cmocka_unit_test(headers_are_found_without_regard_to_case),
        cmocka_unit_test(more_headers_than_there_is_room_for_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
