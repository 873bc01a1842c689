/* Notes at rest: who reads one is answered from its bytes, who edits one finds it as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

#define REST_MS 3500 /* without edits, and a look at the room */

static void expect(size_t resting, uint64_t wakes)
{
    assert_int_equal(rig_stats(&rig).resting, resting);
    assert_int_equal(rig_stats(&rig).wakes, wakes);
}

static void send_update(struct guest *c, const struct buf *update)
{
    if (crdt_apply(c->doc, CRDT_V1, buf_span(update), NULL) != RC_OK) {
        fail_msg("the guest does not take its own update");
    }
    guest_send_sync(c, PROTO_UPDATE, buf_span(update));
    rig_run(&rig);
}

static void a_note_rests_when_nobody_edits_it_and_wakes_for_who_does(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_type(&a, "written before");
    rig_run(&rig);
    rig_pass(&rig, 1000);
    guest_type(&b, "a pause of a second is none");
    rig_run(&rig);
    rig_pass(&rig, 1000);
    expect(0, 0);
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    a.stored = 0;
    guest_type(&a, ", and behind");
    rig_run(&rig);
    expect(0, 1);
    assert_int_equal(a.stored, 1);
    assert_true(guest_agrees(&a, &b));
    assert_true(guest_agrees_with_server(&b, "note"));
    rig_pass(&rig, REST_MS);
    expect(1, 1);
    guest_finish(&a);
    guest_finish(&b);
}

static void who_comes_to_a_note_at_rest_gets_it_without_waking_it(void **state)
{
    struct guest a, fresh, viewer, back;
    struct buf update = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "what stands there");
    make_delete(&update, 1, 4, 6);
    send_update(&a, &update);
    guest_open(&back, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_disconnect(&back);
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    guest_open(&fresh, &rig, CONN_HOCUSPOCUS, "note", "", 3);
    guest_open(&viewer, &rig, CONN_YWEBSOCKET, "note", "view", 4);
    assert_true(guest_agrees(&a, &fresh));
    assert_true(guest_agrees(&a, &viewer));
    expect(1, 0);
    assert_int_equal(viewer.denied + fresh.refused, 0);
    guest_reopen(&back, "note", ""); /* what it has holds deletes, which are looked at */
    assert_true(guest_agrees(&a, &back));
    assert_int_equal(back.step2, 2);
    guest_finish(&a);
    guest_finish(&fresh);
    guest_finish(&viewer);
    guest_finish(&back);
    buf_finish(&update);
}

static void the_answer_from_rest_is_the_document_byte_for_byte(void **state)
{
    struct guest a, b;
    struct buf awake = {0}, one = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "some words");
    make_text(&one, 9, 0, "another's");
    send_update(&a, &one);
    b = (struct guest){0};
    guest_connect(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    b.silent = true;
    guest_send_hex(&b, "00 00 01 00");
    rig_run(&rig);
    buf_put_span(&awake, buf_span(&b.last));
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    guest_send_hex(&b, "00 00 01 00");
    rig_run(&rig);
    assert_true(awake.len > 20);
    assert_true(span_equal(buf_span(&awake), buf_span(&b.last)));
    expect(1, 0);
    buf_finish(&awake);
    buf_finish(&one);
    guest_finish(&a);
    guest_finish(&b);
}

static void structs_that_wait_go_on_waiting(void **state)
{
    struct guest a, fresh;
    struct buf first = {0}, second = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    make_text(&first, 9, 0, "before");
    make_text(&second, 9, 6, " and after");
    send_update(&a, &second);
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    guest_open(&fresh, &rig, CONN_YWEBSOCKET, "note", "", 2);
    assert_int_equal(crdt_state(fresh.doc, 9), 0);
    assert_true(crdt_has_pending(fresh.doc));
    expect(1, 0);
    send_update(&a, &first);
    expect(0, 1);
    assert_int_equal(crdt_state(fresh.doc, 9), 16);
    assert_true(guest_agrees(&a, &fresh));
    assert_true(guest_agrees_with_server(&a, "note"));
    buf_finish(&first);
    buf_finish(&second);
    guest_finish(&a);
    guest_finish(&fresh);
}

static void a_note_is_loaded_into_rest(void **state)
{
    struct guest a, b;
    struct buf note = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "stored");
    rig_run(&rig);
    rig_crash(&rig);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    expect(1, 0);
    assert_true(guest_agrees(&a, &b));
    guest_type(&b, "more");
    rig_run(&rig);
    expect(0, 1);
    guest_reopen(&a, "note", "");
    assert_true(guest_agrees(&a, &b));
    rig_crash(&rig);
    rig_state(&rig, "note", &note); /* who came for the document gets what was loaded */
    assert_true(note.len > 10);
    expect(0, 0);
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    buf_finish(&note);
    guest_finish(&a);
    guest_finish(&b);
}

static void reading_over_http_wakes_a_note_for_a_while(void **state)
{
    struct guest a;
    struct buf note = {0}, again = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "read over and over");
    rig_run(&rig);
    rig_pass(&rig, REST_MS);
    for (int i = 0; i < 20; i++) {
        rig_state(&rig, "note", &note);
        rig_pass(&rig, 500);
        expect(0, 1);
    }
    rig_pass(&rig, REST_MS);
    expect(1, 1);
    rig_state(&rig, "note", &again);
    assert_true(span_equal(buf_span(&note), buf_span(&again)));
    buf_finish(&note);
    buf_finish(&again);
    guest_finish(&a);
}

static void a_large_note_keeps_its_document(void **state)
{
    static char page[60001];
    struct guest a;

    (void)state;
    memset(page, 'x', sizeof page - 1);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (int i = 0; i < 3; i++) {
        guest_type(&a, page);
        rig_run(&rig);
    }
    rig_pass(&rig, 3 * REST_MS);
    expect(0, 0);
    assert_true(guest_agrees_with_server(&a, "note"));
    guest_finish(&a);
}

static int open_with_short_queues(void **state)
{
    struct rooms_options options = rig_options();

    (void)state;
    memset(&rig, 0, sizeof rig);
    rig.soft = 1000;
    rig.hard = 65536;
    options.lag_bytes = 1;
    rig_open(&rig, &options);
    return 0;
}

static void a_reader_that_was_behind_is_brought_up_to_date_from_rest(void **state)
{
    struct guest a, slow;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 2);
    loopback_stall(slow.conn, true);
    for (int i = 0; i < 300; i++) {
        guest_type(&a, "x");
        rig_run(&rig);
    }
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    loopback_stall(slow.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_int_equal(crdt_state(slow.doc, 1), 300);
    assert_true(guest_agrees(&a, &slow));
    assert_int_equal(rig_stats(&rig).resyncs, 1);
    expect(1, 0);
    guest_finish(&a);
    guest_finish(&slow);
}

static void a_note_at_rest_is_unloaded_and_loads_the_same(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "for later");
    rig_run(&rig);
    guest_disconnect(&a);
    rig_pass(&rig, REST_MS);
    expect(1, 0);
    rig_pass(&rig, 40000);
    expect(0, 0);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    assert_true(guest_agrees(&a, &b));
    guest_finish(&a);
    guest_finish(&b);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(a_note_rests_when_nobody_edits_it_and_wakes_for_who_does),
        T(who_comes_to_a_note_at_rest_gets_it_without_waking_it),
        T(the_answer_from_rest_is_the_document_byte_for_byte),
        T(structs_that_wait_go_on_waiting),
        T(a_note_is_loaded_into_rest),
        T(reading_over_http_wakes_a_note_for_a_while),
        T(a_large_note_keeps_its_document),
        cmocka_unit_test_setup_teardown(a_reader_that_was_behind_is_brought_up_to_date_from_rest,
                                        open_with_short_queues, rig_teardown),
        T(a_note_at_rest_is_unloaded_and_loads_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
