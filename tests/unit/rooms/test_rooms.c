/* Opening and syncing: what a client of each protocol sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/bytes.h"
#include "tests/unit/rooms/rig_fixture.h"

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
        T(clients_of_both_protocols_write_one_note),
        T(updates_of_one_turn_leave_as_one),
        T(who_returns_gets_what_he_lacks_however_many_return),
        T(broken_bytes_close_with_1002),
        T(unknown_messages_are_passed_by),
        T(the_wrong_token_does_not_come_in),
        T(without_a_token_nothing_happens_for_long),
        T(where_nobody_needs_a_token_none_is_needed),
        T(one_connection_serves_many_notes),
        T(presence_is_kept_told_and_removed),
        T(silence_is_broken_every_20_seconds),
        T(too_large_a_presence_is_dropped_and_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
