/* Opening, syncing, acknowledging: what a client of each protocol sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void clients_of_both_protocols_write_one_note(void **state)
{
    struct guest c[4];

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        guest_open(&c[i], &rig, i % 2 == 0 ? CONN_YWEBSOCKET : CONN_HOCUSPOCUS, "note", "ok", 100 + i);
    }
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < 4; i++) {
            guest_type(&c[i], "word ");
        }
        rig_run(&rig);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_true(guest_agrees(&c[0], &c[i]));
        assert_int_equal(c[i].awareness.live, 4);
    }
    assert_true(guest_agrees_with_server(&c[0], "note"));
    assert_int_equal(crdt_state(c[0].doc, 103), 50);
    /* One for the step 2 and one for each update. */
    assert_int_equal(c[1].stored, 11);
    assert_int_equal(c[1].refused, 0);
    assert_int_equal(rig_stats(&rig).edits, 40);
    for (size_t i = 0; i < 4; i++) {
        guest_finish(&c[i]);
    }
}

static void updates_of_one_turn_leave_as_one(void **state)
{
    struct guest a, b, c;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_open(&c, &rig, CONN_HOCUSPOCUS, "note", "", 3);
    for (int i = 0; i < 5; i++) {
        guest_type(&a, "x");
        guest_type(&b, "y");
    }
    rig_run(&rig);
    assert_int_equal(c.updates, 1);
    assert_int_equal(a.updates, 1);
    for (int i = 0; i < 5; i++) {
        guest_type(&a, "x");
    }
    rig_run(&rig);
    assert_int_equal(c.updates, 2);
    assert_int_equal(a.updates, 1); /* all of it was a's own */
    assert_true(guest_agrees(&a, &c) && guest_agrees(&a, &b));
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&c);
}

/* The answer to a vector is kept for the next who has the same, and never for an older note or another vector. */
static void who_returns_gets_what_he_lacks_however_many_return(void **state)
{
    struct guest a, b[3], h;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "begun ");
    rig_run(&rig);
    for (unsigned i = 0; i < 3; i++) {
        guest_open(&b[i], &rig, CONN_YWEBSOCKET, "note", "", 2 + i);
    }
    guest_open(&h, &rig, CONN_HOCUSPOCUS, "note", "", 9);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 3; i++) {
            guest_disconnect(&b[i]);
        }
        guest_disconnect(&h);
        guest_type(&a, "went on ");
        rig_run(&rig);
        guest_reopen(&b[0], "note", "");
        guest_reopen(&b[1], "note", "");
        guest_reopen(&h, "note", "");
        guest_type(&a, "between ");
        rig_run(&rig);
        guest_reopen(&b[2], "note", ""); /* with the vector of the others, but later */
        assert_true(guest_agrees(&a, &b[0]) && guest_agrees(&a, &b[1]) && guest_agrees(&a, &b[2]));
        assert_true(guest_agrees(&a, &h));
        rig_pass(&rig, round * 11000);
    }
    for (unsigned i = 0; i < 3; i++) {
        guest_finish(&b[i]);
    }
    guest_finish(&a);
    guest_finish(&h);
}

static void an_edit_is_acknowledged_after_its_commit(void **state)
{
    struct guest a, b;
    struct buf ask = {0};

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    assert_int_equal(a.stored, 1);
    store_memory_auto(rig.store, false);
    guest_type(&a, "one");
    guest_type(&b, "two");
    proto_put_ack(&ask, span_str("q1"));
    guest_send(&b, &ask);
    rig_run(&rig);
    assert_true(guest_agrees(&a, &b)); /* both have it … */
    assert_int_equal(a.stored, 1);     /* … and nobody was told that it is safe */
    assert_int_equal(b.echoes, 0);
    store_memory_step(rig.store);
    rig_run(&rig);
    assert_int_equal(a.stored, 2);
    assert_int_equal(b.echoes, 1);
    assert_true(span_equal(buf_span(&b.echo), buf_span(&ask)));
    buf_finish(&ask);
    guest_finish(&a);
    guest_finish(&b);
}

static void message_102_returns_at_once_when_nothing_is_owed(void **state)
{
    struct guest a;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    store_memory_auto(rig.store, false);
    guest_send_hex(&a, "66 00ff");
    rig_run(&rig);
    assert_int_equal(a.echoes, 1);
    assert_memory_equal(a.echo.data, "\x66\x00\xff", 3);
    guest_finish(&a);
}

static void a_repeat_is_acknowledged_after_the_first(void **state)
{
    struct guest a, b;
    struct buf update = {0};

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    store_memory_auto(rig.store, false);
    guest_make(&a, "abc", &update);
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(b.updates, 1);
    guest_send_sync(&b, PROTO_UPDATE, buf_span(&update));
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(b.updates, 1);                    /* not broadcast again */
    assert_int_equal(b.stored, 1);                     /* and not yet acknowledged: the first is not on the disk */
    assert_int_equal(store_memory_step(rig.store), 1); /* one row */
    rig_run(&rig);
    assert_int_equal(a.stored, 3);
    assert_int_equal(b.stored, 2);
    assert_int_equal(rig_stats(&rig).repeats, 2);
    buf_finish(&update);
    guest_finish(&a);
    guest_finish(&b);
}

static void what_waits_for_others_is_stored_before_it_is_acknowledged(void **state)
{
    struct guest a, b;
    struct buf first = {0}, second = {0}, before = {0}, after = {0};

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_make(&a, "first", &first);
    guest_make(&a, "second", &second);
    store_memory_auto(rig.store, false);
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&second));
    rig_run(&rig);
    assert_int_equal(a.stored, 1);
    assert_int_equal(b.updates, 0);
    store_memory_step(rig.store);
    rig_run(&rig);
    assert_int_equal(a.stored, 2);
    rig_state(&rig, "note", &before);
    store_memory_auto(rig.store, true);
    rig_crash(&rig);
    rig_state(&rig, "note", &after);
    assert_true(before.len > 2);
    assert_true(span_equal(buf_span(&before), buf_span(&after)));
    guest_reopen(&b, "note", "");
    guest_reopen(&a, "note", "");
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&first));
    rig_run(&rig);
    assert_int_equal(crdt_state(b.doc, 1), 11);
    buf_finish(&first);
    buf_finish(&second);
    buf_finish(&before);
    buf_finish(&after);
    guest_finish(&a);
    guest_finish(&b);
}

static void a_reader_is_refused_loudly(void **state)
{
    struct guest a, b, editor;

    (void)state;
    guest_open(&editor, &rig, CONN_YWEBSOCKET, "note", "", 3);
    guest_type(&editor, "text");
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "view", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "view", 2);
    assert_int_equal(a.readonly, 1);
    assert_int_equal(a.stored, 1); /* its step 2 held nothing new */
    assert_int_equal(b.denied, 0);
    guest_type(&a, "x");
    guest_type(&b, "y");
    guest_send_hex(&b, "6601");
    rig_run(&rig);
    assert_int_equal(a.refused, 1);
    assert_int_equal(b.denied, 1);
    assert_int_equal(b.echoes, 0); /* it is not saved */
    assert_string_equal(b.reason, "this note may be read, not edited");
    assert_true(guest_agrees_with_server(&editor, "note"));
    assert_int_equal(crdt_state(editor.doc, 1) + crdt_state(editor.doc, 2), 0);
    /* What they have too much is refused in a step 2, too. */
    guest_disconnect(&a);
    guest_reopen(&a, "note", "view");
    guest_disconnect(&b);
    guest_reopen(&b, "note", "view");
    assert_int_equal(a.refused, 2);
    assert_int_equal(b.denied, 2);
    assert_int_equal(a.awareness.live, 3); /* readers are seen */
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&editor);
}

static void a_readers_known_deletes_are_no_edit(void **state)
{
    struct guest a, reader;
    struct buf del = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "some text");
    make_delete(&del, 1, 2, 3);
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&del));
    rig_run(&rig);
    guest_open(&reader, &rig, CONN_HOCUSPOCUS, "note", "view", 2);
    guest_disconnect(&reader);
    guest_reopen(&reader, "note", "view"); /* now its step 2 carries the delete */
    assert_int_equal(reader.stored, 2);
    assert_int_equal(reader.refused, 0);
    buf_clear(&del);
    make_delete(&del, 1, 3, 3);
    guest_send_sync(&reader, PROTO_STEP2, buf_span(&del));
    rig_run(&rig);
    assert_int_equal(reader.refused, 1);
    buf_finish(&del);
    guest_finish(&a);
    guest_finish(&reader);
}

static void broken_bytes_close_with_1002(void **state)
{
    static const struct {
        enum conn_protocol protocol;
        const char *hex;
    } cases[] = {
        {CONN_YWEBSOCKET, "00"},
        {CONN_YWEBSOCKET, "00030100"},
        {CONN_YWEBSOCKET, "000205 ffffffffff"},
        {CONN_YWEBSOCKET, "0002 07 0101 0c 00 44 0b"},
        {CONN_YWEBSOCKET, "0000 02 0115"},
        {CONN_YWEBSOCKET, "01 05 01 15 01 01 7b"},
        {CONN_HOCUSPOCUS, "046e6f74"},
        {CONN_HOCUSPOCUS, "046e6f7465 00 02 05 ffffffffff"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct guest c;

        guest_open(&c, &rig, cases[i].protocol, "note", "", 1);
        guest_send_hex(&c, cases[i].hex);
        rig_run(&rig);
        if (guest_close_code(&c) != CONN_CLOSE_BAD_FRAME) {
            fail_msg("%s: %d", cases[i].hex, guest_close_code(&c));
        }
        guest_disconnect(&c);
        guest_finish(&c);
    }
    assert_int_equal(rig_stats(&rig).bad_frames, sizeof cases / sizeof cases[0]);
    assert_int_equal(rig_stats(&rig).connections, 0);
}

static void unknown_messages_are_passed_by(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_send_hex(&a, "c801 aabb");
    guest_send_hex(&b, "046e6f7465 63");
    rig_run(&rig);
    assert_int_equal(guest_close_code(&a), 0);
    assert_int_equal(guest_close_code(&b), 0);
    guest_finish(&a);
    guest_finish(&b);
}

static void the_wrong_token_does_not_come_in(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "no", 1);
    assert_int_equal(guest_close_code(&a), CONN_CLOSE_FORBIDDEN);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "no", 2);
    assert_int_equal(b.denied, 1);
    assert_string_equal(b.reason, "not for you");
    assert_int_equal(guest_close_code(&b), 0); /* the socket is kept */
    assert_int_equal(b.step2, 0);
    guest_hello(&b, "ok"); /* and another try is welcome */
    rig_run(&rig);
    assert_int_equal(b.authenticated, 1);
    assert_int_equal(b.step2, 1);
    guest_finish(&a);
    guest_finish(&b);
}

static void without_a_token_nothing_happens_for_long(void **state)
{
    struct guest a, b;
    struct buf big = {0};

    (void)state;
    guest_connect(&a, &rig, CONN_HOCUSPOCUS, "secret", "", 1);
    guest_send_sync(&a, PROTO_STEP1, span_of("\0", 1));
    rig_pass(&rig, 9900);
    assert_int_equal(a.step2, 0);
    assert_int_equal(guest_close_code(&a), 0);
    guest_hello(&a, "ok"); /* what came before is handled now */
    rig_run(&rig);
    assert_int_equal(a.step2, 2);
    guest_connect(&b, &rig, CONN_HOCUSPOCUS, "secret", "", 2);
    rig_pass(&rig, 11000);
    assert_int_equal(guest_close_code(&a), 0);
    assert_int_equal(guest_close_code(&b), CONN_CLOSE_TRY_LATER);
    guest_disconnect(&b);
    guest_finish(&b);
    guest_connect(&b, &rig, CONN_HOCUSPOCUS, "secret", "", 2);
    for (int i = 0; i < 70 && guest_close_code(&b) == 0; i++) {
        buf_clear(&big);
        assert_int_equal(buf_reserve(&big, 1000), RC_OK);
        memset(big.data, 0, 1000);
        big.len = 1000;
        guest_send_sync(&b, PROTO_UPDATE, buf_span(&big));
    }
    assert_int_equal(guest_close_code(&b), CONN_CLOSE_TRY_LATER);
    buf_finish(&big);
    guest_finish(&a);
    guest_finish(&b);
}

/* Providers 2 without a token send none. */
static void where_nobody_needs_a_token_none_is_needed(void **state)
{
    struct guest a;

    (void)state;
    guest_connect(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_send_sync(&a, PROTO_STEP1, span_of("\0", 1));
    rig_run(&rig);
    assert_int_equal(a.step2, 1);
    assert_int_equal(a.stored, 1);
    assert_int_equal(a.authenticated, 0);
    guest_finish(&a);
}

static void one_connection_serves_many_notes(void **state)
{
    struct guest a, b, other;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "one", "", 1);
    b = a;
    b.id = 2;
    strcpy(b.address, "two");
    assert_int_equal(crdt_doc_create(NULL, &b.doc), RC_OK);
    awareness_init(&b.awareness);
    b.last = b.echo = (struct buf){0};
    guest_hello(&b, "");
    guest_open(&other, &rig, CONN_YWEBSOCKET, "two", "", 3);
    guest_type(&b, "for two");
    guest_type(&a, "for one");
    rig_run(&rig);
    assert_int_equal(crdt_state(other.doc, 2), 7);
    assert_int_equal(crdt_state(other.doc, 1), 0);
    assert_int_equal(rig_stats(&rig).sessions, 3);
    assert_int_equal(rig_stats(&rig).connections, 2);
    /* One note is closed, the other goes on. */
    guest_send_hex(&a, "036f6e65 07");
    guest_type(&b, "!");
    rig_run(&rig);
    assert_int_equal(rig_stats(&rig).sessions, 2);
    assert_int_equal(crdt_state(other.doc, 2), 8);
    crdt_doc_destroy(b.doc);
    awareness_finish(&b.awareness);
    guest_finish(&a);
    guest_finish(&other);
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

static void presence_is_kept_told_and_removed(void **state)
{
    struct guest a, b, late;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    assert_int_equal(a.awareness.live, 2);
    assert_int_equal(a.presences, 2); /* its own came back */
    guest_send_presence(&b, "{\"cursor\":5}");
    rig_run(&rig);
    assert_string_equal(awareness_find(&a.awareness, 2)->json, "{\"cursor\":5}");
    guest_open(&late, &rig, CONN_YWEBSOCKET, "note", "", 3);
    assert_int_equal(late.awareness.live, 3);
    guest_disconnect(&b);
    rig_run(&rig);
    assert_int_equal(a.awareness.live, 2);
    assert_int_equal(late.awareness.live, 2);
    /* A provider that passes on what it heard (y-websocket 3.1 does) brings nobody back. */
    guest_send_hex(&a, "01 16 01 02 02 12 7b22637572736f72223a357d20202020202020");
    rig_run(&rig);
    assert_int_equal(late.awareness.live, 2);
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&late);
}

static void silence_is_broken_every_20_seconds(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    a.presences = b.presences = 0;
    a.silent = b.silent = true;
    rig_pass(&rig, 62000);
    assert_int_equal(a.presences, 3);
    assert_int_equal(b.presences, 3);
    assert_int_equal(a.last.len, 3);
    assert_memory_equal(a.last.data, "\1\1\0", 3);
    assert_memory_equal(b.last.data, "\4note\1\1\0", 8);
    guest_finish(&a);
    guest_finish(&b);
}

static void too_large_a_presence_is_dropped_and_said(void **state)
{
    struct guest a, b;
    char json[5000];

    (void)state;
    memset(json, 'x', sizeof json);
    json[0] = json[4998] = '"';
    json[4999] = 0;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_send_presence(&a, json);
    rig_run(&rig);
    assert_int_equal(a.denied, 1);
    assert_int_equal(guest_close_code(&a), 0);
    assert_string_equal(awareness_find(&b.awareness, 1)->json, "{}");
    guest_finish(&a);
    guest_finish(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(y_websocket_conversation_is_as_recorded),
        T(hocuspocus_conversation_is_as_recorded),
        T(a_session_of_hocuspocus_4_keeps_its_address),
        T(clients_of_both_protocols_write_one_note),
        T(updates_of_one_turn_leave_as_one),
        T(who_returns_gets_what_he_lacks_however_many_return),
        T(an_edit_is_acknowledged_after_its_commit),
        T(message_102_returns_at_once_when_nothing_is_owed),
        T(a_repeat_is_acknowledged_after_the_first),
        T(what_waits_for_others_is_stored_before_it_is_acknowledged),
        T(a_reader_is_refused_loudly),
        T(a_readers_known_deletes_are_no_edit),
        T(broken_bytes_close_with_1002),
        T(unknown_messages_are_passed_by),
        T(the_wrong_token_does_not_come_in),
        T(without_a_token_nothing_happens_for_long),
        T(where_nobody_needs_a_token_none_is_needed),
        T(one_connection_serves_many_notes),
        T(names_that_are_none_are_refused),
        T(presence_is_kept_told_and_removed),
        T(silence_is_broken_every_20_seconds),
        T(too_large_a_presence_is_dropped_and_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
