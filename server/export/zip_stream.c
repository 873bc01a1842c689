#include "server/export/zip_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>

#define FILE_MODE 0644

struct zip_stream {
    struct archive *archive;
    struct archive_entry *entry;
    int (*write)(void *ctx, struct span bytes);
    void *ctx;
    int rc; /* the first failure of `write` */
};

/* After a failure the rest is passed over, and said to be written: libarchive 3.6 forgets to free what it packs with
 * when a write fails. */
static la_ssize_t write_block(struct archive *archive, void *context, const void *data, size_t len)
{
    struct zip_stream *zip = context;

    (void)archive;
    if (zip->rc == RC_OK) {
        zip->rc = zip->write(zip->ctx, span_of(data, len));
    }
    return (la_ssize_t)len;
}

/* What `write` said; when libarchive itself fails, it is for lack of memory. */
static int check(const struct zip_stream *zip, int code)
{
    return zip->rc != RC_OK ? zip->rc : code >= ARCHIVE_WARN ? RC_OK : RC_NOMEM;
}

/* Blocks are written as they are, not padded to libarchive's 10 KiB. */
static int open_archive(struct zip_stream *zip)
{
    struct archive *a = zip->archive;

    if (archive_write_set_format_zip(a) != ARCHIVE_OK || archive_write_zip_set_compression_deflate(a) != ARCHIVE_OK ||
        archive_write_set_format_option(a, "zip", "hdrcharset", "UTF-8") != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(a, 1) != ARCHIVE_OK ||
        archive_write_open(a, zip, NULL, write_block, NULL) != ARCHIVE_OK) {
        return check(zip, ARCHIVE_FATAL);
    }
    return RC_OK;
}

int zip_stream_create(int (*write)(void *ctx, struct span bytes), void *ctx, struct zip_stream **out)
{
    struct zip_stream *zip = calloc(1, sizeof *zip);
    int rc = RC_NOMEM;

    if (!zip) {
        return RC_NOMEM;
    }
    zip->write = write;
    zip->ctx = ctx;
    zip->archive = archive_write_new();
    zip->entry = archive_entry_new();
    if (zip->archive && zip->entry) {
        rc = open_archive(zip);
    }
    if (rc != RC_OK) {
        zip_stream_destroy(zip);
        return rc;
    }
    *out = zip;
    return RC_OK;
}

int zip_stream_add(struct zip_stream *zip, const char *path, struct span bytes, int64_t changed_ms)
{
    int rc = zip->rc;

    if (rc != RC_OK) {
        return rc;
    }
    archive_entry_clear(zip->entry);
    archive_entry_set_pathname_utf8(zip->entry, path);
    archive_entry_set_filetype(zip->entry, AE_IFREG);
    archive_entry_set_perm(zip->entry, FILE_MODE);
    archive_entry_set_size(zip->entry, (la_int64_t)bytes.len);
    archive_entry_set_mtime(zip->entry, (time_t)(changed_ms / 1000), 0);
    rc = check(zip, archive_write_header(zip->archive, zip->entry));
    if (rc == RC_OK && bytes.len > 0) {
        rc = check(zip, archive_write_data(zip->archive, bytes.data, bytes.len) < 0 ? ARCHIVE_FATAL : ARCHIVE_OK);
    }
    return rc;
}

int zip_stream_end(struct zip_stream *zip)
{
    return check(zip, archive_write_close(zip->archive));
}

void zip_stream_destroy(struct zip_stream *zip)
{
    if (!zip) {
        return;
    }
    if (zip->archive) {
        zip->rc = zip->rc ? zip->rc : RC_STATE; /* what is left unwritten is not wanted */
        archive_write_free(zip->archive);
    }
    archive_entry_free(zip->entry);
    free(zip);
}

static int put(void *ctx, const char *path, struct span bytes, int64_t changed_ms)
{
    return zip_stream_add(ctx, path, bytes, changed_ms);
}

struct file_sink zip_stream_sink(struct zip_stream *zip)
{
    return (struct file_sink){put, zip};
}
