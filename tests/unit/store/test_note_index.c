#include "server/store/note_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "server/store/store.h"
#include "tests/support/rng.h"

static struct index_note *add(struct note_index *x, uint64_t id, const char *name)
{
    struct index_note *n;

    assert_int_equal(index_add(x, id, span_str(name), &n), RC_OK);
    return n;
}

static void notes_are_found_by_name_and_id(void **state)
{
    struct note_index x;
    char name[16];

    (void)state;
    index_init(&x);
    assert_null(index_find(&x, span_str("n1")));
    assert_null(index_by_id(&x, 1));
    for (uint64_t id = 1; id <= 1000; id++) {
        snprintf(name, sizeof(name), "n%d", (int)id);
        assert_int_equal(add(&x, id, name)->id, id);
    }
    assert_true(index_check(&x));
    assert_int_equal(index_find(&x, span_str("n777"))->id, 777);
    assert_null(index_find(&x, span_str("n77 7")));
    assert_ptr_equal(index_by_id(&x, 5), index_find(&x, span_str("n5")));
    index_remove(&x, index_by_id(&x, 5));
    assert_null(index_find(&x, span_str("n5")));
    assert_null(index_by_id(&x, 5));
    assert_int_equal(x.count, 999);
    assert_int_equal(x.last_id, 1000); /* ids are not given twice */
    assert_true(index_check(&x));
    index_finish(&x);
    index_finish(&x);
}

static void an_absurd_id_is_refused(void **state)
{
    struct note_index x;
    struct index_note *n = NULL;

    (void)state;
    index_init(&x);
    assert_int_equal(index_add(&x, UINT64_MAX, span_str("n"), &n), RC_LIMIT);
    assert_null(n);
    index_finish(&x);
}

static void rows_move_from_generation_to_generation(void **state)
{
    struct note_index x;
    struct index_note *n;

    (void)state;
    index_init(&x);
    n = add(&x, 1, "n");
    for (uint64_t seq = 10; seq <= 100; seq += 10) {
        assert_int_equal(index_add_row(&x, n, seq, 7, (int64_t)seq), RC_OK);
    }
    assert_int_equal(n->facts.fresh, 10);
    assert_int_equal(index_size(n), 70);
    assert_int_equal(index_rows_upto(n, 9), 0);
    assert_int_equal(index_rows_upto(n, 10), 1);
    assert_int_equal(index_rows_upto(n, 99), 9);
    assert_int_equal(index_rows_upto(n, UINT64_MAX), 10);
    index_set_snap(n, (struct index_snap){1, 40, 5}, true);
    index_drop_rows(&x, n);
    assert_int_equal(n->facts.count, 10);
    assert_int_equal(n->facts.fresh, 6);
    assert_int_equal(index_size(n), 5 + 6 * 7);
    assert_true(index_check(&x));
    index_set_snap(n, (struct index_snap){2, 100, 6}, true);
    index_drop_rows(&x, n);
    assert_int_equal(n->facts.count, 6);
    assert_int_equal(n->rows[0].seq, 50);
    assert_int_equal(n->facts.fresh, 0);
    assert_int_equal(x.rows, 6);
    assert_true(index_check(&x));
    index_set_snap(n, (struct index_snap){3, 100, 9}, false); /* the newest was damaged */
    assert_int_equal(n->facts.older.id, 1);
    assert_int_equal(index_size(n), 9);
    assert_true(index_check(&x));
    index_finish(&x);
}

static void what_a_transaction_did_can_be_taken_back(void **state)
{
    struct note_index x;
    struct index_undo a = {0}, b = {0}, c = {0};
    struct index_note *n, *made;

    (void)state;
    index_init(&x);
    n = add(&x, 1, "n");
    assert_int_equal(index_add_row(&x, n, 1, 7, 1), RC_OK);
    index_undo_save(&a, n, false);
    n->dirty = true;
    assert_int_equal(index_add_row(&x, n, 2, 7, 2), RC_OK);
    index_undo_save(&b, n, false);
    index_set_snap(n, (struct index_snap){1, 2, 5}, true);
    made = add(&x, 2, "made");
    index_undo_save(&c, made, true);
    assert_int_equal(index_add_row(&x, made, 3, 7, 3), RC_OK);
    index_undo_apply(&x, &c);
    index_undo_apply(&x, &b);
    index_undo_apply(&x, &a);
    index_undo_apply(&x, &a); /* nothing more to take back */
    assert_null(index_find(&x, span_str("made")));
    assert_false(n->dirty);
    assert_int_equal(n->facts.count, 1);
    assert_int_equal(n->facts.last_seq, 1);
    assert_int_equal(n->facts.updated_ms, 1);
    assert_int_equal(n->facts.newest.id, 0);
    assert_int_equal(x.rows, 1);
    assert_true(index_check(&x));
    index_finish(&x);
}

static int newer_first(const void *a, const void *b)
{
    const struct index_note *const *x = a, *const *y = b;

    if ((*x)->facts.updated_ms != (*y)->facts.updated_ms) {
        return (*x)->facts.updated_ms > (*y)->facts.updated_ms ? -1 : 1;
    }
    return (*x)->id > (*y)->id ? -1 : 1;
}

static void pages_join_to_the_sorted_whole(void **state)
{
    struct note_index x;
    const struct index_note *sorted[300], *page[300];
    struct rng rng;
    char name[16];

    (void)state;
    index_init(&x);
    rng_init(&rng, rng_test_seed(3));
    for (uint64_t id = 1; id <= 300; id++) {
        snprintf(name, sizeof(name), "n%d", (int)id);
        add(&x, id, name)->facts.updated_ms = (int64_t)rng_below(&rng, 40) - 20;
        sorted[id - 1] = index_by_id(&x, id);
    }
    qsort(sorted, 300, sizeof(sorted[0]), newer_first);
    for (size_t limit = 1; limit <= 300; limit += 1 + limit / 2) {
        struct store_cursor after = {0, 0};
        size_t at = 0;
        bool more = true;

        while (more) {
            size_t count = index_list(&x, at == 0 ? NULL : &after, limit, page, &more);

            assert_true(count > 0);
            assert_memory_equal(page, sorted + at, count * sizeof(page[0]));
            at += count;
            after = (struct store_cursor){page[count - 1]->facts.updated_ms, page[count - 1]->id};
        }
        assert_int_equal(at, 300);
    }
    index_finish(&x);
}

static void the_check_sees_disorder(void **state)
{
    struct note_index x;
    struct index_note *n;

    (void)state;
    index_init(&x);
    n = add(&x, 1, "n");
    assert_int_equal(index_add_row(&x, n, 5, 1, 1), RC_OK);
    assert_int_equal(index_add_row(&x, n, 6, 1, 1), RC_OK);
    assert_true(index_check(&x));
    n->rows[0].seq = 7;
    assert_false(index_check(&x));
    n->rows[0].seq = 5;
    n->facts.fresh = 1;
    assert_false(index_check(&x));
    n->facts.fresh = 2;
    x.rows = 3;
    assert_false(index_check(&x));
    index_finish(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_are_found_by_name_and_id),
        cmocka_unit_test(an_absurd_id_is_refused),
        cmocka_unit_test(rows_move_from_generation_to_generation),
        cmocka_unit_test(what_a_transaction_did_can_be_taken_back),
        cmocka_unit_test(pages_join_to_the_sorted_whole),
        cmocka_unit_test(the_check_sees_disorder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
