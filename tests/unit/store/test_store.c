/* The rules of store.h, the same table of cases for both back ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sqlite3.h>
#include "server/store/memory.h"
#include "tests/server/store/vfs_fault.h"
#include "tests/unit/store/store_rig.h"

/* Commits fail with this code, until `rc` is RC_OK. */
static void make_fail(struct rig *r, int rc)
{
    if (r->memory) {
        store_memory_fail(r->s, rc, rc == RC_OK ? 0 : 1000000);
    } else if (rc == RC_OK) {
        fault_errors(0, SQLITE_OK);
    } else {
        fault_errors(1000000, rc == RC_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE);
    }
}

static void an_unknown_note_is_not_found(struct rig *r)
{
    assert_int_equal(rig_load(r, "nothing"), RC_NOTFOUND);
    assert_int_equal(rig_stat(r, "nothing"), RC_NOTFOUND);
    assert_int_equal(rig_put_meta(r, "nothing", "t", "e"), RC_NOTFOUND);
    assert_int_equal(rig_compact(r, "nothing", "s", 1), RC_NOTFOUND);
    assert_int_equal(rig_list(r, NULL, 10), RC_OK);
    assert_int_equal(r->page_count, 0);
    assert_false(r->page_more);
    assert_int_equal(rig_stats(r).notes, 0);
}

static void rows_load_in_the_order_of_their_appends(struct rig *r)
{
    for (int i = 0; i < 100; i++) {
        char data[16];

        snprintf(data, sizeof(data), "%d", i);
        assert_int_equal(rig_queue_append(r, i % 2 ? "odd" : "even", data, (uint64_t)i), RC_OK);
    }
    rig_settle(r);
    assert_int_equal(r->answers, 100);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(r->answer[i].rc, RC_OK);
        assert_int_equal(r->answer[i].ticket, i);
        assert_true(i == 0 || r->answer[i].seq > r->answer[i - 1].seq);
    }
    assert_int_equal(rig_load(r, "odd"), RC_OK);
    assert_int_equal(r->content->count, 50);
    for (size_t i = 0; i < 50; i++) {
        char data[16];

        snprintf(data, sizeof(data), "%zu", 2 * i + 1);
        assert_true(span_equal(r->content->row[i].data, span_str(data)));
    }
    assert_int_equal(r->content->last_seq, r->content->row[49].seq);
    assert_int_equal(rig_stats(r).log_rows, 100);
}

static void a_row_keeps_all_that_it_was_given(struct rig *r)
{
    static const uint8_t data[] = {0, 1, 2, 255, 0};
    struct store_row row = {STORE_UPDATE_V2, span_of(data, sizeof(data)), span_str("link:é"), -5, 99};

    assert_int_equal(store_append(r->s, span_str("n"), &row, rig_reply(r, 1)), RC_OK);
    row.data = row.sender = span_of(NULL, 0);
    row.kind = STORE_UPDATE_V1;
    row.time_ms = INT64_MAX;
    assert_int_equal(store_append(r->s, span_str("n"), &row, rig_reply(r, 2)), RC_OK);
    rig_settle(r);
    assert_int_equal(rig_load(r, "n"), RC_OK);
    assert_int_equal(r->content->count, 2);
    assert_int_equal(r->content->row[0].kind, STORE_UPDATE_V2);
    assert_int_equal(r->content->row[0].time_ms, -5);
    assert_true(span_equal(r->content->row[0].data, span_of(data, sizeof(data))));
    assert_true(span_equal(r->content->row[0].sender, span_str("link:é")));
    assert_int_equal(r->content->row[0].seq, r->answer[0].seq);
    assert_int_equal(r->content->row[1].data.len, 0);
    assert_int_equal(r->content->row[1].sender.len, 0);
    assert_int_equal(r->content->row[1].time_ms, INT64_MAX);
    assert_int_equal(r->content->snapshot.len, 0);
    assert_false(r->content->fallback);
}

static void bad_arguments_are_refused_at_once(struct rig *r)
{
    static char big[STORE_EXCERPT_MAX + 2];
    const struct store_row good = {STORE_UPDATE_V1, span_str("x"), span_str("me"), 1, 0};
    struct store_row bad = good;

    memset(big, 'a', sizeof(big) - 1);
    assert_int_equal(store_append(r->s, span_str(""), &good, rig_reply(r, 0)), RC_ARG);
    assert_int_equal(store_append(r->s, span_of(big, STORE_NAME_MAX + 1), &good, rig_reply(r, 0)), RC_ARG);
    assert_int_equal(store_append(r->s, span_str("\xff"), &good, rig_reply(r, 0)), RC_ARG);
    assert_int_equal(store_append(r->s, span_of("a\0b", 3), &good, rig_reply(r, 0)), RC_ARG);
    bad.kind = 3;
    assert_int_equal(store_append(r->s, span_str("n"), &bad, rig_reply(r, 0)), RC_ARG);
    bad.kind = STORE_FOREIGN;
    assert_int_equal(store_append(r->s, span_str("n"), &bad, rig_reply(r, 0)), RC_ARG);
    bad = good;
    bad.data.len = STORE_DATA_MAX + 1;
    assert_int_equal(store_append(r->s, span_str("n"), &bad, rig_reply(r, 0)), RC_ARG);
    bad = good;
    bad.sender = span_of(big, STORE_SENDER_MAX + 1);
    assert_int_equal(store_append(r->s, span_str("n"), &bad, rig_reply(r, 0)), RC_ARG);
    assert_int_equal(rig_compact(r, "n", "", 1), RC_ARG);
    assert_int_equal(rig_put_meta(r, "n", "t", big), RC_ARG);
    assert_int_equal(rig_create(r, "n", "\xc0\x80", 1), RC_ARG);
    assert_int_equal(rig_list(r, NULL, 0), RC_ARG);
    assert_int_equal(rig_list(r, NULL, STORE_PAGE_MAX + 1), RC_ARG);
    assert_int_equal(store_append(r->s, span_of(big, STORE_NAME_MAX), &good, rig_reply(r, 0)), RC_OK);
    rig_settle(r);
    assert_int_equal(r->answers, 1);
}

static void compaction_replaces_rows_and_keeps_two_generations(struct rig *r)
{
    assert_int_equal(rig_append(r, "n", "a"), RC_OK);
    assert_int_equal(rig_append(r, "n", "b"), RC_OK);
    assert_int_equal(rig_append(r, "m", "other"), RC_OK);
    assert_int_equal(rig_append(r, "n", "c"), RC_OK);
    assert_int_equal(rig_compact(r, "n", "AB", r->answer[1].seq), RC_OK);
    assert_int_equal(r->answer[r->answers - 1].seq, r->answer[1].seq);
    rig_expect(r, "n", "<AB>|c");
    assert_int_equal(rig_stats(r).log_rows, 4); /* none went: the generation before is the empty note */
    assert_int_equal(rig_compact(r, "n", "again", r->answer[1].seq), RC_STATE);
    assert_int_equal(rig_append(r, "n", "d"), RC_OK);
    assert_int_equal(rig_compact(r, "n", "ABCD", STORE_UPTO_ALL), RC_OK);
    rig_expect(r, "n", "<ABCD>");
    assert_int_equal(rig_stats(r).log_rows, 3); /* c, d, other */
    assert_int_equal(rig_compact(r, "n", "nothing new", STORE_UPTO_ALL), RC_STATE);
    assert_int_equal(rig_append(r, "n", "e"), RC_OK);
    rig_expect(r, "n", "<ABCD>|e");
    rig_expect(r, "m", "<>|other");
    assert_int_equal(rig_stat(r, "n"), RC_OK);
    assert_int_equal(r->info.size, 5);
    assert_int_equal(r->info.rows, 1);
}

static void a_compaction_covers_what_was_appended_before_it(struct rig *r)
{
    assert_int_equal(rig_queue_append(r, "n", "a", 1), RC_OK);
    assert_int_equal(store_compact(r->s, span_str("n"), span_str("A"), STORE_UPTO_ALL, rig_reply(r, 2)), RC_OK);
    assert_int_equal(rig_queue_append(r, "n", "b", 3), RC_OK);
    rig_settle(r);
    assert_int_equal(r->answer[1].rc, RC_OK);
    assert_int_equal(r->answer[1].seq, r->answer[0].seq);
    rig_expect(r, "n", "<A>|b");
}

static void creating_is_explicit_or_by_the_first_row(struct rig *r)
{
    assert_int_equal(rig_create(r, "n", "Title", 5), RC_OK);
    assert_string_equal(r->page_names, "n");
    assert_string_equal(r->page_titles, "Title,");
    assert_int_equal(r->info.created_ms, 5);
    assert_int_equal(rig_create(r, "n", "Another", 6), RC_EXISTS);
    rig_expect(r, "n", "<>");
    assert_int_equal(rig_append_at(r, "implicit", "x", 9), RC_OK);
    assert_int_equal(rig_create(r, "implicit", "", 10), RC_EXISTS);
    assert_int_equal(rig_stat(r, "implicit"), RC_OK);
    assert_int_equal(r->info.created_ms, 9);
    assert_string_equal(r->page_titles, ",");
    assert_int_equal(rig_put_meta(r, "n", "New é", "first words"), RC_OK);
    assert_int_equal(rig_stat(r, "n"), RC_OK);
    assert_string_equal(r->page_titles, "New é,first words");
    assert_int_equal(r->info.updated_ms, 5);
    assert_int_equal(rig_stats(r).notes, 2);
}

static void lists_go_by_last_update_in_pages(struct rig *r)
{
    struct store_cursor at;

    for (int i = 0; i < 7; i++) {
        char name[4];

        snprintf(name, sizeof(name), "n%d", i);
        assert_int_equal(rig_create(r, name, name, i < 3 ? 100 : 100 + i), RC_OK);
    }
    assert_int_equal(rig_append_at(r, "n1", "x", 104), RC_OK);
    assert_int_equal(rig_list(r, NULL, 3), RC_OK);
    assert_string_equal(r->page_names, "n6 n5 n4 ");
    assert_string_equal(r->page_titles, "n6,n5,n4,");
    assert_true(r->page_more);
    at = r->next;
    assert_int_equal(rig_list(r, &at, 3), RC_OK);
    assert_string_equal(r->page_names, "n1 n3 n2 ");
    at = r->next;
    assert_int_equal(rig_list(r, &at, 3), RC_OK);
    assert_string_equal(r->page_names, "n0 ");
    assert_false(r->page_more);
    assert_int_equal(rig_list(r, NULL, 7), RC_OK);
    assert_false(r->page_more);
}

static void a_full_disk_keeps_what_was_accepted_and_refuses_the_rest(struct rig *r)
{
    size_t first;

    assert_int_equal(rig_append(r, "n", "before"), RC_OK);
    make_fail(r, RC_FULL);
    first = r->answers;
    assert_int_equal(store_writable(r->s), RC_OK);
    assert_int_equal(rig_queue_append(r, "n", "kept1", 11), RC_OK);
    assert_int_equal(rig_queue_append(r, "new", "kept2", 12), RC_OK);
    assert_int_equal(store_compact(r->s, span_str("n"), span_str("S"), STORE_UPTO_ALL, rig_reply(r, 13)), RC_OK);
    assert_int_equal(rig_queue_append(r, "n", "kept3", 14), RC_OK);
    rig_wait_state(r, STORE_FULL);
    assert_int_equal(store_writable(r->s), RC_FULL);
    assert_int_equal(rig_queue_append(r, "n", "refused", 15), RC_FULL);
    assert_int_equal(rig_put_meta(r, "n", "t", "e"), RC_FULL);
    assert_int_equal(rig_create(r, "c", "t", 1), RC_FULL);
    rig_wait_answers(r, first + 1);
    assert_int_equal(r->answer[first].ticket, 13); /* only what is not kept is answered */
    assert_int_equal(r->answer[first].rc, RC_FULL);
    assert_int_equal(rig_load(r, "n"), RC_BUSY); /* its newest rows are in memory only */
    assert_int_equal(rig_load(r, "new"), RC_BUSY);
    assert_int_equal(rig_stat(r, "n"), RC_OK);
    assert_int_equal(rig_stats(r).kept, 3);
    assert_int_equal(rig_stats(r).error, RC_FULL);
    make_fail(r, RC_OK);
    first = r->answers;
    rig_wait_state(r, STORE_OK);
    rig_settle(r);
    assert_int_equal(r->answer[first].ticket, 11);
    assert_int_equal(rig_append(r, "n", "after"), RC_OK);
    rig_expect(r, "n", "<>|before|kept1|kept3|after");
    rig_expect(r, "new", "<>|kept2");
    assert_int_equal(rig_stats(r).kept, 0);
    assert_int_equal(r->changes, 2);
}

static void other_failures_are_told_apart_and_reading_goes_on(struct rig *r)
{
    assert_int_equal(rig_append(r, "n", "before"), RC_OK);
    make_fail(r, RC_IO);
    assert_int_equal(rig_queue_append(r, "m", "kept", 1), RC_OK);
    rig_wait_state(r, STORE_FAILING);
    assert_int_equal(store_writable(r->s), RC_IO);
    rig_expect(r, "n", "<>|before");
    assert_int_equal(rig_list(r, NULL, 5), RC_OK);
    assert_string_equal(r->page_names, "n "); /* m never came into being */
    make_fail(r, RC_OK);
    rig_wait_state(r, STORE_OK);
    rig_expect(r, "m", "<>|kept");
}

static void closing_answers_everything_first(struct rig *r)
{
    for (int i = 0; i < 50; i++) {
        assert_int_equal(rig_queue_append(r, "n", "x", (uint64_t)i), RC_OK);
    }
    rig_close(r);
    assert_int_equal(r->answers, 50);
    assert_int_equal(r->answer[49].rc, RC_OK);
    assert_int_equal(r->closed, 1);
}

static void closing_on_a_broken_disk_says_what_was_not_written(struct rig *r)
{
    make_fail(r, RC_IO);
    assert_int_equal(rig_queue_append(r, "n", "lost", 1), RC_OK);
    rig_wait_state(r, STORE_FAILING);
    rig_close(r);
    assert_int_equal(r->answers, 1);
    assert_int_equal(r->answer[0].rc, RC_IO);
}

static void a_closing_store_takes_no_more(struct rig *r)
{
    const struct store_row row = {STORE_UPDATE_V1, span_str("x"), span_str("me"), 1, 0};

    store_close(r->s, NULL, NULL);
    assert_int_equal(store_append(r->s, span_str("n"), &row, rig_reply(r, 0)), RC_STATE);
    assert_int_equal(store_load(r->s, span_str("n"), rig_reply(r, 0)), RC_STATE);
    assert_int_equal(store_list(r->s, NULL, 1, rig_reply(r, 0)), RC_STATE);
    assert_int_equal(store_writable(r->s), RC_STATE);
    assert_int_equal(store_wait(r->s, 120000), RC_OK);
    store_drain(r->s); /* the last one, unless answers came before */
    r->s = NULL;
}

static void a_content_may_outlive_the_store(struct rig *r)
{
    assert_int_equal(rig_append(r, "n", "x"), RC_OK);
    rig_expect(r, "n", "<>|x");
    rig_close(r);
    assert_string_equal(rig_text(r), "<>|x");
}

static void a_read_sees_the_writes_before_it(struct rig *r)
{
    for (int i = 0; i < 20; i++) {
        assert_int_equal(rig_queue_append(r, "n", "x", 1), RC_OK);
        assert_int_equal(store_load(r->s, span_str("n"), rig_reply(r, 2)), RC_OK);
    }
    rig_settle(r);
    assert_int_equal(r->answers, 40);
    assert_int_equal(r->content->count, 20);
}

static void waking_is_asked_for_once_between_drains(struct rig *r)
{
    unsigned drains = 0;

    for (int i = 0; i < 10; i++) {
        assert_int_equal(rig_queue_append(r, "n", "x", 1), RC_OK);
    }
    while (r->answers < 10) {
        assert_int_equal(store_wait(r->s, 120000), RC_OK);
        store_drain(r->s);
        drains++;
    }
    assert_int_equal(store_drain(r->s), 0);
    assert_int_equal(store_wait(r->s, 0), RC_NOTFOUND);
    rig_close(r); /* the thread is gone: all wakes are counted */
    assert_in_range(atomic_load(&r->wakes), 1, r->memory ? 20 : drains + 2);
}

#define CASES(X)                                                                                                       \
    X(an_unknown_note_is_not_found)                                                                                    \
    X(rows_load_in_the_order_of_their_appends)                                                                         \
    X(a_row_keeps_all_that_it_was_given)                                                                               \
    X(bad_arguments_are_refused_at_once)                                                                               \
    X(compaction_replaces_rows_and_keeps_two_generations)                                                              \
    X(a_compaction_covers_what_was_appended_before_it)                                                                 \
    X(creating_is_explicit_or_by_the_first_row)                                                                        \
    X(lists_go_by_last_update_in_pages)                                                                                \
    X(a_full_disk_keeps_what_was_accepted_and_refuses_the_rest)                                                        \
    X(other_failures_are_told_apart_and_reading_goes_on)                                                               \
    X(closing_answers_everything_first)                                                                                \
    X(closing_on_a_broken_disk_says_what_was_not_written)                                                              \
    X(a_closing_store_takes_no_more)                                                                                   \
    X(a_content_may_outlive_the_store)                                                                                 \
    X(a_read_sees_the_writes_before_it)                                                                                \
    X(waking_is_asked_for_once_between_drains)

static void with_memory(void (*run)(struct rig *r))
{
    struct rig *r = malloc(sizeof(*r));

    rig_open_memory(r);
    run(r);
    rig_finish(r);
    free(r);
}

static void with_sqlite(void (*run)(struct rig *r))
{
    struct rig *r = malloc(sizeof(*r));

    fault_reset(1, span_of(NULL, 0));
    rig_open_sqlite(r, FAULT_VFS);
    run(r);
    fault_errors(0, SQLITE_OK);
    rig_finish(r);
    free(r);
}

#define BOTH(name)                                                                                                     \
    static void memory_##name(void **state)                                                                            \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        with_memory(name);                                                                                             \
    }                                                                                                                  \
    static void sqlite_##name(void **state)                                                                            \
    {                                                                                                                  \
        (void)state;                                                                                                   \
        with_sqlite(name);                                                                                             \
    }
CASES(BOTH)

#define TESTS(name) cmocka_unit_test(memory_##name), cmocka_unit_test(sqlite_##name),

int main(void)
{
    const struct CMUnitTest tests[] = {CASES(TESTS)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
