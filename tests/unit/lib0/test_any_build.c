#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/any_build.h"
#include "crdt/lib0/enc.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/lib0_check.h"

/* Objects built from random keys are compared with a plain model: a list of members searched from the front. */

#define MOST 60

struct model {
    unsigned key[MOST], value[MOST]; /* keys are numbers; odd ones are written as names */
    size_t count;
};

static void model_set(struct model *m, unsigned key, unsigned value)
{
    size_t i = 0;

    while (i < m->count && m->key[i] != key) {
        i++;
    }
    m->key[i] = key;
    m->value[i] = value;
    m->count += i == m->count;
}

static void put_key_text(struct buf *text, unsigned key)
{
    buf_clear(text);
    buf_printf(text, key % 2 == 0 ? "%u" : "k%u", key);
}

static void put_member(struct buf *out, const struct model *m, size_t i)
{
    struct buf text = {0};

    put_key_text(&text, m->key[i]);
    lib0_put_varstring(out, buf_span(&text));
    lib0_put_any_number(out, m->value[i]);
    buf_finish(&text);
}

/* The model's bytes: even keys by number, then odd ones by first appearance. */
static void put_model(struct buf *out, const struct model *m)
{
    buf_put_u8(out, LIB0_ANY_OBJECT);
    lib0_put_varuint(out, m->count);
    for (unsigned key = 0; key < 2 * MOST; key += 2) {
        for (size_t i = 0; i < m->count; i++) {
            if (m->key[i] == key) {
                put_member(out, m, i);
            }
        }
    }
    for (size_t i = 0; i < m->count; i++) {
        if (m->key[i] % 2 != 0) {
            put_member(out, m, i);
        }
    }
}

/* An array of two objects, so that one follows another that may be late. */
static void random_objects_stand_in_javascripts_order(void **state)
{
    unsigned late = 0;
    struct rng r;

    (void)state;
    rng_init(&r, rng_test_seed(6));
    for (unsigned round = 0; round < 5000; round++) {
        struct buf out = {0}, expected = {0}, text = {0};
        struct any_frame array;
        struct any_build b;

        buf_put_str(&out, "before");
        buf_put_str(&expected, "before");
        buf_put_u8(&expected, LIB0_ANY_ARRAY);
        lib0_put_varuint(&expected, 2);
        any_build_init(&b, &out);
        array = any_build_open(&b, LIB0_ANY_ARRAY);
        for (unsigned n = 0; n < 2; n++) {
            struct model m = {.count = 0};
            struct any_frame object;
            uint64_t count = rng_below(&r, rng_chance(&r, 50) ? 3 : MOST), keys = 1 + rng_below(&r, 2 * MOST);

            any_build_item(&array);
            object = any_build_open(&b, LIB0_ANY_OBJECT);
            for (unsigned i = 0; i < count; i++) {
                unsigned key = (unsigned)rng_below(&r, keys);

                put_key_text(&text, key);
                any_build_key(&b, buf_span(&text));
                lib0_put_any_number(&out, i);
                model_set(&m, key, i);
            }
            any_build_close_object(&b, &object);
            put_model(&expected, &m);
        }
        any_build_close_array(&b, &array);
        late += b.late.len > 0;
        assert_int_equal(any_build_finish(&b), RC_OK);
        assert_true(span_equal(buf_span(&out), buf_span(&expected)));
        buf_finish(&out);
        buf_finish(&expected);
        buf_finish(&text);
    }
    print_message("put right: %u of 5000\n", late);
    assert_true(late > 1000 && late < 5000);
}

/* Objects of which each must be put right, as deep as values may be. */
static void deep_disorder_is_put_right(void **state)
{
    struct any_frame frames[LIB0_ANY_DEPTH];
    struct buf out = {0}, expected = {0};
    struct any_build b;

    (void)state;
    any_build_init(&b, &out);
    for (unsigned i = 0; i < LIB0_ANY_DEPTH; i++) {
        frames[i] = any_build_open(&b, LIB0_ANY_OBJECT);
        any_build_key(&b, span_str("a"));
        lib0_put_any_null(&out);
        any_build_key(&b, span_str("0"));
        buf_put_str(&expected, "\x76\x02\x01"
                               "0");
    }
    lib0_put_any_bool(&out, true);
    lib0_put_any_bool(&expected, true);
    for (unsigned i = LIB0_ANY_DEPTH; i > 0; i--) {
        any_build_close_object(&b, &frames[i - 1]);
        buf_put_str(&expected, "\x01"
                               "a\x7e");
    }
    assert_int_equal(b.late.len > 0, true);
    assert_int_equal(any_build_finish(&b), RC_OK);
    assert_true(span_equal(buf_span(&out), buf_span(&expected)));
    buf_finish(&out);
    buf_finish(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_objects_stand_in_javascripts_order),
        cmocka_unit_test(deep_disorder_is_put_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
