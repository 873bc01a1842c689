#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "tests/unit/lib0/alloc_fault.h"

#define ALIGNMENT alignof(max_align_t)

static void blocks_are_aligned_apart_and_stay(void **state)
{
    unsigned char *blocks[500];
    struct arena a;
    size_t sum = 0;

    (void)state;
    arena_init(&a, 0);
    for (unsigned i = 0; i < 500; i++) {
        blocks[i] = arena_alloc(&a, i);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % ALIGNMENT, 0);
        memset(blocks[i], (int)(i % 251), i);
        sum += i;
    }
    for (unsigned i = 0; i < 500; i++) {
        for (unsigned k = 0; k < i; k++) {
            assert_int_equal(blocks[i][k], i % 251);
        }
    }
    assert_true(a.used >= sum && a.used < sum + 500 * ALIGNMENT);
    arena_finish(&a);
    assert_int_equal(a.used, 0);
    arena_finish(&a);
    arena_finish(NULL);
}

static void large_and_small_mix(void **state)
{
    struct arena a = {0};

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        unsigned char *large = arena_alloc(&a, (size_t)1 << 17);
        unsigned char *small = arena_alloc(&a, 3);

        assert_non_null(large);
        assert_non_null(small);
        memset(large, 1, (size_t)1 << 17);
        memset(small, 2, 3);
    }
    arena_finish(&a);
}

static void the_limit_counts_until_reset(void **state)
{
    struct arena a;

    (void)state;
    arena_init(&a, 10 * ALIGNMENT);
    for (unsigned i = 0; i < 10; i++) {
        assert_non_null(arena_alloc(&a, 1));
    }
    assert_null(arena_alloc(&a, 1));
    assert_int_equal(a.used, 10 * ALIGNMENT);
    arena_reset(&a);
    assert_int_equal(a.used, 0);
    assert_null(arena_alloc(&a, 10 * ALIGNMENT + 1));
    assert_non_null(arena_alloc(&a, 10 * ALIGNMENT));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 1));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 100));
    arena_finish(&a);
}

static void reset_keeps_memory_for_the_next_piece_of_work(void **state)
{
    struct arena a = {0};
    unsigned first;

    (void)state;
    alloc_fault_at(0);
    assert_non_null(arena_alloc(&a, 1000));
    first = alloc_fault_count();
    arena_reset(&a);
    alloc_fault_at(0);
    assert_non_null(arena_alloc(&a, 1000));
#ifdef ARENA_DEBUG
    assert_int_equal(alloc_fault_count(), first);
#else
    assert_int_equal(first, 1);
    assert_int_equal(alloc_fault_count(), 0);
#endif
    arena_finish(&a);
}

static void out_of_memory_is_null_and_no_harm(void **state)
{
    struct arena a = {0};

    (void)state;
    assert_non_null(arena_alloc(&a, 16));
    alloc_fault_at(1);
    assert_null(arena_alloc(&a, 1 << 20));
    alloc_fault_at(0);
    assert_int_equal(a.used, 16);
    assert_non_null(arena_alloc(&a, 1 << 20));
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_apart_and_stay),
        cmocka_unit_test(large_and_small_mix),
        cmocka_unit_test(the_limit_counts_until_reset),
        cmocka_unit_test(reset_keeps_memory_for_the_next_piece_of_work),
        cmocka_unit_test(out_of_memory_is_null_and_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
