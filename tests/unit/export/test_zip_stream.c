#include "server/export/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "crdt/base/buf.h"

struct tap {
    struct buf bytes;
    size_t room; /* the write that would pass it fails */
};

static int take(void *ctx, struct span bytes)
{
    struct tap *tap = ctx;

    if (tap->bytes.len + bytes.len > tap->room) {
        return RC_FULL;
    }
    buf_put_span(&tap->bytes, bytes);
    return tap->bytes.rc;
}

static void expect_file(struct archive *a, const char *path, const char *content, int64_t seconds)
{
    struct archive_entry *entry;
    char read[100];
    la_ssize_t len;

    assert_int_equal(archive_read_next_header(a, &entry), ARCHIVE_OK);
    assert_string_equal(archive_entry_pathname_utf8(entry), path);
    assert_int_equal(archive_entry_mtime(entry), seconds);
    len = archive_read_data(a, read, sizeof read);
    assert_int_equal(len, strlen(content));
    assert_memory_equal(read, content, (size_t)len);
}

static void files_come_back_with_names_times_and_bytes(void **state)
{
    struct tap tap = {.room = SIZE_MAX};
    struct zip_stream *zip;
    struct archive *a;

    (void)state;
    assert_int_equal(zip_stream_create(take, &tap, &zip), RC_OK);
    assert_int_equal(zip_stream_add(zip, "md/Été 中文 😀.md", span_str("un"), 1000000), RC_OK);
    assert_int_equal(zip_stream_add(zip, "empty", span_of(NULL, 0), 2000000), RC_OK);
    assert_int_equal(zip_stream_add(zip, "plain", span_str("deux"), INT64_C(1767225600000)), RC_OK);
    assert_int_equal(zip_stream_end(zip), RC_OK);
    zip_stream_destroy(zip);

    /* Writing needs no locale; libarchive's reader does. */
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
    a = archive_read_new();
    archive_read_support_format_zip_seekable(a);
    assert_int_equal(archive_read_set_format_option(a, "zip", "hdrcharset", "UTF-8"), ARCHIVE_OK);
    assert_int_equal(archive_read_open_memory(a, tap.bytes.data, tap.bytes.len), ARCHIVE_OK);
    expect_file(a, "md/Été 中文 😀.md", "un", 1000);
    expect_file(a, "empty", "", 2000);
    expect_file(a, "plain", "deux", 1767225600);
    assert_int_equal(archive_read_next_header(a, &(struct archive_entry *){NULL}), ARCHIVE_EOF);
    archive_read_free(a);
    setlocale(LC_CTYPE, "C");
    buf_finish(&tap.bytes);
}

/* Bit 11 of the flags: names are UTF-8 (APPNOTE 4.4.4). The archive begins with the first file's header. */
static void a_name_says_that_it_is_utf_8(void **state)
{
    struct tap tap = {.room = SIZE_MAX};
    struct zip_stream *zip;

    (void)state;
    assert_int_equal(zip_stream_create(take, &tap, &zip), RC_OK);
    assert_int_equal(zip_stream_add(zip, "é", span_str("x"), 0), RC_OK);
    assert_int_equal(zip_stream_end(zip), RC_OK);
    zip_stream_destroy(zip);
    assert_true(tap.bytes.len > 32);
    assert_memory_equal(tap.bytes.data, "PK\3\4", 4);
    assert_int_equal(tap.bytes.data[7] & 8, 8);
    assert_memory_equal(tap.bytes.data + 30, "\xc3\xa9", 2);
    buf_finish(&tap.bytes);
}

static void a_file_leaves_when_it_is_added(void **state)
{
    static char noise[1 << 20];
    struct tap tap = {.room = SIZE_MAX};
    struct zip_stream *zip;
    uint64_t x = 88172645463325252u;
    size_t before = 0;

    (void)state;
    for (size_t i = 0; i < sizeof noise; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        noise[i] = (char)x; /* what cannot be packed */
    }
    assert_int_equal(zip_stream_create(take, &tap, &zip), RC_OK);
    for (int i = 0; i < 4; i++) {
        char name[16];

        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(zip_stream_add(zip, name, span_of(noise, sizeof noise), 0), RC_OK);
        assert_true(tap.bytes.len - before > sizeof noise / 2);
        before = tap.bytes.len;
    }
    zip_stream_destroy(zip); /* not ended: fine */
    assert_int_equal(tap.bytes.len, before);
    buf_finish(&tap.bytes);
}

static void a_failing_write_ends_the_archive_with_its_code(void **state)
{
    struct buf content = {0};

    (void)state;
    for (int i = 0; i < 100000; i++) {
        buf_printf(&content, "%d ", i % 7919 * 31 % 7907);
    }
    for (size_t room = 0; room < 60000; room += 7500) {
        struct tap tap = {.room = room};
        struct zip_stream *zip;
        int rc;

        assert_int_equal(zip_stream_create(take, &tap, &zip), RC_OK);
        rc = zip_stream_add(zip, "a", buf_span(&content), 0);
        rc = rc ? rc : zip_stream_end(zip);
        assert_int_equal(rc, RC_FULL);
        assert_int_equal(zip_stream_add(zip, "b", span_str("x"), 0), RC_FULL);
        zip_stream_destroy(zip);
        buf_finish(&tap.bytes);
    }
    buf_finish(&content);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_back_with_names_times_and_bytes),
        cmocka_unit_test(a_name_says_that_it_is_utf_8),
        cmocka_unit_test(a_file_leaves_when_it_is_added),
        cmocka_unit_test(a_failing_write_ends_the_archive_with_its_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
