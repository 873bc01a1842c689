#include "bench/editors/ws_frame.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/bytes.h"

static void frames_come_back_whole_and_are_asked_for_when_cut(void **state)
{
    static const size_t lengths[] = {0, 1, 125, 126, 65535, 65536, 200000};
    static const uint8_t mask[4] = {1, 2, 3, 0xFF};
    static uint8_t payload[200000];

    (void)state;
    for (size_t i = 0; i < sizeof(payload); i++) {
        payload[i] = (uint8_t)(i * 7);
    }
    for (size_t i = 0; i < 2 * sizeof(lengths) / sizeof(*lengths); i++) {
        bool masked = i % 2 == 1;
        struct span wanted = span_of(payload, lengths[i / 2]);
        struct buf bytes = {0};
        struct ws_frame f;
        ws_frame_put(&bytes, WS_BINARY, wanted, masked ? mask : NULL);
        assert_int_equal(ws_frame_read(bytes.data, bytes.len - 1, masked, &f), 0);
        assert_int_equal(ws_frame_read(bytes.data, bytes.len, masked, &f), 1);
        assert_true(f.final && f.opcode == WS_BINARY && f.size == bytes.len);
        assert_true(span_equal(f.payload, wanted));
        buf_finish(&bytes);
    }
}

static uint8_t *mutable(struct span s)
{
    return (uint8_t *)(uintptr_t)s.data; /* our own copy */
}

static void what_the_rfc_forbids_is_refused(void **state)
{
    static const struct {
        const char *hex, *what;
        bool masked;
    } cases[] = {
        {"c2 01 00", "a reserved bit", false},
        {"83 01 00", "an unknown opcode", false},
        {"8b 00", "an unknown control opcode", false},
        {"09 00", "a control frame in parts", false},
        {"89 7e 00 7e", "a control frame above 125 bytes", false},
        {"82 81 01 02 03 04 05", "a mask from the server", false},
        {"82 01 05", "no mask from the client", true},
        {"82 7e 00 7d", "a length that fits in less", false},
        {"82 7f 00 00 00 00 00 00 ff ff", "a length that fits in two bytes", false},
    };
    struct ws_frame f;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct span b = bytes_from_hex(cases[i].hex);
        print_message("%s\n", cases[i].what);
        assert_int_equal(ws_frame_read(mutable(b), b.len, cases[i].masked, &f), RC_FORMAT);
        bytes_free(b);
    }
    struct span huge = bytes_from_hex("82 7f 00 00 01 00 00 00 00 00");
    assert_int_equal(ws_frame_read(mutable(huge), huge.len, false, &f), RC_LIMIT);
    bytes_free(huge);
}

/* The example of RFC 6455, 1.3. */
static void the_handshake_is_that_of_the_rfc(void **state)
{
    static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
    struct buf request = {0}, answer = {0};
    struct span path, got;

    (void)state;
    ws_request_put(&request, "127.0.0.1:1", "/ws/note", key);
    assert_int_equal(ws_head_length(buf_span(&request)), request.len);
    assert_int_equal(ws_request_read(buf_span(&request), &path, &got), RC_OK);
    assert_true(span_equal(path, span_str("/ws/note")) && span_equal(got, span_str(key)));
    ws_answer_put(&answer, got);
    buf_put_u8(&answer, 0);
    assert_non_null(strstr((const char *)answer.data, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    answer.len--;
    assert_int_equal(ws_answer_check(buf_span(&answer), key), RC_OK);
    assert_int_equal(ws_answer_check(buf_span(&answer), "AAAAIHNhbXBsZSBub25jZQ=="), RC_FORMAT);
    assert_int_equal(ws_answer_check(span_str("HTTP/1.1 403 Forbidden\r\n\r\n"), key), RC_DENIED);
    assert_int_equal(ws_answer_check(span_str("SSH-2.0-nothing here\r\n\r\n"), key), RC_FORMAT);
    assert_int_equal(ws_head_length(span_str("HTTP/1.1 101 half of it\r\n")), 0);
    buf_finish(&request);
    buf_finish(&answer);
}

/* The bytes of the same example. */
static void a_key_ends_where_it_ends(void **state)
{
    char key[WS_KEY_LEN + 1];

    (void)state;
    memset(key, 'x', sizeof(key));
    ws_key_make((const uint8_t *)"the sample nonce", key);
    assert_string_equal(key, "dGhlIHNhbXBsZSBub25jZQ==");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_whole_and_are_asked_for_when_cut),
        cmocka_unit_test(what_the_rfc_forbids_is_refused),
        cmocka_unit_test(the_handshake_is_that_of_the_rfc),
        cmocka_unit_test(a_key_ends_where_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
