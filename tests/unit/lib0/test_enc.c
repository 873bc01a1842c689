#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

struct number_case {
    const char *hex;
    uint64_t value;
    bool negative;
};

static const struct number_case varuints[] = {
    {"00", 0, false},
    {"7f", 127, false},
    {"8001", 128, false},
    {"ff7f", 16383, false},
    {"808001", 16384, false},
    {"8080808010", UINT64_C(4294967296), false},
    {"ffffffffffffff0f", LIB0_MAX_SAFE, false},
};

static const struct number_case varints[] = {
    {"00", 0, false},      {"40", 0, true},         {"3f", 63, false},
    {"7f", 63, true},      {"8001", 64, false},     {"c001", 64, true},
    {"bf7f", 8191, false}, {"808001", 8192, false}, {"ffffffffffffff1f", LIB0_MAX_SAFE, true},
};

static void numbers_are_written_as_lib0_writes_them(void **state)
{
    struct buf b = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(varuints) / sizeof(varuints[0]); i++) {
        buf_clear(&b);
        lib0_put_varuint(&b, varuints[i].value);
        check_hex("varuint", buf_span(&b), varuints[i].hex);
        if (varuints[i].value <= UINT32_MAX) {
            uint8_t clock[LIB0_VARUINT_MAX];
            check_hex("clock", span_of(clock, (size_t)(lib0_clock_at(clock, (uint32_t)varuints[i].value) - clock)),
                      varuints[i].hex);
        }
    }
    for (size_t i = 0; i < sizeof(varints) / sizeof(varints[0]); i++) {
        buf_clear(&b);
        lib0_put_varint(&b, varints[i].value, varints[i].negative);
        check_hex("varint", buf_span(&b), varints[i].hex);
    }
    buf_finish(&b);
}

static void other_values_are_written_as_lib0_writes_them(void **state)
{
    struct buf b = {0};

    (void)state;
    lib0_put_varbytes(&b, span_of("\xff\0", 2));
    lib0_put_varstring(&b, span_str("é"));
    lib0_put_varstring(&b, (struct span){0});
    lib0_put_f32(&b, 1.5f);
    lib0_put_f64(&b, -2.5);
    lib0_put_bigint(&b, -2);
    check_hex("all", buf_span(&b), "02ff00 02c3a9 00 3fc00000 c004000000000000 fffffffffffffffe");
    buf_finish(&b);
}

static void what_is_written_reads_back(void **state)
{
    struct rng r;
    struct buf b = {0};

    (void)state;
    rng_init(&r, rng_test_seed(1));
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t value = rng_next(&r) & LIB0_MAX_SAFE >> rng_below(&r, 53);
        bool negative = rng_chance(&r, 50), read;
        struct lib0_dec d;

        buf_clear(&b);
        lib0_put_varuint(&b, value);
        lib0_put_varint(&b, value, negative);
        d = lib0_dec_of(buf_span(&b));
        assert_int_equal(lib0_dec_varuint(&d), value);
        assert_int_equal(lib0_dec_varint(&d, &read), negative ? -(int64_t)value : (int64_t)value);
        assert_int_equal(read, negative);
        assert_int_equal(d.rc, RC_OK);
        assert_true(lib0_dec_at_end(&d));
    }
    buf_finish(&b);
}

static void a_failed_allocation_is_told_at_the_end(void **state)
{
    struct buf b = {0};

    (void)state;
    alloc_fault_at(1);
    lib0_put_varuint(&b, 1);
    alloc_fault_at(0);
    lib0_put_varuint(&b, 1000);
    lib0_put_varstring(&b, span_str("text"));
    lib0_put_f64(&b, 1);
    assert_int_equal(b.rc, RC_NOMEM);
    assert_int_equal(b.len, 0);
    buf_finish(&b);
}

/* Every length, and the numbers beside where it changes; also beyond 2^28, where the short ways end. */
static void writers_in_place_agree_on_every_length(void **state)
{
    unsigned seen = 0;

    (void)state;
    for (unsigned bits = 0; bits <= 53; bits++) {
        for (int64_t beside = -1; beside <= 1; beside++) {
            uint64_t value = ((UINT64_C(1) << bits) + (uint64_t)beside) & LIB0_MAX_SAFE;
            uint8_t plain[LIB0_VARUINT_MAX], uneven[LIB0_VARUINT_MAX], clock[LIB0_VARUINT_MAX];
            size_t len = (size_t)(lib0_varuint_at(plain, value) - plain);

            assert_int_equal(lib0_uneven_at(uneven, value) - uneven, len);
            assert_memory_equal(uneven, plain, len);
            if (value <= UINT32_MAX) {
                assert_int_equal(lib0_clock_at(clock, (uint32_t)value) - clock, len);
                assert_memory_equal(clock, plain, len);
            }
            for (unsigned negative = 0; negative < 2; negative++) {
                uint8_t coded[LIB0_VARUINT_MAX];
                struct lib0_dec in =
                    lib0_dec_of(span_of(coded, (size_t)(lib0_varint_at(coded, value, negative) - coded)));
                bool read;
                int64_t back = lib0_dec_varint(&in, &read);

                assert_true(lib0_dec_at_end(&in) && read == negative);
                assert_int_equal(back, negative ? -(int64_t)value : (int64_t)value);
                seen++;
            }
        }
    }
    assert_int_equal(seen, 2 * 3 * 54);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_lib0_writes_them),
        cmocka_unit_test(other_values_are_written_as_lib0_writes_them),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(a_failed_allocation_is_told_at_the_end),
        cmocka_unit_test(writers_in_place_agree_on_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
