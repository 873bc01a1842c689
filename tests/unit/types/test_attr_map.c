#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/types/attr_map.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

/* "a=1 b=2 -a a=3": sets and deletes; then the keys in order. */
static void keys_stand_as_in_a_javascript_map(void **state)
{
    static const struct {
        const char *edits, *map, *object;
    } table[] = {
        {"", "", ""},
        {"b a b", "ba", "ba"},
        {"b a -b", "a", "a"},
        {"b a -b b", "ab", "ab"},
        {"-x", "", ""},
        {"b 9 a 1 c", "b9a1c", "19bac"},
        {"a b c d e f g h i j k l -a -c m a c", "bdefghijklmac", "bdefghijklmac"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct attr_map m = {.seed = 1};
        char keys[32] = "", members[32] = "";
        struct crdt_attr list[32];

        for (const char *c = table[i].edits; *c; c++) {
            if (*c == '-') {
                attr_map_delete(&m, span_of(++c, 1));
            } else if (*c != ' ') {
                assert_int_equal(attr_map_set(&m, span_of(c, 1), attr_null()), RC_OK);
            }
        }
        for (uint32_t k = 0, at = 0; k < m.count; k++) {
            if (m.entries[k].live) {
                keys[at++] = (char)m.entries[k].key.data[0];
            }
        }
        uint32_t count = attr_map_list(&m, list);
        for (uint32_t k = 0; k < count; k++) {
            members[k] = (char)list[k].key.data[0];
        }
        assert_string_equal(keys, table[i].map);
        assert_string_equal(members, table[i].object);
        assert_int_equal(m.live, strlen(keys));
        attr_map_finish(&m);
    }
}

#define KEYS 300

static void many_keys_are_found_and_forgotten(void **state)
{
    static char names[KEYS][8];
    bool present[KEYS] = {false};
    struct attr_map m = {.seed = 7};
    struct rng rng;
    unsigned found = 0, missing = 0;

    (void)state;
    rng_init(&rng, rng_test_seed(5));
    for (int step = 0; step < 20000; step++) {
        uint64_t k = rng_below(&rng, KEYS);
        (void)snprintf(names[k], sizeof(names[k]), "k%d", (int)k);
        const struct span *value = attr_map_get(&m, span_str(names[k]));
        assert_int_equal(value != NULL, present[k]);
        *(present[k] ? &found : &missing) += 1;
        if (rng_chance(&rng, 50)) {
            attr_map_delete(&m, span_str(names[k]));
            present[k] = false;
        } else {
            assert_int_equal(attr_map_set(&m, span_str(names[k]), span_str(names[k])), RC_OK);
            present[k] = true;
        }
    }
    print_message("%u found, %u missing, room for %u\n", found, missing, m.cap);
    assert_true(found > 1000 && missing > 1000 && m.cap <= 4 * KEYS);
    attr_map_clear(&m);
    assert_null(attr_map_get(&m, span_str("k1")));
    attr_map_finish(&m);
}

static void without_memory_the_map_stays_as_it_was(void **state)
{
    static const char keys[] = "abcdefghijklmnopqrstuvwxyz";
    struct attr_map m = {.seed = 3};
    unsigned faults = 0;

    (void)state;
    for (size_t i = 0; i < 26; i++) {
        int rc = RC_NOMEM;
        for (unsigned n = 1; rc == RC_NOMEM; n++) {
            alloc_fault_at(n);
            rc = attr_map_set(&m, span_of(keys + i, 1), attr_null());
            alloc_fault_at(0);
            faults += rc == RC_NOMEM;
            for (size_t k = 0; k < i; k++) {
                assert_non_null(attr_map_get(&m, span_of(keys + k, 1)));
            }
            assert_int_equal(attr_map_get(&m, span_of(keys + i, 1)) != NULL, rc == RC_OK);
        }
    }
    assert_true(faults > 3);
    attr_map_finish(&m);
}

static void values_are_equal_as_in_yjs(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } table[] = {
        {"1", "1", true},
        {"1", "2", false},
        {"\"1\"", "1", false},
        {"null", "null", true},
        {"null", "false", false},
        {"{}", "{}", true},
        {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", false},
        {"{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":2}", false},
        {"[1,2]", "[1,2]", true},
        {"[1,2]", "[2,1]", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf a = {0}, b = {0};

        assert_int_equal(crdt_value_from_json(span_str(table[i].a), &a), RC_OK);
        assert_int_equal(crdt_value_from_json(span_str(table[i].b), &b), RC_OK);
        assert_int_equal(attr_equal(buf_span(&a), buf_span(&b)), table[i].equal);
        assert_int_equal(attr_equal(buf_span(&b), buf_span(&a)), table[i].equal);
        buf_finish(&a);
        buf_finish(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stand_as_in_a_javascript_map),
        cmocka_unit_test(many_keys_are_found_and_forgotten),
        cmocka_unit_test(without_memory_the_map_stays_as_it_was),
        cmocka_unit_test(values_are_equal_as_in_yjs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
