#include "server/store/db_trash.h"

#include <stdlib.h>

#define FIRST_CAP 256

void trash_finish(struct db_trash *t)
{
    free(t->seq);
    *t = (struct db_trash){0};
}

int trash_add(struct db_trash *t, uint64_t seq)
{
    if (t->count == t->cap) {
        size_t cap = t->cap == 0 ? FIRST_CAP : t->cap * 2;
        uint64_t *grown = realloc(t->seq, cap * sizeof(uint64_t));

        if (grown == NULL) {
            return RC_NOMEM;
        }
        t->seq = grown;
        t->cap = cap;
    }
    t->seq[t->count++] = seq;
    return RC_OK;
}

void trash_begin(struct db_trash *t)
{
    t->done = 0;
}

int trash_delete(struct db_trash *t, struct db_rows *rows, size_t most)
{
    while (t->done < t->count && t->done < most) {
        int rc = rows_delete_log(rows, t->seq[t->count - 1 - t->done]);

        if (rc != RC_OK) {
            return rc;
        }
        t->done++;
    }
    return RC_OK;
}

void trash_settle(struct db_trash *t)
{
    t->count -= t->done;
    t->done = 0;
}
