/* What goes over the wire, byte for byte, as the providers have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "tests/support/bytes.h"
#include "tests/unit/rooms/rig_fixture.h"

/* The next message in the client's inbox, as it is. */
static void expect(struct guest *c, const char *hex)
{
    struct span expected = bytes_from_hex(hex);
    struct buf got = {0};

    if (!loopback_take(c->conn, &got)) {
        fail_msg("nothing came, expected %s", hex);
    }
    if (!span_equal(buf_span(&got), expected)) {
        char *text = bytes_to_hex(buf_span(&got));

        print_error("got %s\n", text);
        free(text);
        fail_msg("expected %s", hex);
    }
    buf_finish(&got);
    bytes_free(expected);
}

static void turn(void)
{
    while (store_drain(rig.store) > 0) {
    }
    loopback_turn(rig.net);
}

static void expect_nothing(struct guest *c)
{
    assert_int_equal(loopback_inbox(c->conn), 0);
}

static void y_websocket_conversation_is_as_recorded(void **state)
{
    struct guest a, b;

    (void)state;
    guest_connect(&a, &rig, CONN_YWEBSOCKET, "note", "", 21);
    a.deaf = true;
    turn();
    expect(&a, "00000100");
    guest_send_hex(&a, "00000100");         /* step 1 */
    guest_send_hex(&a, "0106011500027b7d"); /* awareness of clock 0: does not count, as in y-protocols */
    guest_send_hex(&a, "0001020000");       /* step 2, empty */
    turn();
    expect(&a, "0001020000");
    expect_nothing(&a);
    guest_send_hex(&a, "00021101011500040101740768c3a9f09f988000");
    guest_send_hex(&a, "012b011501277b2275736572223a7b226e616d65223a225a6fc3a9222c22636f6c6f72223a2223313233227d7d");
    turn();
    expect(&a, "012b011501277b2275736572223a7b226e616d65223a225a6fc3a9222c22636f6c6f72223a2223313233227d7d");
    expect_nothing(&a);
    guest_connect(&b, &rig, CONN_YWEBSOCKET, "note", "", 22);
    b.deaf = true;
    turn();
    expect(&b, "00000301 1504");
    expect(&b, "012b011501277b2275736572223a7b226e616d65223a225a6fc3a9222c22636f6c6f72223a2223313233227d7d");
    guest_send_hex(&b, "00000100");
    guest_send_hex(&b, "03");
    turn();
    expect(&b, "00011101011500040101740768c3a9f09f988000");
    expect(&b, "012b011501277b2275736572223a7b226e616d65223a225a6fc3a9222c22636f6c6f72223a2223313233227d7d");
    guest_disconnect(&a);
    turn();
    expect(&b, "0108011501046e756c6c");
    expect_nothing(&b);
    guest_finish(&a);
    guest_finish(&b);
}

static void hocuspocus_conversation_is_as_recorded(void **state)
{
    struct guest a, b;

    (void)state;
    guest_connect(&a, &rig, CONN_HOCUSPOCUS, "note", "", 11);
    guest_connect(&b, &rig, CONN_HOCUSPOCUS, "note", "", 12);
    a.deaf = b.deaf = true;
    guest_send_hex(&a, "046e6f74650200026f6b05342e382e30");
    guest_send_hex(&a, "046e6f746500000100");
    guest_send_hex(&a, "046e6f74650106010b00027b7d");
    turn();
    expect(&a, "046e6f746502020a726561642d7772697465");
    expect(&a, "046e6f746500000100");
    expect(&a, "046e6f74650001020000");
    guest_send_hex(&a, "046e6f74650001020000");
    turn();
    expect(&a, "046e6f74650801");
    guest_send_hex(&a, "046e6f746500020d01010b00040101740368c3a900");
    turn();
    turn();
    expect(&a, "046e6f74650801");
    guest_send_hex(&a, "046e6f74650119010b01157b2275736572223a7b226e616d65223a2241227d7d");
    turn();
    expect(&a, "046e6f74650119010b01157b2275736572223a7b226e616d65223a2241227d7d");
    guest_send_hex(&a, "046e6f7465050568656c6c6f"); /* stateless: no answer */
    guest_send_hex(&b, "046e6f746502000476696577");
    guest_send_hex(&b, "046e6f746500000100");
    guest_send_hex(&b, "046e6f74650106010c00027b7d");
    turn();
    expect_nothing(&a);
    expect(&b, "046e6f7465020208726561646f6e6c79");
    expect(&b, "046e6f74650119010b01157b2275736572223a7b226e616d65223a2241227d7d");
    expect(&b, "046e6f7465000003010b02");
    expect(&b, "046e6f746500010d01010b00040101740368c3a900");
    guest_send_hex(&b, "046e6f74650001020000"); /* a reader's step 2 with nothing new is no edit */
    turn();
    expect(&b, "046e6f74650801");
    guest_send_hex(&b, "046e6f746500020a01010c00440b00017800");
    turn();
    expect(&b, "046e6f74650800");
    guest_send_hex(&b, "09");
    turn();
    expect(&b, "0a");
    guest_send_hex(&a, "046e6f74650108010b02046e756c6c");
    guest_send_hex(&a, "046e6f746507");
    turn();
    expect(&b, "046e6f74650108010b02046e756c6c");
    expect_nothing(&b);
    guest_finish(&a);
    guest_finish(&b);
}

static void a_session_of_hocuspocus_4_keeps_its_address(void **state)
{
    struct guest a;

    (void)state;
    guest_connect(&a, &rig, CONN_HOCUSPOCUS, "note", "", 14);
    a.deaf = true;
    guest_send_hex(&a, "0f6e6f746500746f66357864756436640200026f6b05342e382e30");
    guest_send_hex(&a, "0f6e6f746500746f663578647564366400000100");
    turn();
    expect(&a, "0f6e6f746500746f663578647564366402020a726561642d7772697465");
    expect(&a, "0f6e6f746500746f663578647564366400000100");
    expect(&a, "0f6e6f746500746f66357864756436640001020000");
    /* The same note once more, under its plain name, on the same connection. */
    guest_send_hex(&a, "046e6f74650200026f6b");
    turn();
    expect(&a, "046e6f746502020a726561642d7772697465");
    guest_send_hex(&a, "0f6e6f746500746f66357864756436640002 0b 01010e00040101740179 00");
    turn();
    turn();
    expect(&a, "0f6e6f746500746f66357864756436640801");
    expect(&a, "046e6f746500020b01010e0004010174017900");
    guest_finish(&a);
}

static void names_that_are_none_are_refused(void **state)
{
    static const char *const names[] = {"00", "03610162", "03c29f62"};
    struct guest c;
    struct buf long_name = {0};

    (void)state;
    guest_connect(&c, &rig, CONN_HOCUSPOCUS, "x", "", 1);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char hex[40];

        snprintf(hex, sizeof hex, "%s 03", names[i]); /* nothing but a token is answered */
        guest_send_hex(&c, hex);
        snprintf(hex, sizeof hex, "%s 020000", names[i]);
        guest_send_hex(&c, hex);
        c.deaf = true;
        turn();
        snprintf(hex, sizeof hex, "%s 0201 1e", names[i]);
        {
            struct span start = bytes_from_hex(hex);
            struct buf got = {0};

            assert_true(loopback_take(c.conn, &got));
            assert_int_equal(got.len, start.len + 30);
            assert_memory_equal(got.data, start.data, start.len);
            bytes_free(start);
            buf_finish(&got);
        }
        expect_nothing(&c);
    }
    assert_int_equal(rig_stats(&rig).sessions, 0);
    buf_put(&long_name, "\xac\x02", 2);
    for (int i = 0; i < 300; i++) {
        buf_put_u8(&long_name, 'a');
    }
    buf_put(&long_name, "\2\0\0", 3);
    assert_int_equal(loopback_deliver(rig.net, c.conn, buf_span(&long_name)), RC_OK);
    assert_int_equal(guest_close_code(&c), CONN_CLOSE_BAD_REQUEST);
    buf_finish(&long_name);
    guest_finish(&c);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(y_websocket_conversation_is_as_recorded),
        T(hocuspocus_conversation_is_as_recorded),
        T(a_session_of_hocuspocus_4_keeps_its_address),
        T(names_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
