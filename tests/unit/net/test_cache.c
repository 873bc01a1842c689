#include "server/base/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SIZES 300

static void memory_begins_with_a_line_and_is_zeroed(void **state)
{
    (void)state;
    for (size_t size = 1; size <= SIZES; size++) {
        unsigned char *p = cache_calloc(size);

        assert_non_null(p);
        assert_int_equal((uintptr_t)p % CACHE_LINE, 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(p[i], 0);
        }
        memset(p, 0xff, size); /* for whoever gets it next */
        free(p);
    }
}

/* A room that is not there yet, a member that has just gone. */
static void any_pointer_may_be_fetched(void **state)
{
    char *gone = malloc(100);

    (void)state;
    assert_non_null(gone);
    cache_fetch(gone, 100);
    free(gone);
    cache_fetch(NULL, 1000);
    cache_fetch((const void *)(uintptr_t)64, CACHE_LINE);
    cache_fetch((const void *)(UINTPTR_MAX - 10), 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_begins_with_a_line_and_is_zeroed),
        cmocka_unit_test(any_pointer_may_be_fetched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
