/* The document in place of its rows: when, of what, and what stays. */
#include "server/rooms/compact.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "server/rooms/reading.h"
#include "tests/unit/rooms/rig_fixture.h"

/* The note in a server that was killed is what `a` has: `letters` of client 1. */
static void expect_stored(const struct guest *a, uint64_t letters)
{
    struct guest b;

    rig_crash(&rig);
    guest_open(&b, &rig, CONN_YWEBSOCKET, "note", "", 2);
    assert_int_equal(crdt_state(b.doc, 1), letters);
    assert_true(guest_agrees(a, &b));
    guest_finish(&b);
}

static void reopen(unsigned compact_rows)
{
    struct rooms_options options = rig_options();

    options.compact_rows = compact_rows;
    rig_reopen_with(&options);
}

static void many_rows_become_one_snapshot(void **state)
{
    struct guest a;

    (void)state;
    reopen(20);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    for (int i = 0; i < 100; i++) {
        guest_type(&a, "word ");
        rig_pass(&rig, 100);
    }
    assert_true(rig_stats(&rig).compactions >= 4);
    assert_int_equal(a.stored, 101);
    expect_stored(&a, 500);
    guest_finish(&a);
}

static void a_failed_snapshot_is_tried_again_later(void **state)
{
    struct guest a;

    (void)state;
    reopen(5);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    for (int i = 0; i < 6; i++) {
        guest_type(&a, "x");
        rig_run(&rig);
    }
    store_memory_fail(rig.store, RC_IO, 1);
    rig_pass(&rig, 1000);
    assert_int_equal(rig_stats(&rig).compactions, 0);
    rig_pass(&rig, 40000);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    assert_int_equal(a.stored, 7);
    guest_finish(&a);
}

static void edits_during_a_compaction_stay_in_the_log(void **state)
{
    struct guest a;

    (void)state;
    reopen(10);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    for (unsigned i = 0; i < 11; i++) {
        guest_type(&a, "before ");
        rig_run(&rig);
    }
    store_memory_auto(rig.store, false);
    rig_pass(&rig, 200); /* the snapshot waits in the store */
    for (unsigned i = 0; i < 5; i++) {
        guest_type(&a, "during ");
        rig_run(&rig);
    }
    assert_int_equal(a.stored, 12);
    assert_int_equal(rig_stats(&rig).compactions, 0);
    store_memory_auto(rig.store, true);
    rig_pass(&rig, 200);
    assert_int_equal(a.stored, 17);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    expect_stored(&a, 16 * strlen("during "));
    guest_finish(&a);
}

/* Edits that come while a worker encodes it wait for it, as for every reader of a large note. */
static void a_large_note_is_encoded_elsewhere(void **state)
{
    static char text[30001]; /* short enough to be applied on the loop */
    struct guest a, other;
    unsigned pieces = 0;

    (void)state;
    reopen(READING_LARGE / 30000 + 1);
    memset(text, 'x', sizeof text - 1);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "other", "", 3);
    while (pieces < READING_LARGE / 30000 + 2) {
        guest_type(&a, text);
        rig_run(&rig);
        pieces++;
    }
    rig.hold = true;
    rig_pass(&rig, 200);
    guest_type(&a, "held");
    guest_type(&other, "not held");
    rig_run(&rig);
    assert_int_equal(a.stored, pieces + 1);
    assert_int_equal(other.stored, 2);
    assert_int_equal(rig_stats(&rig).compactions, 0);
    rig.hold = false;
    rig_pass(&rig, 200);
    assert_int_equal(a.stored, pieces + 2);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    expect_stored(&a, pieces * 30000 + 4);
    guest_finish(&a);
    guest_finish(&other);
}

/* A class that writes in many notes fills their logs at the same moment. */
static void two_notes_at_a_time_are_compacted(void **state)
{
    struct guest a[6];
    char name[8];

    (void)state;
    reopen(3);
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "note%u", i);
        guest_open(&a[i], &rig, CONN_YWEBSOCKET, name, "", i + 1);
    }
    for (unsigned i = 0; i < 24; i++) {
        guest_type(&a[i % 6], "word ");
        rig_run(&rig);
    }
    for (unsigned ticks = 1; ticks <= 3; ticks++) {
        rig_pass(&rig, 100);
        assert_int_equal(rig_stats(&rig).compactions, 2 * ticks);
    }
    rig_pass(&rig, 1000);
    assert_int_equal(rig_stats(&rig).compactions, 6);
    for (unsigned i = 0; i < 6; i++) {
        guest_finish(&a[i]);
    }
}

/* However many have just gone, none is forgotten without its snapshot. */
static void empty_rooms_wait_for_their_compaction(void **state)
{
    struct rooms_options options = rig_options();
    struct guest a[6];
    char name[8];

    (void)state;
    options.unload_rows = 2;
    rig_reopen_with(&options);
    for (unsigned i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "note%u", i);
        guest_open(&a[i], &rig, CONN_YWEBSOCKET, name, "", i + 1);
    }
    for (unsigned i = 0; i < 18; i++) {
        guest_type(&a[i % 6], "word ");
        rig_run(&rig);
    }
    for (unsigned i = 0; i < 6; i++) {
        guest_disconnect(&a[i]);
    }
    rig_pass(&rig, options.idle_ms + 2000);
    assert_int_equal(rig_stats(&rig).compactions, 6);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    for (unsigned i = 0; i < 6; i++) {
        guest_finish(&a[i]);
    }
}

/* Its bytes are the snapshot; nobody wakes it for that. */
static void a_note_at_rest_is_not_woken(void **state)
{
    struct guest a;

    (void)state;
    reopen(1000);
    guest_open(&a, &rig, CONN_YWEBSOCKET, "note", "", 1);
    for (unsigned i = 0; i < 60; i++) {
        guest_type(&a, "word ");
        rig_run(&rig);
    }
    rig_pass(&rig, 5000);
    assert_int_equal(rig_stats(&rig).resting, 1);
    guest_disconnect(&a);
    rig_pass(&rig, rig_options().idle_ms + 2000);
    assert_int_equal(rig_stats(&rig).rooms, 0);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    assert_int_equal(rig_stats(&rig).wakes, 0);
    expect_stored(&a, 60 * strlen("word "));
    guest_finish(&a);
}

static void a_room_heals_what_was_damaged_on_the_disk(void **state)
{
    struct guest a;

    (void)state;
    reopen(10);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    for (unsigned i = 0; i < 11; i++) {
        guest_type(&a, "precious ");
        rig_run(&rig);
    }
    assert_int_equal(store_memory_damage(rig.store, span_str("note"), true), RC_OK);
    rig_pass(&rig, 200);
    assert_int_equal(rig_stats(&rig).compactions, 1);
    expect_stored(&a, 11 * strlen("precious "));
    guest_finish(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(many_rows_become_one_snapshot),
        T(a_failed_snapshot_is_tried_again_later),
        T(edits_during_a_compaction_stay_in_the_log),
        T(a_large_note_is_encoded_elsewhere),
        T(two_notes_at_a_time_are_compacted),
        T(empty_rooms_wait_for_their_compaction),
        T(a_note_at_rest_is_not_woken),
        T(a_room_heals_what_was_damaged_on_the_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
