#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

/* The model: entries in clock order in plain arrays. Item numbers are only carried. */
#define ENTRIES 3000

struct model {
    uint32_t clock[ENTRIES + 1], item[ENTRIES + 1], count, state;
};

static struct crdt_doc *doc_with_room(uint32_t *client)
{
    struct crdt_doc *doc = rig_doc(false);

    assert_int_equal(client_make(doc, 7, client), RC_OK);
    assert_int_equal(doc_reserve(doc, &(struct reserve){.inserts = 2 * ENTRIES, .lists = 1, .clients = 1}), RC_OK);
    return doc;
}

static void append(struct crdt_doc *doc, uint32_t client, struct model *m, uint32_t len, uint32_t item)
{
    ids_append(doc, client, item, len);
    m->clock[m->count] = m->state;
    m->item[m->count++] = item;
    m->state += len;
}

static uint32_t model_find(const struct model *m, uint32_t clock)
{
    uint32_t at = m->count - 1;

    while (m->clock[at] > clock) {
        at--;
    }
    return at;
}

/* Cuts the entry that holds the clock, if it does not begin there. */
static void cut(struct crdt_doc *doc, uint32_t client, struct model *m, uint32_t clock, uint32_t item)
{
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t at = model_find(m, clock);

    assert_int_equal(ids_clock(doc, &pos), m->clock[at]);
    if (m->clock[at] == clock) {
        return;
    }
    ids_insert_after(doc, &pos, clock, item);
    memmove(m->clock + at + 2, m->clock + at + 1, (m->count - at - 1) * sizeof(uint32_t));
    memmove(m->item + at + 2, m->item + at + 1, (m->count - at - 1) * sizeof(uint32_t));
    m->clock[at + 1] = clock;
    m->item[at + 1] = item;
    m->count++;
}

static void remove_entry(struct crdt_doc *doc, uint32_t client, struct model *m, uint32_t clock)
{
    struct id_pos pos = ids_find(doc, client, clock);
    uint32_t at = model_find(m, clock);

    if (at == 0) {
        return;
    }
    ids_remove(doc, &pos);
    assert_int_equal(ids_clock(doc, &pos), m->clock[at - 1]);
    memmove(m->clock + at, m->clock + at + 1, (m->count - at - 1) * sizeof(uint32_t));
    memmove(m->item + at, m->item + at + 1, (m->count - at - 1) * sizeof(uint32_t));
    m->count--;
}

static void assert_same(const struct crdt_doc *doc, uint32_t client, const struct model *m)
{
    struct id_pos pos = ids_first(doc, client), back = ids_last(doc, client);

    assert_int_equal(doc->clients[client].state, m->state);
    assert_int_equal(ids_count_from(doc, &pos), m->count);
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t end = i + 1 < m->count ? m->clock[i + 1] : m->state;
        struct id_pos last = ids_peek(doc, client, end - 1);

        assert_int_equal(ids_clock(doc, &pos), m->clock[i]);
        assert_int_equal(ids_item(doc, &pos), m->item[i]);
        assert_int_equal(ids_len(doc, &pos), end - m->clock[i]);
        assert_int_equal(ids_clock(doc, &last), m->clock[i]);
        assert_int_equal(ids_clock(doc, &back), m->clock[m->count - 1 - i]);
        assert_int_equal(ids_next(doc, &pos), i + 1 < m->count);
        assert_int_equal(ids_prev(doc, &back), i + 1 < m->count);
    }
}

/* The same entries, as runs that stand together in memory. */
static void assert_runs(const struct crdt_doc *doc, uint32_t client, const struct model *m)
{
    struct id_pos pos = ids_first(doc, client);
    uint32_t at = 0;
    bool more = true;

    while (more) {
        struct id_run run;
        more = ids_run(doc, &pos, &run);
        assert_in_range(run.count, 1, IDS_RUN_MAX);
        assert_memory_equal(run.clock, m->clock + at, run.count * sizeof(*run.clock));
        assert_memory_equal(run.item, m->item + at, run.count * sizeof(*run.item));
        at += run.count;
        assert_int_equal(run.end, at < m->count ? m->clock[at] : m->state);
    }
    assert_int_equal(at, m->count);
}

static void structs_of_unlike_lengths_are_found(void **state)
{
    struct model *m = calloc(1, sizeof(*m));
    uint32_t client;
    struct crdt_doc *doc = doc_with_room(&client);

    (void)state;
    assert_non_null(m);
    for (uint32_t i = 1; m->count < ENTRIES; i++) {
        append(doc, client, m, i % 97 == 0 ? 1000000 : 1 + i % 5, i);
    }
    assert_true(doc->clients[client].dir_count > 2);
    assert_same(doc, client, m);
    crdt_doc_destroy(doc);
    free(m);
}

static void random_changes_agree_with_an_array(void **state)
{
    struct model *m = calloc(1, sizeof(*m));
    uint32_t client;
    struct crdt_doc *doc = doc_with_room(&client);
    struct rng rng;

    (void)state;
    assert_non_null(m);
    rng_init(&rng, rng_test_seed(7));
    for (uint32_t i = 1; m->count < ENTRIES; i++) {
        switch (rng_below(&rng, 4)) {
        case 0:
            append(doc, client, m, 1 + (uint32_t)rng_below(&rng, 9), i);
            break;
        case 1:
        case 2:
            if (m->state > 0) {
                cut(doc, client, m, (uint32_t)rng_below(&rng, m->state), i);
            }
            append(doc, client, m, 4, i);
            break;
        default:
            if (m->state > 0 && rng_chance(&rng, 40)) {
                remove_entry(doc, client, m, (uint32_t)rng_below(&rng, m->state));
            }
        }
        if (m->count > 0 && i % 500 == 0) {
            assert_same(doc, client, m);
            assert_runs(doc, client, m);
        }
    }
    assert_same(doc, client, m);
    while (m->count > 1) { /* chunks empty and go */
        remove_entry(doc, client, m, m->clock[1 + rng_below(&rng, m->count - 1)]);
    }
    assert_same(doc, client, m);
    free(m);
    crdt_doc_destroy(doc);
}

static void an_entry_may_become_garbage(void **state)
{
    uint32_t client;
    struct crdt_doc *doc = doc_with_room(&client);
    struct id_pos pos;

    (void)state;
    ids_append(doc, client, 3, 5);
    pos = ids_find(doc, client, 4);
    ids_set_item(doc, &pos, 0);
    assert_int_equal(ids_item(doc, &pos), 0);
    assert_int_equal(ids_len(doc, &pos), 5);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_agree_with_an_array),
        cmocka_unit_test(structs_of_unlike_lengths_are_found),
        cmocka_unit_test(an_entry_may_become_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
