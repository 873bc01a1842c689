#include "bench/editors/sheet.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct sheet s;

static void numbers_have_three_digits(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0.000"},   {0.1234, "0.123"}, {1.005, "1.00"},          {12.34, "12.3"},
                 {123.4, "123"}, {1234, "1,234"},   {1234567.8, "1,234,568"}, {-1, "–"}};
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        sheet_number_text(text, sizeof(text), cases[i].value);
        assert_string_equal(text, cases[i].text);
    }
}

static void columns_line_up_also_with_wide_bytes(void **state)
{
    struct buf out = {0};

    (void)state;
    sheet_init(&s, "who|µs|what");
    sheet_row(&s);
    sheet_cell(&s, "relay");
    sheet_number(&s, 1.5);
    sheet_cell(&s, "ok");
    sheet_cell(&s, "too much");
    sheet_row(&s);
    sheet_cell(&s, "x");
    sheet_number(&s, -1);
    sheet_put_text(&s, &out);
    buf_put_u8(&out, 0);
    assert_string_equal((const char *)out.data, "  who      µs  what\n"
                                                "  relay  1.50  ok\n"
                                                "  x         –  \n");
    buf_finish(&out);
}

static void html_is_escaped(void **state)
{
    struct buf out = {0};

    (void)state;
    sheet_init(&s, "a<b");
    sheet_row(&s);
    sheet_cell(&s, "\"&\"");
    sheet_put_html(&s, &out);
    buf_put_u8(&out, 0);
    assert_non_null(strstr((const char *)out.data, "<th>a&lt;b</th>"));
    assert_non_null(strstr((const char *)out.data, "<td>&quot;&amp;&quot;</td>"));
    buf_finish(&out);
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    sheet_init(&s, "1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16");
    assert_int_equal(s.columns, SHEET_COLUMNS);
    sheet_cell(&s, "before any row");
    for (int i = 0; i < SHEET_ROWS + 5; i++) {
        sheet_row(&s);
    }
    assert_int_equal(s.rows, SHEET_ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_three_digits),
        cmocka_unit_test(columns_line_up_also_with_wide_bytes),
        cmocka_unit_test(html_is_escaped),
        cmocka_unit_test(what_does_not_fit_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
