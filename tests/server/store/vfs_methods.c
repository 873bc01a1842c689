#include "tests/server/store/vfs_methods.h"

#include <sqlite3.h>
#include <string.h>

/* What SQLite holds: our methods, then the real file behind it. */
struct asking_file {
    sqlite3_file base;
    void *disk_file; /* NULL: a temporary file */
    sqlite3_file *real;
    unsigned told;  /* what the disk notes of this opening */
    int sync_flags; /* of the synchronisation under way */
};

static struct {
    sqlite3_vfs vfs, *real;
    const struct vfs_disk *disk;
} site;

static struct asking_file *file_of(sqlite3_file *file)
{
    return (struct asking_file *)file;
}

/* ---- What is asked about ------------------------------------------------------------------------- */

static int ask_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    struct asking_file *f = file_of(file);

    if (site.disk->is_dead()) {
        return SQLITE_IOERR_READ;
    }
    return f->real->pMethods->xRead(f->real, out, len, offset);
}

static int ask_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    struct asking_file *f = file_of(file);
    int rc = SQLITE_OK;

    if (f->disk_file != NULL) {
        rc = site.disk->write(f->disk_file, (uint64_t)offset, span_of(data, (size_t)len));
    }
    return rc == SQLITE_OK ? f->real->pMethods->xWrite(f->real, data, len, offset) : rc;
}

static int ask_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct asking_file *f = file_of(file);
    int rc = f->disk_file != NULL ? site.disk->truncate(f->disk_file, (uint64_t)size) : SQLITE_OK;

    return rc == SQLITE_OK ? f->real->pMethods->xTruncate(f->real, size) : rc;
}

static int sync_real(void *ctx)
{
    struct asking_file *f = ctx;

    return f->real->pMethods->xSync(f->real, f->sync_flags);
}

static int ask_sync(sqlite3_file *file, int flags)
{
    struct asking_file *f = file_of(file);

    f->sync_flags = flags;
    return f->disk_file != NULL ? site.disk->sync(f->disk_file, &f->told, sync_real, f) : SQLITE_OK;
}

/* ---- What goes through ----------------------------------------------------------------------------- */

static int pass_close(sqlite3_file *file)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xClose(f->real);
}

static int pass_size(sqlite3_file *file, sqlite3_int64 *out)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xFileSize(f->real, out);
}

static int pass_lock(sqlite3_file *file, int level)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xLock(f->real, level);
}

static int pass_unlock(sqlite3_file *file, int level)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xUnlock(f->real, level);
}

static int pass_check_reserved(sqlite3_file *file, int *out)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int pass_control(sqlite3_file *file, int op, void *arg)
{
    struct asking_file *f = file_of(file);

    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_NOTFOUND; /* would write past us */
    }
    return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int pass_sector_size(sqlite3_file *file)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xSectorSize(f->real);
}

static int pass_device(sqlite3_file *file)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static int pass_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xShmMap(f->real, page, size, extend, out);
}

static int pass_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void pass_shm_barrier(sqlite3_file *file)
{
    struct asking_file *f = file_of(file);

    f->real->pMethods->xShmBarrier(f->real);
}

static int pass_shm_unmap(sqlite3_file *file, int delete_flag)
{
    struct asking_file *f = file_of(file);

    return f->real->pMethods->xShmUnmap(f->real, delete_flag);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = pass_close,
    .xRead = ask_read,
    .xWrite = ask_write,
    .xTruncate = ask_truncate,
    .xSync = ask_sync,
    .xFileSize = pass_size,
    .xLock = pass_lock,
    .xUnlock = pass_unlock,
    .xCheckReservedLock = pass_check_reserved,
    .xFileControl = pass_control,
    .xSectorSize = pass_sector_size,
    .xDeviceCharacteristics = pass_device,
    .xShmMap = pass_shm_map,
    .xShmLock = pass_shm_lock,
    .xShmBarrier = pass_shm_barrier,
    .xShmUnmap = pass_shm_unmap,
};

/* ---- The VFS --------------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    struct asking_file *f = file_of(file);
    int rc;

    (void)vfs;
    memset(f, 0, sizeof(*f));
    f->real = (sqlite3_file *)(f + 1);
    if (site.disk->is_dead()) {
        return SQLITE_CANTOPEN;
    }
    if (path != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0) {
        f->disk_file = site.disk->open(path, &f->told);
    }
    rc = site.real->xOpen(site.real, path, f->real, flags, out_flags);
    if (rc == SQLITE_OK) {
        f->base.pMethods = &methods;
        if (f->disk_file != NULL) {
            site.disk->opened(f->disk_file);
        }
    }
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync_directory)
{
    int rc = site.disk->remove(path, sync_directory != 0);

    (void)vfs;
    return rc == SQLITE_OK ? site.real->xDelete(site.real, path, 0) : rc;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return site.real->xAccess(site.real, path, flags, out);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
    (void)vfs;
    return site.real->xFullPathname(site.real, path, size, out);
}

void vfs_methods_register(const char *name, const struct vfs_disk *disk)
{
    site.disk = disk;
    site.real = sqlite3_vfs_find(NULL);
    site.vfs = *site.real;
    site.vfs.pNext = NULL;
    site.vfs.zName = name;
    site.vfs.szOsFile = (int)sizeof(struct asking_file) + site.real->szOsFile;
    site.vfs.xOpen = vfs_open;
    site.vfs.xDelete = vfs_delete;
    site.vfs.xAccess = vfs_access;
    site.vfs.xFullPathname = vfs_full_path;
    sqlite3_vfs_register(&site.vfs, 0);
}
