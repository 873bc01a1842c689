#include "server/store/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".reserve"

/* Caller frees; NULL: out of memory. */
static char *reserve_name(const char *path)
{
    size_t size = strlen(path) + sizeof(SUFFIX);
    char *name = malloc(size);

    if (name != NULL) {
        snprintf(name, size, "%s" SUFFIX, path);
    }
    return name;
}

static int allocate(const char *name, size_t size)
{
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600), error;

    if (fd < 0) {
        return errno == ENOSPC || errno == EDQUOT ? RC_FULL : RC_IO;
    }
    error = posix_fallocate(fd, 0, (off_t)size);
    if (error == 0 && ftruncate(fd, (off_t)size) != 0) {
        error = errno;
    }
    close(fd);
    if (error != 0) {
        unlink(name);
        return error == ENOSPC || error == EDQUOT || error == EFBIG ? RC_FULL : RC_IO;
    }
    return RC_OK;
}

int reserve_make(const char *path, size_t size)
{
    char *name;
    int rc;

    if (size == 0) {
        return RC_OK;
    }
    name = reserve_name(path);
    if (name == NULL) {
        return RC_NOMEM;
    }
    rc = allocate(name, size);
    free(name);
    return rc;
}

bool reserve_drop(const char *path)
{
    char *name = reserve_name(path);
    bool dropped = name != NULL && unlink(name) == 0;

    free(name);
    return dropped;
}

size_t reserve_size(const char *path)
{
    char *name = reserve_name(path);
    struct stat info;
    size_t size = name != NULL && stat(name, &info) == 0 ? (size_t)info.st_size : 0;

    free(name);
    return size;
}
