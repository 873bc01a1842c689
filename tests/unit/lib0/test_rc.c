#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <string.h>
#include "crdt/base/rc.h"

static void every_code_has_a_name_and_a_text(void **state)
{
    static const int codes[] = {
#define RC_VALUE(name, value, text) name,
        RC_TABLE(RC_VALUE)
#undef RC_VALUE
    };

    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(codes[i], -(int)i);
        assert_memory_equal(rc_name(codes[i]), "RC_", 3);
        assert_true(strlen(rc_text(codes[i])) > 5);
    }
}

static void other_numbers_are_unknown(void **state)
{
    (void)state;
    assert_string_equal(rc_name(1), "RC_UNKNOWN");
    assert_string_equal(rc_text(-1000), "unknown error");
    assert_string_equal(rc_name(RC_FORMAT), "RC_FORMAT");
    assert_string_equal(rc_text(RC_NOMEM), "out of memory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_name_and_a_text),
        cmocka_unit_test(other_numbers_are_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
