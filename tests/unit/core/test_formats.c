#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/branch.h"
#include "crdt/core/formats.h"
#include "crdt/core/seq.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

#define RUNS  60
#define EDITS 40

static uint32_t list_of(const struct crdt_doc *doc)
{
    return doc->branches[branch_root_find(doc, span_str("t"))].list;
}

static void index_text(struct crdt_doc *doc)
{
    if (seq_first(doc, list_of(doc)) != 0) {
        assert_int_equal(formats_build(doc, list_of(doc)), RC_OK);
        assert_true(formats_indexed(doc, list_of(doc)));
    }
}

/* ---- against plain walks ------------------------------------------------------------------------------- */

static void assert_key_agrees(struct crdt_doc *doc, uint32_t seq, uint32_t item, struct span key)
{
    uint32_t at = item;

    for (; at != 0; at = seq_prev(doc, at)) {
        struct span own, value;
        if (item_is_mark(item_at(doc, at))) {
            format_read(doc, at, &own, &value);
            if (span_equal(own, key)) {
                break;
            }
        }
    }
    assert_int_equal(formats_nearest(doc, seq, item, key), at);
}

/* A Map as yjs keeps it, from the head to the item. */
static uint32_t walk(struct crdt_doc *doc, uint32_t seq, uint32_t item, uint32_t marks[FORMAT_KEYS])
{
    struct seq_at place = seq_begin(doc, seq);
    uint32_t count = 0;

    for (uint32_t at = 0; item != 0 && at != item; seq_step(doc, &place)) {
        struct span key, value, own;
        uint32_t i = 0;

        at = seq_item(doc, place);
        if (!item_is_mark(item_at(doc, at))) {
            continue;
        }
        format_read(doc, at, &key, &value);
        for (; i < count; i++) {
            struct span ignored;
            format_read(doc, marks[i], &own, &ignored);
            if (span_equal(own, key)) {
                break;
            }
        }
        if (value.data[0] != 126) { /* not null */
            marks[i] = at;
            count += i == count;
        } else if (i < count) {
            memmove(marks + i, marks + i + 1, (count - i - 1) * sizeof(*marks));
            count--;
        }
    }
    return count;
}

static unsigned assert_agrees(struct crdt_doc *doc)
{
    static const char *const keys[] = {"b", "color", "i", "none"};
    uint32_t seq = list_of(doc), found[FORMAT_KEYS], expected[FORMAT_KEYS], count;
    unsigned most = 0;

    for (uint32_t item = 0, last = seq_last(doc, seq);; item = item ? seq_next(doc, item) : seq_first(doc, seq)) {
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            assert_key_agrees(doc, seq, item, span_str(keys[i]));
        }
        assert_true(formats_in_force(doc, seq, item, found, &count));
        assert_int_equal(count, walk(doc, seq, item, expected));
        assert_memory_equal(found, expected, count * sizeof(*found));
        most = count > most ? count : most;
        if (item == last) {
            break;
        }
    }
    return most;
}

/* ---- the same edits with an index and without ------------------------------------------------------------- */

struct edit {
    unsigned what;
    uint64_t at, len;
    struct crdt_attr attr;
};

static int edit(struct crdt_doc *doc, const struct edit *e, struct buf *update)
{
    struct crdt_type text;
    int rc;

    assert_int_equal(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    if (e->what < 3) {
        rc = crdt_text_insert(doc, text, e->at, span_str("abc"), e->what == 0 ? NULL : &e->attr, e->what == 1);
    } else if (e->what < 7) {
        rc = crdt_text_format(doc, text, e->at, e->len, &e->attr, 1);
    } else {
        rc = crdt_text_delete(doc, text, e->at, e->len);
    }
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, update), RC_OK);
    return rc;
}

static void random_edit(struct rng *rng, uint64_t length, struct edit *out)
{
    static const char *const keys[] = {"b", "color", "i"};
    static const uint8_t values[] = {126, 120, 121}; /* null, true, false */

    out->at = rng_below(rng, length + 1);
    out->what = (unsigned)rng_below(rng, out->at < length ? 8 : 3);
    out->len = out->what >= 3 ? 1 + rng_below(rng, length - out->at) : 0;
    out->attr = (struct crdt_attr){span_str(keys[rng_below(rng, 3)]), span_of(&values[rng_below(rng, 3)], 1)};
}

static void texts_are_edited_alike_with_an_index_and_without(void **state)
{
    struct rng rng;
    unsigned most = 0, marks = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(5));
    for (int run = 0; run < RUNS; run++) {
        struct crdt_doc *with = rig_doc(run % 2 == 0), *without = rig_doc(run % 2 == 0), *remote = rig_doc(false);
        struct buf one = {0}, other = {0};

        for (int i = 0; i < EDITS; i++) {
            struct edit e;

            random_edit(&rng, crdt_type_length(without, crdt_root(without, span_str("t"))), &e);
            buf_clear(&one);
            buf_clear(&other);
            assert_int_equal(edit(with, &e, &one), RC_OK);
            assert_int_equal(edit(without, &e, &other), RC_OK);
            assert_false(formats_indexed(without, list_of(without)));
            assert_int_equal(one.len, other.len);
            assert_memory_equal(one.data, other.data, one.len);
            if (one.len > 0) {
                assert_int_equal(crdt_apply(remote, CRDT_V1, buf_span(&one), NULL), RC_OK);
            }
            index_text(with);
            index_text(remote);
            assert_null(crdt_check(with));
            assert_null(crdt_check(remote));
        }
        unsigned found = assert_agrees(remote);
        most = found > most ? found : most;
        marks += remote->seqs[list_of(remote)].formats;
        assert_int_equal(found, assert_agrees(with));
        crdt_doc_trim(with);
        assert_false(formats_indexed(with, list_of(with)));
        assert_null(crdt_check(with));
        buf_finish(&one);
        buf_finish(&other);
        crdt_doc_destroy(with);
        crdt_doc_destroy(without);
        crdt_doc_destroy(remote);
    }
    assert_int_equal(most, 3);
    assert_in_range(marks, RUNS, UINT32_MAX);
}

/* ---- limits ---------------------------------------------------------------------------------------------------- */

static void of_too_many_keys_only_one_is_looked_up(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint32_t marks[FORMAT_KEYS], count, last;
    char update[64];

    (void)state;
    rig_must(doc, "7:0 text a root t");
    for (unsigned i = 0; i <= FORMAT_KEYS; i++) {
        (void)snprintf(update, sizeof(update), "7:%u format k%u true after 7:%u", i + 1, i, i);
        rig_must(doc, update);
    }
    index_text(doc);
    last = seq_last(doc, list_of(doc));
    assert_false(formats_in_force(doc, list_of(doc), last, marks, &count));
    assert_int_equal(formats_nearest(doc, list_of(doc), seq_first(doc, list_of(doc)), span_str("k3")), 0);
    assert_int_not_equal(formats_nearest(doc, list_of(doc), last, span_str("k3")), 0);
    crdt_doc_destroy(doc);
}

/* The n-th allocation of an update that brings a mark fails. */
static void without_memory_the_index_goes(void **state)
{
    unsigned dropped = 0, refused = 0, n = 0;
    bool indexed = false;

    (void)state;
    for (; n < 100 && !indexed; n++) {
        struct crdt_doc *doc = rig_doc(false);

        rig_must(doc, "7:0 text ab root t");
        rig_must(doc, "7:2 format b true after 7:0 before 7:1");
        index_text(doc);
        int rc = rig_apply_failing(doc, "7:3 format b null after 7:0 before 7:2; 7:4 format b null after 7:1", n + 1);
        indexed = rc == RC_OK && formats_indexed(doc, list_of(doc));
        dropped += rc == RC_OK && !formats_indexed(doc, list_of(doc));
        refused += rc != RC_OK;
        assert_null(crdt_check(doc));
        crdt_doc_destroy(doc);
    }
    print_message("%u allocations: %u refused, %u without an index\n", n, refused, dropped);
    assert_true(indexed && dropped > 0 && refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_edited_alike_with_an_index_and_without),
        cmocka_unit_test(of_too_many_keys_only_one_is_looked_up),
        cmocka_unit_test(without_memory_the_index_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
