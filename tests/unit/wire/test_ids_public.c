#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/support/rng.h"

/* The model: for each of CLIENTS x CLOCKS ids a value, or 0. */
#define CLIENTS 3
#define CLOCKS  64
#define ROUNDS  400

static const uint64_t client_ids[CLIENTS] = {7, ((uint64_t)1 << 53) - 1, 300};

struct model {
    unsigned value[CLIENTS][CLOCKS];
};

static struct crdt_id_range random_range(struct rng *rng, unsigned *client)
{
    *client = (unsigned)rng_below(rng, CLIENTS);
    return (struct crdt_id_range){client_ids[*client], rng_below(rng, CLOCKS - 8), 1 + rng_below(rng, 8)};
}

static void random_map(struct rng *rng, struct crdt_id_map *map, struct model *m)
{
    for (uint64_t n = rng_below(rng, 30); n > 0; n--) {
        unsigned client, value = 1 + (unsigned)rng_below(rng, 3);
        struct crdt_id_range r = random_range(rng, &client);

        assert_int_equal(crdt_id_map_set(map, r, value), RC_OK);
        for (uint64_t at = r.clock; at < r.clock + r.len; at++) {
            m->value[client][at] = value;
        }
    }
}

static void random_set(struct rng *rng, struct crdt_ids *ids, struct model *m)
{
    for (uint64_t n = rng_below(rng, 20); n > 0; n--) {
        unsigned client;
        struct crdt_id_range r = random_range(rng, &client);

        assert_int_equal(crdt_ids_add(ids, r), RC_OK);
        for (uint64_t at = r.clock; at < r.clock + r.len; at++) {
            m->value[client][at] = 1;
        }
    }
}

static void check_map(const struct crdt_id_map *map, const struct model *m)
{
    struct crdt_id_range before = {0}, r;
    uint64_t value, last = 0, covered = 0, expected = 0;

    for (unsigned c = 0; c < CLIENTS; c++) {
        for (uint64_t at = 0; at < CLOCKS; at++) {
            value = 0;
            assert_int_equal(crdt_id_map_get(map, client_ids[c], at, &value), m->value[c][at] != 0);
            assert_int_equal(value, m->value[c][at]);
            expected += value != 0;
        }
    }
    for (size_t i = 0; crdt_id_map_range(map, i, &r, &value); i++) {
        if (i > 0) { /* in order, and as long as can be */
            bool touches = before.client == r.client && before.clock + before.len == r.clock;
            assert_true(before.client > r.client ||
                        (before.client == r.client && before.clock + before.len <= r.clock));
            assert_false(touches && last == value);
        }
        covered += r.len;
        before = r;
        last = value;
    }
    assert_int_equal(covered, expected);
}

static void check_set(const struct crdt_ids *ids, const struct model *m)
{
    struct crdt_id_range r;
    uint64_t covered = 0, expected = 0;

    for (unsigned c = 0; c < CLIENTS; c++) {
        for (uint64_t at = 0; at < CLOCKS; at++) {
            assert_int_equal(crdt_ids_contains(ids, client_ids[c], at), m->value[c][at] != 0);
            expected += m->value[c][at] != 0;
        }
    }
    for (size_t i = 0; crdt_ids_range(ids, i, &r); i++) {
        covered += r.len;
    }
    assert_int_equal(covered, expected);
}

enum operation { UNION, INTERSECT, SUBTRACT };

static struct model model_of(enum operation op, const struct model *a, const struct model *b)
{
    struct model out;

    for (unsigned c = 0; c < CLIENTS; c++) {
        for (unsigned at = 0; at < CLOCKS; at++) {
            unsigned x = a->value[c][at], y = b->value[c][at];
            out.value[c][at] = op == UNION ? (y ? y : x) : op == INTERSECT ? (y ? x : 0) : (y ? 0 : x);
        }
    }
    return out;
}

static void sets_agree_with_the_model(void **state)
{
    int (*const operations[])(const struct crdt_ids *, const struct crdt_ids *,
                              struct crdt_ids *) = {crdt_ids_union, crdt_ids_intersect, crdt_ids_subtract};
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(20));
    for (int round = 0; round < ROUNDS; round++) {
        struct crdt_ids *a, *b, *out;
        struct model ma = {0}, mb = {0};
        struct buf bytes = {0};

        assert_int_equal(crdt_ids_create(&a) | crdt_ids_create(&b) | crdt_ids_create(&out), RC_OK);
        random_set(&rng, a, &ma);
        random_set(&rng, b, &mb);
        check_set(a, &ma);
        for (int op = 0; op < 3; op++) {
            struct model expected = model_of((enum operation)op, &ma, &mb);
            assert_int_equal(operations[op](a, b, out), RC_OK);
            check_set(out, &expected);
        }
        assert_int_equal(crdt_ids_encode(a, round % 2 ? CRDT_V1 : CRDT_V2, &bytes), RC_OK);
        assert_int_equal(crdt_ids_decode(buf_span(&bytes), round % 2 ? CRDT_V1 : CRDT_V2, out), RC_OK);
        check_set(out, &ma);
        ma = model_of(UNION, &ma, &mb);
        assert_int_equal(crdt_ids_union(a, b, a), RC_OK); /* into itself */
        check_set(a, &ma);
        buf_finish(&bytes);
        crdt_ids_destroy(a);
        crdt_ids_destroy(b);
        crdt_ids_destroy(out);
    }
}

static void maps_agree_with_the_model(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, rng_test_seed(21));
    for (int round = 0; round < ROUNDS; round++) {
        struct crdt_id_map *a, *b;
        struct crdt_ids *ids, *all;
        struct model ma = {0}, mb = {0}, mi = {0};

        assert_int_equal(crdt_id_map_create(&a) | crdt_id_map_create(&b), RC_OK);
        assert_int_equal(crdt_ids_create(&ids) | crdt_ids_create(&all), RC_OK);
        random_map(&rng, a, &ma);
        random_map(&rng, b, &mb);
        random_set(&rng, ids, &mi);
        check_map(a, &ma);
        assert_int_equal(crdt_id_map_overlay(a, b), RC_OK);
        ma = model_of(UNION, &ma, &mb);
        check_map(a, &ma);
        assert_int_equal(round % 2 ? crdt_id_map_keep(a, ids) : crdt_id_map_remove(a, ids), RC_OK);
        ma = model_of(round % 2 ? INTERSECT : SUBTRACT, &ma, &mi);
        check_map(a, &ma);
        assert_int_equal(crdt_id_map_ids(a, all), RC_OK);
        check_set(all, &ma);
        crdt_id_map_destroy(a);
        crdt_id_map_destroy(b);
        crdt_ids_destroy(ids);
        crdt_ids_destroy(all);
    }
}

static void what_is_out_of_range_changes_nothing(void **state)
{
    static const struct crdt_id_range wrong[] = {
        {(uint64_t)1 << 53, 0, 1}, {1, (uint64_t)1 << 53, 0}, {1, 1, ((uint64_t)1 << 53) - 1}, {1, 0, UINT64_MAX}};
    struct crdt_id_map *map;
    struct crdt_ids *ids;
    struct crdt_id_range r;
    uint64_t value;

    (void)state;
    assert_int_equal(crdt_ids_create(&ids) | crdt_id_map_create(&map), RC_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(crdt_ids_add(ids, wrong[i]), RC_RANGE);
        assert_int_equal(crdt_id_map_set(map, wrong[i], 1), RC_RANGE);
    }
    assert_int_equal(crdt_ids_decode(span_of("\x01\x07\x02\x01", 4), CRDT_V1, ids), RC_FORMAT);
    assert_false(crdt_ids_range(ids, 0, &r));
    assert_false(crdt_id_map_range(map, 0, &r, &value));
    crdt_ids_destroy(ids);
    crdt_id_map_destroy(map);
}

static void documents_and_updates_tell_their_ids(void **state)
{
    struct crdt_doc *doc;
    struct crdt_type text;
    struct crdt_ids *in, *del, *in2, *del2;
    struct crdt_id_range r;
    struct buf update = {0};

    (void)state;
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = 9}, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str("Hello"), NULL, 0), RC_OK);
    assert_int_equal(crdt_text_delete(doc, text, 1, 3), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V2, &update), RC_OK);
    assert_int_equal(crdt_ids_create(&in) | crdt_ids_create(&del) | crdt_ids_create(&in2) | crdt_ids_create(&del2),
                     RC_OK);
    assert_int_equal(crdt_doc_ids(doc, in, del), RC_OK);
    assert_int_equal(crdt_update_ids(CRDT_V2, buf_span(&update), in2, del2), RC_OK);
    assert_true(crdt_ids_range(in, 0, &r) && r.client == 9 && r.clock == 0 && r.len == 5);
    assert_true(crdt_ids_range(del, 0, &r) && r.client == 9 && r.clock == 1 && r.len == 3);
    assert_false(crdt_ids_range(in, 1, &r) || crdt_ids_range(del, 1, &r));
    assert_int_equal(crdt_ids_subtract(in, in2, in2) | crdt_ids_subtract(del, del2, del2), RC_OK);
    assert_false(crdt_ids_range(in2, 0, &r) || crdt_ids_range(del2, 0, &r)); /* the same */
    assert_int_equal(crdt_update_ids(CRDT_V1, span_of("\x01", 1), in, del), RC_FORMAT);
    assert_true(crdt_ids_contains(in, 9, 4)); /* as it was */
    buf_finish(&update);
    crdt_ids_destroy(in);
    crdt_ids_destroy(del);
    crdt_ids_destroy(in2);
    crdt_ids_destroy(del2);
    crdt_doc_destroy(doc);
}

static void positions_stay_where_they_are_meant(void **state)
{
    struct crdt_doc *doc;
    struct crdt_type text, found;
    struct buf behind = {0}, before = {0}, end = {0};
    uint64_t index;

    (void)state;
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = 9}, &doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str("ab"), NULL, 0), RC_OK);
    assert_int_equal(crdt_position_at(doc, text, 1, 0, &behind), RC_OK);
    assert_int_equal(crdt_position_at(doc, text, 1, -1, &before), RC_OK);
    assert_int_equal(crdt_position_at(doc, text, 99, 0, &end), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 1, span_str("xyz"), NULL, 0), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(crdt_position_find(doc, buf_span(&behind), &found, &index), RC_OK);
    assert_int_equal(found.ref, text.ref);
    assert_int_equal(index, 4);
    assert_int_equal(crdt_position_find(doc, buf_span(&before), &found, &index), RC_OK);
    assert_int_equal(index, 1);
    assert_int_equal(crdt_position_find(doc, buf_span(&end), &found, &index), RC_OK);
    assert_int_equal(index, 5);
    assert_int_equal(crdt_position_find(doc, span_of("\x00\x07\x00\x00", 4), &found, &index), RC_NOTFOUND);
    assert_int_equal(crdt_position_find(doc, span_of("\x05", 1), &found, &index), RC_FORMAT);
    buf_finish(&behind);
    buf_finish(&before);
    buf_finish(&end);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_agree_with_the_model),
        cmocka_unit_test(maps_agree_with_the_model),
        cmocka_unit_test(what_is_out_of_range_changes_nothing),
        cmocka_unit_test(documents_and_updates_tell_their_ids),
        cmocka_unit_test(positions_stay_where_they_are_meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
