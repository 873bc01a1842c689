#include "bench/editors/typist.h"

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static void what_is_typed_arrives_by_its_updates(void **state)
{
    struct typist a, b;
    struct buf one = {0}, other = {0}, update = {0};
    size_t moves = 0, nothing = 0;

    (void)state;
    assert_int_equal(typist_init(&a, 1, 42, NULL), RC_OK);
    assert_int_equal(typist_init(&b, 2, 43, NULL), RC_OK);
    for (int i = 0; i < 4000; i++) {
        struct typist *writer = i % 2 == 0 ? &a : &b, *reader = i % 2 == 0 ? &b : &a;
        bool moved;
        buf_clear(&update);
        assert_int_equal(typist_type(writer, &update, &moved), RC_OK);
        moves += moved;
        nothing += update.len == 0;
        assert_int_equal(typist_hear(reader, buf_span(&update)), RC_OK);
    }
    assert_int_equal(crdt_text_to_string(a.doc, a.text, &one), RC_OK);
    assert_int_equal(crdt_text_to_string(b.doc, b.text, &other), RC_OK);
    assert_true(span_equal(buf_span(&one), buf_span(&other)));
    print_message("%zu bytes of text, %zu moves\n", one.len, moves);
    assert_true(one.len > 3000 && moves > 20 && moves < 400 && nothing == 0);
    typist_finish(&a);
    typist_finish(&b);
    buf_finish(&one);
    buf_finish(&other);
    buf_finish(&update);
}

static void the_rhythm_keeps_the_mean(void **state)
{
    struct typist t;
    struct buf update = {0};
    double sum = 0;
    int keys = 40000;

    (void)state;
    assert_int_equal(typist_init(&t, 1, 5, NULL), RC_OK);
    for (int i = 0; i < keys; i++) {
        bool moved;
        buf_clear(&update);
        assert_int_equal(typist_type(&t, &update, &moved), RC_OK);
        sum += (double)typist_gap(&t, 1000000);
    }
    assert_true(fabs(sum / keys / 1000000 - 1) < 0.08);
    typist_finish(&t);
    buf_finish(&update);
}

static void a_cursor_stays_at_its_letter(void **state)
{
    struct typist a, b;
    struct buf update = {0};

    (void)state;
    assert_int_equal(typist_init(&a, 1, 1, NULL), RC_OK);
    assert_int_equal(typist_init(&b, 2, 2, NULL), RC_OK);
    assert_int_equal(typist_fill(&a, 100), RC_OK);
    a.cursor = 50;
    assert_int_equal(crdt_encode_state(a.doc, CRDT_V1, span_of(NULL, 0), &update), RC_OK);
    assert_int_equal(typist_hear(&b, buf_span(&update)), RC_OK);
    buf_clear(&update);
    assert_int_equal(crdt_txn_begin(b.doc), RC_OK);
    assert_int_equal(crdt_text_insert(b.doc, b.text, 10, span_str("1234567"), NULL, 0), RC_OK);
    assert_int_equal(crdt_txn_commit(b.doc, CRDT_V1, &update), RC_OK);
    assert_int_equal(typist_hear(&a, buf_span(&update)), RC_OK);
    assert_true(a.cursor == 57);
    typist_finish(&a);
    typist_finish(&b);
    buf_finish(&update);
}

static void a_history_is_typed_to_its_end(void **state)
{
    struct trace trace = {0};
    struct typist t;
    struct buf update = {0}, text = {0};
    bool moved;

    (void)state;
    assert_int_equal(trace_add_txn(&trace, 0), RC_OK);
    assert_int_equal(trace_add_patch(&trace, 0, 0, span_str("hello wrld")), RC_OK);
    assert_int_equal(trace_add_txn(&trace, 0), RC_OK);
    assert_int_equal(trace_add_patch(&trace, 7, 1, span_str("or")), RC_OK);
    assert_int_equal(typist_init(&t, 1, 1, &trace), RC_OK);
    assert_int_equal(typist_type(&t, &update, &moved), RC_OK);
    assert_int_equal(typist_type(&t, &update, &moved), RC_OK);
    assert_int_equal(typist_type(&t, &update, &moved), RC_LIMIT);
    assert_int_equal(crdt_text_to_string(t.doc, t.text, &text), RC_OK);
    assert_true(span_equal(buf_span(&text), span_str("hello world")));
    typist_finish(&t);
    trace_finish(&trace);
    buf_finish(&update);
    buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_typed_arrives_by_its_updates),
        cmocka_unit_test(the_rhythm_keeps_the_mean),
        cmocka_unit_test(a_cursor_stays_at_its_letter),
        cmocka_unit_test(a_history_is_typed_to_its_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
