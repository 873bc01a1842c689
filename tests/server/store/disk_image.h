#ifndef TESTS_SERVER_STORE_DISK_IMAGE_H
#define TESTS_SERVER_STORE_DISK_IMAGE_H

/* A file as the platter has it, and what is on its way there.
 *
 *     platter  [ bytes, len of them ]   ◄── sync: all     changes: 4 KiB at 0, 24 bytes at 32, size 4096, …
 *                                       ◄── ruin: some sectors of each, at random
 *
 * Memory that is not to be had ends the program. No lock: its owner has one. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"
#include "tests/support/rng.h"

/* A change that was not synchronised: bytes at an offset, or (data NULL) a new size. */
struct image_change {
    struct image_change *next;
    uint64_t offset;
    size_t len;
    bool marked;
    uint8_t *data;
};

struct image {
    char *path;
    bool is_wal;
    bool exists, exists_durably;
    uint64_t size; /* as programs see it */
    uint8_t *bytes;
    size_t len, cap;      /* synchronised content */
    unsigned sync_errors; /* synchronisations that failed */
    struct image_change *first, **last;
};

/* What the real file holds now is what is durable of it. */
void image_init(struct image *f, const char *path);
void image_finish(struct image *f);
/* `mark`: whether the change contains that is kept with it. */
void image_write(struct image *f, uint64_t offset, struct span data, struct span mark);
void image_truncate(struct image *f, uint64_t size);
/* All changes reach the platter. */
void image_sync(struct image *f);
/* None of them will. */
void image_drop_changes(struct image *f);
/* It is a new file, or none: nothing of the old one is left. */
void image_clear(struct image *f);
/* The power goes: what is left. How many changes lost at least a sector. */
unsigned image_ruin(struct image *f, struct rng *rng);
/* Makes the real file what the platter has, or removes it. */
void image_restore(const struct image *f);

#endif
