#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/hash.h"
#include "tests/unit/lib0/alloc_fault.h"

#define VALUES 500

static void enter(struct mem *m, struct hash_index *ix, uint32_t count)
{
    for (uint32_t value = 1; value <= count; value++) {
        struct hash_index grown;

        assert_int_equal(hash_plan(m, ix, 1, &grown), RC_OK);
        if (grown.cap != ix->cap) {
            for (uint32_t i = 1; i < value; i++) {
                hash_put(&grown, hash_u64(9, i), i);
            }
            hash_replace(m, ix, &grown);
        }
        hash_put(ix, hash_u64(9, value), value);
    }
}

static uint32_t find(const struct hash_index *ix, uint32_t value)
{
    uint32_t at = hash_start(ix, hash_u64(9, value));

    while (ix->slot[at] != 0 && ix->slot[at] != value) {
        at = hash_step(ix, at);
    }
    return ix->slot[at];
}

static void what_is_entered_is_found(void **state)
{
    struct mem m = {.limit = 1 << 20};
    struct hash_index ix = {0};

    (void)state;
    enter(&m, &ix, VALUES);
    for (uint32_t value = 1; value <= 2 * VALUES; value++) {
        assert_int_equal(find(&ix, value), value <= VALUES ? value : 0);
    }
    assert_true(ix.cap >= 2 * VALUES);
    hash_finish(&m, &ix);
    assert_int_equal(m.used, 0);
}

static void without_memory_the_table_stays(void **state)
{
    struct mem m = {.limit = 1 << 20};
    struct hash_index ix = {0}, grown = {0};

    (void)state;
    enter(&m, &ix, 4);
    alloc_fault_at(1);
    assert_int_equal(hash_plan(&m, &ix, 100, &grown), RC_NOMEM);
    alloc_fault_at(0);
    m.limit = m.used;
    assert_int_equal(hash_plan(&m, &ix, 100, &grown), RC_LIMIT);
    assert_null(grown.slot);
    assert_int_equal(find(&ix, 4), 4);
    hash_finish(&m, &ix);
}

static void bytes_and_seeds_matter(void **state)
{
    const uint8_t text[] = "a name of some length";

    (void)state;
    for (size_t len = 1; len < sizeof(text); len++) {
        assert_int_not_equal(hash_bytes(1, 2, text, len), hash_bytes(1, 2, text, len - 1));
        assert_int_not_equal(hash_bytes(1, 2, text, len), hash_bytes(1, 3, text, len));
        assert_int_not_equal(hash_bytes(1, 2, text, len), hash_bytes(7, 2, text, len));
        assert_int_equal(hash_bytes(1, 2, text, len), hash_bytes(1, 2, text, len));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_entered_is_found),
        cmocka_unit_test(without_memory_the_table_stays),
        cmocka_unit_test(bytes_and_seeds_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
