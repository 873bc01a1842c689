#include "tests/server/store/vfs_fault.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/support/rng.h"

#define SECTOR    512
#define FILES_MAX 16

/* A change that was not synchronised: bytes at an offset, or (data NULL) a new size. */
struct change {
    struct change *next;
    uint64_t offset;
    size_t len;
    bool marked;
    uint8_t *data;
};

/* A file as the platter has it, and what is on its way there. */
struct image {
    char *path;
    bool is_wal;
    bool exists, exists_durably;
    uint64_t size; /* as programs see it */
    uint8_t *bytes;
    size_t len, cap; /* synchronised content */
    struct change *first, **last;
};

/* What SQLite holds: our methods, then the real file behind it. */
struct fault_file {
    sqlite3_file base;
    struct image *image; /* NULL: a temporary file, not ours to spoil */
    sqlite3_file *real;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* `held` or `waiting` */
    bool held;
    unsigned waiting; /* synchronisations that are held */
    sqlite3_vfs vfs, *real;
    bool registered, cut;
    struct rng rng;
    struct span mark;
    struct image image[FILES_MAX];
    unsigned images;
    uint64_t ops, cut_at, syncs, space;
    const char *reserve;
    unsigned errors;
    int error_code;
    struct fault_busy busy;
    volatile struct fault_busy *shared;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void *must(void *block)
{
    if (block == NULL) {
        abort();
    }
    return block;
}

/* ---- Images, with the lock held -------------------------------------------------------------- */

static void grow(struct image *f, size_t len)
{
    if (len > f->cap) {
        size_t cap = f->cap * 2 > len ? f->cap * 2 : len;

        f->bytes = must(realloc(f->bytes, cap));
        f->cap = cap;
    }
    if (len > f->len) {
        memset(f->bytes + f->len, 0, len - f->len);
        f->len = len;
    }
}

static void put(struct image *f, uint64_t offset, const uint8_t *data, size_t len)
{
    grow(f, (size_t)offset + len);
    memcpy(f->bytes + offset, data, len);
}

static bool contains(const uint8_t *data, size_t len, struct span part)
{
    for (size_t at = 0; part.len > 0 && at + part.len <= len; at++) {
        const uint8_t *next = memchr(data + at, part.data[0], len - part.len - at + 1);

        if (next == NULL) {
            return false;
        }
        at = (size_t)(next - data);
        if (memcmp(next, part.data, part.len) == 0) {
            return true;
        }
    }
    return false;
}

static void remember(struct image *f, uint64_t offset, const uint8_t *data, size_t len)
{
    struct change *c = must(calloc(1, sizeof(*c)));

    c->offset = offset;
    c->len = len;
    if (data != NULL) {
        c->data = must(malloc(len == 0 ? 1 : len));
        memcpy(c->data, data, len);
        c->marked = contains(data, len, disk.mark);
    }
    *f->last = c;
    f->last = &c->next;
}

static void drop_changes(struct image *f)
{
    while (f->first != NULL) {
        struct change *next = f->first->next;

        free(f->first->data);
        free(f->first);
        f->first = next;
    }
    f->last = &f->first;
}

/* All of it, as a synchronisation does. */
static void settle(struct image *f)
{
    for (struct change *c = f->first; c != NULL; c = c->next) {
        if (c->data != NULL) {
            put(f, c->offset, c->data, c->len);
        } else {
            grow(f, (size_t)c->offset);
            f->len = (size_t)c->offset;
        }
    }
    drop_changes(f);
}

/* SQLite synchronises the directory along with a journal or WAL that is new in it. */
static void settle_directory(void)
{
    for (unsigned i = 0; i < disk.images; i++) {
        struct image *f = &disk.image[i];

        if (!f->exists) {
            f->len = 0;
            drop_changes(f);
        }
        f->exists_durably = f->exists;
    }
}

/* Some of its sectors. Returns whether one was lost. */
static bool tear(struct image *f, const struct change *c, unsigned percent)
{
    bool lost = false;

    for (size_t at = 0; at < c->len;) {
        size_t end = at + SECTOR - (size_t)((c->offset + at) % SECTOR);

        if (end > c->len) {
            end = c->len;
        }
        if (rng_chance(&disk.rng, percent)) {
            put(f, c->offset + at, c->data + at, end - at);
        } else {
            lost = true;
        }
        at = end;
    }
    return lost;
}

/* What is left of one file. */
static unsigned ruin(struct image *f)
{
    static const unsigned percents[] = {0, 10, 50, 90, 100};
    unsigned percent = percents[rng_below(&disk.rng, sizeof(percents) / sizeof(percents[0]))], lost = 0;

    for (struct change *c = f->first; c != NULL; c = c->next) {
        if (c->data != NULL) {
            lost += tear(f, c, percent);
        } else if (rng_chance(&disk.rng, percent)) {
            grow(f, (size_t)c->offset);
            f->len = (size_t)c->offset;
        }
    }
    drop_changes(f);
    if (f->exists != f->exists_durably && rng_chance(&disk.rng, 50)) {
        f->exists_durably = f->exists;
    }
    return lost;
}

static void load_image(struct image *f)
{
    struct stat info;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return;
    }
    if (fstat(fd, &info) == 0 && info.st_size > 0) {
        grow(f, (size_t)info.st_size);
        if (pread(fd, f->bytes, f->len, 0) != (ssize_t)f->len) {
            abort();
        }
    }
    close(fd);
    f->size = f->len;
    f->exists = f->exists_durably = true;
}

static struct image *image_of(const char *path)
{
    struct image *f;
    size_t len = strlen(path);

    for (unsigned i = 0; i < disk.images; i++) {
        if (strcmp(disk.image[i].path, path) == 0) {
            return &disk.image[i];
        }
    }
    assert(disk.images < FILES_MAX);
    f = &disk.image[disk.images++];
    memset(f, 0, sizeof(*f));
    f->path = must(strdup(path));
    f->is_wal = len > 4 && strcmp(path + len - 4, "-wal") == 0;
    f->last = &f->first;
    load_image(f);
    return f;
}

static void look_busy(void)
{
    struct fault_busy now = {false, false, false};

    for (unsigned i = 0; i < disk.images; i++) {
        const struct image *f = &disk.image[i];

        for (const struct change *c = f->first; c != NULL; c = c->next) {
            now.commit |= f->is_wal && c->data != NULL;
            now.compaction |= f->is_wal && c->marked;
            now.checkpoint |= !f->is_wal && c->data != NULL;
        }
    }
    disk.busy = now;
    if (disk.shared != NULL) {
        disk.shared->commit = now.commit;
        disk.shared->compaction = now.compaction;
        disk.shared->checkpoint = now.checkpoint;
    }
}

/* Counts a change; true when the power goes in it. */
static bool count_op(void)
{
    disk.ops++;
    if (disk.ops == disk.cut_at) {
        look_busy();
        disk.cut = true;
    }
    return disk.cut;
}

static bool take_error(void)
{
    if (disk.errors == 0) {
        return false;
    }
    disk.errors--;
    return true;
}

static uint64_t used_space(void)
{
    struct stat info;
    uint64_t used = 0;

    for (unsigned i = 0; i < disk.images; i++) {
        used += disk.image[i].exists ? disk.image[i].size : 0;
    }
    if (disk.reserve != NULL && stat(disk.reserve, &info) == 0) {
        used += (uint64_t)info.st_size;
    }
    return used;
}

static bool fits(const struct image *f, uint64_t end)
{
    return disk.space == 0 || end <= f->size || used_space() + (end - f->size) <= disk.space;
}

/* ---- Methods of an open file ----------------------------------------------------------------- */

static struct fault_file *fault_of(sqlite3_file *file)
{
    return (struct fault_file *)file;
}

static int fault_close(sqlite3_file *file)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xClose(f->real);
}

static int fault_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset)
{
    struct fault_file *f = fault_of(file);

    if (fault_is_cut()) {
        return SQLITE_IOERR_READ;
    }
    return f->real->pMethods->xRead(f->real, out, len, offset);
}

/* What happens to a write before it reaches the file: 0, or a SQLite code. */
static int admit_write(struct image *f, const void *data, int len, sqlite3_int64 offset)
{
    uint64_t end = (uint64_t)offset + (uint64_t)len;

    if (disk.cut) {
        return SQLITE_IOERR_WRITE;
    }
    if (take_error()) {
        return disk.error_code;
    }
    if (!fits(f, end)) {
        return SQLITE_FULL;
    }
    remember(f, (uint64_t)offset, data, (size_t)len);
    if (end > f->size) {
        f->size = end;
    }
    if (count_op()) {
        return SQLITE_IOERR_WRITE;
    }
    look_busy();
    return SQLITE_OK;
}

static int fault_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset)
{
    struct fault_file *f = fault_of(file);
    int rc = SQLITE_OK;

    if (f->image != NULL) {
        pthread_mutex_lock(&disk.lock);
        rc = admit_write(f->image, data, len, offset);
        pthread_mutex_unlock(&disk.lock);
    }
    return rc == SQLITE_OK ? f->real->pMethods->xWrite(f->real, data, len, offset) : rc;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    struct fault_file *f = fault_of(file);
    int rc = SQLITE_OK;

    if (f->image != NULL) {
        pthread_mutex_lock(&disk.lock);
        if (!disk.cut) {
            remember(f->image, (uint64_t)size, NULL, 0);
            f->image->size = (uint64_t)size;
        }
        if (disk.cut || count_op()) {
            rc = SQLITE_IOERR_TRUNCATE;
        }
        pthread_mutex_unlock(&disk.lock);
    }
    return rc == SQLITE_OK ? f->real->pMethods->xTruncate(f->real, size) : rc;
}

/* With the lock held. */
static void wait_while_held(void)
{
    disk.waiting++;
    pthread_cond_broadcast(&disk.changed);
    while (disk.held) {
        pthread_cond_wait(&disk.changed, &disk.lock);
    }
    disk.waiting--;
}

/* The real file is synchronised only for processes that will be killed, to take as long as it does. */
static int fault_sync(sqlite3_file *file, int flags)
{
    struct fault_file *f = fault_of(file);
    int rc = SQLITE_OK;

    if (f->image == NULL) {
        return SQLITE_OK;
    }
    if (disk.shared != NULL) {
        rc = f->real->pMethods->xSync(f->real, flags);
        if (rc != SQLITE_OK) {
            return rc;
        }
    }
    pthread_mutex_lock(&disk.lock);
    wait_while_held();
    if (disk.cut || count_op()) {
        rc = SQLITE_IOERR_FSYNC;
    } else if (take_error()) {
        drop_changes(f->image); /* as Linux does: the pages count as clean, and are not on the disk */
        rc = SQLITE_IOERR_FSYNC;
    } else {
        disk.syncs++;
        settle(f->image);
        if (!f->image->exists_durably) {
            settle_directory();
        }
        look_busy();
    }
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

static int fault_size(sqlite3_file *file, sqlite3_int64 *out)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xFileSize(f->real, out);
}

static int fault_lock(sqlite3_file *file, int level)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xLock(f->real, level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xUnlock(f->real, level);
}

static int fault_check_reserved(sqlite3_file *file, int *out)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xCheckReservedLock(f->real, out);
}

static int fault_control(sqlite3_file *file, int op, void *arg)
{
    struct fault_file *f = fault_of(file);

    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE) {
        return SQLITE_NOTFOUND; /* would write past us */
    }
    return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int fault_sector_size(sqlite3_file *file)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xSectorSize(f->real);
}

static int fault_device(sqlite3_file *file)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xDeviceCharacteristics(f->real);
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xShmMap(f->real, page, size, extend, out);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    struct fault_file *f = fault_of(file);

    f->real->pMethods->xShmBarrier(f->real);
}

static int fault_shm_unmap(sqlite3_file *file, int delete_flag)
{
    struct fault_file *f = fault_of(file);

    return f->real->pMethods->xShmUnmap(f->real, delete_flag);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_reserved,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_device,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

/* ---- The VFS --------------------------------------------------------------------------------- */

static int fault_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags)
{
    struct fault_file *f = fault_of(file);
    int rc;

    (void)vfs;
    memset(f, 0, sizeof(*f));
    f->real = (sqlite3_file *)(f + 1);
    if (fault_is_cut()) {
        return SQLITE_CANTOPEN;
    }
    if (path != NULL && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) != 0) {
        pthread_mutex_lock(&disk.lock);
        f->image = image_of(path);
        pthread_mutex_unlock(&disk.lock);
    }
    rc = disk.real->xOpen(disk.real, path, f->real, flags, out_flags);
    if (rc == SQLITE_OK) {
        f->base.pMethods = &methods;
        if (f->image != NULL) {
            pthread_mutex_lock(&disk.lock);
            if (!f->image->exists) {
                f->image->len = 0; /* a new file, whatever the one removed held */
                drop_changes(f->image);
            }
            f->image->exists = true;
            pthread_mutex_unlock(&disk.lock);
        }
    }
    return rc;
}

static int fault_delete(sqlite3_vfs *vfs, const char *path, int sync_dir)
{
    struct image *f;
    int rc = SQLITE_OK;

    (void)vfs;
    pthread_mutex_lock(&disk.lock);
    if (disk.cut || count_op()) {
        rc = SQLITE_IOERR_DELETE;
    } else {
        f = image_of(path);
        f->exists = false;
        f->size = 0;
        if (sync_dir) {
            f->exists_durably = false;
            f->len = 0;
            drop_changes(f);
        }
    }
    pthread_mutex_unlock(&disk.lock);
    return rc == SQLITE_OK ? disk.real->xDelete(disk.real, path, 0) : rc;
}

static int fault_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
    (void)vfs;
    return disk.real->xAccess(disk.real, path, flags, out);
}

static int fault_full_path(sqlite3_vfs *vfs, const char *path, int size, char *out)
{
    (void)vfs;
    return disk.real->xFullPathname(disk.real, path, size, out);
}

static void register_vfs(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.real;
    disk.vfs.pNext = NULL;
    disk.vfs.zName = FAULT_VFS;
    disk.vfs.szOsFile = (int)sizeof(struct fault_file) + disk.real->szOsFile;
    disk.vfs.xOpen = fault_open;
    disk.vfs.xDelete = fault_delete;
    disk.vfs.xAccess = fault_access;
    disk.vfs.xFullPathname = fault_full_path;
    sqlite3_vfs_register(&disk.vfs, 0);
    disk.registered = true;
}

void fault_reset(uint64_t seed, struct span mark)
{
    pthread_mutex_lock(&disk.lock);
    for (unsigned i = 0; i < disk.images; i++) {
        drop_changes(&disk.image[i]);
        free(disk.image[i].bytes);
        free(disk.image[i].path);
    }
    disk.images = 0;
    disk.cut = false;
    disk.ops = disk.cut_at = disk.syncs = disk.space = 0;
    disk.errors = 0;
    disk.reserve = NULL;
    disk.shared = NULL;
    disk.mark = mark;
    disk.busy = (struct fault_busy){false, false, false};
    rng_init(&disk.rng, seed);
    if (!disk.registered) {
        register_vfs();
    }
    pthread_mutex_unlock(&disk.lock);
}

uint64_t fault_ops(void)
{
    uint64_t ops;

    pthread_mutex_lock(&disk.lock);
    ops = disk.ops;
    pthread_mutex_unlock(&disk.lock);
    return ops;
}

uint64_t fault_syncs(void)
{
    uint64_t syncs;

    pthread_mutex_lock(&disk.lock);
    syncs = disk.syncs;
    pthread_mutex_unlock(&disk.lock);
    return syncs;
}

void fault_cut_at(uint64_t op)
{
    pthread_mutex_lock(&disk.lock);
    disk.cut_at = op;
    pthread_mutex_unlock(&disk.lock);
}

void fault_cut(void)
{
    pthread_mutex_lock(&disk.lock);
    if (!disk.cut) {
        look_busy();
        disk.cut = true;
    }
    pthread_mutex_unlock(&disk.lock);
}

bool fault_is_cut(void)
{
    bool cut;

    pthread_mutex_lock(&disk.lock);
    cut = disk.cut;
    pthread_mutex_unlock(&disk.lock);
    return cut;
}

struct fault_busy fault_busy_at_cut(void)
{
    return disk.busy;
}

static void write_image(const struct image *f)
{
    int fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || (f->len > 0 && write(fd, f->bytes, f->len) != (ssize_t)f->len)) {
        abort();
    }
    close(fd);
}

unsigned fault_restore(void)
{
    unsigned lost = 0;

    assert(disk.cut);
    for (unsigned i = 0; i < disk.images; i++) {
        struct image *f = &disk.image[i];
        char shm[512];

        lost += ruin(f);
        if (f->exists_durably) {
            write_image(f);
        } else {
            unlink(f->path);
        }
        if (snprintf(shm, sizeof(shm), "%s-shm", f->path) < (int)sizeof(shm)) {
            unlink(shm);
        }
    }
    return lost;
}

void fault_space(uint64_t bytes, const char *reserve)
{
    pthread_mutex_lock(&disk.lock);
    disk.space = bytes;
    disk.reserve = reserve;
    pthread_mutex_unlock(&disk.lock);
}

void fault_errors(unsigned count, int code)
{
    pthread_mutex_lock(&disk.lock);
    disk.errors = count;
    disk.error_code = code;
    pthread_mutex_unlock(&disk.lock);
}

void fault_hold(bool held)
{
    pthread_mutex_lock(&disk.lock);
    disk.held = held;
    pthread_cond_broadcast(&disk.changed);
    pthread_mutex_unlock(&disk.lock);
}

void fault_wait_until_held(void)
{
    pthread_mutex_lock(&disk.lock);
    while (disk.waiting == 0) {
        pthread_cond_wait(&disk.changed, &disk.lock);
    }
    pthread_mutex_unlock(&disk.lock);
}

void fault_watch(volatile struct fault_busy *shared)
{
    pthread_mutex_lock(&disk.lock);
    disk.shared = shared;
    pthread_mutex_unlock(&disk.lock);
}
