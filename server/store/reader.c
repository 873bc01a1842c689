#include "server/store/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include "server/store/db_file.h"
#include "server/store/db_index.h"
#include "server/store/db_rows.h"

struct store_reader {
    struct db_file file;
    struct db_rows rows;
    struct note_index index;
    const struct index_note **note; /* in order; the index owns them */
    size_t count;
};

/* All notes, newest update first. */
static int order(struct store_reader *r)
{
    bool more;

    r->note = calloc(r->index.count + 1, sizeof(const struct index_note *));
    if (r->note == NULL) {
        return RC_NOMEM;
    }
    r->count = index_list(&r->index, NULL, r->index.count, r->note, &more);
    return RC_OK;
}

static int fill(struct store_reader *r)
{
    const struct db_index_events events = {0};
    struct db_index_next next;
    int rc = rows_init(&r->rows, r->file.db, r->file.key);

    if (rc != RC_OK) {
        return rc;
    }
    index_init(&r->index);
    rc = db_index_load(&r->rows, &events, &r->index, &next);
    if (rc == RC_OK) {
        rc = order(r);
    }
    if (rc != RC_OK) {
        index_finish(&r->index);
        rows_finish(&r->rows);
    }
    return rc;
}

int store_reader_open(const char *path, char *error, size_t error_size, struct store_reader **out)
{
    struct store_reader *r = calloc(1, sizeof(*r));
    int rc;

    if (error_size > 0) {
        error[0] = '\0';
    }
    if (r == NULL || seal_init() != RC_OK) {
        free(r);
        return RC_NOMEM;
    }
    rc = db_file_open_reading(&r->file, path, error, error_size);
    if (rc == RC_OK) {
        rc = fill(r);
        if (rc != RC_OK) {
            if (error_size > 0) {
                snprintf(error, error_size, "the file cannot be read: %s", rc_text(rc));
            }
            db_file_close(&r->file);
        }
    }
    if (rc != RC_OK) {
        free(r);
        return rc;
    }
    *out = r;
    return RC_OK;
}

void store_reader_close(struct store_reader *r)
{
    if (r == NULL) {
        return;
    }
    rows_finish(&r->rows);
    index_finish(&r->index);
    db_file_close(&r->file);
    free(r->note);
    free(r);
}

size_t store_reader_count(const struct store_reader *r)
{
    return r->count;
}

struct store_info store_reader_info(const struct store_reader *r, size_t at)
{
    const struct index_note *n = r->note[at];

    return (struct store_info){.id = n->id,
                               .name = span_of(n->name, n->name_len),
                               .created_ms = n->created_ms,
                               .updated_ms = n->facts.updated_ms,
                               .size = index_size(n),
                               .rows = n->facts.fresh,
                               .damaged = n->damaged};
}

int store_reader_find(const struct store_reader *r, struct span name, size_t *out)
{
    for (size_t i = 0; i < r->count; i++) {
        if (span_equal(name, span_of(r->note[i]->name, r->note[i]->name_len))) {
            *out = i;
            return RC_OK;
        }
    }
    return RC_NOTFOUND;
}

int store_reader_load(struct store_reader *r, size_t at, struct store_content **out)
{
    return r->note[at]->damaged ? RC_CORRUPT : db_index_read(&r->rows, r->note[at], out, NULL);
}
