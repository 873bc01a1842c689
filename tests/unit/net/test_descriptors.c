#include "server/base/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

/* What the kernel says of this process. */
static unsigned long table_size(void)
{
    FILE *status = fopen("/proc/self/status", "r");
    unsigned long size = 0;
    char line[256];

    assert_non_null(status);
    while (fgets(line, sizeof line, status) && sscanf(line, "FDSize: %lu", &size) != 1) {
    }
    fclose(status);
    return size;
}

static void limit_to(rlim_t soft)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = soft;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void the_table_has_room_for_all_that_are_expected(void **state)
{
    struct rlimit limit;
    unsigned long before = table_size();
    int next = dup(0);

    (void)state;
    assert_true(next >= 0);
    close(next);
    limit_to(500);
    descriptors_prepare(before + 200);
    assert_true(table_size() >= before + 200);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(limit.rlim_cur == limit.rlim_max);
    assert_int_equal(dup(0), next); /* nothing stays open */
    close(next);
    print_message("a table for %lu, then %lu\n", before, table_size());
}

static void what_cannot_be_had_is_done_without(void **state)
{
    const struct rlimit few = {100, 1000};

    (void)state;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0); /* for good: the last test */
    descriptors_prepare(0);
    descriptors_prepare((size_t)-1);
    assert_true(table_size() >= 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_room_for_all_that_are_expected),
        cmocka_unit_test(what_cannot_be_had_is_done_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
