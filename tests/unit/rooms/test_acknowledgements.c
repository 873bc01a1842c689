/* What is said to be stored and when, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

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

static void take_result(void *ctx, int rc)
{
    *(int *)ctx = rc;
}

/* The loop turns for those who wait; who types and asks nothing has the commit all the same. */
static void the_store_wakes_for_those_who_wait(void **state)
{
    struct guest a, b;
    struct buf ask = {0}, update = {0};
    unsigned wakes;
    int done = 1;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    wakes = rig.wakes;
    guest_type(&b, "one");
    guest_type(&b, "two");
    rig_run(&rig);
    assert_int_equal(rig.wakes, wakes);
    assert_int_equal(rig_stats(&rig).edits, 2);

    store_memory_auto(rig.store, false);
    guest_type(&b, "three");
    rig_run(&rig);
    assert_int_equal(rig.wakes, wakes);
    proto_put_ack(&ask, span_str("q"));
    guest_send(&b, &ask); /* now somebody waits for what is under way */
    rig_run(&rig);
    assert_true(rig.wakes > wakes);
    wakes = rig.wakes;
    guest_type(&b, "four"); /* and for what follows, which may be written with it */
    rig_run(&rig);
    assert_true(rig.wakes > wakes);
    store_memory_auto(rig.store, true);
    rig_run(&rig);
    assert_int_equal(b.echoes, 1);

    wakes = rig.wakes;
    guest_type(&a, "five"); /* its provider counts on an answer */
    rig_run(&rig);
    assert_true(rig.wakes > wakes);
    wakes = rig.wakes;
    make_text(&update, 77, 0, "six");
    assert_int_equal(
        rooms_apply(rig.rooms, span_str("note"), CRDT_V1, buf_span(&update), span_str("h"), take_result, &done), RC_OK);
    rig_run(&rig);
    assert_true(rig.wakes > wakes);
    assert_int_equal(done, RC_OK);
    buf_finish(&update);
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

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(an_edit_is_acknowledged_after_its_commit),
        T(the_store_wakes_for_those_who_wait),
        T(message_102_returns_at_once_when_nothing_is_owed),
        T(a_repeat_is_acknowledged_after_the_first),
        T(what_waits_for_others_is_stored_before_it_is_acknowledged),
        T(a_reader_is_refused_loudly),
        T(a_readers_known_deletes_are_no_edit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
