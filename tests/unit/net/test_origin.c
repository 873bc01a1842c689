#include "server/net/origin.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

static const char *const configured[] = {"https://notes.example", "https://school.example:8443"};

static const struct origin_policy plain = {configured, 2, false, false};
static const struct origin_policy loopback = {configured, 2, true, false};
static const struct origin_policy loopback_open = {configured, 2, true, true};

static void only_own_and_configured_pages_are_let_through(void **state)
{
    static const struct {
        const struct origin_policy *p;
        const char *site, *origin, *host;
        bool allowed;
    } cases[] = {
        {&plain, "", "", "h", true}, /* no browser */
        {&plain, "", "http://h", "h", true},
        {&plain, "", "http://h:80", "h", true},
        {&plain, "", "https://h", "h:443", true},
        {&plain, "", "https://H", "h", true},
        {&plain, "", "http://h:8080", "h", false},
        {&plain, "", "http://h:8080", "h:8080", true},
        {&plain, "", "http://evil", "h", false},
        {&plain, "", "http://h.evil", "h", false},
        {&plain, "", "null", "h", false},
        {&plain, "", "file://", "h", false},
        {&plain, "", "https://notes.example", "h", true},
        {&plain, "", "https://school.example:8443", "h", true},
        {&plain, "", "https://school.example", "h", false},
        {&plain, "", "http://notes.example", "h", false},
        {&plain, "same-origin", "http://h", "h", true},
        {&plain, "none", "", "h", true},
        {&plain, "cross-site", "http://h", "h", false},
        {&plain, "same-site", "http://h", "h", false},
        {&plain, "cross-site", "https://notes.example", "h", true},
        {&plain, "cross-site", "", "h", false},
        {&loopback, "", "http://localhost:5173", "localhost:8080", false},
        {&loopback_open, "same-site", "http://localhost:5173", "localhost:8080", true},
        {&loopback_open, "cross-site", "http://127.0.0.1:5173", "localhost:8080", true},
        {&loopback_open, "cross-site", "http://[::1]:5173", "localhost:8080", true},
        {&loopback_open, "cross-site", "https://app.localhost", "localhost:8080", true},
        {&loopback_open, "cross-site", "https://evil.example", "localhost:8080", false},
        {&loopback_open, "", "http://localhost.evil.example", "localhost:8080", false},
        {&loopback_open, "", "http://127.0.0.1.evil.example", "localhost:8080", false},
        {&loopback_open, "", "http://127.evil:80", "localhost:8080", false},
        {&loopback_open, "cross-site", "null", "localhost:8080", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (origin_allowed(cases[i].p, span_str(cases[i].site), span_str(cases[i].origin), span_str(cases[i].host)) !=
            cases[i].allowed) {
            fail_msg("site '%s' origin '%s' host '%s'", cases[i].site, cases[i].origin, cases[i].host);
        }
    }
}

static void a_loopback_server_answers_to_loopback_names_only(void **state)
{
    static const struct {
        const struct origin_policy *p;
        const char *host;
        bool allowed;
    } cases[] = {
        {&plain, "evil.example", true},
        {&loopback, "localhost", true},
        {&loopback, "localhost:8080", true},
        {&loopback, "LOCALHOST:8080", true},
        {&loopback, "127.0.0.1:8080", true},
        {&loopback, "127.1.2.3", true},
        {&loopback, "[::1]:8080", true},
        {&loopback, "x.localhost:1", true},
        {&loopback, "evil.example:8080", false},
        {&loopback, "127.0.0.1.evil.example", false},
        {&loopback, "localhost.evil", false},
        {&loopback, "notes.example", true},
        {&loopback, "school.example:8443", true},
        {&loopback, "school.example", false},
        {&loopback, "", true},
        {&loopback, ".localhost", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (origin_host_allowed(cases[i].p, span_str(cases[i].host)) != cases[i].allowed) {
            fail_msg("%s", cases[i].host);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_own_and_configured_pages_are_let_through),
        cmocka_unit_test(a_loopback_server_answers_to_loopback_names_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
