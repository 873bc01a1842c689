/* Loading, unloading, compaction, trouble with the store, stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/bytes.h"
#include "tests/unit/rooms/rig_fixture.h"

static void who_comes_while_a_note_loads_waits(void **state)
{
    struct guest a, b, again;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "stored");
    rig_run(&rig);
    rig_crash(&rig);
    guest_finish(&a);
    store_memory_auto(rig.store, false);
    guest_open(&again, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 3);
    guest_type(&again, "one");
    guest_type(&b, "two");
    assert_int_equal(again.authenticated, 1);
    assert_int_equal(again.step2 + b.step2 + b.step1, 0);
    store_memory_auto(rig.store, true);
    rig_run(&rig);
    assert_int_equal(crdt_state(again.doc, 1), 6);
    assert_true(guest_agrees(&again, &b));
    assert_true(guest_agrees_with_server(&b, "note"));
    assert_int_equal(again.stored, 2);
    guest_finish(&again);
    guest_finish(&b);
}

static void a_note_that_does_not_load_is_refused_and_never_empty(void **state)
{
    static const int codes[] = {RC_IO, RC_NOMEM, RC_BUSY, RC_CORRUPT};
    struct guest a, b, c, other;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "precious");
    rig_run(&rig);
    rig_crash(&rig);
    for (size_t i = 0; i < 4; i++) {
        store_memory_fail_load(rig.store, codes[i]);
        guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
        assert_int_equal(guest_close_code(&b), CONN_CLOSE_TRY_LATER);
        assert_int_equal(b.step1 + b.step2, 0);
        guest_disconnect(&b);
        guest_finish(&b);
        store_memory_fail_load(rig.store, codes[i]);
        guest_open(&c, &rig, CONN_HOCUSPOCUS, "note", "", 3);
        assert_int_equal(guest_close_code(&c), CONN_CLOSE_TRY_LATER); /* the only note on it */
        assert_int_equal(c.step2, 0);
        guest_disconnect(&c);
        guest_finish(&c);
    }
    /* With another note open on the connection only this one is closed. */
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "fine", "", 4);
    store_memory_fail_load(rig.store, RC_CORRUPT);
    guest_send_hex(&other, "046e6f7465 020000");
    rig_run(&rig);
    assert_memory_equal(other.last.data, "\4note\7", 6);
    assert_int_equal(guest_close_code(&other), 0);
    assert_int_equal(rig_stats(&rig).failed_loads, 9);
    /* And when it can be read again, it is all there. */
    guest_reopen(&a, "note", "");
    assert_true(guest_agrees_with_server(&a, "note"));
    guest_finish(&a);
    guest_finish(&other);
}

static void a_damaged_row_refuses_the_note(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "x");
    rig_run(&rig);
    assert_int_equal(store_memory_damage(rig.store, span_str("note"), true), RC_OK);
    rig_crash(&rig);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    assert_int_equal(guest_close_code(&b), CONN_CLOSE_TRY_LATER);
    guest_finish(&a);
    guest_finish(&b);
}

/* Nobody comes or leaves who could stir it. */
static void a_room_that_was_only_read_is_unloaded_too(void **state)
{
    struct guest a;
    struct buf content = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "word");
    rig_run(&rig);
    rig_crash(&rig);
    guest_finish(&a);
    rig_state(&rig, "note", &content);
    assert_true(content.len > 4);
    assert_int_equal(rig_stats(&rig).rooms, 1);
    rig_pass(&rig, 29000);
    assert_int_equal(rig_stats(&rig).rooms, 1);
    rig_pass(&rig, 2100);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    buf_finish(&content);
}

static void an_empty_room_is_unloaded_and_loads_the_same(void **state)
{
    struct guest a;
    struct buf before = {0}, after = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (int i = 0; i < 60; i++) {
        guest_type(&a, "word ");
        rig_run(&rig);
    }
    rig_state(&rig, "note", &before);
    guest_disconnect(&a);
    rig_pass(&rig, 29000);
    assert_int_equal(rig_stats(&rig).rooms, 1);
    rig_pass(&rig, 2000);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    rig_state(&rig, "note", &after);
    assert_int_equal(rig_stats(&rig).loads, 2);
    assert_true(before.len > 300);
    assert_true(span_equal(buf_span(&before), buf_span(&after)));
    buf_finish(&before);
    buf_finish(&after);
    guest_finish(&a);
}

static void who_only_looks_creates_nothing(void **state)
{
    struct guest a;
    struct buf none = {0};

    (void)state;
    rig_state(&rig, "nowhere", &none);
    assert_int_equal(none.len, 0);
    rig_pass(&rig, 200);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    rig_state(&rig, "note", &none);
    assert_int_equal(none.len, 0); /* open, but nothing written */
    guest_finish(&a);
}

static void an_unloading_room_takes_back_who_returns(void **state)
{
    struct guest a;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (int i = 0; i < 60; i++) {
        guest_type(&a, "x");
        rig_run(&rig);
    }
    guest_disconnect(&a);
    rig_pass(&rig, 29900);
    store_memory_auto(rig.store, false);
    rig_pass(&rig, 300); /* the snapshot is under way */
    guest_reopen(&a, "note", "");
    guest_type(&a, "back");
    store_memory_auto(rig.store, true);
    rig_pass(&rig, 300);
    assert_int_equal(rig_stats(&rig).rooms, 1);
    assert_int_equal(rig_stats(&rig).loads, 1);
    rig_crash(&rig);
    guest_reopen(&a, "note", "");
    assert_true(guest_agrees_with_server(&a, "note"));
    assert_int_equal(crdt_state(a.doc, 1), 64);
    guest_finish(&a);
}

static void a_full_disk_refuses_edits_and_makes_up_for_them(void **state)
{
    struct guest a, b, reader;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_type(&a, "before ");
    rig_run(&rig);
    assert_int_equal(a.stored, 2);
    /* The commit that fails holds an edit that everyone has seen: it is kept and tried again. */
    store_memory_fail(rig.store, RC_FULL, 3);
    guest_type(&a, "seen ");
    store_memory_auto(rig.store, false);
    rig_run(&rig);
    store_memory_step(rig.store);
    rig_run(&rig);
    assert_int_equal(store_state(rig.store), STORE_FULL);
    assert_int_equal(a.stored, 2);
    assert_int_equal(crdt_state(b.doc, 1), 12);
    /* What comes now is refused, in order. */
    guest_type(&a, "refused ");
    guest_type(&a, "twice ");
    guest_type(&b, "me too ");
    guest_send_hex(&b, "66 51");
    rig_run(&rig);
    assert_int_equal(a.refused, 0); /* the edit before it is not answered yet */
    assert_int_equal(b.denied, 1);
    assert_string_equal(b.reason, "the server's disk is full");
    assert_int_equal(b.echoes, 0);
    assert_int_equal(crdt_state(b.doc, 1), 12);
    /* Reading goes on. */
    guest_open(&reader, &rig, CONN_YWEBSOCKET, "note", "", 3);
    assert_int_equal(crdt_state(reader.doc, 1), 12);
    /* The disk has room again: who was refused is asked, and all is well. */
    store_memory_auto(rig.store, true);
    rig_pass(&rig, 5000);
    assert_int_equal(store_state(rig.store), STORE_OK);
    assert_int_equal(a.refused, 2);
    assert_int_equal(a.stored, 1 + 1 + 1 + 2); /* hello, two edits; two refusals made up for, one by the step 2's own */
    assert_int_equal(b.echoes, 1);
    assert_true(guest_agrees(&a, &b) && guest_agrees(&a, &reader));
    assert_true(guest_agrees_with_server(&a, "note"));
    assert_int_equal(crdt_state(reader.doc, 1), 26);
    rig_crash(&rig);
    guest_reopen(&reader, "note", "");
    assert_true(guest_agrees_with_server(&a, "note"));
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&reader);
}

static void stopping_waits_for_acknowledgements_then_closes_with_1001(void **state)
{
    struct guest a, b, late;
    bool stopped = false;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "other", "", 2);
    store_memory_auto(rig.store, false);
    guest_type(&a, "last words");
    rooms_stop(rig.rooms, NULL, &stopped);
    rig_pass(&rig, 300);
    assert_int_equal(guest_close_code(&a), 0);
    assert_int_equal(guest_close_code(&b), CONN_CLOSE_RESTART);
    store_memory_step(rig.store);
    rig_pass(&rig, 300);
    assert_int_equal(a.stored, 2);
    assert_int_equal(guest_close_code(&a), CONN_CLOSE_RESTART);
    guest_connect(&late, &rig, CONN_YWEBSOCKET, "note", "", 3);
    assert_int_equal(guest_close_code(&late), CONN_CLOSE_RESTART);
    store_memory_auto(rig.store, true);
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&late);
}

static void set_true(void *ctx)
{
    *(bool *)ctx = true;
}

static void stopping_does_not_wait_for_ever(void **state)
{
    struct guest a;
    bool stopped = false;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    store_memory_auto(rig.store, false);
    guest_type(&a, "x");
    rooms_stop(rig.rooms, set_true, &stopped);
    rig_pass(&rig, 4900);
    assert_false(stopped);
    rig_pass(&rig, 300);
    assert_true(stopped);
    assert_int_equal(guest_close_code(&a), CONN_CLOSE_RESTART);
    assert_int_equal(a.stored, 1);
    guest_finish(&a);
}

static void keep_rc(void *ctx, int rc)
{
    *(int *)ctx = rc;
}

static void an_update_over_http_is_an_edit_like_any(void **state)
{
    struct guest a;
    struct buf update = {0}, v2 = {0}, empty = {0};
    int rc = 1;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    make_text(&update, 77, 0, "from afar");
    store_memory_auto(rig.store, false);
    assert_int_equal(
        rooms_apply(rig.rooms, span_str("note"), CRDT_V1, buf_span(&update), span_str("account"), keep_rc, &rc), RC_OK);
    rig_run(&rig);
    assert_int_equal(rc, 1);
    assert_int_equal(crdt_state(a.doc, 77), 9);
    store_memory_step(rig.store);
    rig_run(&rig);
    assert_int_equal(rc, RC_OK);
    store_memory_auto(rig.store, true);
    /* A note that nobody has, and the other format. */
    assert_int_equal(crdt_update_convert(CRDT_V1, CRDT_V2, buf_span(&update), &v2), RC_OK);
    rc = 1;
    assert_int_equal(rooms_apply(rig.rooms, span_str("new"), CRDT_V2, buf_span(&v2), span_str(""), keep_rc, &rc),
                     RC_OK);
    rig_run(&rig);
    assert_int_equal(rc, RC_OK);
    rig_state(&rig, "new", &empty);
    assert_true(empty.len > 9);
    /* Bytes that are none, and clocks of somebody who is here. */
    assert_int_equal(rooms_apply(rig.rooms, span_str("note"), CRDT_V1, span_str("\1\1"), span_str(""), keep_rc, &rc),
                     RC_OK);
    assert_int_equal(rc, RC_FORMAT);
    buf_clear(&update);
    make_delete(&update, 1, 0, 1000000);
    assert_int_equal(rooms_apply(rig.rooms, span_str("note"), CRDT_V1, buf_span(&update), span_str(""), keep_rc, &rc),
                     RC_OK);
    assert_int_equal(rc, RC_DENIED);
    rig_crash(&rig);
    store_memory_fail_load(rig.store, RC_CORRUPT);
    assert_int_equal(rooms_apply(rig.rooms, span_str("new"), CRDT_V1, buf_span(&update), span_str(""), keep_rc, &rc),
                     RC_OK);
    rig_run(&rig);
    assert_int_equal(rc, RC_CORRUPT);
    buf_finish(&update);
    buf_finish(&v2);
    buf_finish(&empty);
    guest_finish(&a);
}

static void a_note_has_a_largest_size(void **state)
{
    struct rooms_options options = rig_options();
    struct guest a, b;
    struct buf del = {0};
    char text[700];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    options.note_text = 2000;
    rig_reopen_with(&options);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_type(&a, text);
    guest_type(&a, text);
    guest_type(&a, text);
    rig_run(&rig);
    assert_int_equal(a.stored, 3);
    assert_int_equal(a.refused, 1);
    assert_int_equal(crdt_state(b.doc, 1), 1398);
    /* Deleting is welcome, and makes room. */
    make_delete(&del, 1, 0, 1000);
    assert_int_equal(crdt_apply(b.doc, CRDT_V1, buf_span(&del), NULL), RC_OK);
    guest_send_sync(&b, PROTO_UPDATE, buf_span(&del));
    rig_pass(&rig, 61000);
    assert_int_equal(crdt_state(b.doc, 1), 2097);
    assert_int_equal(a.stored, 3 + 1); /* the step 2's own makes up for the refusal */
    assert_true(guest_agrees_with_server(&b, "note"));
    buf_finish(&del);
    guest_finish(&a);
    guest_finish(&b);
}

static void a_room_has_a_largest_number_of_members(void **state)
{
    struct rooms_options options = rig_options();
    struct guest a, b, c;

    (void)state;
    options.note_members = 1;
    rig_reopen_with(&options);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_open(&c, &rig, CONN_HOCUSPOCUS, "note", "", 3);
    assert_int_equal(guest_close_code(&b), CONN_CLOSE_TRY_LATER);
    assert_string_equal(c.reason, "this note has too many readers");
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&c);
}

static int describe_length(void *ctx, const struct crdt_doc *doc, struct buf *title, struct buf *excerpt)
{
    ++*(int *)ctx;
    buf_printf(title, "clocks: %llu", (unsigned long long)crdt_state(doc, 1));
    buf_put_str(excerpt, "…");
    return RC_OK;
}

static void keep_title(void *ctx, const struct store_answer *answer)
{
    if (answer->rc == RC_OK) {
        buf_clear(ctx);
        buf_put_span(ctx, answer->info->title);
    }
}

static void title_and_excerpt_follow_the_text(void **state)
{
    struct rooms_config config;
    struct guest a;
    struct buf title = {0};
    int calls = 0;

    (void)state;
    loopback_destroy(rig.net);
    rooms_destroy(rig.rooms);
    config = (struct rooms_config){.options = rooms_options_default(),
                                   .store = rig.store,
                                   .auth = rooms_auth_open(),
                                   .clock = &rig.clock.clock,
                                   .workers = rig.workers,
                                   .completions = &rig.completions,
                                   .describe = describe_length,
                                   .describe_ctx = &calls};
    assert_int_equal(rooms_create(&config, &rig.rooms), RC_OK);
    assert_int_equal(loopback_create(rooms_conn_events(), rig.rooms, 1 << 20, 1 << 20, &rig.net), RC_OK);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (int i = 0; i < 50; i++) {
        guest_type(&a, "x");
        rig_pass(&rig, 100);
    }
    rig_pass(&rig, 3000);
    assert_in_range(calls, 3, 5);
    assert_int_equal(store_stat(rig.store, span_str("note"), (struct store_reply){.call = keep_title, .ctx = &title}),
                     RC_OK);
    rig_run(&rig);
    assert_true(span_equal(buf_span(&title), span_str("clocks: 50")));

    /* Who leaves finds the list up to date. */
    guest_type(&a, "y");
    rig_pass(&rig, 200);
    guest_type(&a, "z");
    loopback_disconnect(rig.net, a.conn);
    rig_pass(&rig, 200);
    assert_int_equal(store_stat(rig.store, span_str("note"), (struct store_reply){.call = keep_title, .ctx = &title}),
                     RC_OK);
    rig_run(&rig);
    assert_true(span_equal(buf_span(&title), span_str("clocks: 52")));
    buf_finish(&title);
    guest_finish(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(who_comes_while_a_note_loads_waits),
        T(a_note_that_does_not_load_is_refused_and_never_empty),
        T(a_damaged_row_refuses_the_note),
        T(an_empty_room_is_unloaded_and_loads_the_same),
        T(a_room_that_was_only_read_is_unloaded_too),
        T(who_only_looks_creates_nothing),
        T(an_unloading_room_takes_back_who_returns),
        T(a_full_disk_refuses_edits_and_makes_up_for_them),
        T(stopping_waits_for_acknowledgements_then_closes_with_1001),
        T(stopping_does_not_wait_for_ever),
        T(an_update_over_http_is_an_edit_like_any),
        T(a_note_has_a_largest_size),
        T(a_room_has_a_largest_number_of_members),
        T(title_and_excerpt_follow_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
