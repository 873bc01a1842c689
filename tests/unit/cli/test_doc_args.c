#include "server/cli/doc_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

/* Parses "doc …", words with spaces between. */
static int parse(const char *line, struct doc_args *out)
{
    static char text[512];
    static char *argv[64];
    int argc = 0;

    snprintf(text, sizeof text, "doc %s", line);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    return doc_args_parse(argc, argv, out);
}

static void right_lines_are_taken_apart(void **state)
{
    struct doc_args a;

    (void)state;
    assert_int_equal(parse("apply a b", &a), RC_OK);
    assert_int_equal(a.command, DOC_APPLY);
    assert_int_equal(a.from, CRDT_V1);
    assert_int_equal(a.to, CRDT_V1);
    assert_false(a.no_gc);
    assert_int_equal(a.files, 2);
    assert_string_equal(a.file[1], "b");

    assert_int_equal(parse("apply --from v2 a --no-gc -", &a), RC_OK);
    assert_int_equal(a.to, CRDT_V2);
    assert_true(a.no_gc);
    assert_string_equal(a.file[0], "a");
    assert_string_equal(a.file[1], "-");

    assert_int_equal(parse("merge --from=v2 --to=v1 -- --x", &a), RC_OK);
    assert_int_equal(a.from, CRDT_V2);
    assert_int_equal(a.to, CRDT_V1);
    assert_string_equal(a.file[0], "--x");

    assert_int_equal(parse("diff u --sv s", &a), RC_OK);
    assert_string_equal(a.sv, "s");
    assert_string_equal(a.file[0], "u");

    assert_int_equal(parse("show --root a:text --root b:c:map --root :xml --at s u", &a), RC_OK);
    assert_int_equal(a.roots, 3);
    assert_int_equal(a.root[0].kind, DOC_KIND_TEXT);
    assert_true(span_equal(a.root[1].name, span_str("b:c")));
    assert_int_equal(a.root[1].kind, DOC_KIND_MAP);
    assert_int_equal(a.root[2].name.len, 0);
    assert_true(a.no_gc);

    assert_int_equal(parse("render --to md --root a:b --with flat,tz=Z u", &a), RC_OK);
    assert_string_equal(a.output, "md");
    assert_true(span_equal(a.with, span_str("flat,tz=Z")));
    assert_true(span_equal(a.root[0].name, span_str("a:b")));
}

static void wrong_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "what",
        "apply",
        "apply --from",
        "apply --from v3 a",
        "apply --from v1",
        "apply --sv s a",
        "apply --with flat a",
        "apply --no-gc=1 a",
        "apply -x a",
        "merge --no-gc a",
        "diff a",
        "diff --sv s a b",
        "diff --sv s",
        "sv a b",
        "sv --to v1 a",
        "snapshot --to v1 a",
        "show --root a a",
        "show --root a:what a",
        "show --to v1 a",
        "stat --root a:text a",
        "render a",
        "render --to v1 a",
        "render --to md --root a --root b u",
    };
    struct doc_args a;
    FILE *quiet = freopen("/dev/null", "w", stderr);

    (void)state;
    assert_non_null(quiet);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (parse(lines[i], &a) != RC_ARG) {
            fail_msg("accepted: %s", lines[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_lines_are_taken_apart),
        cmocka_unit_test(wrong_lines_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
