#include "server/store/wal_index.h"

#include <stdint.h>
#include "server/store/db_schema.h"

#define REGION          32768 /* bytes; the first begins with the header */
#define BACKFILL_AT     96    /* in it: the frames that count, in the machine's byte order */
#define CHECKPOINT_LOCK 1

static int forget_locked(sqlite3_file *file)
{
    volatile void *region = NULL;
    int code = file->pMethods->xShmMap(file, 0, REGION, 0, &region);

    if (code == SQLITE_OK && region != NULL) {
        volatile uint32_t *backfill = (volatile uint32_t *)((volatile char *)region + BACKFILL_AT);

        __atomic_store_n(backfill, 0, __ATOMIC_SEQ_CST);
    }
    return code;
}

int wal_index_forget(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (code == SQLITE_OK) {
        code = file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
    }
    if (code != SQLITE_OK) {
        return db_rc(NULL, code);
    }
    code = forget_locked(file);
    (void)file->pMethods->xShmLock(file, CHECKPOINT_LOCK, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    return db_rc(NULL, code);
}
