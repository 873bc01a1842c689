#include "server/net/sse_wire.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

static void expect_text(struct buf *b, const char *text)
{
    assert_int_equal(b->rc, RC_OK);
    assert_int_equal(b->len, strlen(text));
    assert_memory_equal(b->data, text, b->len);
    buf_clear(b);
}

static void the_head_forbids_keeping_and_holding_back(void **state)
{
    struct buf b = {0};

    (void)state;
    sse_put_head(&b);
    buf_put_u8(&b, '\0');
    assert_non_null(strstr((char *)b.data, "\r\nContent-Type: text/event-stream\r\n"));
    assert_non_null(strstr((char *)b.data, "no-store"));
    assert_non_null(strstr((char *)b.data, "\r\nX-Accel-Buffering: no\r\n"));
    assert_string_equal(b.data + b.len - 5, "\r\n\r\n");
    buf_finish(&b);
}

static void events_look_as_the_header_says(void **state)
{
    struct buf b = {0};

    (void)state;
    sse_put_session(&b, "7.ab", 12);
    expect_text(&b, "event: session\ndata: {\"session\":\"7.ab\",\"received\":12}\n\n");
    sse_put_comment(&b);
    expect_text(&b, ":\n\n");
    sse_put_close(&b, 4403, "say \"no\"\n\n");
    expect_text(&b, "event: close\ndata: {\"code\":4403,\"reason\":\"say \\\"no\\\"\\n\\n\"}\n\n");
    sse_put_message(&b, "7.ab", 3);
    sse_put_end(&b);
    expect_text(&b, "id: 7.ab.3\n\n");
    buf_finish(&b);
}

/* RFC 4648, 10, and what a frame's pieces do to it. */
static void a_line_is_base64(void **state)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {{"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    static const uint8_t high[] = {0xfb, 0xff, 0xbf};
    struct buf b = {0};
    struct frame *f;
    struct span part = span_of(high, 3);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span whole = span_str(rows[i].bytes);

        assert_int_equal(frame_create(&whole, 1, &f), RC_OK);
        sse_put_line(&b, f, 0, whole.len);
        assert_int_equal(b.len, strlen(rows[i].text) + 7);
        assert_memory_equal(b.data, "data: ", 6);
        assert_memory_equal(b.data + 6, rows[i].text, b.len - 7);
        assert_int_equal(b.data[b.len - 1], '\n');
        buf_clear(&b);
        frame_unref(f);
    }
    assert_int_equal(frame_create(&part, 1, &f), RC_OK);
    sse_put_line(&b, f, 0, 3);
    expect_text(&b, "data: +/+/\n");
    sse_put_line(&b, f, 1, 2);
    expect_text(&b, "data: /78=\n");
    frame_unref(f);
    buf_finish(&b);
}

static void numbers_are_plain_digits(void **state)
{
    static const struct {
        const char *text;
        int rc;
        uint64_t number;
    } rows[] = {{"0", RC_OK, 0},
                {"1", RC_OK, 1},
                {"007", RC_OK, 7},
                {"999999999999999", RC_OK, UINT64_C(999999999999999)},
                {"9999999999999999", RC_FORMAT, 0},
                {"", RC_FORMAT, 0},
                {"-1", RC_FORMAT, 0},
                {"+1", RC_FORMAT, 0},
                {"1 ", RC_FORMAT, 0},
                {"0x1", RC_FORMAT, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t n = 77;

        assert_int_equal(sse_parse_number(span_str(rows[i].text), &n), rows[i].rc);
        assert_int_equal(n, rows[i].rc == RC_OK ? rows[i].number : 77);
    }
}

static void an_event_id_is_session_and_number(void **state)
{
    static const char *const bad[] = {"", ".", "1", "7.", ".1", "7.ab", "7.ab.", "7.ab.x", "7.ab.1 ", "7.ab.-1"};
    struct span session;
    uint64_t n;

    (void)state;
    assert_int_equal(sse_parse_event_id(span_str("7.ab.12"), &session, &n), RC_OK);
    assert_true(span_equal(session, span_str("7.ab")));
    assert_int_equal(n, 12);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(sse_parse_event_id(span_str(bad[i]), &session, &n), RC_FORMAT);
    }
}

/* Bodies in blocks of exactly their size; how many messages they hold, or that they are none. */
static void a_body_is_whole_messages_or_refused(void **state)
{
    static const struct {
        const char *hex;
        int messages; /* -1: RC_FORMAT */
    } rows[] = {{"", 0},
                {"0100", 1},
                {"0100 0100", 2},
                {"03010203 8100 ff", 2}, /* a length may have more bytes than it needs */
                {"00", -1},
                {"8000", -1},
                {"01", -1},
                {"80", -1},
                {"0201", -1},
                {"0100 05", -1},
                {"ffffffff7f00", -1},
                {"808080808001 00", -1},
                {"ffffffffffffffffffff", -1}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct span body = bytes_from_hex(rows[i].hex), rest = body, message;
        int count = 0;

        assert_int_equal(sse_check_body(body), rows[i].messages < 0 ? RC_FORMAT : RC_OK);
        while (rest.len > 0 && sse_take_message(&rest, &message) == RC_OK) {
            assert_true(message.len > 0);
            count++;
        }
        assert_true(rows[i].messages < 0 ? rest.len > 0 : rest.len == 0 && count == rows[i].messages);
        bytes_free(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head_forbids_keeping_and_holding_back),
        cmocka_unit_test(events_look_as_the_header_says),
        cmocka_unit_test(a_line_is_base64),
        cmocka_unit_test(numbers_are_plain_digits),
        cmocka_unit_test(an_event_id_is_session_and_number),
        cmocka_unit_test(a_body_is_whole_messages_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
