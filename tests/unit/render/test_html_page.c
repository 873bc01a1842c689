/* The frame of a page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>
#include "render/html_page.h"

static bool contains(struct buf *b, const char *text)
{
    buf_put_u8(b, 0);
    b->len--;
    return strstr((const char *)b->data, text) != NULL;
}

static void a_page_is_a_whole_document_without_scripts(void **state)
{
    struct buf b = {0};

    (void)state;
    html_page_begin(&b, span_str("fr"), span_str("A & \"B\""), true, false);
    html_page_end(&b);
    assert_int_equal(b.rc, RC_OK);
    assert_memory_equal(b.data, "<!DOCTYPE html>\n<html lang=\"fr\">", 32);
    assert_true(contains(&b, "<title>A &amp; &quot;B&quot;</title>"));
    assert_true(contains(&b, "<header><h1>A &amp; &quot;B&quot;</h1></header>"));
    assert_true(contains(&b, "default-src 'none'"));
    assert_true(contains(&b, "@media print"));
    assert_false(contains(&b, "data:"));
    assert_false(contains(&b, "<script"));
    assert_true(contains(&b, "</main>\n</body>\n</html>\n"));
    buf_clear(&b);
    html_page_begin(&b, span_str("en"), span_str("x"), false, true);
    assert_true(contains(&b, "img-src 'self' http: https: data:;"));
    assert_false(contains(&b, "<header>"));
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_page_is_a_whole_document_without_scripts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
