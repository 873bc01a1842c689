#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/mem.h"
#include "tests/unit/lib0/alloc_fault.h"

static void arrays_grow_by_half_and_are_counted(void **state)
{
    struct mem m = {.limit = 1000};
    void *data = NULL;
    uint32_t cap = 0;

    (void)state;
    assert_int_equal(mem_reserve(&m, &data, &cap, 10, 8), RC_OK);
    assert_int_equal(cap, 10);
    assert_int_equal(m.used, 80);
    assert_int_equal(mem_reserve(&m, &data, &cap, 5, 8), RC_OK);
    assert_int_equal(cap, 10);
    assert_int_equal(mem_reserve(&m, &data, &cap, 11, 8), RC_OK);
    assert_int_equal(cap, 15);
    assert_int_equal(m.used, 120);
    mem_trim(&m, &data, &cap, 3, 8);
    assert_int_equal(m.used, 24);
    mem_trim(&m, &data, &cap, 0, 8);
    assert_null(data);
    assert_int_equal(m.used, 0);
}

static void a_budget_is_kept(void **state)
{
    struct mem m = {.limit = 100, .used = 20};
    void *data = NULL;
    uint32_t cap = 0;

    (void)state;
    assert_int_equal(mem_reserve(&m, &data, &cap, 11, 8), RC_LIMIT);
    assert_int_equal(mem_reserve(&m, &data, &cap, (uint64_t)1 << 40, 8), RC_LIMIT);
    assert_null(data);
    assert_int_equal(m.used, 20);
    assert_int_equal(mem_reserve(&m, &data, &cap, 8, 8), RC_OK);
    assert_int_equal(mem_reserve(&m, &data, &cap, 9, 8), RC_OK); /* not by half: just what is asked for */
    assert_int_equal(cap, 9);
    assert_int_equal(mem_reserve(&m, &data, &cap, 11, 8), RC_LIMIT);
    alloc_fault_at(1);
    assert_int_equal(mem_reserve(&m, &data, &cap, 10, 8), RC_NOMEM);
    alloc_fault_at(0);
    assert_int_equal(cap, 9);
    assert_int_equal(m.used, 92);
    mem_trim(&m, &data, &cap, 0, 8);
    assert_int_equal(m.used, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_grow_by_half_and_are_counted),
        cmocka_unit_test(a_budget_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
