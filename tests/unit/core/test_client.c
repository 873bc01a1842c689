#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/client.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

static void ids_keep_their_index(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint64_t ids[300];
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(6));
    for (uint32_t i = 0; i < 300; i++) {
        uint32_t got;

        ids[i] = rng_below(&rng, (uint64_t)1 << 53);
        assert_int_equal(client_find(doc, ids[i]), NONE32);
        assert_int_equal(client_make(doc, ids[i], &got), RC_OK);
        assert_int_equal(got, i);
        assert_int_equal(client_make(doc, ids[i], &got), RC_OK);
        assert_int_equal(got, i);
    }
    clients_forget(doc, 100);
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(client_find(doc, ids[i]), i < 100 ? i : NONE32);
    }
    crdt_doc_destroy(doc);
}

static void the_documents_own_client_is_entered_once(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint32_t first;

    (void)state;
    assert_int_equal(doc->own, NONE32);
    assert_int_equal(client_make(doc, crdt_doc_client(doc) + 1, &first), RC_OK);
    assert_int_equal(client_make_own(doc), RC_OK);
    assert_int_equal(doc->clients[doc->own].id, crdt_doc_client(doc));
    assert_int_equal(client_make_own(doc), RC_OK);
    assert_int_equal(doc->client_count, 2);
    clients_forget(doc, 1);
    assert_int_equal(doc->own, NONE32);
    assert_int_equal(client_make_own(doc), RC_OK);
    assert_int_equal(doc->own, 1);
    crdt_doc_destroy(doc);
}

/* Few are sorted by insertion, many by qsort; those without structs are left out. */
static void order_is_by_id_descending(void **state)
{
    static const unsigned counts[] = {0, 1, 2, 30, 33, 200};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct crdt_doc *doc = rig_doc(false);
        uint32_t order[210], client, count;
        struct rng rng;

        rng_init(&rng, i);
        for (unsigned n = 0; n < counts[i]; n++) {
            assert_int_equal(client_make(doc, rng_below(&rng, (uint64_t)1 << 53), &client), RC_OK);
            doc->clients[client].state = n % 3;
        }
        count = client_order(doc, order);
        assert_int_equal(count, counts[i] - (counts[i] + 2) / 3);
        for (uint32_t n = 0; n < count; n++) {
            assert_true(doc->clients[order[n]].state > 0);
            assert_true(n == 0 || doc->clients[order[n - 1]].id > doc->clients[order[n]].id);
        }
        crdt_doc_destroy(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_keep_their_index),
        cmocka_unit_test(the_documents_own_client_is_entered_once),
        cmocka_unit_test(order_is_by_id_descending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
