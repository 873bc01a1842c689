#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/idset.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"

/* The model: sets of up to CLIENTS x CLOCKS ids as bits. */
#define CLIENTS 3
#define CLOCKS  64

static const uint64_t client_ids[CLIENTS] = {7, ((uint64_t)1 << 53) - 1, 300};

struct model {
    bool has[CLIENTS][CLOCKS];
};

static void add_random(struct rng *rng, struct idset *s, struct model *m)
{
    unsigned client = (unsigned)rng_below(rng, CLIENTS);
    uint64_t clock = rng_below(rng, CLOCKS - 8), len = 1 + rng_below(rng, 8);

    assert_int_equal(idset_add(s, client_ids[client], clock, len), RC_OK);
    for (uint64_t i = clock; i < clock + len; i++) {
        m->has[client][i] = true;
    }
}

static void check_same(const struct idset *s, const struct model *m)
{
    assert_true(idset_is_normal(s));
    for (unsigned client = 0; client < CLIENTS; client++) {
        for (uint64_t clock = 0; clock < CLOCKS; clock++) {
            assert_int_equal(idset_contains(s, client_ids[client], clock), m->has[client][clock]);
        }
    }
    assert_false(idset_contains(s, 8, 0));
    assert_false(idset_contains(s, 7, CLOCKS));
}

static void random_sets_agree_with_bits(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(1));
    for (int round = 0; round < 300; round++) {
        struct idset a, b, out, back;
        struct model ma = {0}, mb = {0}, both = {0}, either = {0}, without = {0};

        idset_init(&a);
        idset_init(&b);
        idset_init(&out);
        idset_init(&back);
        for (uint64_t n = rng_below(&rng, 40); n > 0; n--) {
            add_random(&rng, &a, &ma);
        }
        for (uint64_t n = rng_below(&rng, 12); n > 0; n--) {
            add_random(&rng, &b, &mb);
        }
        assert_int_equal(idset_normalize(&a), RC_OK);
        assert_int_equal(idset_normalize(&b), RC_OK);
        check_same(&a, &ma);
        for (unsigned i = 0; i < CLIENTS; i++) {
            for (unsigned j = 0; j < CLOCKS; j++) {
                both.has[i][j] = ma.has[i][j] && mb.has[i][j];
                either.has[i][j] = ma.has[i][j] || mb.has[i][j];
                without.has[i][j] = ma.has[i][j] && !mb.has[i][j];
            }
        }
        assert_int_equal(idset_intersect(&a, &b, &out), RC_OK);
        check_same(&out, &both);
        assert_int_equal(idset_subtract(&a, &b, &back), RC_OK);
        check_same(&back, &without);
        assert_int_equal(idset_union(&a, &b, &out), RC_OK);
        check_same(&out, &either);
        assert_int_equal(idset_union(&b, &a, &back), RC_OK);
        assert_true(idset_equal(&out, &back));
        idset_finish(&a);
        idset_finish(&b);
        idset_finish(&out);
        idset_finish(&back);
    }
}

static void typing_and_backspacing_make_one_range(void **state)
{
    struct idset s;

    (void)state;
    idset_init(&s);
    alloc_fault_at(0);
    for (uint64_t clock = 100; clock < 200; clock++) {
        assert_int_equal(idset_add(&s, 5, clock, 1), RC_OK);
    }
    for (uint64_t clock = 99; clock > 0; clock--) {
        assert_int_equal(idset_add(&s, 5, clock, 1), RC_OK);
    }
    assert_int_equal(idset_add(&s, 5, 500, 0), RC_OK);
    assert_int_equal(s.count, 1);
    assert_int_equal(idset_ranges(&s)[0].clock, 1);
    assert_int_equal(idset_ranges(&s)[0].len, 199);
    assert_int_equal(alloc_fault_count(), 0);
    idset_finish(&s);
}

static void ranges_read_stay_apart_and_in_their_order(void **state)
{
    static const struct idset_range given[] = {{1, 9, 1}, {2, 3, 2}, {1, 0, 3}, {1, 3, 1}, {2, 5, 1}};
    static const struct idset_range grouped[] = {{2, 3, 2}, {2, 5, 1}, {1, 9, 1}, {1, 0, 3}, {1, 3, 1}};
    struct idset s;

    (void)state;
    idset_init(&s);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(idset_push(&s, given[i].client, given[i].clock, given[i].len), RC_OK);
    }
    assert_int_equal(idset_group(&s), RC_OK);
    assert_memory_equal(idset_ranges(&s), grouped, sizeof(grouped));
    assert_int_equal(idset_group_end(&s, 0), 2);
    assert_int_equal(idset_group_end(&s, 2), 5);
    assert_false(idset_is_normal(&s));
    assert_int_equal(idset_normalize(&s), RC_OK);
    assert_int_equal(s.count, 3);
    assert_int_equal(idset_find_client(&s, 1), 1);
    assert_int_equal(idset_find_client(&s, 9), 3);
    idset_finish(&s);
}

static void sorting_many_ranges_is_stable(void **state)
{
    enum { MANY = 5000 };
    struct idset_range *r = malloc(MANY * sizeof(*r));
    struct rng rng;

    (void)state;
    assert_non_null(r);
    rng_init(&rng, rng_test_seed(2));
    for (unsigned round = 0; round < 6; round++) {
        uint64_t clocks = round % 2 == 0 ? 50 : (uint64_t)1 << 53;

        for (uint64_t i = 0; i < MANY; i++) {
            r[i] = (struct idset_range){rng_below(&rng, round < 3 ? 3 : (uint64_t)1 << 53), rng_below(&rng, clocks), i};
        }
        assert_int_equal(idset_range_sort(r, MANY), RC_OK);
        for (unsigned i = 1; i < MANY; i++) {
            assert_true(r[i - 1].client >= r[i].client);
            if (r[i - 1].client == r[i].client) {
                assert_true(r[i - 1].clock <= r[i].clock);
                assert_true(r[i - 1].clock < r[i].clock || r[i - 1].len < r[i].len);
            }
        }
    }
    free(r);
}

static void failing_allocations_lose_nothing(void **state)
{
    struct idset s;

    (void)state;
    idset_init(&s);
    for (uint64_t i = 0; i < IDSET_FEW; i++) {
        assert_int_equal(idset_add(&s, 1, 10 * i, 1), RC_OK);
    }
    alloc_fault_at(1);
    assert_int_equal(idset_add(&s, 1, 1000, 1), RC_NOMEM);
    alloc_fault_at(0);
    assert_int_equal(s.count, IDSET_FEW);
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(idset_add(&s, i % 7, 1000 - 10 * i, 1), RC_OK);
    }
    alloc_fault_at(1);
    assert_int_equal(idset_normalize(&s), RC_NOMEM);
    alloc_fault_at(1);
    assert_int_equal(idset_group(&s), RC_NOMEM);
    alloc_fault_at(0);
    assert_int_equal(s.count, IDSET_FEW + 100);
    assert_int_equal(idset_normalize(&s), RC_OK);
    assert_true(idset_contains(&s, 1, 20));
    assert_true(idset_contains(&s, 99 % 7, 10));
    idset_finish(&s);
    idset_finish(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_agree_with_bits),
        cmocka_unit_test(typing_and_backspacing_make_one_range),
        cmocka_unit_test(ranges_read_stay_apart_and_in_their_order),
        cmocka_unit_test(sorting_many_ranges_is_stable),
        cmocka_unit_test(failing_allocations_lose_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
