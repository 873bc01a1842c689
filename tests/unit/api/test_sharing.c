#include "server/api/sharing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct sharing_call call_for(const char *key)
{
    return (struct sharing_call){.key = span_str(key)};
}

static void who_wants_the_same_waits_for_the_first(void **state)
{
    struct sharing t = {0};
    struct sharing_call a = call_for("a"), b = call_for("b"), a2 = call_for("a"), a3 = call_for("a"),
                        b2 = call_for("b");

    (void)state;
    assert_int_equal(sharing_begin(&t, &a), RC_NOTFOUND);
    assert_int_equal(sharing_begin(&t, &b), RC_NOTFOUND);
    assert_int_equal(sharing_begin(&t, &a2), RC_OK);
    assert_int_equal(sharing_begin(&t, &b2), RC_OK);
    assert_int_equal(sharing_begin(&t, &a3), RC_OK);
    assert_ptr_equal(sharing_end(&t, &a), &a2);
    assert_ptr_equal(a2.next, &a3);
    assert_null(a3.next);
    assert_ptr_equal(sharing_end(&t, &b), &b2);
    assert_null(b2.next);
    assert_null(t.making);
}

static void what_is_made_is_made_anew_for_who_comes_later(void **state)
{
    struct sharing t = {0};
    struct sharing_call a = call_for("a"), later = call_for("a");

    (void)state;
    assert_int_equal(sharing_begin(&t, &a), RC_NOTFOUND);
    assert_null(sharing_end(&t, &a));
    assert_int_equal(sharing_begin(&t, &later), RC_NOTFOUND);
    assert_null(sharing_end(&t, &later));
}

static void no_more_wait_than_may(void **state)
{
    static struct sharing_call call[SHARING_MOST + 2];
    struct sharing t = {0};
    struct sharing_call other = call_for("b");
    size_t waited = 0;

    (void)state;
    for (size_t i = 0; i < SHARING_MOST + 2; i++) {
        call[i] = call_for("a");
        assert_int_equal(sharing_begin(&t, &call[i]), i == 0 ? RC_NOTFOUND : i <= SHARING_MOST ? RC_OK : RC_BUSY);
    }
    assert_int_equal(sharing_begin(&t, &other), RC_NOTFOUND);
    for (const struct sharing_call *c = sharing_end(&t, &call[0]); c != NULL; c = c->next) {
        assert_ptr_equal(c, &call[++waited]);
    }
    assert_int_equal(waited, SHARING_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_wants_the_same_waits_for_the_first),
        cmocka_unit_test(what_is_made_is_made_anew_for_who_comes_later),
        cmocka_unit_test(no_more_wait_than_may),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
