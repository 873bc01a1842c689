#include "tests/server/store/disk_image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECTOR 512

static void *must(void *block)
{
    if (block == NULL) {
        abort();
    }
    return block;
}

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

static struct image_change *remember(struct image *f, uint64_t offset)
{
    struct image_change *c = must(calloc(1, sizeof(*c)));

    c->offset = offset;
    *f->last = c;
    f->last = &c->next;
    return c;
}

void image_write(struct image *f, uint64_t offset, struct span data, struct span mark)
{
    struct image_change *c = remember(f, offset);

    c->len = data.len;
    c->data = must(malloc(data.len == 0 ? 1 : data.len));
    memcpy(c->data, data.data, data.len);
    c->marked = contains(data.data, data.len, mark);
    if (offset + data.len > f->size) {
        f->size = offset + data.len;
    }
}

void image_truncate(struct image *f, uint64_t size)
{
    remember(f, size);
    f->size = size;
}

void image_drop_changes(struct image *f)
{
    while (f->first != NULL) {
        struct image_change *next = f->first->next;

        free(f->first->data);
        free(f->first);
        f->first = next;
    }
    f->last = &f->first;
}

void image_clear(struct image *f)
{
    f->len = 0;
    image_drop_changes(f);
}

static void resize(struct image *f, size_t len)
{
    grow(f, len);
    f->len = len;
}

void image_sync(struct image *f)
{
    for (struct image_change *c = f->first; c != NULL; c = c->next) {
        if (c->data != NULL) {
            put(f, c->offset, c->data, c->len);
        } else {
            resize(f, (size_t)c->offset);
        }
    }
    image_drop_changes(f);
}

/* Some of its sectors. Returns whether one was lost. */
static bool tear(struct image *f, const struct image_change *c, unsigned percent, struct rng *rng)
{
    bool lost = false;

    for (size_t at = 0; at < c->len;) {
        size_t end = at + SECTOR - (size_t)((c->offset + at) % SECTOR);

        if (end > c->len) {
            end = c->len;
        }
        if (rng_chance(rng, percent)) {
            put(f, c->offset + at, c->data + at, end - at);
        } else {
            lost = true;
        }
        at = end;
    }
    return lost;
}

unsigned image_ruin(struct image *f, struct rng *rng)
{
    static const unsigned percents[] = {0, 10, 50, 90, 100};
    unsigned percent = percents[rng_below(rng, sizeof(percents) / sizeof(percents[0]))], lost = 0;

    for (struct image_change *c = f->first; c != NULL; c = c->next) {
        if (c->data != NULL) {
            lost += tear(f, c, percent, rng);
        } else if (rng_chance(rng, percent)) {
            resize(f, (size_t)c->offset);
        }
    }
    image_drop_changes(f);
    if (f->exists != f->exists_durably && rng_chance(rng, 50)) {
        f->exists_durably = f->exists;
    }
    return lost;
}

static void load(struct image *f)
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

void image_init(struct image *f, const char *path)
{
    size_t len = strlen(path);

    memset(f, 0, sizeof(*f));
    f->path = must(strdup(path));
    f->is_wal = len > 4 && strcmp(path + len - 4, "-wal") == 0;
    f->last = &f->first;
    load(f);
}

void image_finish(struct image *f)
{
    image_drop_changes(f);
    free(f->bytes);
    free(f->path);
}

void image_restore(const struct image *f)
{
    int fd;

    if (!f->exists_durably) {
        unlink(f->path);
        return;
    }
    fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || (f->len > 0 && write(fd, f->bytes, f->len) != (ssize_t)f->len)) {
        abort();
    }
    close(fd);
}
