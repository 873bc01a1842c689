#include "bench/editors/plot.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

static char *text_of(struct buf *b)
{
    buf_put_u8(b, 0);
    assert_int_equal(b->rc, RC_OK);
    return (char *)b->data;
}

static void a_line_stands_where_its_values_are(void **state)
{
    struct plot p = {.title = "a < b", .x = {.label = "x", .most = 1}, .y = {.label = "y", .least = 1e9, .log = true}};
    struct buf out = {0};

    (void)state;
    plot_reach(&p.x, 100);
    plot_reach(&p.y, 0); /* nothing on a logarithmic axis */
    plot_reach(&p.y, 2);
    plot_reach(&p.y, 700);
    plot_begin(&p);
    plot_line_begin(&p, "x&y", 3);
    plot_line_to(&p, 0, 1);
    plot_line_to(&p, 0, 1000);
    plot_line_end(&p);
    plot_dot(&p, 50, 10, 3, true);
    plot_level(&p, 10, "ten");
    plot_end(&p, &out);
    const char *svg = text_of(&out);
    assert_non_null(strstr(svg, "points=\"56.0,260.0 56.0,14.0 \"")); /* from the bottom to the top of the left edge */
    assert_non_null(strstr(svg, "a &lt; b"));
    assert_non_null(strstr(svg, "x&amp;y"));
    assert_non_null(strstr(svg, "class=\"hollow\""));
    assert_null(strstr(svg, "nan"));
    assert_null(strstr(svg, ">-0<"));
    buf_finish(&out);
}

static void nines_are_evenly_apart(void **state)
{
    struct plot p = {.title = "t", .x = {.label = "x", .most = 0.9999, .nines = true}, .y = {.label = "y", .most = 1}};
    struct buf out = {0};

    (void)state;
    plot_begin(&p);
    plot_line_begin(&p, "s", 0);
    plot_line_to(&p, 0, 0);
    plot_line_to(&p, 0.99, 0);
    plot_line_to(&p, 0.9999, 0);
    plot_line_to(&p, 1, 0);
    plot_line_end(&p);
    plot_end(&p, &out);
    assert_non_null(strstr(text_of(&out), "points=\"56.0,260.0 295.0,260.0 534.0,260.0 534.0,260.0 \""));
    buf_finish(&out);
}

static void bars_are_as_long_as_their_values(void **state)
{
    const struct plot_bar bars[] = {{"one", "10", 10, 0}, {"two", "5", 5, 1}, {"none", "0", 0, 2}};
    struct buf out = {0};

    (void)state;
    plot_bars("t", bars, 3, &out);
    const char *svg = text_of(&out);
    assert_non_null(strstr(svg, "width=\"372.0\""));
    assert_non_null(strstr(svg, "width=\"186.0\""));
    assert_non_null(strstr(svg, "width=\"1.5\""));
    buf_finish(&out);
    plot_bars("t", bars + 2, 1, &out);
    assert_null(strstr(text_of(&out), "nan"));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_stands_where_its_values_are),
        cmocka_unit_test(nines_are_evenly_apart),
        cmocka_unit_test(bars_are_as_long_as_their_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
