#include "server/cli/folder_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/files.h"

static char *dir;

static int make_dir(void **state)
{
    (void)state;
    dir = files_create_dir();
    return dir ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    files_remove_dir(dir);
    return 0;
}

/* Borrowed until the next call. */
static const char *inside(const char *name)
{
    static char path[400];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static void expect(const char *path, const char *content, time_t seconds)
{
    struct buf b = {0};
    struct stat s;

    assert_int_equal(files_read(inside(path), &b), RC_OK);
    assert_true(span_equal(buf_span(&b), span_str(content)));
    assert_int_equal(stat(inside(path), &s), 0);
    assert_int_equal(s.st_mtime, seconds);
    buf_finish(&b);
}

static int put(struct folder_sink *folder, const char *path, const char *content)
{
    struct file_sink sink = folder_sink_of(folder);

    return sink.put(sink.ctx, path, span_str(content), 1000000);
}

static void files_stand_where_their_paths_say(void **state)
{
    struct folder_sink folder;

    (void)state;
    assert_int_equal(folder_sink_open(&folder, inside("a"), false), RC_OK);
    assert_int_equal(put(&folder, "été.md", "un"), RC_OK);
    assert_int_equal(put(&folder, "md/x.md", "deux"), RC_OK);
    assert_int_equal(put(&folder, "md/y.md", ""), RC_OK);
    assert_int_equal(put(&folder, "md/y.md", "trois"), RC_OK);
    folder_sink_close(&folder);
    expect("a/été.md", "un", 1000);
    expect("a/md/x.md", "deux", 1000);
    expect("a/md/y.md", "trois", 1000);
    assert_int_not_equal(access(inside("a/.cahier-export.part"), F_OK), 0);
    assert_int_not_equal(access(inside("a/md/.cahier-export.part"), F_OK), 0);
}

static void a_folder_with_files_is_written_to_when_asked(void **state)
{
    struct folder_sink folder;

    (void)state;
    assert_int_equal(folder_sink_open(&folder, inside("b"), false), RC_OK);
    assert_true(folder.made);
    folder_sink_close(&folder);
    assert_int_equal(folder_sink_open(&folder, inside("b"), false), RC_OK);
    assert_false(folder.made);
    assert_int_equal(put(&folder, "x", "un"), RC_OK);
    folder_sink_close(&folder);
    assert_int_equal(folder_sink_open(&folder, inside("b"), false), RC_EXISTS);
    assert_int_equal(folder_sink_open(&folder, inside("b"), true), RC_OK);
    assert_int_equal(put(&folder, "x", "deux"), RC_OK);
    folder_sink_close(&folder);
    expect("b/x", "deux", 1000);
}

static void a_link_is_replaced_and_not_followed(void **state)
{
    struct folder_sink folder;
    struct buf b = {0};

    (void)state;
    assert_int_equal(folder_sink_open(&folder, inside("c"), false), RC_OK);
    assert_int_equal(files_write(inside("outside"), span_str("mine")), RC_OK);
    assert_int_equal(symlink("../outside", inside("c/x")), 0);
    assert_int_equal(symlink("../outside", inside("c/.cahier-export.part")), 0);
    assert_int_equal(symlink("..", inside("c/md")), 0);
    assert_int_equal(put(&folder, "x", "deux"), RC_OK);
    assert_int_equal(put(&folder, "md/outside", "trois"), RC_IO);
    folder_sink_close(&folder);
    expect("c/x", "deux", 1000);
    assert_int_equal(files_read(inside("outside"), &b), RC_OK);
    assert_true(span_equal(buf_span(&b), span_str("mine")));
    buf_finish(&b);
}

static void what_cannot_be_written_is_said(void **state)
{
    struct folder_sink folder;
    int full = open("/dev/full", O_WRONLY);

    (void)state;
    assert_int_equal(folder_sink_open(&folder, inside("no/such/parent"), false), RC_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(files_write(inside("file"), span_str("x")), RC_OK);
    assert_int_equal(folder_sink_open(&folder, inside("file"), false), RC_IO);
    assert_int_equal(folder_sink_open(&folder, inside("d"), false), RC_OK);
    assert_int_equal(mkdir(inside("d/taken"), 0700), 0);
    assert_int_equal(put(&folder, "taken", "x"), RC_IO);
    assert_int_equal(put(&folder, "a-folder-whose-name-is-too-long/x", "x"), RC_IO);
    assert_int_not_equal(access(inside("d/.cahier-export.part"), F_OK), 0);
    folder_sink_close(&folder);
    if (full >= 0) {
        assert_int_equal(folder_write(full, span_str("x")), RC_FULL);
        close(full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_stand_where_their_paths_say),
        cmocka_unit_test(a_folder_with_files_is_written_to_when_asked),
        cmocka_unit_test(a_link_is_replaced_and_not_followed),
        cmocka_unit_test(what_cannot_be_written_is_said),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
