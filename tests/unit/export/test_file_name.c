#include "server/export/file_name.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

static void titles_become_names_that_nothing_mistakes(void **state)
{
    static const struct {
        const char *title, *name;
    } cases[] = {
        {"Journal du lac", "Journal du lac"},
        {"Été à l’école – 中文 😀", "Été à l’école – 中文 😀"},
        {"👩‍🏫", "👩‍🏫"},
        {"", "Sans titre"},
        {"   ", "Sans titre"},
        {"...", "Sans titre"},
        {"/", "Sans titre"},
        {"a/b\\c:d*e?f\"g<h>i|j", "a b c d e f g h i j"},
        {"../../etc/passwd", "etc passwd"},
        {".bashrc", "bashrc"},
        {"-rf", "rf"},
        {"--- a ---", "a ---"},
        {"fin.", "fin"},
        {"fin. . .", "fin"},
        {"a\nb\tc\x7f"
         "d",
         "a b c d"},
        {"a   b", "a b"},
        {"\xc2\xa0"
         "a\xe2\x80\xaf"
         "b",
         "a b"}, /* no-break spaces */
        {"gpj.\xe2\x80\xae"
         "exe",
         "gpj. exe"}, /* right-to-left override */
        {"a\xe2\x80\xa8"
         "b\xef\xbb\xbf"
         "c\xc2\x85"
         "d",
         "a b c d"}, /* line separator, BOM, NEL */
        {"\xe2\x80\x8d"
         "a",
         "a"}, /* a joiner with nothing before it */
        {"con", "_con"},
        {"NUL.txt", "_NUL.txt"},
        {"Com1", "_Com1"},
        {"LPT9.x.y", "_LPT9.x.y"},
        {"com", "com"},
        {"console", "console"},
        {"com10", "com10"},
        {"a\xff"
         "b",
         "Sans titre"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct span title = bytes_copy_str(cases[i].title);
        struct buf out = {0};

        buf_put_str(&out, "x/");
        file_name_put(&out, title, "Sans titre");
        buf_put_u8(&out, '\0');
        assert_string_equal((char *)out.data + 2, cases[i].name);
        buf_finish(&out);
        bytes_free(title);
    }
    printf("%zu titles\n", sizeof cases / sizeof *cases);
}

static void long_titles_end_between_characters(void **state)
{
    struct buf title = {0}, out = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        buf_put_str(&title, "é ");
    }
    file_name_put(&out, buf_span(&title), "-");
    assert_in_range(out.len, FILE_NAME_MAX - 4, FILE_NAME_MAX);
    assert_int_equal(out.data[out.len - 1], 0xa9);
    buf_finish(&title);
    buf_finish(&out);
}

static void expect_claim(struct file_names *names, const char *name, const char *expected)
{
    struct buf b = {0};

    buf_put_str(&b, name);
    assert_int_equal(file_names_claim(names, &b), RC_OK);
    buf_put_u8(&b, '\0');
    assert_string_equal((char *)b.data, expected);
    buf_finish(&b);
}

static void names_are_given_once_whatever_their_case_and_composition(void **state)
{
    struct file_names names = {0};

    (void)state;
    expect_claim(&names, "Lac", "Lac");
    expect_claim(&names, "lac", "lac (2)");
    expect_claim(&names, "LAC", "LAC (3)");
    expect_claim(&names, "Lac (4)", "Lac (4)");
    expect_claim(&names, "Lac", "Lac (5)");
    expect_claim(&names, "Lac (2)", "Lac (2) (2)");
    expect_claim(&names, "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9");
    expect_claim(&names, "e\xcc\x81te\xcc\x81", "e\xcc\x81te\xcc\x81 (2)");
    expect_claim(&names, "STRASSE", "STRASSE");
    expect_claim(&names, "straße", "straße (2)");
    file_names_finish(&names);
}

static void many_of_one_name_cost_no_more_than_many_names(void **state)
{
    enum { MANY = 20000 };
    struct file_names names = {0};
    struct buf b = {0};

    (void)state;
    for (int i = 0; i < MANY; i++) {
        buf_clear(&b);
        buf_put_str(&b, "Sans titre");
        assert_int_equal(file_names_claim(&names, &b), RC_OK);
    }
    buf_put_u8(&b, '\0');
    assert_string_equal((char *)b.data, "Sans titre (20000)");
    assert_int_equal(names.count, MANY);
    buf_finish(&b);
    file_names_finish(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_become_names_that_nothing_mistakes),
        cmocka_unit_test(long_titles_end_between_characters),
        cmocka_unit_test(names_are_given_once_whatever_their_case_and_composition),
        cmocka_unit_test(many_of_one_name_cost_no_more_than_many_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
