#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <stdio.h>
#include "crdt/core/branch.h"
#include "tests/unit/core/core_rig.h"

#define MANY 200

static struct span numbered(char buffer[16], const char *word, unsigned n)
{
    (void)snprintf(buffer, 16, "%s %u", word, n);
    return span_str(buffer);
}

static void roots_are_found_by_name(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint32_t branch[MANY];
    char name[16];

    (void)state;
    assert_int_equal(branch_root_find(doc, span_str("root 0")), 0);
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(doc_reserve(doc, &(struct reserve){.types = 1, .roots = 1, .bytes = 16}), RC_OK);
        branch[i] = branch_root_make(doc, numbered(name, "root", i), CRDT_MAP);
    }
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(branch_root_find(doc, numbered(name, "root", i)), branch[i]);
        assert_true(span_equal(branch_name(doc, branch[i]), span_str(name)));
    }
    assert_int_equal(branch_root_find(doc, span_str("")), 0);
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

static void keys_are_found_by_name_and_type(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    uint32_t branch[2], seq[2][MANY];
    char name[16];

    (void)state;
    assert_int_equal(doc_reserve(doc, &(struct reserve){.types = 2, .roots = 2, .bytes = 16}), RC_OK);
    branch[0] = branch_root_make(doc, span_str("a"), CRDT_MAP);
    branch[1] = branch_root_make(doc, span_str("b"), CRDT_MAP);
    for (unsigned i = 0; i < 2 * MANY; i++) {
        struct span key = numbered(name, "key", i / 2);

        assert_int_equal(doc_reserve(doc, &(struct reserve){.lists = 1, .keys = 1, .bytes = 16}), RC_OK);
        seq[i % 2][i / 2] = branch_key_make(doc, branch[i % 2], key);
        assert_int_equal(branch_key_make(doc, branch[i % 2], key), seq[i % 2][i / 2]);
    }
    for (unsigned i = 0; i < 2 * MANY; i++) {
        struct span key = numbered(name, "key", i / 2);

        assert_int_equal(branch_key_find(doc, branch[i % 2], key), seq[i % 2][i / 2]);
        assert_true(span_equal(branch_key_name(doc, seq[i % 2][i / 2]), key));
    }
    assert_null(crdt_check(doc));
    crdt_doc_destroy(doc);
}

/* Nested maps with keys come and go, and those of the others are still found. */
static void keys_of_freed_types_are_forgotten(void **state)
{
    struct crdt_doc *doc = rig_doc(false);
    char update[128];

    (void)state;
    rig_must(doc, "5:0 any 0 root m key k");
    for (unsigned i = 0; i < MANY; i++) {
        (void)snprintf(update, sizeof(update),
                       "7:%u type 1 root m key x%u; 7:%u any 1 in 7:%u key a; 7:%u any 2 in 7:%u key b", 3 * i, i % 10,
                       3 * i + 1, 3 * i, 3 * i + 2, 3 * i);
        rig_must(doc, update);
        (void)snprintf(update, sizeof(update), "delete 7:%u+1", 3 * i);
        if (i % 3 != 0) {
            rig_must(doc, update);
        }
        assert_int_not_equal(branch_key_find(doc, branch_root_find(doc, span_str("m")), span_str("k")), 0);
    }
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_found_by_name),
        cmocka_unit_test(keys_are_found_by_name_and_type),
        cmocka_unit_test(keys_of_freed_types_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
