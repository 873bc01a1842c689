#include "server/export/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/files.h"
#include "tests/unit/export/export_rig.h"

#define SECONDS 60 /* long enough for any machine */

static const struct child_limits generous = {SECONDS, (size_t)4 << 30, (size_t)64 << 20, false};
static char *folder;

static int run_to_its_end(const char *script, const struct child_limits *limits, int stop, struct span input,
                          struct buf *out, struct child_end *end)
{
    char *path = rig_script(folder, "program", script);
    const char *argv[] = {path, "argument", NULL};
    int rc = child_run(argv, limits, stop, input, out, end);

    free(path);
    return rc;
}

/* Of one that ends by itself, its exit code. */
static int run_script(const char *script, const struct child_limits *limits, int stop, struct span input,
                      struct buf *out, int *code)
{
    struct child_end end;
    int rc = run_to_its_end(script, limits, stop, input, out, &end);

    if (rc == RC_OK) {
        assert_int_equal(end.cause, CHILD_EXITED);
        *code = end.number;
    }
    assert_string_equal(end.line, "");
    return rc;
}

static int make_folder(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    folder = files_create_dir();
    return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    files_remove_dir(folder);
    return 0;
}

static void bytes_go_in_and_come_out(void **state)
{
    struct buf input = {0}, out = {0};
    int code = -1;

    (void)state;
    for (uint32_t i = 0; i < 300000; i++) {
        buf_put(&input, &i, sizeof i); /* far more than pipes hold */
    }
    buf_put_str(&out, "before ");
    assert_int_equal(run_script("exec cat", &generous, -1, buf_span(&input), &out, &code), RC_OK);
    assert_int_equal(code, 0);
    assert_int_equal(out.len, 7 + input.len);
    assert_memory_equal(out.data + 7, input.data, input.len);
    buf_finish(&input);
    buf_finish(&out);
}

static void its_exit_code_is_told_with_what_it_wrote(void **state)
{
    struct buf out = {0};
    int code = -1;

    (void)state;
    assert_int_equal(run_script("printf \"$1\"; exit 7", &generous, -1, span_of(NULL, 0), &out, &code), RC_OK);
    assert_int_equal(code, 7);
    assert_true(span_equal(buf_span(&out), span_str("argument")));
    buf_finish(&out);
}

static void a_program_that_does_not_read_is_no_failure(void **state)
{
    struct buf input = {0}, out = {0};
    int code = -1;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        buf_put_str(&input, "0123456789");
    }
    assert_int_equal(run_script("exec <&-; echo done", &generous, -1, buf_span(&input), &out, &code), RC_OK);
    assert_int_equal(code, 0);
    assert_true(span_equal(buf_span(&out), span_str("done\n")));
    buf_finish(&input);
    buf_finish(&out);
}

/* Runs what fails, and says how; nothing is left in the buffer. */
static void expect_failure(const char *script, const struct child_limits *limits, int rc)
{
    struct buf out = {0};
    int code = -1;

    buf_put_str(&out, "x");
    assert_int_equal(run_script(script, limits, -1, span_str("input"), &out, &code), rc);
    assert_int_equal(out.len, 1);
    assert_int_equal(code, -1);
    buf_finish(&out);
}

static void each_limit_ends_it(void **state)
{
    static const struct child_limits one_second = {1, (size_t)4 << 30, 1 << 20, false},
                                     little_output = {SECONDS, (size_t)4 << 30, 1000, false};

    (void)state;
    expect_failure("while :; do sleep 1; done", &one_second, RC_LIMIT);
    expect_failure("while :; do :; done", &one_second, RC_LIMIT);
    expect_failure("exec >&-; while :; do sleep 1; done", &one_second, RC_LIMIT);
    expect_failure("exec yes", &little_output, RC_LIMIT);
    expect_failure("kill -9 $$", &generous, RC_IO);
    expect_failure("kill -XCPU $$", &generous, RC_LIMIT);
}

static void how_it_ended_is_said(void **state)
{
    static const struct {
        const char *script;
        unsigned seconds;
        bool errors;
        enum child_cause cause;
        int number;
        const char *line;
    } cases[] = {
        {"exit 7", SECONDS, true, CHILD_EXITED, 7, ""},
        {"echo one >&2; echo two >&2; exit 1", SECONDS, true, CHILD_EXITED, 1, "two"},
        {"echo one >&2; exit 1", SECONDS, false, CHILD_EXITED, 1, ""},
        {"printf 'a\\033[2J\\303\\251 \\t\\n\\n' >&2", SECONDS, true, CHILD_EXITED, 0, "a?[2J??"},
        {"echo last >&2; kill -9 $$", SECONDS, true, CHILD_SIGNALLED, 9, "last"},
        {"kill -SEGV $$", SECONDS, true, CHILD_SIGNALLED, SIGSEGV, ""},
        {"kill -XCPU $$", SECONDS, true, CHILD_PROCESSOR, SIGXCPU, ""},
        {"echo slow >&2; while :; do sleep 1; done", 1, true, CHILD_TIME, 0, "slow"},
        {"exec >&-; echo slow >&2; while :; do sleep 1; done", 1, true, CHILD_TIME, 0, "slow"},
        {"exec yes", SECONDS, true, CHILD_OUTPUT, 0, ""},
        {"yes word | head -n 100000 >&2; exit 2", SECONDS, true, CHILD_EXITED, 2, "word"},
        {"exec >&-; yes word | head -n 100000 >&2; exit 2", SECONDS, true, CHILD_EXITED, 2, "word"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct child_limits limits = {cases[i].seconds, (size_t)4 << 30, 1000, cases[i].errors};
        struct child_end end;
        struct buf out = {0};
        int rc = run_to_its_end(cases[i].script, &limits, -1, span_of(NULL, 0), &out, &end);

        if ((rc == RC_OK) != (cases[i].cause == CHILD_EXITED) || end.cause != cases[i].cause ||
            end.number != cases[i].number || strcmp(end.line, cases[i].line) != 0) {
            fail_msg("%s: %d, cause %d, number %d, line %s", cases[i].script, rc, (int)end.cause, end.number, end.line);
        }
        buf_finish(&out);
    }
    printf("%zu ends\n", sizeof cases / sizeof *cases);
}

/* Of a line that is too long, its end: that is where a program says what is wrong. */
static void a_long_line_is_cut(void **state)
{
    static const struct child_limits limits = {SECONDS, (size_t)4 << 30, 1000, true};
    struct child_end end;
    struct buf out = {0};

    (void)state;
    assert_int_equal(run_to_its_end("head -c 9000 /dev/zero | tr '\\0' x >&2; echo END >&2", &limits, -1,
                                    span_of(NULL, 0), &out, &end),
                     RC_OK);
    assert_int_equal(strlen(end.line), CHILD_LINE - 1);
    assert_string_equal(end.line + CHILD_LINE - 1 - 4, "xEND");
    buf_finish(&out);
}

static void what_cannot_be_run_is_said(void **state)
{
    const char *nothing[] = {"/nonexistent/program", NULL}, *directory[] = {folder, NULL};
    struct buf out = {0};
    struct child_end end;

    (void)state;
    assert_int_equal(child_run(nothing, &generous, -1, span_of(NULL, 0), &out, &end), RC_NOTFOUND);
    assert_int_equal(end.cause, CHILD_LOST);
    assert_int_equal(child_run(directory, &generous, -1, span_of(NULL, 0), &out, &end), RC_NOTFOUND);
    assert_int_equal(end.cause, CHILD_LOST);
}

static void a_hung_up_descriptor_stops_it(void **state)
{
    struct buf out = {0};
    int ends[2], code;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    assert_int_equal(run_script("while :; do sleep 1; done", &generous, ends[0], span_of(NULL, 0), &out, &code),
                     RC_STATE);
    close(ends[0]);
    buf_finish(&out);
}

/* A process that is gone, or that its new parent has not buried yet. */
static bool is_dead(pid_t pid)
{
    char path[64], stat[256] = "";
    FILE *f;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    f = fopen(path, "r");
    if (!f) {
        return true;
    }
    if (!fgets(stat, sizeof stat, f)) {
        stat[0] = '\0';
    }
    fclose(f);
    return stat[0] == '\0' || strstr(stat, ") Z ") != NULL;
}

static void nothing_of_it_is_left(void **state)
{
    struct buf out = {0};
    int code = -1;
    pid_t grandchild;

    (void)state;
    assert_int_equal(
        run_script("(exec >&-; while :; do sleep 1; done) & echo $!", &generous, -1, span_of(NULL, 0), &out, &code),
        RC_OK);
    buf_put_u8(&out, '\0');
    grandchild = (pid_t)atol((char *)out.data);
    assert_true(grandchild > 1);
    for (int i = 0; i < 6000 && !is_dead(grandchild); i++) {
        usleep(10000); /* a signal takes its time */
    }
    assert_true(is_dead(grandchild));
    buf_finish(&out);
}

static void the_environment_and_descriptors_are_its_own(void **state)
{
    struct buf out = {0};
    int code = -1, leak = open("/dev/null", O_RDONLY);

    (void)state;
    assert_true(leak > 2);
    assert_int_equal(setenv("CAHIER_SECRET", "x", 1), 0);
    assert_int_equal(run_script("env | grep -c SECRET; ls -l /proc/$$/fd | grep -c /dev/null", &generous, -1,
                                span_of(NULL, 0), &out, &code),
                     RC_OK);
    /* /dev/null is its standard error, and nothing else. */
    assert_true(span_equal(buf_span(&out), span_str("0\n1\n")));
    close(leak);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_go_in_and_come_out),
        cmocka_unit_test(its_exit_code_is_told_with_what_it_wrote),
        cmocka_unit_test(a_program_that_does_not_read_is_no_failure),
        cmocka_unit_test(each_limit_ends_it),
        cmocka_unit_test(how_it_ended_is_said),
        cmocka_unit_test(a_long_line_is_cut),
        cmocka_unit_test(what_cannot_be_run_is_said),
        cmocka_unit_test(a_hung_up_descriptor_stops_it),
        cmocka_unit_test(nothing_of_it_is_left),
        cmocka_unit_test(the_environment_and_descriptors_are_its_own),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
