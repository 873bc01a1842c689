#include "bench/editors/hostile_update.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include "crdt/crdt.h"

static struct crdt_stat after(const char *name, struct buf update)
{
    struct crdt_doc *doc;
    struct crdt_stat stat;

    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_apply(doc, CRDT_V1, buf_span(&update), NULL), RC_OK);
    assert_null(crdt_check(doc));
    crdt_doc_stat(doc, &stat);
    print_message("%s: %zu bytes, %llu bytes of memory\n", name, update.len, (unsigned long long)stat.memory);
    crdt_doc_destroy(doc);
    buf_finish(&update);
    return stat;
}

static void all_authors_write_at_one_place(void **state)
{
    struct buf update = {0};

    (void)state;
    hostile_authors(&update);
    struct crdt_stat stat = after("authors", update);
    assert_true(stat.clients == HOSTILE_AUTHORS && stat.text_units == HOSTILE_AUTHORS);
}

static void letters_behind_gaps_wait(void **state)
{
    struct buf update = {0};

    (void)state;
    hostile_gaps(&update);
    struct crdt_stat stat = after("gaps", update);
    assert_true(stat.pending_structs == HOSTILE_GAPS && stat.text_units == 0);
}

static void pieces_stay_apart(void **state)
{
    struct buf update = {0};

    (void)state;
    hostile_pieces(&update);
    struct crdt_stat stat = after("pieces", update);
    assert_true(stat.structs == HOSTILE_PIECES && stat.text_units == HOSTILE_PIECES && stat.clients == 1);
}

static void a_deletion_of_the_future_waits(void **state)
{
    struct buf update = {0};

    (void)state;
    hostile_claim(7, 10, &update);
    struct crdt_stat stat = after("claim", update);
    assert_true(stat.pending_deletes == 1 && stat.text_units == 0);
}

static void letters_one_by_one_are_the_same_crowd(void **state)
{
    struct crdt_doc *one, *all;
    struct buf update = {0}, a = {0}, b = {0};

    (void)state;
    assert_int_equal(crdt_doc_create(NULL, &one), RC_OK);
    assert_int_equal(crdt_doc_create(NULL, &all), RC_OK);
    hostile_authors(&update);
    assert_int_equal(crdt_apply(all, CRDT_V1, buf_span(&update), NULL), RC_OK);
    for (uint64_t author = 1; author <= HOSTILE_AUTHORS; author++) {
        buf_clear(&update);
        hostile_letter(author, &update);
        assert_int_equal(crdt_apply(one, CRDT_V1, buf_span(&update), NULL), RC_OK);
    }
    assert_int_equal(crdt_encode_state(one, CRDT_V1, span_of(NULL, 0), &a), RC_OK);
    assert_int_equal(crdt_encode_state(all, CRDT_V1, span_of(NULL, 0), &b), RC_OK);
    assert_true(span_equal(buf_span(&a), buf_span(&b)));
    crdt_doc_destroy(one);
    crdt_doc_destroy(all);
    buf_finish(&update);
    buf_finish(&a);
    buf_finish(&b);
}

static void a_bomb_is_no_update(void **state)
{
    struct buf update = {0};
    struct crdt_doc *doc;

    (void)state;
    hostile_bomb(&update);
    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_true(crdt_apply(doc, CRDT_V2, buf_span(&update), NULL) < 0);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
    buf_finish(&update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_authors_write_at_one_place),
        cmocka_unit_test(letters_behind_gaps_wait),
        cmocka_unit_test(pieces_stay_apart),
        cmocka_unit_test(a_deletion_of_the_future_waits),
        cmocka_unit_test(letters_one_by_one_are_the_same_crowd),
        cmocka_unit_test(a_bomb_is_no_update),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
