/* Claims on other people's clocks, slow readers, and too much of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/support/bytes.h"
#include "tests/unit/rooms/rig_fixture.h"

/* The attack: 16 bytes that delete what the victim will write. */
static void nobody_deletes_what_another_has_not_written_yet(void **state)
{
    struct guest victim, bad, third;
    struct buf del = {0};

    (void)state;
    guest_open(&victim, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&bad, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&third, &rig, CONN_YWEBSOCKET, "note", "", 3);
    guest_type(&victim, "mine");
    rig_run(&rig);
    make_delete(&del, 1, 4, 1000000);
    guest_send_sync(&bad, PROTO_UPDATE, buf_span(&del));
    guest_type(&bad, "after");
    rig_pass(&rig, 2900);
    assert_int_equal(bad.stored, 1); /* it waits, and what comes after it too */
    assert_int_equal(bad.refused, 0);
    guest_type(&victim, " and more");
    rig_run(&rig);
    assert_int_equal(crdt_state(third.doc, 1), 13);
    rig_pass(&rig, 300);
    assert_int_equal(bad.refused, 1);
    assert_int_equal(bad.stored, 2);
    assert_int_equal(crdt_state(third.doc, 2), 5);
    assert_int_equal(guest_close_code(&victim), 0);
    guest_type(&victim, "!");
    rig_run(&rig);
    assert_true(guest_agrees(&victim, &third));
    assert_true(guest_agrees_with_server(&victim, "note"));
    assert_int_equal(rig_stats(&rig).refused, 1);
    buf_finish(&del);
    guest_finish(&victim);
    guest_finish(&bad);
    guest_finish(&third);
}

static void nobody_writes_under_the_next_clocks_of_another(void **state)
{
    struct guest victim, bad;
    struct buf forged = {0};

    (void)state;
    guest_open(&victim, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&bad, &rig, CONN_YWEBSOCKET, "note", "", 2);
    guest_type(&victim, "mine");
    rig_run(&rig);
    make_text(&forged, 1, 4, "forged");
    guest_send_sync(&bad, PROTO_UPDATE, buf_span(&forged));
    rig_pass(&rig, 3200);
    assert_int_equal(bad.denied, 1);
    guest_type(&victim, " yours");
    rig_run(&rig);
    assert_int_equal(victim.stored, 3);
    assert_true(guest_agrees(&victim, &bad));
    assert_true(guest_agrees_with_server(&victim, "note"));
    buf_finish(&forged);
    guest_finish(&victim);
    guest_finish(&bad);
}

/* Two tabs share a document beside the server; the second one's edit of the first one's text is faster. */
static void a_second_tab_that_is_faster_only_waits(void **state)
{
    struct guest first, second;
    struct buf text = {0}, del = {0};

    (void)state;
    guest_open(&first, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&second, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_make(&first, "hello", &text);
    make_delete(&del, 1, 1, 2);
    guest_send_sync(&second, PROTO_UPDATE, buf_span(&del));
    rig_run(&rig);
    assert_int_equal(second.stored, 1);
    guest_send_sync(&first, PROTO_UPDATE, buf_span(&text));
    rig_run(&rig);
    assert_int_equal(second.stored, 2);
    assert_int_equal(second.refused, 0);
    assert_int_equal(rig_stats(&rig).refused, 0);
    buf_finish(&text);
    buf_finish(&del);
    guest_finish(&first);
    guest_finish(&second);
}

/* The owner's connection has died without a word: his own edits come over a new one. */
static void a_dead_connection_does_not_hold_up_its_owner(void **state)
{
    struct guest old, again, other;
    struct buf update = {0};

    (void)state;
    guest_open(&old, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&other, &rig, CONN_YWEBSOCKET, "note", "", 3);
    guest_type(&old, "before ");
    rig_run(&rig);
    old.deaf = old.silent = true;
    guest_open(&again, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    again.clock = old.clock;
    guest_make(&again, "after", &update);
    assert_int_equal(crdt_apply(again.doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    guest_send_sync(&again, PROTO_UPDATE, buf_span(&update));
    rig_pass(&rig, 2900);
    assert_int_equal(crdt_state(other.doc, 1), 7);
    rig_pass(&rig, 300);
    assert_int_equal(guest_close_code(&old), CONN_CLOSE_TRY_LATER);
    assert_int_equal(crdt_state(other.doc, 1), 12);
    assert_int_equal(again.refused, 0);
    assert_int_equal(again.stored, 2);
    buf_finish(&update);
    guest_finish(&old);
    guest_finish(&again);
    guest_finish(&other);
}

/* Two tabs, each with an edit that touches what the other one has just written: neither waits for ever. */
static void two_who_wait_for_one_another_are_both_served(void **state)
{
    struct guest a, b;
    struct buf text = {0}, del = {0}, both = {0};

    (void)state;
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    guest_open(&b, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    for (int i = 0; i < 2; i++) {
        struct guest *own = i == 0 ? &a : &b, *other = i == 0 ? &b : &a;
        struct span parts[2];

        buf_clear(&text);
        buf_clear(&del);
        buf_clear(&both);
        guest_make(own, "hello", &text);
        make_delete(&del, other->id, 1, 2);
        parts[0] = buf_span(&text);
        parts[1] = buf_span(&del);
        assert_int_equal(crdt_update_merge(CRDT_V1, parts, 2, &both), RC_OK);
        guest_send_sync(own, PROTO_UPDATE, buf_span(&both));
    }
    rig_run(&rig);
    assert_int_equal(a.stored, 2);
    assert_int_equal(b.stored, 2);
    assert_int_equal(rig_stats(&rig).refused, 0);
    buf_finish(&text);
    buf_finish(&del);
    buf_finish(&both);
    guest_finish(&a);
    guest_finish(&b);
}

static void count_foreign(void *ctx, const struct store_answer *answer)
{
    assert_int_equal(answer->rc, RC_OK);
    for (size_t i = 0; i < answer->content->count; i++) {
        *(unsigned *)ctx += (answer->content->row[i].kind & STORE_FOREIGN) != 0;
    }
}

/* Structs of others that the others' own connections have announced, or that nobody here owns. */
static void what_others_wrote_may_be_passed_on(void **state)
{
    unsigned foreign = 0;
    struct guest a, relay;
    struct buf update = {0};

    (void)state;
    guest_open(&relay, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    make_text(&update, 50, 0, "written offline by somebody who is not here");
    assert_int_equal(crdt_apply(relay.doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    guest_send_sync(&relay, PROTO_STEP2, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(relay.stored, 2);
    /* The author comes: his id is his, although another used it first. */
    guest_connect(&a, &rig, CONN_HOCUSPOCUS, "note", "", 50);
    assert_int_equal(crdt_apply(a.doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    a.clock = 43;
    guest_hello(&a, "");
    rig_run(&rig);
    guest_type(&a, " and here");
    rig_run(&rig);
    assert_int_equal(a.stored, 2);
    assert_true(guest_agrees(&a, &relay));
    /* Who announces that he has come further may be relayed up to there. */
    buf_clear(&update);
    guest_make(&a, " and on", &update);
    assert_int_equal(crdt_apply(a.doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    guest_hello(&a, "");
    guest_send_sync(&relay, PROTO_UPDATE, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(relay.stored, 3);
    assert_int_equal(rig_stats(&rig).foreign, 1);
    assert_int_equal(
        store_load(rig.store, span_str("note"), (struct store_reply){.call = count_foreign, .ctx = &foreign}), RC_OK);
    rig_run(&rig);
    assert_int_equal(foreign, 1);
    buf_finish(&update);
    guest_finish(&a);
    guest_finish(&relay);
}

/* Without awareness a client's id is known from its first edit. */
static void an_id_is_known_from_its_first_edit_too(void **state)
{
    struct guest quiet, bad;
    struct buf update = {0};

    (void)state;
    guest_connect(&quiet, &rig, CONN_YWEBSOCKET, "note", "", 1);
    rig_run(&rig);
    quiet.silent = true;
    guest_type(&quiet, "hi");
    rig_run(&rig);
    guest_open(&bad, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    make_delete(&update, 1, 2, 500);
    guest_send_sync(&bad, PROTO_UPDATE, buf_span(&update));
    rig_pass(&rig, 100);
    assert_int_equal(bad.stored, 1);
    guest_type(&quiet, " there");
    rig_pass(&rig, 3200);
    assert_int_equal(bad.refused, 1);
    /* The first user of an id need not be its author: who goes on under it is believed. */
    buf_clear(&update);
    make_text(&update, 1, 8, "more");
    guest_send_sync(&bad, PROTO_UPDATE, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(bad.stored, 2);
    buf_finish(&update);
    guest_finish(&quiet);
    guest_finish(&bad);
}

static void an_owner_that_goes_sets_his_clocks_free(void **state)
{
    struct guest owner, other;
    struct buf update = {0};

    (void)state;
    guest_open(&owner, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&other, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    make_text(&update, 1, 0, "relayed");
    guest_send_sync(&other, PROTO_UPDATE, buf_span(&update));
    rig_run(&rig);
    assert_int_equal(other.stored, 1);
    guest_disconnect(&owner);
    rig_run(&rig);
    assert_int_equal(other.stored, 2);
    buf_finish(&update);
    guest_finish(&owner);
    guest_finish(&other);
}

/* ---- Slow readers and floods ----------------------------------------------------------------------- */

static void a_slow_reader_is_brought_up_to_date(void **state)
{
    struct guest slow, fast, leaver;
    size_t most = 0;
    char text[600];

    (void)state;
    rig_close(&rig);
    memset(&rig, 0, sizeof rig);
    rig.soft = 4096;
    rig.hard = 65536;
    rig_open(&rig, NULL);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    guest_open(&slow, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_open(&fast, &rig, CONN_HOCUSPOCUS, "note", "", 2);
    guest_open(&leaver, &rig, CONN_YWEBSOCKET, "note", "", 3);
    loopback_stall(slow.conn, true);
    for (int i = 0; i < 200; i++) {
        guest_type(&fast, text);
        guest_send_presence(&fast, "{\"busy\":true}");
        rig_pass(&rig, 100);
        most = conn_queued(slow.conn) > most ? conn_queued(slow.conn) : most;
    }
    guest_disconnect(&leaver);
    rig_run(&rig);
    assert_in_range(most, 3000, 5000);
    assert_true(crdt_state(slow.doc, 2) < 20 * 599);
    assert_int_equal(fast.stored, 201); /* nobody waited */
    loopback_stall(slow.conn, false);
    rig_run(&rig);
    rig_run(&rig);
    assert_int_equal(guest_close_code(&slow), 0);
    assert_true(guest_agrees(&slow, &fast));
    assert_null(awareness_find(&slow.awareness, 3)->json);
    assert_string_equal(awareness_find(&slow.awareness, 2)->json, "{\"busy\":true}");
    assert_in_range(rig_stats(&rig).resyncs, 1, 3);
    guest_finish(&slow);
    guest_finish(&fast);
    guest_finish(&leaver);
}

static void who_asks_and_never_reads_is_closed(void **state)
{
    struct guest bad, good;
    char text[600];

    (void)state;
    rig_close(&rig);
    memset(&rig, 0, sizeof rig);
    rig.soft = 4096;
    rig.hard = 16384;
    rig_open(&rig, NULL);
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    guest_open(&good, &rig, CONN_YWEBSOCKET, "note", "", 1);
    guest_type(&good, text);
    guest_open(&bad, &rig, CONN_YWEBSOCKET, "note", "", 2);
    loopback_stall(bad.conn, true);
    for (int i = 0; i < 100; i++) {
        guest_send_hex(&bad, "000001 00");
        rig_run(&rig);
    }
    assert_int_equal(guest_close_code(&bad), CONN_CLOSE_TRY_LATER);
    guest_type(&good, "fine");
    rig_run(&rig);
    assert_true(guest_agrees_with_server(&good, "note"));
    guest_finish(&bad);
    guest_finish(&good);
}

static void what_waits_for_a_load_is_bounded(void **state)
{
    struct guest a;
    char text[10001];

    (void)state;
    memset(text, 'x', 10000);
    text[10000] = 0;
    store_memory_auto(rig.store, false);
    guest_open(&a, &rig, CONN_HOCUSPOCUS, "note", "", 1);
    for (int i = 0; i < 20; i++) {
        guest_type(&a, text);
    }
    assert_true(loopback_is_paused(a.conn));
    store_memory_auto(rig.store, true);
    rig_run(&rig);
    rig_run(&rig);
    assert_false(loopback_is_paused(a.conn));
    assert_int_equal(a.stored, 21);
    assert_true(guest_agrees_with_server(&a, "note"));
    guest_finish(&a);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
    const struct CMUnitTest tests[] = {
        T(nobody_deletes_what_another_has_not_written_yet),
        T(nobody_writes_under_the_next_clocks_of_another),
        T(a_second_tab_that_is_faster_only_waits),
        T(two_who_wait_for_one_another_are_both_served),
        T(a_dead_connection_does_not_hold_up_its_owner),
        T(what_others_wrote_may_be_passed_on),
        T(an_id_is_known_from_its_first_edit_too),
        T(an_owner_that_goes_sets_his_clocks_free),
        T(a_slow_reader_is_brought_up_to_date),
        T(who_asks_and_never_reads_is_closed),
        T(what_waits_for_a_load_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
