/* Files, plain and packed, and directories that go away with what is in them. */
#include "tests/support/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

#define TEXT_LEN 200000

static const char *path_in(const char *dir, const char *name)
{
    static char path[512];
    int len = snprintf(path, sizeof path, "%s/%s", dir, name);

    assert_in_range(len, 1, sizeof path - 1);
    return path;
}

static void fill(char *text)
{
    for (size_t i = 0; i < TEXT_LEN; i++) {
        text[i] = (char)(i * i % 251);
    }
}

static void write_packed(const char *path, const char *text)
{
    gzFile file = gzopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(gzwrite(file, text, TEXT_LEN), TEXT_LEN);
    assert_int_equal(gzclose(file), Z_OK);
}

/* files_read would unpack it. */
static void read_as_it_is(const char *path, struct buf *out)
{
    FILE *file = fopen(path, "rb");
    uint8_t bytes[4096];
    size_t got;

    assert_non_null(file);
    while ((got = fread(bytes, 1, sizeof bytes, file)) > 0) {
        buf_put(out, bytes, got);
    }
    fclose(file);
}

static void files_come_back_whole(void **state)
{
    static char text[TEXT_LEN];
    char *dir = files_create_dir();
    struct buf out = {0};

    (void)state;
    assert_non_null(dir);
    fill(text);
    assert_int_equal(files_write(path_in(dir, "plain"), span_of(text, TEXT_LEN)), RC_OK);
    write_packed(path_in(dir, "packed.gz"), text);
    assert_int_equal(files_read(path_in(dir, "plain"), &out), RC_OK);
    assert_int_equal(files_read(path_in(dir, "packed.gz"), &out), RC_OK);
    assert_int_equal(out.len, 2 * TEXT_LEN);
    assert_memory_equal(out.data, text, TEXT_LEN);
    assert_memory_equal(out.data + TEXT_LEN, text, TEXT_LEN);
    buf_finish(&out);
    files_remove_dir(dir);
}

static void trouble_leaves_the_buffer_as_it_was(void **state)
{
    static char text[TEXT_LEN];
    char *dir = files_create_dir();
    struct buf out = {0}, packed = {0};

    (void)state;
    assert_non_null(dir);
    fill(text);
    buf_put_str(&out, "before");
    assert_int_equal(files_read(path_in(dir, "none"), &out), RC_NOTFOUND);
    write_packed(path_in(dir, "packed.gz"), text);
    read_as_it_is(path_in(dir, "packed.gz"), &packed);
    assert_int_equal(files_write(path_in(dir, "cut.gz"), span_of(packed.data, packed.len / 2)), RC_OK);
    assert_int_equal(files_read(path_in(dir, "cut.gz"), &out), RC_IO);
    assert_int_equal(out.len, 6);
    buf_finish(&packed);
    buf_finish(&out);
    files_remove_dir(dir);
}

static void a_directory_goes_with_all_that_is_in_it(void **state)
{
    char *dir = files_create_dir();
    char name[512];
    struct stat info;

    (void)state;
    assert_non_null(dir);
    snprintf(name, sizeof name, "%s", dir);
    assert_int_equal(mkdir(path_in(dir, "inner"), 0700), 0);
    assert_int_equal(files_write(path_in(dir, "inner/file"), span_str("x")), RC_OK);
    files_remove_dir(dir);
    assert_int_equal(stat(name, &info), -1);
    files_remove_dir(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_back_whole),
        cmocka_unit_test(trouble_leaves_the_buffer_as_it_was),
        cmocka_unit_test(a_directory_goes_with_all_that_is_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
