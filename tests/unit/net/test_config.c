#include "server/base/config.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

struct settings {
    char *listen;
    bool open;
    uint64_t workers, limit;
};

static const struct config_row rows[] = {
    {"listen", CONFIG_TEXT, offsetof(struct settings, listen), "here", 1, 10, "ADDR", "where"},
    {"open-door", CONFIG_FLAG, offsetof(struct settings, open), "false", 0, 0, NULL, "who"},
    {"workers", CONFIG_NUMBER, offsetof(struct settings, workers), "2", 1, 64, "N", "how many"},
    {"limit", CONFIG_SIZE, offsetof(struct settings, limit), "16M", 1024, UINT64_C(1) << 32, "BYTES", "how much"},
};
#define ROWS (sizeof rows / sizeof *rows)

static const char *environment[8]; /* name, value, … */

static const char *get_env(const char *name)
{
    for (size_t i = 0; i + 1 < 8 && environment[i]; i += 2) {
        if (strcmp(environment[i], name) == 0) {
            return environment[i + 1];
        }
    }
    return NULL;
}

/* Loads from `args`, words with spaces between. */
static int load(const char *args, struct settings *out, char *error)
{
    struct config_sources from = {0, NULL, get_env};
    char text[256], *argv[16];
    int rc;

    snprintf(text, sizeof text, "%s", args);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
        argv[from.argc++] = word;
    }
    from.argv = argv;
    memset(out, 0, sizeof *out);
    rc = config_load(rows, ROWS, &from, out, error);
    return rc;
}

static void the_table_gives_the_defaults(void **state)
{
    char error[CONFIG_ERROR_MAX];
    struct settings s;

    (void)state;
    environment[0] = NULL;
    assert_int_equal(load("", &s, error), RC_OK);
    assert_string_equal(s.listen, "here");
    assert_false(s.open);
    assert_int_equal(s.workers, 2);
    assert_int_equal(s.limit, 16 << 20);
    config_finish(rows, ROWS, &s);
    config_finish(rows, ROWS, &s);
}

static void arguments_are_read_or_refused_with_a_reason(void **state)
{
    static const struct {
        const char *args;
        int rc;
        const char *says;
    } cases[] = {
        {"--workers 3 --listen there --open-door --limit 4k", RC_OK, NULL},
        {"--workers=3 --open-door=true --limit=1G", RC_OK, NULL},
        {"--workers 0", RC_ARG, "--workers: must be from 1 to 64"},
        {"--workers 65", RC_ARG, "--workers: must be from 1 to 64"},
        {"--workers 3x", RC_ARG, "--workers: must be a number"},
        {"--workers 3k", RC_ARG, "--workers: must be a number"},
        {"--workers -3", RC_ARG, "--workers: must be a number"},
        {"--workers 99999999999999999999", RC_ARG, "--workers: must be a number"},
        {"--limit 99999999999999999G", RC_ARG, "--limit: must be a size, like 64k or 16M"},
        {"--limit 1kk", RC_ARG, "--limit: must be a size, like 64k or 16M"},
        {"--limit 1023", RC_ARG, "--limit: must be from 1024 to 4294967296"},
        {"--workers", RC_ARG, "--workers: needs a value"},
        {"--worker 3", RC_ARG, "--worker: no such option"},
        {"--open-door=yes", RC_ARG, "--open-door: must be true or false"},
        {"--listen=", RC_ARG, "--listen: must not be empty"},
        {"--listen 12345678901", RC_ARG, "--listen: is too long"},
        {"-w 3", RC_ARG, "-w: not an option"},
        {"--", RC_ARG, "--: not an option"},
        {"word", RC_ARG, "word: not an option"},
    };

    (void)state;
    environment[0] = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char error[CONFIG_ERROR_MAX];
        struct settings s;

        assert_int_equal(load(cases[i].args, &s, error), cases[i].rc);
        if (cases[i].says) {
            assert_string_equal(error, cases[i].says);
        }
        config_finish(rows, ROWS, &s);
    }
}

static void later_sources_win(void **state)
{
    char error[CONFIG_ERROR_MAX], path[] = "/tmp/cahier-config-XXXXXX", args[128];
    static const char text[] = "{\"workers\": 5, \"limit\": \"8k\", \"open-door\": true, \"listen\": \"file\"}";
    int fd = mkstemp(path);
    struct settings s;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    environment[0] = "CAHIER_WORKERS";
    environment[1] = "6";
    environment[2] = "CAHIER_OPEN_DOOR";
    environment[3] = "false";
    environment[4] = NULL;
    snprintf(args, sizeof args, "--listen arg --config %s", path);
    assert_int_equal(load(args, &s, error), RC_OK);
    assert_string_equal(s.listen, "arg");
    assert_int_equal(s.workers, 6);
    assert_int_equal(s.limit, 8192);
    assert_false(s.open);
    config_finish(rows, ROWS, &s);

    environment[4] = "CAHIER_CONFIG";
    environment[5] = path;
    environment[6] = NULL;
    assert_int_equal(load("", &s, error), RC_OK);
    assert_string_equal(s.listen, "file");
    config_finish(rows, ROWS, &s);
    environment[1] = "x";
    assert_int_equal(load("", &s, error), RC_ARG);
    assert_non_null(strstr(error, "workers: must be a number"));
    config_finish(rows, ROWS, &s);
    unlink(path);
}

static void a_wrong_file_is_refused(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"{\"workers\": 0}", "workers: must be from"},
        {"{\"workers\": \"x\"}", "workers: must be a number"},
        {"{\"workers\": true}", "wrong type"},
        {"{\"workers\": -1}", "wrong type"},
        {"{\"open-door\": \"true\"}", "wrong type"},
        {"{\"other\": 1}", "other: no such option"},
        {"{\"workers\": 1, \"workers\": 2}", "duplicate"},
        {"[]", "not a JSON object"},
        {"{", "configuration file"},
        {"", "configuration file"},
    };

    (void)state;
    environment[0] = NULL;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char error[CONFIG_ERROR_MAX], path[] = "/tmp/cahier-config-XXXXXX", args[128];
        int fd = mkstemp(path);
        struct settings s;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, cases[i].text, strlen(cases[i].text)), strlen(cases[i].text));
        close(fd);
        snprintf(args, sizeof args, "--config=%s", path);
        assert_int_equal(load(args, &s, error), RC_ARG);
        if (!strstr(error, cases[i].says)) {
            fail_msg("%s: %s", cases[i].text, error);
        }
        config_finish(rows, ROWS, &s);
        unlink(path);
    }
    {
        char error[CONFIG_ERROR_MAX];
        struct settings s;

        assert_int_equal(load("--config /nonexistent/x", &s, error), RC_IO);
        config_finish(rows, ROWS, &s);
    }
}

static void help_names_every_row(void **state)
{
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    (void)state;
    assert_non_null(f);
    config_help(rows, ROWS, f);
    fclose(f);
    for (size_t i = 0; i < ROWS; i++) {
        assert_non_null(strstr(text, rows[i].name));
        assert_non_null(strstr(text, rows[i].help));
    }
    assert_non_null(strstr(text, "(default 16M, from 1k to 4G)"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_gives_the_defaults),
        cmocka_unit_test(arguments_are_read_or_refused_with_a_reason),
        cmocka_unit_test(later_sources_win),
        cmocka_unit_test(a_wrong_file_is_refused),
        cmocka_unit_test(help_names_every_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
