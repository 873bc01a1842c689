/* What is done on workers, and what one note may take of the loop. The rig's workers do their work at once, and `hold`
 * keeps the result back: so a test decides how long the work takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/unit/rooms/rig_fixture.h"

/* More than the loop applies itself. */
static const char *long_text(void)
{
    static char text[40000];

    memset(text, 'w', sizeof text - 1);
    return text;
}
#define LONG 39999

static void a_note_is_built_elsewhere_while_others_go_on(void **state)
{
    struct guest a, b, other;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "stored");
    rig_run(&rig);
    rig_crash(&rig);
    guest_finish(&a);
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "other", "", 3);
    rig.hold = true;
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_type(&b, "waits");
    guest_type(&other, "does not");
    rig_pass(&rig, 1000);
    assert_int_equal(b.step2 + b.stored, 0);
    assert_int_equal(other.stored, 2);
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(crdt_state(b.doc, 1), 6);
    assert_int_equal(b.stored, 2);
    assert_true(guest_agrees_with_server(&b, "note"));
    guest_finish(&b);
    guest_finish(&other);
}

static void who_leaves_while_a_note_is_built_harms_nobody(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "stored");
    rig_run(&rig);
    rig_crash(&rig);
    guest_finish(&a);
    rig.hold = true;
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_disconnect(&b);
    rig_pass(&rig, 60000);
    assert_int_equal(rig_stats(&rig).rooms, 1); /* its document is on the way */
    rig.hold = false;
    rig_pass(&rig, 31000);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    guest_finish(&b);
}

/* A long text is more than one connection may have waiting; two of them are more than all may. */
static void large_messages_that_wait_are_limited_in_all(void **state)
{
    struct rooms_options options = rig_options();
    struct guest worked, waits, refused, small;

    (void)state;
    options.conn_held = LONG / 2;
    options.held_bytes = LONG + LONG / 2;
    rig.options = options;
    rig_crash(&rig);
    guest_open(&worked, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&waits, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&refused, &rig, CONN_YWEBSOCKET, "note", "", 3);
    guest_open(&small, &rig, CONN_HOCUSPOCUS, "note", "", 4);
    rig_run(&rig);
    rig.hold = true;
    guest_type(&worked, long_text());
    guest_type(&waits, long_text());
    guest_type(&refused, long_text());
    guest_type(&small, "always");
    rig_pass(&rig, 1000);
    assert_int_equal(guest_close_code(&waits), 0);
    assert_int_equal(guest_close_code(&refused), CONN_CLOSE_TRY_LATER);
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(worked.stored, 2);
    assert_int_equal(waits.stored, 2);
    assert_int_equal(small.stored, 2);
    guest_reopen(&refused, "note", "");
    rig_run(&rig);
    assert_int_equal(crdt_state(small.doc, 3), LONG); /* it sent again what was not stored */
    assert_true(guest_agrees(&worked, &small) && guest_agrees_with_server(&refused, "note"));
    guest_finish(&worked);
    guest_finish(&waits);
    guest_finish(&refused);
    guest_finish(&small);
}

static void a_note_beyond_its_memory_says_so(void **state)
{
    struct rooms_options options = rig_options();
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, long_text());
    rig_run(&rig);
    guest_disconnect(&a);
    guest_finish(&a);
    options.note_memory = 20000;
    rig.options = options;
    rig_crash(&rig);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "fine", "", 2);
    guest_send_hex(&b, "046e6f7465 020000");
    rig_run(&rig);
    assert_int_equal(guest_close_code(&b), 0);
    assert_memory_equal(b.last.data, "\4note\7", 6);
    assert_memory_equal(b.last.data + 7, "this note needs more memory than the server gives to one note",
                        b.last.len - 7);
    guest_finish(&b);
}

static void a_long_edit_is_applied_elsewhere_and_the_room_goes_on_after_it(void **state)
{
    struct guest a, b, other;
    unsigned presences;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "other", "", 3);
    rig.hold = true;
    guest_type(&a, long_text());
    guest_type(&a, "after it");
    guest_type(&b, "beside it");
    guest_type(&other, "elsewhere");
    presences = a.presences;
    guest_send_presence(&b, "{\"cursor\":1}");
    rig_pass(&rig, 1000);
    assert_int_equal(a.stored + b.stored, 2); /* their first step 2s */
    assert_int_equal(other.stored, 2);
    assert_true(a.presences > presences); /* presence needs no document */
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(a.stored, 3);
    assert_int_equal(b.stored, 2);
    assert_int_equal(crdt_state(b.doc, 1), LONG + 8);
    assert_true(guest_agrees(&a, &b) && guest_agrees_with_server(&a, "note"));
    rig_crash(&rig);
    assert_true(guest_agrees_with_server(&a, "note"));
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&other);
}

static void a_long_edit_is_kept_when_its_sender_goes(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    rig.hold = true;
    guest_type(&a, long_text());
    guest_disconnect(&a);
    rig_pass(&rig, 500);
    assert_int_equal(crdt_state(b.doc, 1), 0);
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(crdt_state(b.doc, 1), LONG);
    assert_true(guest_agrees_with_server(&b, "note"));
    guest_finish(&a);
    guest_finish(&b);
}

static void what_is_held_of_somebody_who_goes_is_taken(void **state)
{
    struct guest a, b, viewer;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&viewer, &rig, CONN_YWEBSOCKET, "note", "view", 3);
    rig.hold = true;
    guest_type(&a, long_text());
    guest_type(&a, "last words");
    guest_type(&b, "mine too");
    guest_type(&viewer, "not these");
    guest_disconnect(&a);
    guest_send_hex(&b, "046e6f7465 07"); /* closes the note, not the connection */
    guest_disconnect(&viewer);
    rig.hold = false;
    rig_run(&rig);
    guest_reopen(&viewer, "note", "view");
    assert_int_equal(crdt_state(viewer.doc, 1), LONG + 10);
    assert_int_equal(crdt_state(viewer.doc, 2), 8);
    rig_crash(&rig);
    guest_reopen(&a, "note", "");
    assert_int_equal(crdt_state(a.doc, 2), 8);
    assert_int_equal(crdt_state(a.doc, 3), 0);
    guest_finish(&a);
    guest_finish(&b);
    guest_finish(&viewer);
}

static void a_long_edit_that_is_none_closes_its_sender(void **state)
{
    struct guest a, b;
    struct buf update = {0};

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    /* Well-formed as far as its claims go; the text is no UTF-8. */
    make_text(&update, 1, 0, long_text());
    update.data[update.len - 100] = 0xff;
    guest_send_sync(&a, PROTO_UPDATE, buf_span(&update));
    guest_type(&b, "fine");
    rig_run(&rig);
    assert_true(guest_close_code(&a) == CONN_CLOSE_BAD_FRAME || crdt_state(b.doc, 1) == LONG);
    assert_int_equal(guest_close_code(&b), 0);
    assert_int_equal(crdt_state(b.doc, 2), 4);
    assert_true(guest_agrees_with_server(&b, "note"));
    buf_finish(&update);
    guest_finish(&a);
    guest_finish(&b);
}

/* Everyone sends long edits again and again: the others still get their turn. */
static void long_edits_of_one_do_not_starve_the_others(void **state)
{
    struct guest g[4];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        guest_open(&g[i], &rig, CONN_HOCUSPOCUS, "note", "", 1 + i);
    }
    rig.hold = true;
    for (unsigned n = 0; n < 20; n++) {
        guest_type(&g[0], long_text());
    }
    guest_type(&g[1], "b");
    guest_type(&g[2], "c");
    guest_type(&g[3], "d");
    rig_run(&rig);
    assert_int_equal(g[1].stored + g[2].stored + g[3].stored, 3); /* their first step 2s */
    /* One of the worker's results. */
    completion_drain(&rig.completions);
    store_drain(rig.store);
    loopback_turn(rig.net);
    rig_run(&rig);
    assert_int_equal(g[1].stored + g[2].stored + g[3].stored, 6);
    assert_true(g[0].stored < 4);
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(g[0].stored, 21);
    assert_true(guest_agrees(&g[0], &g[3]) && guest_agrees_with_server(&g[0], "note"));
    for (unsigned i = 0; i < 4; i++) {
        guest_finish(&g[i]);
    }
}

static void note_result(void *ctx, int rc)
{
    *(int *)ctx = rc;
}

static void visitors_wait_for_the_document_too(void **state)
{
    struct buf v1 = {0}, v2 = {0}, before = {0};
    struct guest a;
    int done = 1, broken = 1;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    rig.hold = true;
    guest_type(&a, long_text());
    make_text(&v1, 9, 0, "over HTTP");
    assert_int_equal(crdt_update_convert(CRDT_V1, CRDT_V2, buf_span(&v1), &v2), RC_OK);
    assert_int_equal(
        rooms_apply(rig.rooms, span_str("note"), CRDT_V2, buf_span(&v2), span_str("h"), note_result, &done), RC_OK);
    assert_int_equal(
        rooms_apply(rig.rooms, span_str("note"), CRDT_V2, span_str("junk"), span_str("h"), note_result, &broken),
        RC_OK);
    rig_run(&rig);
    assert_int_equal(done, 1);
    rig_state(&rig, "note", &before);
    assert_int_equal(before.len, 0); /* not answered yet */
    rig.hold = false;
    rig_run(&rig);
    assert_int_equal(done, RC_OK);
    assert_int_equal(broken, RC_FORMAT);
    assert_true(before.len > LONG);
    assert_int_equal(crdt_state(a.doc, 9), 9);
    assert_true(guest_agrees_with_server(&a, "note"));
    buf_finish(&v1);
    buf_finish(&v2);
    buf_finish(&before);
    guest_finish(&a);
}

static void a_long_edit_of_a_visitor_is_committed_before_it_is_answered(void **state)
{
    struct buf update = {0};
    struct guest a;
    int done = 1;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    make_text(&update, 9, 0, long_text());
    store_memory_auto(rig.store, false);
    assert_int_equal(
        rooms_apply(rig.rooms, span_str("note"), CRDT_V1, buf_span(&update), span_str("h"), note_result, &done), RC_OK);
    rig_run(&rig);
    assert_int_equal(crdt_state(a.doc, 9), LONG);
    assert_int_equal(done, 1);
    store_memory_auto(rig.store, true);
    rig_run(&rig);
    assert_int_equal(done, RC_OK);
    buf_finish(&update);
    guest_finish(&a);
}

static void set_true(void *ctx)
{
    *(bool *)ctx = true;
}

static void the_end_waits_for_the_workers(void **state)
{
    struct guest a;
    bool stopped = false;

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    rig.hold = true;
    guest_type(&a, long_text());
    rooms_stop(rig.rooms, set_true, &stopped);
    rig_pass(&rig, 20000);
    assert_false(stopped);
    rig.hold = false;
    rig_pass(&rig, 300);
    assert_true(stopped);
    guest_finish(&a);
}

/* ---- A share of the turn ----------------------------------------------------------------------------- */

/* A clock on which everything takes a millisecond. */
static uint64_t busy_us(const struct clock *c)
{
    struct clock_fake *fake = (struct clock_fake *)(void *)(uintptr_t)c;

    clock_fake_advance_ms(fake, 1);
    return fake->monotonic;
}

static void a_busy_note_has_its_share_of_a_turn_and_goes_on_in_the_next(void **state)
{
    struct guest a[3], other;
    uint64_t in_one_turn;

    (void)state;
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "other", "", 9);
    for (unsigned i = 0; i < 3; i++) {
        guest_open(&a[i], &rig, CONN_HOCUSPOCUS, "note", "", 1 + i);
    }
    rig.clock.clock.monotonic_us = busy_us;
    for (unsigned n = 0; n < 20; n++) {
        for (unsigned i = 0; i < 3; i++) {
            guest_type(&a[i], "x");
        }
    }
    guest_type(&other, "x");
    in_one_turn = rig_stats(&rig).edits;
    assert_in_range(in_one_turn, 2, 8); /* of 61, the other's among them */
    loopback_turn(rig.net);
    store_drain(rig.store);
    loopback_turn(rig.net);
    assert_int_equal(rig_stats(&rig).edits, in_one_turn); /* nothing happens but when the loop comes back */
    rig_run(&rig);
    assert_int_equal(other.stored, 2);
    assert_int_equal(a[0].stored + a[1].stored + a[2].stored, 63);
    assert_true(guest_agrees(&a[0], &a[2]) && guest_agrees_with_server(&a[0], "note"));
    for (unsigned i = 0; i < 3; i++) {
        guest_finish(&a[i]);
    }
    guest_finish(&other);
}

static void who_goes_before_his_share_has_come_loses_nothing(void **state)
{
    struct guest a, b;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    rig.clock.clock.monotonic_us = busy_us;
    for (unsigned n = 0; n < 30; n++) {
        guest_type(&a, "x");
    }
    assert_true(rig_stats(&rig).edits < 30);
    guest_disconnect(&a);
    rig_run(&rig);
    assert_int_equal(crdt_state(b.doc, 1), 30);
    guest_finish(&a);
    guest_finish(&b);
}

/* What a note takes to sleep: nothing that it kept for more edits. */
static bool note_memory(void *ctx, int rc, const struct crdt_doc *doc)
{
    struct crdt_stat stat;

    assert_int_equal(rc, RC_OK);
    crdt_doc_stat(doc, &stat);
    assert_int_equal(crdt_doc_memory(doc), stat.memory);
    *(uint64_t *)ctx = stat.memory;
    return false;
}

static const struct rooms_reader weigher = {.look = note_memory};

static void a_small_note_gives_back_what_it_kept_for_growth(void **state)
{
    uint64_t before = 0, after = 0;
    struct guest a;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (unsigned n = 0; n < 400; n++) {
        guest_type(&a, "word ");
        rig_pass(&rig, 100);
    }
    assert_int_equal(rooms_read(rig.rooms, span_str("note"), &weigher, &before), RC_OK);
    rig_pass(&rig, 12000);
    assert_int_equal(rooms_read(rig.rooms, span_str("note"), &weigher, &after), RC_OK);
    assert_true(after < before);
    assert_true(after < 8192); /* 2,000 letters */
    guest_type(&a, "on");
    rig_run(&rig);
    assert_true(guest_agrees_with_server(&a, "note"));
    fprintf(stderr, "a note of 2,000 letters: %llu bytes, at rest %llu\n", (unsigned long long)before,
            (unsigned long long)after);
    guest_finish(&a);
}

/* Too large to rest as bytes, and with more text than most notes will ever have. */
static void so_does_a_large_one(void **state)
{
    uint64_t before = 0, after = 0;
    struct guest a;

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (unsigned n = 0; n < 11; n++) {
        guest_type(&a, long_text());
        rig_run(&rig);
    }
    assert_int_equal(rooms_read(rig.rooms, span_str("note"), &weigher, &before), RC_OK);
    rig_pass(&rig, 12000);
    assert_int_equal(rig_stats(&rig).resting, 0);
    assert_int_equal(rooms_read(rig.rooms, span_str("note"), &weigher, &after), RC_OK);
    assert_true(after < before);
    fprintf(stderr, "a note of %u letters: %llu bytes, at rest %llu\n", 11 * LONG, (unsigned long long)before,
            (unsigned long long)after);
    guest_finish(&a);
}

static void a_class_that_comes_in_at_once_is_served_in_shares(void **state)
{
    struct guest a, g[30];

    (void)state;
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&a, "homework");
    rig_run(&rig);
    rig_crash(&rig);
    rig.clock.clock.monotonic_us = busy_us;
    for (unsigned i = 0; i < 30; i++) {
        guest_connect(&g[i], &rig, CONN_YWEBSOCKET, "note", "", 100 + i);
        guest_hello(&g[i], "");
    }
    rig_run(&rig);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(crdt_state(g[i].doc, 1), 8);
        guest_finish(&g[i]);
    }
    guest_finish(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(a_note_is_built_elsewhere_while_others_go_on),
        T(who_leaves_while_a_note_is_built_harms_nobody),
        T(large_messages_that_wait_are_limited_in_all),
        T(a_note_beyond_its_memory_says_so),
        T(a_long_edit_is_applied_elsewhere_and_the_room_goes_on_after_it),
        T(a_long_edit_is_kept_when_its_sender_goes),
        T(what_is_held_of_somebody_who_goes_is_taken),
        T(a_long_edit_that_is_none_closes_its_sender),
        T(long_edits_of_one_do_not_starve_the_others),
        T(visitors_wait_for_the_document_too),
        T(a_long_edit_of_a_visitor_is_committed_before_it_is_answered),
        T(the_end_waits_for_the_workers),
        T(a_busy_note_has_its_share_of_a_turn_and_goes_on_in_the_next),
        T(who_goes_before_his_share_has_come_loses_nothing),
        T(a_class_that_comes_in_at_once_is_served_in_shares),
        T(a_small_note_gives_back_what_it_kept_for_growth),
        T(so_does_a_large_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
