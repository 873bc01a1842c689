#ifndef BENCH_EDITORS_LONG_LOG_H
#define BENCH_EDITORS_LONG_LOG_H

/* A data file of our server as it is after a long day: many notes, each with keystrokes that nobody has compacted yet.
 * It is written with the server's own store, not synchronised, so that it takes seconds. */
#include <stddef.h>
#include "crdt/base/rc.h"

#define LONG_LOG_ROWS_A_NOTE 1000

/* Makes the file with so many rows, in notes of LONG_LOG_ROWS_A_NOTE. RC_IO and the like: it could not be written. */
int long_log_write(const char *path, size_t rows) MUST_CHECK;

#endif
