/* Anchors of headings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "render/slugs.h"
#include "tests/support/bytes.h"

static void put(struct slugs *s, const char *text, char *out, size_t size)
{
    struct span copy = bytes_copy_str(text);
    struct buf b = {0};

    assert_int_equal(slugs_put(s, copy, &b), RC_OK);
    assert_true(b.len < size);
    memcpy(out, b.data, b.len);
    out[b.len] = 0;
    buf_finish(&b);
    bytes_free(copy);
}

static void letters_and_digits_stay_in_lower_case(void **state)
{
    static const char *const cases[][2] = {
        {"Une note", "une-note"},
        {"  Éléments & co. ", "éléments-co"},
        {"C++ / C#", "c-c"},
        {"", "section"},
        {"!?", "section"},
        {"中文 标题", "中文-标题"},
        {"e\xcc\x81t\xcc\xa8", "e\xcc\x81t\xcc\xa8"},
        {"a\"><script>", "a-script"},
        {"\xff\xfe x", "x"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct slugs s = {0};
        char slug[256];

        put(&s, cases[i][0], slug, sizeof(slug));
        assert_string_equal(slug, cases[i][1]);
        slugs_finish(&s);
    }
}

static void each_is_used_once(void **state)
{
    static const char *const cases[][2] = {
        {"a", "a"}, {"a", "a-1"}, {"A", "a-2"}, {"a 1", "a-1-1"}, {"a-3", "a-3"}, {"a", "a-4"}, {"b", "b"},
    };
    struct slugs s = {0};
    char slug[256];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(&s, cases[i][0], slug, sizeof(slug));
        assert_string_equal(slug, cases[i][1]);
    }
    for (int i = 0; i < 1000; i++) {
        char title[32];

        snprintf(title, sizeof(title), "titre %d", i);
        put(&s, title, slug, sizeof(slug));
        snprintf(title, sizeof(title), "titre-%d", i);
        assert_string_equal(slug, title);
    }
    slugs_finish(&s);
}

static void long_titles_are_cut(void **state)
{
    struct slugs s = {0};
    char title[4096], slug[256];

    (void)state;
    memset(title, 'x', sizeof(title) - 1);
    title[sizeof(title) - 1] = 0;
    put(&s, title, slug, sizeof(slug));
    assert_true(strlen(slug) <= 104);
    slugs_finish(&s);
    slugs_finish(&s);
    slugs_finish(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_and_digits_stay_in_lower_case),
        cmocka_unit_test(each_is_used_once),
        cmocka_unit_test(long_titles_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
