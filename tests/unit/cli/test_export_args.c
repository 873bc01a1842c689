#include "server/cli/export_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "server/export/note_format.h"

static const char *no_env(const char *name)
{
    (void)name;
    return NULL;
}

static const char *some_env(const char *name)
{
    return strcmp(name, "CAHIER_DATA") == 0 ? "env.db" : strcmp(name, "CAHIER_PDF_PYTHON") == 0 ? "/env/python" : NULL;
}

/* Parses "export …", words with spaces between. */
static int parse(const char *line, const char *(*env)(const char *name), struct export_args *out)
{
    static char text[512];
    static char *argv[64];
    int argc = 0;

    snprintf(text, sizeof text, "export %s", line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    return export_args_parse(argc, argv, env, out);
}

static void right_lines_are_taken_apart(void **state)
{
    struct export_args a;

    (void)state;
    assert_int_equal(parse("--to out", no_env, &a), RC_OK);
    assert_string_equal(a.folder, "out");
    assert_null(a.zip);
    assert_null(a.lang);
    assert_null(a.with);
    assert_string_equal(a.data, "cahier.db");
    assert_string_equal(a.pdf_python, "/usr/bin/python3");
    assert_int_equal(a.formats, 1u << NOTE_MARKDOWN | 1u << NOTE_HTML);
    assert_false(a.overwrite);
    assert_int_equal(a.notes, 0);

    assert_int_equal(
        parse("b --zip=- a --format=pdf,ynote,pdf --overwrite --data x.db --lang fr-CA -- --c", no_env, &a), RC_OK);
    assert_string_equal(a.zip, "-");
    assert_int_equal(a.formats, 1u << NOTE_PDF | 1u << NOTE_YJS);
    assert_true(a.overwrite);
    assert_string_equal(a.data, "x.db");
    assert_string_equal(a.lang, "fr-CA");
    assert_int_equal(a.notes, 3);
    assert_string_equal(a.note[0], "b");
    assert_string_equal(a.note[2], "--c");

    assert_int_equal(parse("--to - --format txt note", no_env, &a), RC_OK);
    assert_string_equal(a.note[0], "note");

    assert_int_equal(parse("--to out --with=flat,align=plain,tz=+02:00", no_env, &a), RC_OK);
    assert_string_equal(a.with, "flat,align=plain,tz=+02:00");
}

static void the_environment_is_asked_before_the_defaults(void **state)
{
    struct export_args a;

    (void)state;
    assert_int_equal(parse("--to out", some_env, &a), RC_OK);
    assert_string_equal(a.data, "env.db");
    assert_string_equal(a.pdf_python, "/env/python");
    assert_int_equal(parse("--to out --data x.db --pdf-python /p", some_env, &a), RC_OK);
    assert_string_equal(a.data, "x.db");
    assert_string_equal(a.pdf_python, "/p");
}

static void wrong_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "note",
        "--to a --zip b",
        "--to",
        "--zip",
        "--to a --format",
        "--to a --format=",
        "--to a --format md,",
        "--to a --format ,md",
        "--to a --format zip",
        "--to a --format MD",
        "--to a --lang=",
        "--to a --lang fr_FR",
        "--to a --lang aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "--to a --overwrite=yes",
        "--to a --with",
        "--to a --with round",
        "--to a --with flat,,nodes",
        "--to a --with tz=+99:00",
        "--to a --unknown",
        "--to a -x",
        "--to -",
        "--to - --format md",
        "--to - note",
        "--to - --format md one two",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct export_args a = {.data = "untouched"};

        if (parse(lines[i], no_env, &a) != RC_ARG) {
            fail_msg("taken: %s", lines[i]);
        }
        assert_string_equal(a.data, "untouched");
    }
    printf("%zu lines\n", sizeof lines / sizeof *lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_lines_are_taken_apart),
        cmocka_unit_test(the_environment_is_asked_before_the_defaults),
        cmocka_unit_test(wrong_lines_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
