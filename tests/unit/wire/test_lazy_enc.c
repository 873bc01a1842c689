#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/lazy_enc.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

static void put_gc(struct lazy_enc *e, uint64_t client, uint64_t clock, uint64_t len)
{
    struct block b = {.id = {client, clock}, .len = len, .ref = BLOCK_GC};

    lazy_enc_block(e, &b, 0);
}

static void groups_get_their_counts(void **state)
{
    struct idset none;
    struct lazy_enc e;
    struct buf out = {0};

    (void)state;
    idset_init(&none);
    lazy_enc_init(&e, CRDT_V1, &out);
    put_gc(&e, 7, 0, 1);
    put_gc(&e, 7, 1, 1);
    put_gc(&e, 5, 3, 2);
    put_gc(&e, 5, 9, 2); /* a hole: yjs would write it into the same group, at a wrong clock */
    assert_int_equal(lazy_enc_finish(&e, &none), RC_OK);
    check_hex("v1", buf_span(&out), "03 02 07 00 0001 0001 01 05 03 0002 01 05 09 0002 00");
    buf_finish(&out);
}

static void nothing_is_an_update_of_nothing(void **state)
{
    struct idset none;
    struct lazy_enc e;
    struct buf out = {0};

    (void)state;
    idset_init(&none);
    lazy_enc_init(&e, CRDT_V1, &out);
    assert_int_equal(lazy_enc_finish(&e, &none), RC_OK);
    check_hex("v1", buf_span(&out), "00 00");
    buf_clear(&out);
    lazy_enc_init(&e, CRDT_V2, &out);
    assert_int_equal(lazy_enc_finish(&e, &none), RC_OK);
    check_hex("v2", buf_span(&out), "00 00 00 00 00 00 01 00 00 00 00 00 00");
    buf_finish(&out);
}

/* 300 groups of 200 blocks: all counts take two bytes. */
static int write_many(enum crdt_format format, struct buf *out)
{
    struct idset none;
    struct lazy_enc e;

    idset_init(&none);
    lazy_enc_init(&e, format, out);
    for (uint64_t client = 300; client > 0; client--) {
        for (uint64_t clock = 0; clock < 200; clock++) {
            put_gc(&e, client, clock, 1);
        }
    }
    return lazy_enc_finish(&e, &none);
}

static void long_counts_move_the_bytes_right(void **state)
{
    (void)state;
    for (int format = CRDT_V1; format <= CRDT_V2; format++) {
        struct buf out = {0}, vector = {0};

        assert_int_equal(write_many((enum crdt_format)format, &out), RC_OK);
        assert_int_equal(crdt_update_state_vector((enum crdt_format)format, buf_span(&out), &vector), RC_OK);
        assert_int_equal(vector.len, 2 + (300 - 127) * 4 + 127 * 3);
        buf_finish(&out);
        buf_finish(&vector);
    }
}

static void failing_allocations_leave_the_output_as_it_was(void **state)
{
    (void)state;
    for (int format = CRDT_V1; format <= CRDT_V2; format++) {
        unsigned n = 0;
        int rc;

        do {
            struct buf out = {0};

            alloc_fault_at(++n);
            rc = write_many((enum crdt_format)format, &out);
            alloc_fault_at(0);
            assert_true(rc == RC_OK || (rc == RC_NOMEM && out.len == 0));
            buf_finish(&out);
        } while (rc != RC_OK);
        assert_in_range(n, 5, 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_get_their_counts),
        cmocka_unit_test(nothing_is_an_update_of_nothing),
        cmocka_unit_test(long_counts_move_the_bytes_right),
        cmocka_unit_test(failing_allocations_leave_the_output_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
