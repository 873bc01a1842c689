#include "server/net/http_stream.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>
#include "tests/unit/net/http_rig.h"

static void put_piece(struct http_rig *rig, const char *text)
{
    struct http_exchange *x = rig->held;
    struct buf piece = {0};

    assert_non_null(x);
    rig->held = NULL;
    buf_put_str(&piece, text);
    http_stream_put(x, &piece);
    assert_int_equal(piece.len, 0);
}

static void end_stream(struct http_rig *rig, bool whole)
{
    struct http_exchange *x = rig->held;

    assert_non_null(x);
    rig->held = NULL;
    http_stream_end(x, whole);
}

#define GET_STREAM(version) "GET /stream HTTP/1." version "\r\n" H "\r\n"

static void pieces_come_as_chunks_and_the_connection_goes_on(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    const char *got;
    bool closed;

    got = http_rig_talk(rig, fd, GET_STREAM("1") "POST / HTTP/1.1\r\n" H "Content-Length: 2\r\n\r\nab", &closed);
    assert_non_null(strstr(got, "\r\nTransfer-Encoding: chunked\r\nX-Own: 1\r\n\r\n"));
    assert_null(strstr(got, "Content-Length"));
    assert_int_equal(rig->drained, 1);
    put_piece(rig, "first piece of it");
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "11\r\nfirst piece of it");
    put_piece(rig, "second");
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "\r\n6\r\nsecond");
    assert_int_equal(rig->requests, 1);
    end_stream(rig, true);
    got = http_rig_talk(rig, fd, "", &closed);
    assert_memory_equal(got, "\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n", 24);
    assert_int_equal(rig->requests, 2);
    assert_false(closed);
    http_rig_talk(rig, fd, GET_STREAM("1"), &closed);
    end_stream(rig, true);
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "0\r\n\r\n");
    assert_int_equal(rig->gone, 0);
    close(fd);
}

static void without_chunks_the_end_of_the_connection_is_the_end(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    const char *got;
    bool closed;

    got = http_rig_talk(rig, fd, GET_STREAM("0"), &closed);
    assert_null(strstr(got, "Transfer-Encoding"));
    assert_non_null(strstr(got, "\r\nConnection: close\r\n\r\n"));
    put_piece(rig, "one");
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "one");
    put_piece(rig, "two");
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "two");
    assert_false(closed);
    end_stream(rig, true);
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "");
    assert_true(closed);
    close(fd);
}

static void a_head_alone_has_no_pieces(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    bool closed;

    assert_non_null(strstr(http_rig_talk(rig, fd, "HEAD /stream HTTP/1.1\r\n" H "\r\n", &closed), "X-Own: 1\r\n\r\n"));
    assert_int_equal(rig->gone, 1);
    assert_int_equal(rig->drained, 0);
    assert_false(closed);
    close(fd);
}

static void what_is_cut_off_is_no_whole(void **state)
{
    static const char *const requests[] = {GET_STREAM("1"), GET_STREAM("0")};
    struct http_rig *rig = *state;

    for (size_t i = 0; i < 2; i++) {
        int fd = http_rig_connect(rig);
        bool closed;
        char byte;

        http_rig_talk(rig, fd, requests[i], &closed);
        put_piece(rig, "a part");
        http_rig_talk(rig, fd, "", &closed);
        end_stream(rig, false);
        assert_true(recv(fd, &byte, 1, 0) < 0); /* reset: not an end */
        close(fd);
    }
    assert_int_equal(rig->gone, 0);
    assert_int_equal(http_server_active(rig->server), 0);
}

static void nothing_more_is_asked_for_while_the_peer_does_not_read(void **state)
{
    const size_t size = 8 << 20;
    struct http_rig *rig = *state;
    char *text = malloc(size);
    int fd = http_rig_connect(rig);
    bool closed;

    assert_non_null(text);
    memset(text, 'x', size - 1);
    text[size - 1] = '\0';
    http_rig_talk(rig, fd, GET_STREAM("1"), &closed);
    put_piece(rig, text);
    free(text);
    for (int i = 0; i < 5; i++) {
        net_loop_poll(rig->loop);
    }
    assert_null(rig->held);
    clock_fake_advance_ms(&rig->clock, 31000);
    http_server_tick(rig->server);
    assert_int_equal(rig->gone, 1);
    close(fd);
}

static void a_piece_may_take_its_time(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    bool closed;

    http_rig_talk(rig, fd, GET_STREAM("1"), &closed);
    clock_fake_advance_ms(&rig->clock, 3600000);
    http_server_tick(rig->server);
    assert_int_equal(rig->gone, 0);
    http_server_stop(rig->server);
    put_piece(rig, "the rest");
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "8\r\nthe rest"); /* what is under way may end */
    end_stream(rig, true);
    assert_string_equal(http_rig_talk(rig, fd, "", &closed), "\r\n0\r\n\r\n");
    assert_true(closed);
    close(fd);
}

static void who_makes_the_pieces_is_told_when_the_peer_has_gone(void **state)
{
    struct http_rig *rig = *state;
    int fd = http_rig_connect(rig);
    bool closed;

    http_rig_talk(rig, fd, GET_STREAM("1"), &closed);
    close(fd);
    for (int i = 0; i < 50 && rig->gone == 0; i++) {
        put_piece(rig, "to nobody");
        for (int k = 0; k < 50 && !rig->held && rig->gone == 0; k++) {
            net_loop_poll(rig->loop);
        }
    }
    assert_int_equal(rig->gone, 1);
    assert_int_equal(http_server_active(rig->server), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_come_as_chunks_and_the_connection_goes_on, http_rig_set_up,
                                        http_rig_tear_down),
        cmocka_unit_test_setup_teardown(without_chunks_the_end_of_the_connection_is_the_end, http_rig_set_up,
                                        http_rig_tear_down),
        cmocka_unit_test_setup_teardown(a_head_alone_has_no_pieces, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(what_is_cut_off_is_no_whole, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(nothing_more_is_asked_for_while_the_peer_does_not_read, http_rig_set_up,
                                        http_rig_tear_down),
        cmocka_unit_test_setup_teardown(a_piece_may_take_its_time, http_rig_set_up, http_rig_tear_down),
        cmocka_unit_test_setup_teardown(who_makes_the_pieces_is_told_when_the_peer_has_gone, http_rig_set_up,
                                        http_rig_tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
