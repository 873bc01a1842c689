#include "server/net/addresses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void an_address_is_full_with_as_many_as_it_may_have(void **state)
{
    struct addresses t = {.most = 2};
    struct span peer = span_str("192.0.2.1");
    struct address *one = addresses_enter(&t, peer), *two;

    (void)state;
    assert_false(addresses_is_full(&t, peer));
    two = addresses_enter(&t, peer);
    assert_ptr_equal(one, two);
    assert_true(addresses_is_full(&t, peer));
    assert_false(addresses_is_full(&t, span_str("192.0.2.2")));
    assert_ptr_equal(addresses_enter(&t, peer), one); /* who asks for more than it may is counted too */
    addresses_leave(one);
    assert_true(addresses_is_full(&t, peer));
    addresses_leave(one);
    assert_false(addresses_is_full(&t, peer));
    addresses_leave(one);
    addresses_leave(NULL);
}

static void what_belongs_to_one_counts_as_one(void **state)
{
    static const struct {
        const char *first, *second;
        bool same;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.11", false},
        {"192.0.2.1", "::ffff:192.0.2.1", true},
        {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
        {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
        {"fe80::1%eth0", "fe80::2%eth0", true},
        {"0.0.0.1", "::1:0:0:0:0", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct addresses t = {.most = 1};
        struct address *a = addresses_enter(&t, span_str(cases[i].first));

        assert_non_null(a);
        assert_int_equal(addresses_is_full(&t, span_str(cases[i].second)), cases[i].same);
        addresses_leave(a);
    }
}

static void loopback_and_what_is_no_address_are_not_counted(void **state)
{
    static const char *const cases[] = {
        "127.0.0.1", "127.1.2.3",   "::1", "::ffff:127.0.0.1",
        "",          "/run/socket", "1.2", "2001:db8::1%a-zone-with-a-name-that-is-far-too-long-for-any-interface",
    };
    struct addresses t = {.most = 1}, any = {.most = 0};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_null(addresses_enter(&t, span_str(cases[i])));
        assert_false(addresses_is_full(&t, span_str(cases[i])));
    }
    assert_null(addresses_enter(&any, span_str("192.0.2.1")));
    assert_false(addresses_is_full(&any, span_str("192.0.2.1")));
}

static void many_addresses_are_told_apart(void **state)
{
    static struct address *a[5000];
    struct addresses t = {.most = 1};
    char text[32];

    (void)state;
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "10.0.%u.%u", i / 250, i % 250);
        assert_false(addresses_is_full(&t, span_str(text)));
        a[i] = addresses_enter(&t, span_str(text));
    }
    for (unsigned i = 0; i < 5000; i++) {
        snprintf(text, sizeof text, "10.0.%u.%u", i / 250, i % 250);
        assert_true(addresses_is_full(&t, span_str(text)));
        addresses_leave(a[i]);
        assert_false(addresses_is_full(&t, span_str(text)));
    }
    for (size_t i = 0; i < ADDRESSES_BUCKETS; i++) {
        assert_null(t.bucket[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_full_with_as_many_as_it_may_have),
        cmocka_unit_test(what_belongs_to_one_counts_as_one),
        cmocka_unit_test(loopback_and_what_is_no_address_are_not_counted),
        cmocka_unit_test(many_addresses_are_told_apart),
    };

    return cmocka_run_group_tests_name("addresses", tests, NULL, NULL);
}
