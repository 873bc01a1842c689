#include "tests/server/store/vfs_fault.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/server/store/disk_image.h"
#include "tests/server/store/vfs_methods.h"
#include "tests/support/rng.h"

#define FILES_MAX 16

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* `held` or `waiting` */
    bool held;
    unsigned waiting; /* synchronisations that are held */
    bool registered, cut;
    struct rng rng;
    struct span mark;
    struct image image[FILES_MAX];
    unsigned images;
    uint64_t ops, cut_at, syncs, space;
    const char *reserve;
    unsigned errors, data_sync_errors;
    int error_code;
    struct fault_busy busy;
    volatile struct fault_busy *shared;
} disk = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* ---- With the lock held ------------------------------------------------------------------------- */

static struct image *image_of(const char *path)
{
    for (unsigned i = 0; i < disk.images; i++) {
        if (strcmp(disk.image[i].path, path) == 0) {
            return &disk.image[i];
        }
    }
    assert(disk.images < FILES_MAX);
    image_init(&disk.image[disk.images], path);
    return &disk.image[disk.images++];
}

/* SQLite synchronises the directory along with a journal or WAL that is new in it. */
static void settle_directory(void)
{
    for (unsigned i = 0; i < disk.images; i++) {
        struct image *f = &disk.image[i];

        if (!f->exists) {
            image_clear(f);
        }
        f->exists_durably = f->exists;
    }
}

static void look_busy(void)
{
    struct fault_busy now = {false, false, false};

    for (unsigned i = 0; i < disk.images; i++) {
        const struct image *f = &disk.image[i];

        for (const struct image_change *c = f->first; c != NULL; c = c->next) {
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

static bool take(unsigned *errors)
{
    if (*errors == 0) {
        return false;
    }
    --*errors;
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

/* What happens to a write before it reaches the file. */
static int admit_write(struct image *f, uint64_t offset, struct span data)
{
    if (disk.cut) {
        return SQLITE_IOERR_WRITE;
    }
    if (take(&disk.errors)) {
        return disk.error_code;
    }
    if (!fits(f, offset + data.len)) {
        return SQLITE_FULL;
    }
    image_write(f, offset, data, disk.mark);
    if (count_op()) {
        return SQLITE_IOERR_WRITE;
    }
    look_busy();
    return SQLITE_OK;
}

static void wait_while_held(void)
{
    disk.waiting++;
    pthread_cond_broadcast(&disk.changed);
    while (disk.held) {
        pthread_cond_wait(&disk.changed, &disk.lock);
    }
    disk.waiting--;
}

/* As Linux does it: the pages count as clean and are not on the disk; all who have the file open are told, once. */
static int fail_sync(struct image *f, unsigned *told)
{
    if (take(&disk.errors) || (!f->is_wal && take(&disk.data_sync_errors))) {
        image_drop_changes(f);
        f->sync_errors++;
    }
    if (*told == f->sync_errors) {
        return SQLITE_OK;
    }
    *told = f->sync_errors;
    return SQLITE_IOERR_FSYNC;
}

static int admit_sync(struct image *f, unsigned *told)
{
    if (disk.cut || count_op() || fail_sync(f, told) != SQLITE_OK) {
        return SQLITE_IOERR_FSYNC;
    }
    disk.syncs++;
    image_sync(f);
    if (!f->exists_durably) {
        settle_directory();
    }
    look_busy();
    return SQLITE_OK;
}

/* ---- What the VFS asks ---------------------------------------------------------------------------- */

static void *on_open(const char *path, unsigned *told)
{
    struct image *f;

    pthread_mutex_lock(&disk.lock);
    f = image_of(path);
    *told = f->sync_errors;
    pthread_mutex_unlock(&disk.lock);
    return f;
}

static void on_opened(void *file)
{
    struct image *f = file;

    pthread_mutex_lock(&disk.lock);
    if (!f->exists) {
        image_clear(f); /* a new file, whatever the one removed held */
    }
    f->exists = true;
    pthread_mutex_unlock(&disk.lock);
}

static int on_remove(const char *path, bool sync_directory)
{
    struct image *f;
    int rc = SQLITE_OK;

    pthread_mutex_lock(&disk.lock);
    if (disk.cut || count_op()) {
        rc = SQLITE_IOERR_DELETE;
    } else {
        f = image_of(path);
        f->exists = false;
        f->size = 0;
        if (sync_directory) {
            f->exists_durably = false;
            image_clear(f);
        }
    }
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

static int on_write(void *file, uint64_t offset, struct span data)
{
    int rc;

    pthread_mutex_lock(&disk.lock);
    rc = admit_write(file, offset, data);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

static int on_truncate(void *file, uint64_t size)
{
    int rc;

    pthread_mutex_lock(&disk.lock);
    if (!disk.cut) {
        image_truncate(file, size);
    }
    rc = disk.cut || count_op() ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

/* The real file is synchronised only for processes that will be killed, to take as long as it does. */
static int on_sync(void *file, unsigned *told, int (*real)(void *ctx), void *ctx)
{
    int rc = disk.shared != NULL ? real(ctx) : SQLITE_OK;

    if (rc != SQLITE_OK) {
        return rc;
    }
    pthread_mutex_lock(&disk.lock);
    wait_while_held();
    rc = admit_sync(file, told);
    pthread_mutex_unlock(&disk.lock);
    return rc;
}

static const struct vfs_disk vfs_disk = {
    .is_dead = fault_is_cut,
    .open = on_open,
    .opened = on_opened,
    .remove = on_remove,
    .write = on_write,
    .truncate = on_truncate,
    .sync = on_sync,
};

/* ---- What tests may do with it -------------------------------------------------------------------- */

void fault_reset(uint64_t seed, struct span mark)
{
    pthread_mutex_lock(&disk.lock);
    for (unsigned i = 0; i < disk.images; i++) {
        image_finish(&disk.image[i]);
    }
    disk.images = 0;
    disk.cut = false;
    disk.ops = disk.cut_at = disk.syncs = disk.space = 0;
    disk.errors = disk.data_sync_errors = 0;
    disk.reserve = NULL;
    disk.shared = NULL;
    disk.mark = mark;
    disk.busy = (struct fault_busy){false, false, false};
    rng_init(&disk.rng, seed);
    if (!disk.registered) {
        vfs_methods_register(FAULT_VFS, &vfs_disk);
        disk.registered = true;
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

unsigned fault_restore(void)
{
    unsigned lost = 0;

    assert(disk.cut);
    for (unsigned i = 0; i < disk.images; i++) {
        struct image *f = &disk.image[i];
        char shm[512];

        lost += image_ruin(f, &disk.rng);
        image_restore(f);
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

void fault_data_syncs(unsigned count)
{
    pthread_mutex_lock(&disk.lock);
    disk.data_sync_errors = count;
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
