#ifndef TESTS_SUPPORT_FILES_H
#define TESTS_SUPPORT_FILES_H

/* Whole files in and out, gzip included, and directories of their own for tests that write. */
#include "crdt/base/buf.h"

/* Appends the file's bytes; a gzip file is unpacked. RC_NOTFOUND, RC_IO or RC_NOMEM. */
int files_read(const char *path, struct buf *out) MUST_CHECK;
/* Makes or replaces the file. */
int files_write(const char *path, struct span bytes) MUST_CHECK;
/* A new directory below $TMPDIR (else /tmp), readable by its owner only. The caller gives its name to
 * files_remove_dir. NULL when there is none to be had. */
char *files_create_dir(void);
/* Removes the directory with all that is in it, and frees the name. NULL is fine. */
void files_remove_dir(char *dir);

#endif
