#ifndef TESTS_UNIT_LIB0_LIB0_CHECK_H
#define TESTS_UNIT_LIB0_LIB0_CHECK_H

/* Comparisons that show both sides, for the tests of this folder: include cmocka.h before. */
#include <stdlib.h>
#include "crdt/base/buf.h"
#include "tests/support/bytes.h"

static inline void check_hex(const char *what, struct span actual, const char *hex)
{
    struct span expected = bytes_from_hex(hex);

    if (!span_equal(actual, expected)) {
        char *shown = bytes_to_hex(actual);

        print_error("%s: %s instead of %s\n", what, shown, hex);
        free(shown);
        fail();
    }
    bytes_free(expected);
}

static inline void check_text(const char *what, struct span actual, const char *expected)
{
    if (!span_equal(actual, span_str(expected))) {
        print_error("%s: '%.*s' instead of '%s'\n", what, (int)actual.len, (const char *)actual.data, expected);
        fail();
    }
}

static inline void check_rc(const char *what, int actual, int expected)
{
    if (actual != expected) {
        print_error("%s: %s instead of %s\n", what, rc_name(actual), rc_name(expected));
        fail();
    }
}

#endif
