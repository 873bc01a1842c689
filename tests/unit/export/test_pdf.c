#include "server/export/pdf.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "server/base/log.h"
#include "tests/support/files.h"
#include "tests/unit/export/export_rig.h"

static char *folder;

static int make_folder(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_LEVEL_SILENT);
    folder = files_create_dir();
    return folder ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    files_remove_dir(folder);
    return 0;
}

/* What comes of a page when that script stands for Python. */
static int make_or_say(const char *script, struct pdf_config config, struct buf *out, struct pdf_failure *failure)
{
    char *path = rig_script(folder, "python", script);
    struct pdf *pdf;
    int rc;

    config.python = path;
    assert_int_equal(pdf_create(&config, &pdf), RC_OK);
    rc = pdf_make(pdf, span_str("<p>page</p>"), out, failure);
    pdf_destroy(pdf);
    free(path);
    return rc;
}

static int make(const char *script, struct buf *out)
{
    return make_or_say(script, (struct pdf_config){NULL, 60, (size_t)4 << 30, false}, out, NULL);
}

static void python_gets_the_script_and_the_page(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_int_equal(make("echo \"%PDF-1.7 $1 $2 $3\"; echo \"$4\"; cat; printf '%%%%EOF\\n'", &out), RC_OK);
    buf_put_u8(&out, '\0');
    assert_memory_equal(out.data, "%PDF-1.7 -I -B -c\n", 18);
    assert_non_null(strstr((char *)out.data, "import weasyprint"));
    assert_non_null(strstr((char *)out.data, "<p>page</p>%%EOF"));
    buf_finish(&out);
}

static void exit_codes_and_bytes_are_judged(void **state)
{
    static const struct {
        const char *script;
        int rc;
    } cases[] = {
        {"exit 3", RC_UNSUPPORTED}, {"exit 4", RC_LIMIT},
        {"exit 1", RC_IO},          {"exit 0", RC_IO},
        {"echo rubbish", RC_IO},    {"echo '%PDF-1.7 cut'", RC_IO},
        {"echo '%%EOF'", RC_IO},    {"printf '%%PDF-%%%%EOF'", RC_IO},
        {"kill -9 $$", RC_IO},      {"echo '%PDF-1.7 %%EOF'; exit 5", RC_IO},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};

        buf_put_str(&out, "x");
        if (make(cases[i].script, &out) != cases[i].rc) {
            fail_msg("%s", cases[i].script);
        }
        assert_int_equal(out.len, 1);
        buf_finish(&out);
    }
    printf("%zu scripts\n", sizeof cases / sizeof *cases);
}

static void why_it_failed_is_said(void **state)
{
    static const struct {
        const char *script;
        unsigned seconds;
        bool errors;
        const char *reason, *line;
    } cases[] = {
        {"echo oh >&2; exit 1", 60, true, "it ended with exit code 1", "oh"},
        {"echo oh >&2; exit 1", 60, false, "it ended with exit code 1", ""},
        {"exit 4", 60, true, "it needs more than 4096 MB of memory", ""},
        {"exit 3", 60, true, "", ""},
        {"echo rubbish", 60, true, "what it wrote is no whole PDF", ""},
        {"kill -9 $$", 60, true, "it was ended by signal 9 (SIGKILL)", ""},
        {"kill -SEGV $$", 60, true, "it was ended by signal 11 (SIGSEGV)", ""},
        {"kill -XCPU $$", 60, true, "it took more than 60 s of processor time", ""},
        {"while :; do sleep 1; done", 1, true, "it took more than 1 s", ""},
        {"printf '%%PDF-%%%%EOF %%%%EOF'", 60, true, "", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pdf_config config = {NULL, cases[i].seconds, (size_t)4 << 30, cases[i].errors};
        struct pdf_failure failure = {{0}, {0}};
        struct buf out = {0};

        (void)make_or_say(cases[i].script, config, &out, &failure);
        if (strcmp(failure.reason, cases[i].reason) != 0 || strcmp(failure.line, cases[i].line) != 0) {
            fail_msg("%s: %s, %s", cases[i].script, failure.reason, failure.line);
        }
        buf_finish(&out);
    }
    printf("%zu failures\n", sizeof cases / sizeof *cases);
}

static void without_python_there_is_no_pdf(void **state)
{
    struct pdf_config config = {"/nonexistent/python", 60, (size_t)4 << 30, false};
    struct buf out = {0};
    struct pdf *pdf;

    (void)state;
    assert_int_equal(pdf_create(&config, &pdf), RC_OK);
    assert_int_equal(pdf_make(pdf, span_str("page"), &out, NULL), RC_UNSUPPORTED);
    pdf_destroy(pdf);
}

static void *stop_later(void *pdf)
{
    pdf_stop(pdf);
    return NULL;
}

static void stopping_ends_what_is_under_way_and_what_comes(void **state)
{
    char *path = rig_script(folder, "python", "while :; do sleep 1; done");
    struct pdf_config config = {path, 600, (size_t)4 << 30, false};
    struct buf out = {0};
    struct pdf *pdf;
    pthread_t other;

    (void)state;
    assert_int_equal(pdf_create(&config, &pdf), RC_OK);
    assert_int_equal(pthread_create(&other, NULL, stop_later, pdf), 0);
    assert_int_equal(pdf_make(pdf, span_str("page"), &out, NULL), RC_STATE);
    pthread_join(other, NULL);
    assert_int_equal(pdf_make(pdf, span_str("page"), &out, NULL), RC_STATE);
    pdf_stop(pdf);
    pdf_destroy(pdf);
    pdf_stop(NULL);
    pdf_destroy(NULL);
    buf_finish(&out);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_gets_the_script_and_the_page),
        cmocka_unit_test(exit_codes_and_bytes_are_judged),
        cmocka_unit_test(why_it_failed_is_said),
        cmocka_unit_test(without_python_there_is_no_pdf),
        cmocka_unit_test(stopping_ends_what_is_under_way_and_what_comes),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
