#ifndef SERVER_STORE_SQLITE_H
#define SERVER_STORE_SQLITE_H

/* The store in one SQLite file: see README.md for layout and guarantees. */
#include "server/store/store.h"

struct store_sqlite_config {
    const char *path;        /* the data file; made with mode 0600 when it does not exist */
    size_t queue_limit;      /* bytes accepted and not durable; 0: 64 MiB */
    size_t wal_limit;        /* bytes of WAL that start a checkpoint; 0: 4 MiB */
    unsigned cache_ms;       /* without requests, after which SQLite gives its page cache back; 0: 5 s */
    size_t reserve;          /* bytes of PATH.reserve, given back on a full disk; 0: none */
    const char *vfs;         /* SQLite VFS by name; NULL: the default. For tests */
    const char *synchronous; /* NULL: FULL. For tests that show what the others lose */
};

/* Opens or creates. On failure `error` (size `error_size`, may be NULL/0) gets one line in
 * English that names the cause.
 * RC_BUSY: another process has the file. RC_UNSUPPORTED: the file is of a newer version.
 * RC_CORRUPT: not a Cahier file, or damaged beyond reading. RC_IO, RC_FULL, RC_NOMEM, RC_ARG. */
int store_sqlite_open(const struct store_sqlite_config *config, const struct store_host *host, char *error,
                      size_t error_size, struct store **out) MUST_CHECK;

#endif
