#include "server/api/note_query.h"

#include <stdarg.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

static void versions_are_one_or_two(void **state)
{
    static const struct {
        const char *query;
        int rc;
        enum crdt_format format;
    } cases[] = {{"", RC_OK, CRDT_V1},        {"v=1", RC_OK, CRDT_V1},    {"a=b&v=2", RC_OK, CRDT_V2},
                 {"v=3", RC_FORMAT, CRDT_V1}, {"v=", RC_FORMAT, CRDT_V1}, {"v=12", RC_FORMAT, CRDT_V1}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum crdt_format format;

        assert_int_equal(note_query_version(span_str(cases[i].query), &format), cases[i].rc);
        assert_int_equal(format, cases[i].format);
    }
}

static void texts_pass_their_grammar_or_are_refused(void **state)
{
    static const struct {
        int (*read)(struct span query, struct buf *out);
        const char *query;
        int rc;
        const char *text;
        size_t len;
    } cases[] = {
        {note_query_vector, "", RC_OK, "", 0},
        {note_query_vector, "sv=AAH-_w", RC_OK, "\0\1\xfe\xff", 4},
        {note_query_vector, "sv=AAE%3D", RC_OK, "\0\1", 2},
        {note_query_vector, "sv=A+A", RC_FORMAT, NULL, 0},
        {note_query_lang, "", RC_OK, "", 0},
        {note_query_lang, "lang=pt-BR", RC_OK, "pt-BR", 6},
        {note_query_lang, "lang=%22%3E", RC_FORMAT, NULL, 0},
        {note_query_lang, "lang=f_r", RC_FORMAT, NULL, 0},
        {note_query_lang, "lang=abcdefghijabcdefghijabcdefghijabcdef", RC_FORMAT, NULL, 0},
        {note_query_with, "with=flat,tz=%2B02:00", RC_OK, "flat,tz=+02:00", 14},
        {note_query_with, "with=flat,round", RC_ARG, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};

        assert_int_equal(cases[i].read(span_str(cases[i].query), &out), cases[i].rc);
        if (cases[i].rc == RC_OK) {
            assert_int_equal(out.len, cases[i].len);
            assert_memory_equal(out.len ? out.data : (const uint8_t *)"", cases[i].text, out.len);
        }
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_one_or_two),
        cmocka_unit_test(texts_pass_their_grammar_or_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
