#ifndef SERVER_STORE_READER_H
#define SERVER_STORE_READER_H

/* All notes of a data file as they are at one moment, for programs beside the server: an export, a check.
 *
 * The server may have the file open, and go on writing; what it commits after the reader was opened is not seen.
 * Meanwhile its WAL cannot start over and grows by what is written, until the reader is closed. Nothing in the file is
 * changed (SQLite may leave an empty WAL beside a file that nobody serves). The notes' names and row numbers are held
 * in memory, as in the store (note_index.h); contents are read one at a time.
 *
 * No threads: calls block, one thread at a time. */
#include <stddef.h>
#include "server/store/store.h"

struct store_reader;

/* On failure `error` (size `error_size`, may be NULL/0) gets one line in English that names the cause. RC_NOTFOUND:
 * there is no such file. RC_UNSUPPORTED: it is of another version. RC_CORRUPT: not a Cahier file, or damaged beyond
 * reading. RC_IO, RC_NOMEM, RC_BUSY. */
int store_reader_open(const char *path, char *error, size_t error_size, struct store_reader **out) MUST_CHECK;
void store_reader_close(struct store_reader *r); /* NULL is fine */

size_t store_reader_count(const struct store_reader *r);
/* The note at that place, newest update first; without title and excerpt. Borrowed until close. */
struct store_info store_reader_info(const struct store_reader *r, size_t at);
/* The place of the note of that name. RC_NOTFOUND. */
int store_reader_find(const struct store_reader *r, struct span name, size_t *out) MUST_CHECK;
/* As the answer to store_load: RC_CORRUPT when it cannot be read whole; RC_IO, RC_NOMEM. */
int store_reader_load(struct store_reader *r, size_t at, struct store_content **out) MUST_CHECK;

#endif
