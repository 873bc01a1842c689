/* What characters are beside a delimiter run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ctype.h>
#include "render/md_class.h"
#include "tests/support/bytes.h"

static void characters_have_classes(void **state)
{
    static const struct {
        const char *text;
        enum md_class first, last;
    } cases[] = {
        {"", MD_SPACE, MD_SPACE},
        {"a b", MD_LETTER, MD_LETTER},
        {" a\n", MD_SPACE, MD_SPACE},
        {"*a!", MD_PUNCTUATION, MD_PUNCTUATION},
        {"$a<", MD_PUNCTUATION, MD_PUNCTUATION},
        {"éaœ", MD_LETTER, MD_LETTER},
        {"«a»", MD_PUNCTUATION, MD_PUNCTUATION},
        {"€a🎒", MD_SYMBOL, MD_SYMBOL},
        {"\xc2\xa0"
         "a\xe2\x80\xaf",
         MD_SPACE, MD_SPACE},
        {"\xff"
         "a\xff",
         MD_SYMBOL, MD_SYMBOL},
        {"\xbf\xbf\xbf\xbf\xbf", MD_SYMBOL, MD_SYMBOL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span text = bytes_copy_str(cases[i].text);

        assert_int_equal(md_class_first(text), cases[i].first);
        assert_int_equal(md_class_last(text), cases[i].last);
        bytes_free(text);
    }
}

static void ascii_is_classed_as_in_the_c_locale(void **state)
{
    (void)state;
    for (int c = 0; c < 128; c++) {
        uint8_t byte = (uint8_t)c;
        enum md_class class = md_class_first(span_of(&byte, 1));

        assert_int_equal(class == MD_SPACE, isspace(c) != 0 && c != '\v');
        assert_int_equal(class == MD_PUNCTUATION, ispunct(c) != 0);
        assert_int_equal(md_class_is_word(byte), isalnum(c) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_classes),
        cmocka_unit_test(ascii_is_classed_as_in_the_c_locale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
