#include "server/base/heap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define BLOCKS     16384
#define BLOCK      2000
#define KEPT_EVERY 64 /* one in so many stays, so that its neighbours cannot go by themselves */

#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_HEAP 0 /* a sanitizer keeps what is freed, other libraries have heaps of their own kind */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define OWN_HEAP 0
#endif
#endif
#ifndef OWN_HEAP
#define OWN_HEAP 1
#endif

static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*u %zu", &pages), 1);
    (void)fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void pages_between_blocks_in_use_are_given_back(void **state)
{
    static unsigned char *block[BLOCKS];
    size_t full, left;

    (void)state;
    for (size_t i = 0; i < BLOCKS; i++) {
        block[i] = malloc(BLOCK);
        assert_non_null(block[i]);
        memset(block[i], (int)(i % 251), BLOCK);
    }
    full = resident();
    for (size_t i = 0; i < BLOCKS; i++) {
        if (i % KEPT_EVERY != 0) {
            free(block[i]);
        }
    }
    heap_trim();
    left = resident();
    print_message("%zu KiB resident, %zu of them after %d were freed\n", full >> 10, left >> 10, BLOCKS * BLOCK >> 10);
    if (OWN_HEAP) {
        assert_true(left + (size_t)BLOCKS * BLOCK / 2 < full);
    }
    for (size_t i = 0; i < BLOCKS; i += KEPT_EVERY) {
        for (size_t j = 0; j < BLOCK; j++) {
            assert_int_equal(block[i][j], i % 251);
        }
        free(block[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(pages_between_blocks_in_use_are_given_back)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
