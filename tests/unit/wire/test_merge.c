#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/lib0/enc.h"
#include "crdt/wire/merge.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

/* What yjs gives is compared in test_update_vectors.c and tests/diff/wire; here is what those do not reach. */

#define UPDATES_MAX 4

struct merge_case {
    const char *what;
    const char *updates[UPDATES_MAX];
    int rc;
    const char *merged;
};

static const struct merge_case cases[] = {
    {"nothing", {NULL}, RC_OK, "00 00"},
    {"one as it is, bytes behind it too", {"01 01 05 00 00 01 00 ff"}, RC_OK, "01 01 05 00 00 01 00 ff"},
    {"one that is broken", {"01 01 05 00 00 00 00"}, RC_FORMAT, NULL},
    {"groups that ascend lose nothing",
     {"02 01 01 00 00 09 01 02 00 00 03 00", "00 00"},
     RC_OK,
     "02 01 02 00 00 03 01 01 00 00 09 00"},
    {"nor do groups of one client",
     {"02 01 01 00 00 02 01 01 04 00 02 00", "01 01 01 01 00 04 00"},
     RC_OK,
     "01 01 01 00 00 06 00"},
    {"a broken update among good ones", {"01 01 05 00 00 01 00", "01 01 05 01 00"}, RC_FORMAT, NULL},
    {"a broken delete set", {"01 01 05 00 00 01 00", "01 01 05 01 00 01 01"}, RC_FORMAT, NULL},
    {"deletes join", {"00 01 05 01 0002", "00 01 05 02 0203 0901"}, RC_OK, "00 01 05 02 0005 0901"},
};

static void updates_are_merged(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span updates[UPDATES_MAX];
        struct buf out = {0};
        size_t count = 0;

        for (; count < UPDATES_MAX && cases[i].updates[count] != NULL; count++) {
            updates[count] = bytes_from_hex(cases[i].updates[count]);
        }
        check_rc(cases[i].what, crdt_update_merge(CRDT_V1, updates, count, &out), cases[i].rc);
        check_hex(cases[i].what, buf_span(&out), cases[i].rc == RC_OK ? cases[i].merged : "");
        while (count > 0) {
            bytes_free(updates[--count]);
        }
        buf_finish(&out);
    }
}

static void blocks_in_memory_merge_as_their_bytes(void **state)
{
    static const struct block pending[] = {
        {.id = {7, 0}, .len = 3, .ref = BLOCK_GC},
        {.id = {5, 1},
         .len = 2,
         .ref = BLOCK_STRING,
         .flags = BLOCK_HAS_ORIGIN,
         .origin = {5, 0},
         .content = {(const uint8_t *)"bc", 2}},
        {.id = {5, 9}, .len = 1, .ref = BLOCK_GC},
    };
    struct span bytes = bytes_from_hex("01 01 05 00 04 01 0174 01 61 00");
    struct state_vector known = {0};
    struct update_source sources[3] = {{.format = CRDT_V1}};
    struct idset deletes;
    struct buf out = {0};

    (void)state;
    idset_init(&deletes);
    assert_int_equal(idset_add(&deletes, 7, 40, 2), RC_OK);
    sources[0].bytes = bytes;
    sources[1].deletes = &deletes;
    sources[2].blocks = pending;
    sources[2].block_count = 3;
    assert_int_equal(update_merge(sources, 3, CRDT_V1, &out), RC_OK);
    check_hex("all", buf_span(&out),
              "02 01 07 00 00 03 04 05 00 04 01 0174 01 61 84 0500 02 6263 0a 06 00 01 01 07 01 2802");

    buf_clear(&out);
    assert_int_equal(state_vector_add(&known, 7, 3), RC_OK);
    assert_int_equal(state_vector_add(&known, 5, 2), RC_OK);
    sources[2].known = &known;
    assert_int_equal(update_merge(sources + 1, 2, CRDT_V1, &out), RC_OK);
    check_hex("beyond a state vector", buf_span(&out), "01 03 05 02 84 0501 01 63 0a 06 00 01 01 07 01 2802");
    buf_finish(&out);
    state_vector_finish(&known);
    idset_finish(&deletes);
    bytes_free(bytes);
}

static struct span keystroke(uint64_t clock)
{
    struct buf b = {0};
    struct span copy;

    buf_put(&b, "\1\1\5", 3);
    lib0_put_varuint(&b, clock);
    if (clock == 0) {
        buf_put(&b, "\4\1\1t", 4);
    } else {
        buf_put(&b, "\204\5", 2);
        lib0_put_varuint(&b, clock - 1);
    }
    buf_put(&b, "\1a\0", 3);
    copy = bytes_copy(b.data, b.len);
    buf_finish(&b);
    return copy;
}

static void any_order_of_disjoint_updates_merges_to_the_same(void **state)
{
    enum { MANY = 3000 };
    struct span *updates = malloc(MANY * sizeof(*updates));
    struct buf in_order = {0}, shuffled = {0};
    struct rng rng;

    (void)state;
    assert_non_null(updates);
    rng_init(&rng, rng_test_seed(3));
    for (size_t i = 0; i < MANY; i++) {
        updates[i] = keystroke(i);
    }
    assert_int_equal(crdt_update_merge(CRDT_V1, updates, MANY, &in_order), RC_OK);
    for (size_t i = MANY; i > 1; i--) {
        size_t j = (size_t)rng_below(&rng, i);
        struct span swapped = updates[i - 1];

        updates[i - 1] = updates[j];
        updates[j] = swapped;
    }
    assert_int_equal(crdt_update_merge(CRDT_V1, updates, MANY, &shuffled), RC_OK);
    assert_true(span_equal(buf_span(&in_order), buf_span(&shuffled)));
    for (size_t i = 0; i < MANY; i++) {
        bytes_free(updates[i]);
    }
    free(updates);
    buf_finish(&in_order);
    buf_finish(&shuffled);
}

#define FAULT_UPDATES 70

/* Fails each allocation of a merge of `count` updates in turn, until none is left to fail. */
static void check_faults(const struct span *updates, size_t count)
{
    unsigned n = 0;
    int rc;

    do {
        struct buf out = {0};

        alloc_fault_at(++n);
        rc = crdt_update_merge(CRDT_V1, updates, count, &out);
        alloc_fault_at(0);
        assert_true(rc == RC_OK || (rc < 0 && out.len == 0));
        buf_finish(&out);
    } while (rc != RC_OK);
    assert_in_range(n, 5, 100);
}

static void failing_allocations_leave_the_output_as_it_was(void **state)
{
    /* Values in need of memory, several blocks a source, a hole; the last one's groups ascend. */
    static const char *const hex[] = {"01 02 05 00 06 01 0174 01 62 04 74727565 84 0500 01 61 00",
                                      "01 02 05 04 00 02 00 01 01 05 02 0001 0301",
                                      "02 01 01 00 00 09 01 02 00 00 03 00"};
    struct span updates[FAULT_UPDATES];

    (void)state;
    for (size_t i = 0; i < FAULT_UPDATES; i++) {
        updates[i] = bytes_from_hex(hex[i % 2]);
    }
    check_faults(updates, 2);
    check_faults(updates, FAULT_UPDATES);
    bytes_free(updates[2]);
    updates[2] = bytes_from_hex(hex[2]);
    check_faults(updates, 3);
    check_faults(updates, FAULT_UPDATES);
    for (size_t i = 0; i < FAULT_UPDATES; i++) {
        bytes_free(updates[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_merged),
        cmocka_unit_test(blocks_in_memory_merge_as_their_bytes),
        cmocka_unit_test(any_order_of_disjoint_updates_merges_to_the_same),
        cmocka_unit_test(failing_allocations_leave_the_output_as_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
