#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/words.h"
#include "tests/support/rng.h"
#include "tests/unit/core/core_rig.h"

#define BLOCKS 200

struct piece_of_words {
    uint32_t ref, class, value;
};

static void fill(const struct crdt_doc *doc, const struct piece_of_words *b)
{
    for (uint32_t i = 0; i < words_class_size(b->class); i++) {
        words_at(doc, b->ref)[i] = b->value;
    }
}

static void assert_intact(const struct crdt_doc *doc, const struct piece_of_words *b)
{
    for (uint32_t i = 0; i < words_class_size(b->class); i++) {
        assert_int_equal(words_at(doc, b->ref)[i], b->value);
    }
}

static void pieces_do_not_overlap_and_are_used_again(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    struct piece_of_words block[BLOCKS];
    struct rng rng;
    uint32_t high;

    (void)state;
    rng_init(&rng, rng_test_seed(5));
    assert_int_equal(doc_reserve(doc, &(struct reserve){.inserts = 10000, .lists = 1}), RC_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        block[i] = (struct piece_of_words){.class = (uint32_t)rng_below(&rng, 6), .value = i};
        block[i].ref = words_alloc(doc, block[i].class);
        fill(doc, &block[i]);
    }
    high = doc->word_count;
    for (uint32_t round = 0; round < 2000; round++) {
        struct piece_of_words *b = &block[rng_below(&rng, BLOCKS)];
        uint32_t class = b->class;

        assert_intact(doc, b);
        words_release(doc, b->ref, class);
        b->ref = words_alloc(doc, class);
        fill(doc, b);
    }
    assert_int_equal(doc->word_count, high);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        assert_intact(doc, &block[i]);
    }
    crdt_doc_destroy(doc);
}

static void classes_grow(void **state)
{
    (void)state;
    for (uint32_t class = 1; class <= WORDS_CLASS_MAX; class ++) {
        assert_true(words_class_size(class) > words_class_size(class - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_do_not_overlap_and_are_used_again),
        cmocka_unit_test(classes_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
