#include "server/api/note_roll.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "server/store/memory.h"

struct rig {
    struct store *store;
    struct note_roll roll;
    int done, rc;
};

static void no_wake(void *ctx)
{
    (void)ctx;
}

static int set_up(void **state)
{
    static struct rig rig;
    struct store_host host = {no_wake, NULL, NULL, NULL};

    rig = (struct rig){0};
    *state = &rig;
    return store_memory_open(&host, &rig.store) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    note_roll_finish(&rig->roll);
    store_close(rig->store, NULL, NULL);
    while (store_drain(rig->store) > 0) {
    }
    return 0;
}

static void done(void *ctx, int rc)
{
    struct rig *rig = ctx;

    rig->done++;
    rig->rc = rc;
}

static void edit(struct rig *rig, unsigned note, int64_t time_ms)
{
    struct store_row row = {.kind = STORE_UPDATE_V1, .data = span_str("x"), .time_ms = time_ms};
    char name[16];

    snprintf(name, sizeof name, "note %u", note);
    assert_int_equal(store_append(rig->store, span_str(name), &row, (struct store_reply){0}), RC_OK);
}

static void make(struct rig *rig, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        edit(rig, i, 1000 + i);
    }
    store_drain(rig->store);
}

static void gather(struct rig *rig)
{
    assert_int_equal(note_roll_gather(&rig->roll, rig->store, done, rig), RC_OK);
    for (int i = 0; i < 20 && !rig->done; i++) {
        store_drain(rig->store);
    }
    assert_int_equal(rig->done, 1);
}

/* Each of the notes is in the roll once. */
static void expect_all(struct rig *rig, unsigned count)
{
    static unsigned char seen[4096];

    memset(seen, 0, sizeof seen);
    assert_int_equal(rig->rc, RC_OK);
    assert_int_equal(rig->roll.count, count);
    for (size_t i = 0; i < rig->roll.count; i++) {
        struct span name = note_roll_name(&rig->roll, i);
        char text[16] = "";
        unsigned note;

        assert_true(name.len < sizeof text);
        memcpy(text, name.data, name.len);
        assert_int_equal(sscanf(text, "note %u", &note), 1);
        assert_true(note < count);
        assert_int_equal(seen[note]++, 0);
        assert_true(note_roll_changed_ms(&rig->roll, i) >= 1000);
    }
}

static void notes_of_one_page_and_of_many_come_once(void **state)
{
    static const unsigned counts[] = {0, 1, STORE_PAGE_MAX, STORE_PAGE_MAX + 1, 2 * STORE_PAGE_MAX + 500};
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        make(rig, counts[i]);
        rig->done = 0;
        gather(rig);
        expect_all(rig, counts[i]);
        note_roll_finish(&rig->roll);
    }
}

/* The list has 2,500 notes, the oldest of which is edited between its pages: before the reader gets there. */
static void a_note_that_moves_while_the_list_is_read_is_not_missed(void **state)
{
    const unsigned count = 2 * STORE_PAGE_MAX + 500;
    struct rig *rig = *state;

    make(rig, count);
    store_memory_auto(rig->store, false);
    assert_int_equal(note_roll_gather(&rig->roll, rig->store, done, rig), RC_OK);
    for (unsigned round = 0; round < 20 && !rig->done; round++) {
        store_memory_step(rig->store);
        edit(rig, round, 100000 + round);
        store_memory_step(rig->store);
        store_drain(rig->store);
    }
    expect_all(rig, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(notes_of_one_page_and_of_many_come_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_note_that_moves_while_the_list_is_read_is_not_missed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
