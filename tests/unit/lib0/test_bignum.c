#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/bignum.h"

static void assert_number(const struct bignum *n, uint64_t expected)
{
    struct bignum e;

    bignum_set(&e, expected);
    assert_int_equal(bignum_compare(n, &e), 0);
}

static void small_numbers_behave_like_integers(void **state)
{
    struct bignum n, other;

    (void)state;
    bignum_set(&n, 0);
    assert_int_equal(n.count, 0);
    assert_int_equal(bignum_bits(&n), 0);
    bignum_shift_left(&n, 100);
    assert_number(&n, 0);
    bignum_multiply_add(&n, 10, 7);
    assert_number(&n, 7);
    bignum_multiply_add(&n, 1000000000, 5);
    assert_number(&n, UINT64_C(7000000005));
    bignum_shift_left(&n, 3);
    assert_number(&n, UINT64_C(56000000040));
    assert_int_equal(bignum_bits(&n), 36);
    bignum_set(&other, 41);
    bignum_subtract(&n, &other);
    assert_number(&n, UINT64_C(55999999999));
    bignum_add(&n, &other);
    bignum_add(&other, &n);
    assert_number(&other, UINT64_C(56000000081));
    bignum_subtract(&n, &n);
    assert_number(&n, 0);
    bignum_set(&n, UINT64_MAX);
    assert_int_equal(bignum_bits(&n), 64);
}

/* 10^n = 2^n · 5^n, made in two ways, up to the largest that js_number.c needs. */
static void powers_of_ten_agree_with_those_of_five(void **state)
{
    struct bignum ten, five;

    (void)state;
    for (unsigned n = 0; n <= 1099; n++) {
        bignum_set(&ten, 1);
        bignum_multiply_pow10(&ten, n);
        bignum_set(&five, 1);
        for (unsigned i = 0; i < n; i++) {
            bignum_multiply_add(&five, 5, 0);
        }
        bignum_shift_left(&five, n);
        assert_int_equal(bignum_compare(&ten, &five), 0);
    }
    assert_int_equal(bignum_bits(&ten), 3651);
}

static void carries_go_through_all_limbs(void **state)
{
    struct bignum n, one;

    (void)state;
    bignum_set(&one, 1);
    bignum_set(&n, 1);
    bignum_shift_left(&n, 3200);
    assert_int_equal(bignum_bits(&n), 3201);
    bignum_subtract(&n, &one);
    assert_int_equal(bignum_bits(&n), 3200);
    assert_int_equal(n.count, 100);
    for (unsigned i = 0; i < n.count; i++) {
        assert_int_equal(n.limb[i], UINT32_MAX);
    }
    assert_true(bignum_compare(&n, &one) > 0);
    assert_true(bignum_compare(&one, &n) < 0);
    bignum_add(&n, &one);
    assert_int_equal(n.count, 101);
    assert_int_equal(bignum_bits(&n), 3201);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_numbers_behave_like_integers),
        cmocka_unit_test(powers_of_ten_agree_with_those_of_five),
        cmocka_unit_test(carries_go_through_all_limbs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
