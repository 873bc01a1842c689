#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/base/span.h"

static void spans_are_equal_when_their_bytes_are(void **state)
{
    (void)state;
    assert_true(span_equal(span_str("abc"), span_of("abcd", 3)));
    assert_false(span_equal(span_str("abc"), span_str("abd")));
    assert_false(span_equal(span_str("abc"), span_str("ab")));
    assert_true(span_equal((struct span){0}, span_str("")));
    assert_false(span_equal((struct span){0}, span_str("a")));
    assert_true(span_equal(span_of("a\0b", 3), span_of("a\0b", 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spans_are_equal_when_their_bytes_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
