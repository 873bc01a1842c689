#include "server/cli/folder_sink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART          ".cahier-export.part"
#define SUBFOLDER_MAX 16

int folder_write(int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.data, bytes.len);

        if (n < 0 && errno != EINTR) {
            return errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;
        }
        n = n > 0 ? n : 0;
        bytes = span_of(bytes.data + n, bytes.len - (size_t)n);
    }
    return RC_OK;
}

static bool is_empty(int folder)
{
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    bool empty = dir != NULL;

    if (!dir && copy >= 0) {
        close(copy);
    }
    for (const struct dirent *e = dir ? readdir(dir) : NULL; e && empty; e = readdir(dir)) {
        empty = strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
    }
    if (dir) {
        closedir(dir);
    }
    return empty;
}

int folder_sink_open(struct folder_sink *folder, const char *path, bool overwrite)
{
    bool made = mkdir(path, 0777) == 0;
    int fd;

    if (!made && errno != EEXIST) {
        return RC_IO;
    }
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return RC_IO;
    }
    if (!overwrite && !is_empty(fd)) {
        close(fd);
        return RC_EXISTS;
    }
    folder->fd = fd;
    folder->made = made;
    return RC_OK;
}

void folder_sink_close(struct folder_sink *folder)
{
    close(folder->fd);
}

/* "md/name.md" -> a descriptor of "md", made when it is not there; -1 on failure. One that leads elsewhere is refused:
 * nothing is written outside of the folder. */
static int open_subfolder(int folder, const char *path, size_t len)
{
    char name[SUBFOLDER_MAX + 1];

    if (len > SUBFOLDER_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name, path, len);
    name[len] = '\0';
    if (mkdirat(folder, name, 0777) != 0 && errno != EEXIST) {
        return -1;
    }
    return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Writes, dates and closes the part; then it takes its name. */
static int finish_part(int folder, int part, const char *name, struct span bytes, int64_t changed_ms)
{
    struct timespec times[2] = {
        {.tv_nsec = UTIME_OMIT},
        {.tv_sec = (time_t)(changed_ms / 1000), .tv_nsec = (long)(changed_ms % 1000) * 1000000}};
    int rc = folder_write(part, bytes);

    if (rc == RC_OK && changed_ms > 0 && futimens(part, times) != 0) {
        rc = RC_IO;
    }
    if (close(part) != 0 && rc == RC_OK) {
        rc = errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;
    }
    if (rc == RC_OK && renameat(folder, PART, folder, name) != 0) {
        rc = RC_IO;
    }
    if (rc != RC_OK) {
        int why = errno;

        unlinkat(folder, PART, 0);
        errno = why;
    }
    return rc;
}

static int put_in(int folder, const char *name, struct span bytes, int64_t changed_ms)
{
    int part;

    if (unlinkat(folder, PART, 0) != 0 && errno != ENOENT) {
        return RC_IO;
    }
    part = openat(folder, PART, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return part < 0 ? RC_IO : finish_part(folder, part, name, bytes, changed_ms);
}

static int put(void *ctx, const char *path, struct span bytes, int64_t changed_ms)
{
    const struct folder_sink *folder = ctx;
    const char *slash = strchr(path, '/');
    int sub, rc;

    if (!slash) {
        return put_in(folder->fd, path, bytes, changed_ms);
    }
    sub = open_subfolder(folder->fd, path, (size_t)(slash - path));
    if (sub < 0) {
        return RC_IO;
    }
    rc = put_in(sub, slash + 1, bytes, changed_ms);
    close(sub);
    return rc;
}

struct file_sink folder_sink_of(struct folder_sink *folder)
{
    return (struct file_sink){put, folder};
}
