#ifndef TESTS_SERVER_STORE_VFS_METHODS_H
#define TESTS_SERVER_STORE_VFS_METHODS_H

/* A SQLite VFS over the system's own that asks somebody before each change, and otherwise lets everything through.
 *
 *     SQLite ─► methods ─ may this be? ─► struct vfs_disk
 *                  └──── yes ───────────► the system's VFS
 *
 * Only databases, journals and WALs are asked about; temporary files are nobody's to spoil. Any thread. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/span.h"

/* Who is asked: SQLITE_OK, or the code with which it fails. `file` is what `open` returned; a file that is open twice
 * has two `told`, each of which begins as what `open` wrote there. */
struct vfs_disk {
    bool (*is_dead)(void); /* nothing can be opened or read any more */
    void *(*open)(const char *path, unsigned *told);
    void (*opened)(void *file); /* the system has opened it, too */
    int (*remove)(const char *path, bool sync_directory);
    int (*write)(void *file, uint64_t offset, struct span data);
    int (*truncate)(void *file, uint64_t size);
    /* Synchronises, the real file too by `real` if that is wanted. */
    int (*sync)(void *file, unsigned *told, int (*real)(void *ctx), void *ctx);
};

/* Once. Both are borrowed for ever. */
void vfs_methods_register(const char *name, const struct vfs_disk *disk);

#endif
