#ifndef SERVER_CLI_FOLDER_SINK_H
#define SERVER_CLI_FOLDER_SINK_H

/* Files into a folder: each is written under another name and then takes its own, so that a file with its right name is
 * whole. Its time is that of the note. */
#include <stdbool.h>
#include "crdt/base/rc.h"
#include "server/export/file_sink.h"

struct folder_sink {
    int fd;    /* of the folder */
    bool made; /* it was not there */
};

/* Makes the folder when it is not there (its parent must be). RC_EXISTS: it has files, and `overwrite` is not set;
 * RC_IO: errno tells. */
int folder_sink_open(struct folder_sink *folder, const char *path, bool overwrite) MUST_CHECK;
void folder_sink_close(struct folder_sink *folder);
/* Borrows `folder`. Its put answers RC_FULL, RC_IO (errno tells). */
struct file_sink folder_sink_of(struct folder_sink *folder);

/* Writes all of it. RC_FULL, RC_IO (errno tells). */
int folder_write(int fd, struct span bytes) MUST_CHECK;

#endif
