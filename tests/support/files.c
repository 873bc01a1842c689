/* nftw is an X/Open function; the project compiles for POSIX.1-2008 alone. */
#define _XOPEN_SOURCE 700

#include "tests/support/files.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK            65536
#define OPEN_DIRECTORIES 16

static int read_all(gzFile file, struct buf *out)
{
    int got;

    do {
        if (buf_reserve(out, CHUNK) != RC_OK) {
            return RC_NOMEM;
        }
        got = gzread(file, out->data + out->len, CHUNK);
        if (got < 0) {
            return RC_IO;
        }
        out->len += (size_t)got;
    } while (got > 0);
    return RC_OK;
}

int files_read(const char *path, struct buf *out)
{
    size_t before = out->len;
    gzFile file;
    int rc, closed;

    errno = 0;
    file = gzopen(path, "rb"); /* hands out bytes as they are when the file is not gzip */
    if (file == NULL) {
        return errno == ENOENT ? RC_NOTFOUND : errno == 0 ? RC_NOMEM : RC_IO;
    }
    rc = read_all(file, out);
    closed = gzclose(file); /* tells of a gzip file that is cut off */
    if (rc == RC_OK && closed != Z_OK) {
        rc = RC_IO;
    }
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}

int files_write(const char *path, struct span bytes)
{
    FILE *file = fopen(path, "wb");
    bool written;

    if (file == NULL) {
        return RC_IO;
    }
    written = bytes.len == 0 || fwrite(bytes.data, bytes.len, 1, file) == 1;
    return fclose(file) == 0 && written ? RC_OK : RC_IO;
}

char *files_create_dir(void)
{
    const char *base = getenv("TMPDIR");
    struct buf name = {0};
    size_t len;

    buf_printf(&name, "%s/cahier-test-XXXXXX", base != NULL && *base != '\0' ? base : "/tmp");
    buf_put_u8(&name, '\0');
    if (name.rc != RC_OK || mkdtemp((char *)name.data) == NULL) {
        buf_finish(&name);
        return NULL;
    }
    return (char *)buf_take(&name, &len);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void files_remove_dir(char *dir)
{
    if (dir != NULL && nftw(dir, remove_entry, OPEN_DIRECTORIES, FTW_DEPTH | FTW_PHYS) != 0) {
        fprintf(stderr, "cannot remove %s: %s\n", dir, strerror(errno));
    }
    free(dir);
}
