#include "bench/editors/ledger.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "crdt/proto.h"

#define FIRST   1000
#define WRITERS 3
#define READER  3

static struct ledger ledger;
static struct ledger_reader reader;
static struct ledger_tally tally;

/* Each writer has a document of its own, as the bench's editors have. */
struct writer {
    struct crdt_doc *doc;
    struct crdt_type text;
    struct buf update;
};
static struct writer writers[WRITERS];

static int set_up(void **state)
{
    (void)state;
    ledger_init(&ledger, FIRST, WRITERS + 1);
    ledger_reader_init(&reader, &ledger, READER);
    tally = (struct ledger_tally){.from = 100, .to = 1000};
    for (size_t i = 0; i < WRITERS; i++) {
        struct crdt_doc_options options = {.client = FIRST + i};
        assert_int_equal(crdt_doc_create(&options, &writers[i].doc), RC_OK);
        assert_int_equal(crdt_root_declare(writers[i].doc, span_str("text"), CRDT_TEXT, &writers[i].text), RC_OK);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < WRITERS; i++) {
        crdt_doc_destroy(writers[i].doc);
        buf_finish(&writers[i].update);
    }
    ledger_reader_finish(&reader);
    ledger_finish(&ledger);
    return 0;
}

static struct span commit(struct writer *w)
{
    buf_clear(&w->update);
    assert_int_equal(crdt_txn_commit(w->doc, CRDT_V1, &w->update), RC_OK);
    return buf_span(&w->update);
}

/* The update is borrowed until the writer's next edit. */
static struct span writes(size_t writer, const char *text, uint64_t now)
{
    struct writer *w = &writers[writer];

    assert_int_equal(crdt_txn_begin(w->doc), RC_OK);
    assert_int_equal(crdt_text_insert(w->doc, w->text, 0, span_str(text), NULL, 0), RC_OK);
    struct span update = commit(w);
    assert_true(ledger_wrote(&ledger, writer, update, now));
    return update;
}

static struct span deletes(size_t writer, uint64_t at, uint64_t length, uint64_t now)
{
    struct writer *w = &writers[writer];

    assert_int_equal(crdt_txn_begin(w->doc), RC_OK);
    assert_int_equal(crdt_text_delete(w->doc, w->text, at, length), RC_OK);
    struct span update = commit(w);
    assert_true(ledger_wrote(&ledger, writer, update, now));
    return update;
}

static void an_edit_is_counted_and_timed_once(void **state)
{
    (void)state;
    struct span update = writes(0, "hello", 200);
    assert_int_equal(ledger_missing(&ledger, &reader), 1);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 250, &tally), 1);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 260, &tally), 0);
    assert_true(tally.delivered == 1 && tally.latency.count == 1 && tally.latency.max == 50);
    assert_int_equal(ledger_missing(&ledger, &reader), 0);
}

static void a_merged_update_is_as_many_edits_as_went_into_it(void **state)
{
    struct buf merged = {0};

    (void)state;
    for (uint64_t i = 0; i < 5; i++) {
        (void)writes(i % WRITERS, "ab", 200 + i);
    }
    (void)deletes(1, 0, 1, 210);
    struct buf states[WRITERS] = {0};
    struct span spans[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        assert_int_equal(crdt_encode_state(writers[i].doc, CRDT_V1, span_of(NULL, 0), &states[i]), RC_OK);
        spans[i] = buf_span(&states[i]);
    }
    assert_int_equal(crdt_update_merge(CRDT_V1, spans, WRITERS, &merged), RC_OK);
    assert_int_equal(ledger_heard(&ledger, &reader, buf_span(&merged), 300, &tally), 6);
    assert_int_equal(ledger_missing(&ledger, &reader), 0);
    assert_true(tally.latency.min == 90 && tally.latency.max == 100);
    for (size_t i = 0; i < WRITERS; i++) {
        buf_finish(&states[i]);
    }
    buf_finish(&merged);
}

static void a_deletion_alone_is_told_apart(void **state)
{
    (void)state;
    struct span update = writes(0, "hello", 200);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 201, &tally), 1);
    update = deletes(0, 1, 3, 300);
    assert_int_equal(ledger_missing(&ledger, &reader), 1);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 340, &tally), 1);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 350, &tally), 0);
    assert_true(tally.latency.max == 40);
    assert_int_equal(ledger_missing(&ledger, &reader), 0);
}

static void what_is_lost_is_missing_and_what_follows_is_a_gap(void **state)
{
    (void)state;
    (void)writes(0, "lost", 200);
    struct span update = writes(0, "found", 210);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 220, &tally), 0);
    assert_int_equal(reader.gaps, 1);
    assert_int_equal(ledger_missing(&ledger, &reader), 2);
}

static void edits_outside_the_window_are_counted_but_not_timed(void **state)
{
    (void)state;
    struct span update = writes(0, "early", 50);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 150, &tally), 1);
    update = writes(1, "late", 1000);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 1100, &tally), 1);
    assert_true(tally.delivered == 2 && tally.latency.count == 0);
    update = writes(2, "unseen", 200);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 250, NULL), 1);
    assert_true(tally.delivered == 2);
}

static void the_state_vector_says_what_was_heard(void **state)
{
    struct buf vector = {0};

    (void)state;
    struct span update = writes(0, "hello", 200);
    assert_int_equal(ledger_heard(&ledger, &reader, update, 201, &tally), 1);
    (void)writes(1, "not heard", 202);
    ledger_put_state_vector(&ledger, &reader, &vector);
    assert_true(proto_state_vector_valid(buf_span(&vector)));
    assert_true(proto_state_vector_get(buf_span(&vector), FIRST) == 5);
    assert_true(proto_state_vector_get(buf_span(&vector), FIRST + 1) == 0);
    buf_finish(&vector);
}

static void strangers_and_garbage_change_nothing(void **state)
{
    static const uint8_t garbage[] = {1, 1, 0xFF};
    struct crdt_doc *doc;
    struct crdt_type text;
    struct crdt_doc_options options = {.client = 5};
    struct buf update = {0};

    (void)state;
    assert_int_equal(crdt_doc_create(&options, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("text"), CRDT_TEXT, &text), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str("x"), NULL, 0), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, &update), RC_OK);
    assert_int_equal(ledger_heard(&ledger, &reader, buf_span(&update), 1, &tally), 0);
    assert_true(ledger_heard(&ledger, &reader, span_of(garbage, sizeof(garbage)), 1, &tally) < 0);
    assert_true(tally.delivered == 0 && reader.gaps == 0);
    buf_finish(&update);
    crdt_doc_destroy(doc);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_edit_is_counted_and_timed_once),
        TEST(a_merged_update_is_as_many_edits_as_went_into_it),
        TEST(a_deletion_alone_is_told_apart),
        TEST(what_is_lost_is_missing_and_what_follows_is_a_gap),
        TEST(edits_outside_the_window_are_counted_but_not_timed),
        TEST(the_state_vector_says_what_was_heard),
        TEST(strangers_and_garbage_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
