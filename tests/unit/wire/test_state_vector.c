#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/state_vector.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

struct vector_case {
    const char *what, *bytes;
    int rc;
    const char *written; /* what it is written as */
};

static const struct vector_case cases[] = {
    {"nothing at all", "", RC_OK, "00"},
    {"empty", "00", RC_OK, "00"},
    {"descending", "02 0503 0109", RC_OK, "02 0503 0109"},
    {"ascending is sorted", "03 0109 0503 0701", RC_OK, "03 0701 0503 0109"},
    {"of a client twice the last counts", "03 0109 0503 0102", RC_OK, "02 0503 0102"},
    {"clock 0 stays", "01 0500", RC_OK, "01 0500"},
    {"bytes behind are passed by", "01 0503 ff", RC_OK, "01 0503"},
    {"a client of 53 bits", "01 ffffffffffffff0f 01", RC_OK, "01 ffffffffffffff0f 01"},
    {"a client beyond", "01 8080808080808010 01", RC_RANGE, NULL},
    {"a clock beyond", "01 01 8080808080808010", RC_RANGE, NULL},
    {"cut", "02 0503 01", RC_FORMAT, NULL},
    {"claims 2^53 - 1 entries", "ffffffffffffff0f 0101", RC_FORMAT, NULL},
};

static void vectors_are_read_sorted_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span bytes = bytes_from_hex(cases[i].bytes);
        struct state_vector sv = {0};
        struct buf out = {0};

        check_rc(cases[i].what, state_vector_decode(bytes, &sv), cases[i].rc);
        if (cases[i].rc == RC_OK) {
            state_vector_write(&sv, &out);
            check_hex(cases[i].what, buf_span(&out), cases[i].written);
        } else {
            assert_int_equal(sv.count, 0);
        }
        buf_finish(&out);
        state_vector_finish(&sv);
        bytes_free(bytes);
    }
}

static void clients_are_found(void **state)
{
    struct state_vector sv = {0};

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(state_vector_add(&sv, (i * 37) % 100 * 3, i), RC_OK);
    }
    assert_int_equal(state_vector_sort(&sv), RC_OK);
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(state_vector_get(&sv, (i * 37) % 100 * 3), i);
        assert_true(state_vector_has(&sv, i * 3));
        assert_false(state_vector_has(&sv, i * 3 + 1));
    }
    assert_int_equal(state_vector_get(&sv, 301), 0);
    state_vector_finish(&sv);
    state_vector_finish(NULL);
}

static void failing_allocations_leave_an_empty_vector(void **state)
{
    static const uint8_t bytes[] = {3, 1, 9, 5, 3, 7, 1};
    struct state_vector sv = {0};
    unsigned n = 0;
    int rc;

    (void)state;
    do {
        state_vector_finish(&sv);
        alloc_fault_at(++n);
        rc = state_vector_decode(span_of(bytes, sizeof(bytes)), &sv);
        assert_true(rc == RC_OK || (rc == RC_NOMEM && sv.count == 0));
    } while (rc != RC_OK);
    alloc_fault_at(0);
    assert_int_equal(n, 3); /* the entries, the sort, success */
    state_vector_finish(&sv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_read_sorted_and_written),
        cmocka_unit_test(clients_are_found),
        cmocka_unit_test(failing_allocations_leave_an_empty_vector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
