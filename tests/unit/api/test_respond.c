#include "server/api/respond.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

static void accept_chooses_by_quality_then_closeness(void **state)
{
    static const char *const types[] = {"text/markdown", "text/html", "application/json"};
    static const struct {
        const char *accept;
        int chosen;
    } cases[] = {
        {"", 0},
        {"*/*", 0},
        {"text/html", 1},
        {"TEXT/HTML", 1},
        {"text/*", 0},
        {"text/html, */*", 1},
        {"text/html;q=0.5, application/json", 2},
        {"text/html;q=0.5, text/*;q=0.9", 0},
        {"text/html, application/json", 1},
        {"text/html;q=0, */*", 0},
        {"text/html;q=0", -1},
        {"text/markdown;q=0, text/*", 1},
        {"image/png", -1},
        {"image/png, */*;q=0.1", 0},
        {"application/json; charset=utf-8 ; q=0.3, text/plain", 2},
        {"text/html;q=0.001, application/json;q=0.002", 2},
        {"text/html;q=1.7", 1},
        {"text/html;q=x", -1},
        {"text/html;q=", 1},
        {",,;q=1,;", -1},
        {"text", -1},
        {"*", -1},
        {"text/html,text/html;q=0.1", 1},
        {"application/*;q=0.4, text/html;q=0.3", 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span accept = bytes_copy_str(cases[i].accept);
        int chosen = respond_choose_type(accept, types, 3);

        if (chosen != cases[i].chosen) {
            fail_msg("%s -> %d", cases[i].accept, chosen);
        }
        bytes_free(accept);
    }
}

static void gzip_is_sent_to_who_takes_it(void **state)
{
    static const struct {
        const char *header;
        bool takes;
    } cases[] = {{"", false},
                 {"gzip", true},
                 {"GZIP", true},
                 {"x-gzip", true},
                 {"gzip, deflate, br", true},
                 {"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
                 {"gzip;q=0", false},
                 {"gzip;q=0.000", false},
                 {"gzip;q=0, *", false},
                 {"*", true},
                 {"*;q=0", false},
                 {"*;q=0, gzip;q=0.001", true},
                 {"identity", false},
                 {"gzipped", false},
                 {"deflate, br", false},
                 {";q=1,,", false},
                 {"gzip;q=x", false}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span header = bytes_copy_str(cases[i].header);

        if (respond_takes_gzip(header) != cases[i].takes) {
            fail_msg("%s", cases[i].header);
        }
        bytes_free(header);
    }
}

static void a_media_type_is_known_with_its_parameters(void **state)
{
    (void)state;
    assert_true(respond_is_type(span_str("application/json"), "application/json"));
    assert_true(respond_is_type(span_str("Application/JSON ; charset=utf-8"), "application/json"));
    assert_false(respond_is_type(span_str("application/jsonx"), "application/json"));
    assert_false(respond_is_type(span_of(NULL, 0), "application/json"));
}

static void times_are_rfc_3339(void **state)
{
    struct buf out = {0};

    (void)state;
    respond_put_time(&out, INT64_C(1767225599007));
    respond_put_time(&out, 0);
    respond_put_time(&out, -1);
    assert_true(span_equal(buf_span(&out), span_str("\"2025-12-31T23:59:59.007Z\"\"1970-01-01T00:00:00.000Z\"null")));
    buf_finish(&out);
}

static void the_hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(respond_hash(RESPOND_HASH_SEED, span_of(NULL, 0)) == UINT64_C(0xcbf29ce484222325));
    assert_true(respond_hash(RESPOND_HASH_SEED, span_str("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void a_file_is_named_in_ascii_and_in_utf_8(void **state)
{
    static const struct {
        const char *name, *header;
    } cases[] = {
        {"Lac", "filename=\"Lac.md\"; filename*=UTF-8''Lac.md"},
        {"Été 50%", "filename=\"_t_ 50_.md\"; filename*=UTF-8''%C3%89t%C3%A9%2050%25.md"},
        {"a'(b); c=1", "filename=\"a'(b); c=1.md\"; filename*=UTF-8''a%27%28b%29%3B%20c%3D1.md"},
        {"👩‍🏫", "filename=\"___.md\"; filename*=UTF-8''%F0%9F%91%A9%E2%80%8D%F0%9F%8F%AB.md"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf headers = {0};
        char expected[200];

        snprintf(expected, sizeof expected, "Content-Disposition: attachment; %s\r\n", cases[i].header);
        respond_put_attachment(&headers, span_str(cases[i].name), "md");
        buf_put_u8(&headers, '\0');
        assert_string_equal((char *)headers.data, expected);
        buf_finish(&headers);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept_chooses_by_quality_then_closeness),
        cmocka_unit_test(gzip_is_sent_to_who_takes_it),
        cmocka_unit_test(a_media_type_is_known_with_its_parameters),
        cmocka_unit_test(times_are_rfc_3339),
        cmocka_unit_test(the_hash_is_fnv_1a),
        cmocka_unit_test(a_file_is_named_in_ascii_and_in_utf_8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
