#include "server/api/body_cache.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#define ROOM 10000

/* Whether a body of `len` bytes `fill` is kept under that name. */
static bool has(struct body_cache *cache, const char *note, const char *etag, size_t len, char fill)
{
    struct buf out = {0};
    int rc = body_cache_get(cache, span_str(note), etag, &out);

    if (rc == RC_OK) {
        assert_int_equal(out.len, len);
        for (size_t i = 0; i < len; i++) {
            assert_int_equal(out.data[i], fill);
        }
    } else {
        assert_int_equal(rc, RC_NOTFOUND);
        assert_int_equal(out.len, 0);
    }
    buf_finish(&out);
    return rc == RC_OK;
}

static void put(struct body_cache *cache, const char *note, const char *etag, size_t len, char fill)
{
    char *bytes = malloc(len + 1);

    assert_non_null(bytes);
    memset(bytes, fill, len);
    body_cache_put(cache, span_str(note), etag, span_of(bytes, len));
    free(bytes);
}

static void a_body_is_found_by_note_and_tag(void **state)
{
    struct body_cache *cache;

    (void)state;
    assert_int_equal(body_cache_create(ROOM, &cache), RC_OK);
    assert_false(has(cache, "n", "\"1\"", 0, 0));
    put(cache, "n", "\"1\"", 10, 'a');
    put(cache, "n", "\"2\"", 20, 'b');
    put(cache, "m", "\"1\"", 30, 'c');
    put(cache, "n", "\"1\"", 99, 'x'); /* there already: the tag says that it is the same */
    assert_true(has(cache, "n", "\"1\"", 10, 'a'));
    assert_true(has(cache, "n", "\"2\"", 20, 'b'));
    assert_true(has(cache, "m", "\"1\"", 30, 'c'));
    assert_false(has(cache, "m", "\"2\"", 0, 0));
    assert_false(has(cache, "", "\"1\"", 0, 0));
    assert_false(has(cache, "n", "", 0, 0));
    put(cache, "n", "\"3\"", 0, 'd');
    assert_false(has(cache, "n", "\"3\"", 0, 'd'));
    body_cache_destroy(cache);
    body_cache_destroy(NULL);
}

static void what_was_not_used_for_longest_makes_room(void **state)
{
    struct body_cache *cache;

    (void)state;
    assert_int_equal(body_cache_create(ROOM, &cache), RC_OK);
    put(cache, "huge", "t", ROOM / 4 + 1, 'h');
    assert_false(has(cache, "huge", "t", 0, 0));
    for (char c = 'a'; c < 'e'; c++) {
        put(cache, (char[]){c, 0}, "t", ROOM / 4, c);
    }
    assert_true(has(cache, "a", "t", ROOM / 4, 'a'));
    put(cache, "e", "t", ROOM / 4, 'e');
    assert_true(has(cache, "a", "t", ROOM / 4, 'a'));
    assert_false(has(cache, "b", "t", 0, 0));
    put(cache, "f", "t", 1, 'f');
    assert_false(has(cache, "c", "t", 0, 0));
    assert_true(has(cache, "d", "t", ROOM / 4, 'd'));
    body_cache_destroy(cache);
}

static void there_are_so_many_entries_and_no_more(void **state)
{
    struct body_cache *cache;
    size_t kept = 0;

    (void)state;
    assert_int_equal(body_cache_create(ROOM, &cache), RC_OK);
    for (int i = 0; i < 3 * BODY_CACHE_ENTRIES; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        put(cache, name, "t", 3, 'x');
    }
    for (int i = 0; i < 3 * BODY_CACHE_ENTRIES; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        kept += has(cache, name, "t", 3, 'x');
        assert_int_equal(has(cache, name, "t", 3, 'x'), i >= 2 * BODY_CACHE_ENTRIES);
    }
    assert_int_equal(kept, BODY_CACHE_ENTRIES);
    body_cache_destroy(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_found_by_note_and_tag),
        cmocka_unit_test(what_was_not_used_for_longest_makes_room),
        cmocka_unit_test(there_are_so_many_entries_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
