#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/core/slice.h"
#include "tests/unit/lib0/lib0_check.h"

struct slice_case {
    const char *what;
    enum block_ref ref;
    uint64_t len, offset;
    const char *content, *rest;
};

/* U+1F600 is f09f9880, U+FFFD efbfbd. */
static const struct slice_case cases[] = {
    {"GC", BLOCK_GC, 9, 4, "", ""},
    {"skip", BLOCK_SKIP, 9, 4, "", ""},
    {"deleted", BLOCK_DELETED, 9, 8, "", ""},
    {"text", BLOCK_STRING, 3, 1, "616263", "6263"},
    {"text of two bytes a letter", BLOCK_STRING, 3, 2, "c3a9 c3a9 c3a9", "c3a9"},
    {"text before a pair", BLOCK_STRING, 4, 1, "61 f09f9880 62", "f09f9880 62"},
    {"text within a pair", BLOCK_STRING, 4, 2, "61 f09f9880 62", "efbfbd 62"},
    {"text after a pair", BLOCK_STRING, 4, 3, "61 f09f9880 62", "62"},
    {"text after its first pair", BLOCK_STRING, 3, 2, "f09f9880 62", "62"},
    {"half a pair at the end", BLOCK_STRING, 3, 2, "61 f09f9880", "efbfbd"},
    {"half of a lone pair", BLOCK_STRING, 2, 1, "f09f9880", "efbfbd"},
    {"values", BLOCK_ANY, 3, 2, "7d01 770161 7e", "7e"},
    {"JSON values", BLOCK_JSON, 3, 1, "7d01 7502 7e 7e 7f", "7502 7e 7e 7f"},
};

static void blocks_are_cut_as_yjs_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct slice_case *c = &cases[i];
        bool item = c->ref != BLOCK_GC && c->ref != BLOCK_SKIP;
        struct span content = bytes_from_hex(c->content);
        struct arena scratch;
        struct block b = {.id = {5, 10}, .len = c->len, .ref = (uint8_t)c->ref, .content = content};

        b.flags = item ? BLOCK_PARENT_ROOT | BLOCK_HAS_PARENT_SUB : 0;
        arena_init(&scratch, 0);
        assert_int_equal(block_slice(&b, c->offset, &scratch), RC_OK);
        check_hex(c->what, b.content, c->rest);
        assert_int_equal(b.id.clock, 10 + c->offset);
        assert_int_equal(b.len, c->len - c->offset);
        assert_int_equal(b.flags, item ? BLOCK_HAS_ORIGIN | BLOCK_HAS_PARENT_SUB : 0);
        assert_int_equal(b.origin.clock, item ? 9 + c->offset : 0);
        arena_finish(&scratch);
        bytes_free(content);
    }
}

static void a_cut_without_memory_changes_nothing(void **state)
{
    static const uint8_t face[] = {0xf0, 0x9f, 0x98, 0x80};
    struct block b = {.id = {5, 10}, .len = 2, .ref = BLOCK_STRING, .content = {face, sizeof(face)}};
    struct arena scratch;

    (void)state;
    arena_init(&scratch, 1);
    assert_int_equal(block_slice(&b, 1, &scratch), RC_NOMEM);
    assert_int_equal(b.id.clock, 10);
    assert_int_equal(b.len, 2);
    assert_int_equal(b.content.len, 4);
    arena_finish(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_cut_as_yjs_does),
        cmocka_unit_test(a_cut_without_memory_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
