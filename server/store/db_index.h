#ifndef SERVER_STORE_DB_INDEX_H
#define SERVER_STORE_DB_INDEX_H

/* From the file's rows to the index of its notes, and from the index to one note's content. What the store does at its
 * start and for each load, and a reader (reader.h) as well.
 *
 * Owned by whoever calls: nothing is kept. One thread. */
#include <stdbool.h>
#include <stdint.h>
#include "server/store/db_rows.h"
#include "server/store/note_index.h"

/* What is met on the way. Each may be NULL. */
struct db_index_events {
    void *ctx;
    /* A note that cannot be read whole (`damaged` is set already), and in which table that showed. */
    void (*damaged)(void *ctx, const struct index_note *note, const char *what);
    /* A row that nothing can be made of: its table, and its number. */
    void (*stray)(void *ctx, const char *what, uint64_t number);
    /* A row of the log that no generation needs any more. A failure ends the scan. */
    int (*surplus)(void *ctx, uint64_t seq);
};

struct db_index_next {
    uint64_t seq, snap; /* the first numbers that are free */
};

/* Fills an index that was just initialised. On failure index_finish it. RC_NOMEM, RC_IO, RC_CORRUPT, what `surplus`
 * returned. */
int db_index_load(struct db_rows *rows, const struct db_index_events *events, struct note_index *index,
                  struct db_index_next *next) MUST_CHECK;

/* The snapshot and all rows after it: the older generation when the newest snapshot is damaged (`fallback`). The caller
 * gives the reference back. RC_CORRUPT: *damaged (NULL is fine) names the table. RC_NOMEM, RC_IO. */
int db_index_read(struct db_rows *rows, const struct index_note *note, struct store_content **out,
                  const char **damaged) MUST_CHECK;

#endif
