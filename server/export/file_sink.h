#ifndef SERVER_EXPORT_FILE_SINK_H
#define SERVER_EXPORT_FILE_SINK_H

/* Where files go, one after another: into a zip, or a folder. */
#include <stdint.h>
#include "crdt/base/span.h"

struct file_sink {
    /* A file; all is borrowed. `path` is relative, UTF-8 and safe (file_name.h), at most one folder deep; `changed_ms`
     * counts from 1970. Another code than RC_OK ends what writes files. */
    int (*put)(void *ctx, const char *path, struct span bytes, int64_t changed_ms);
    void *ctx;
};

#endif
