#include "server/base/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

static int ends[2];

static int set_up(void **state)
{
    (void)state;
    log_set_level(LOG_LEVEL_INFO);
    if (pipe(ends) != 0) {
        return -1;
    }
    log_set_fd(ends[1]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_set_fd(2);
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* What was logged, without the time; the time is checked to be one. */
static const char *logged(void)
{
    static char line[4096];
    ssize_t n = read(ends[0], line, sizeof line - 1);
    int year, month, day, hour, minute, second, ms;

    assert_true(n > 0);
    line[n] = '\0';
    assert_int_equal(sscanf(line, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ ", &year, &month, &day, &hour, &minute, &second, &ms),
                     7);
    return line + strlen("2026-01-01T00:00:00.000Z ");
}

static void a_line_is_level_event_and_pairs(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_WARN, "room.loaded", "room=%d name=\"%s\"", 7, "a b");
    assert_string_equal(logged(), "warn room.loaded room=7 name=\"a b\"\n");
    log_event(LOG_LEVEL_ERROR, "x", NULL);
    assert_string_equal(logged(), "error x\n");
}

static void one_event_is_one_line(void **state)
{
    (void)state;
    log_event(LOG_LEVEL_INFO, "x", "error=%s", "a\nb\rc\x1b[2J\x7f");
    assert_string_equal(logged(), "info x error=a?b?c?[2J?\n");
}

static void long_lines_are_cut(void **state)
{
    char text[3000];
    const char *line;

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    log_event(LOG_LEVEL_INFO, "x", "value=%s", text);
    line = logged();
    assert_true(strlen(line) < 1024);
    assert_int_equal(line[strlen(line) - 1], '\n');
    log_event(LOG_LEVEL_INFO, text, "value=%s", "never seen");
    line = logged();
    assert_true(strlen(line) < 1024);
    assert_int_equal(line[strlen(line) - 1], '\n');
}

static void lines_below_the_level_are_left_out(void **state)
{
    enum log_level level;

    (void)state;
    log_event(LOG_LEVEL_DEBUG, "hidden", NULL);
    log_set_level(LOG_LEVEL_DEBUG);
    log_event(LOG_LEVEL_DEBUG, "shown", NULL);
    assert_string_equal(logged(), "debug shown\n");
    log_set_level(LOG_LEVEL_SILENT);
    assert_int_equal(log_get_level(), LOG_LEVEL_SILENT);
    log_event(LOG_LEVEL_ERROR, "hidden", NULL);
    log_event(LOG_LEVEL_SILENT, "hidden", NULL);
    log_set_level(LOG_LEVEL_INFO);
    log_event(LOG_LEVEL_INFO, "last", NULL);
    assert_string_equal(logged(), "info last\n");
    assert_true(log_level_of("warn", &level));
    assert_int_equal(level, LOG_LEVEL_WARN);
    assert_false(log_level_of("Warn", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_level_event_and_pairs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_event_is_one_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_lines_are_cut, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_below_the_level_are_left_out, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
