#include "server/api/body_cache.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct buf key; /* the tag, a zero, the key; empty: no entry */
    struct buf body;
    uint64_t used; /* when, by the cache's count */
};

struct body_cache {
    struct entry entry[BODY_CACHE_ENTRIES];
    size_t bytes, most;
    uint64_t count;
};

int body_cache_create(size_t bytes, struct body_cache **out)
{
    struct body_cache *cache = calloc(1, sizeof *cache);

    if (!cache) {
        return RC_NOMEM;
    }
    cache->most = bytes;
    *out = cache;
    return RC_OK;
}

static void forget(struct body_cache *cache, struct entry *e)
{
    cache->bytes -= e->body.len;
    buf_finish(&e->key);
    buf_finish(&e->body);
}

void body_cache_destroy(struct body_cache *cache)
{
    for (size_t i = 0; cache && i < BODY_CACHE_ENTRIES; i++) {
        forget(cache, &cache->entry[i]);
    }
    free(cache);
}

static bool is_under(const struct entry *e, struct span key, const char *etag)
{
    size_t tag = strlen(etag) + 1;

    return e->key.len == tag + key.len && memcmp(e->key.data, etag, tag) == 0 &&
           memcmp(e->key.data + tag, key.data, key.len) == 0;
}

static struct entry *find(struct body_cache *cache, struct span key, const char *etag)
{
    for (size_t i = 0; i < BODY_CACHE_ENTRIES; i++) {
        if (is_under(&cache->entry[i], key, etag)) {
            return &cache->entry[i];
        }
    }
    return NULL;
}

int body_cache_get(struct body_cache *cache, struct span key, const char *etag, struct buf *out)
{
    struct entry *e = find(cache, key, etag);

    if (!e) {
        return RC_NOTFOUND;
    }
    e->used = ++cache->count;
    buf_put_span(out, buf_span(&e->body));
    return RC_OK;
}

/* A free entry, or the one that was not used for longest. */
static struct entry *oldest(struct body_cache *cache)
{
    struct entry *found = &cache->entry[0];

    for (size_t i = 0; i < BODY_CACHE_ENTRIES; i++) {
        struct entry *e = &cache->entry[i];

        if (e->key.len == 0) {
            return e;
        }
        found = e->used < found->used ? e : found;
    }
    return found;
}

/* The one with a body that was not used for longest. */
static void make_room(struct body_cache *cache, size_t len)
{
    while (cache->bytes + len > cache->most) {
        struct entry *last = NULL;

        for (size_t i = 0; i < BODY_CACHE_ENTRIES; i++) {
            struct entry *e = &cache->entry[i];

            last = e->body.len > 0 && (!last || e->used < last->used) ? e : last;
        }
        forget(cache, last);
    }
}

void body_cache_put(struct body_cache *cache, struct span key, const char *etag, struct span body)
{
    struct entry *e;

    if (body.len == 0 || body.len > cache->most / 4 || find(cache, key, etag)) {
        return;
    }
    make_room(cache, body.len);
    e = oldest(cache);
    forget(cache, e);
    buf_put(&e->key, etag, strlen(etag) + 1);
    buf_put_span(&e->key, key);
    buf_put_span(&e->body, body);
    if (e->key.rc != RC_OK || e->body.rc != RC_OK) {
        buf_finish(&e->key);
        buf_finish(&e->body);
        return;
    }
    cache->bytes += body.len;
    e->used = ++cache->count;
}
