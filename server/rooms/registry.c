#include "server/rooms/registry.h"
#include <stdlib.h>
#include <string.h>
#include "server/rooms/room.h"

#define MIX UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t h, uint64_t word)
{
    h = (h ^ word) * MIX;
    return h ^ (h >> 29);
}

uint64_t registry_hash(const struct rooms *rooms, struct span name)
{
    uint64_t h = mix(rooms->seed, name.len);

    for (size_t i = 0; i < name.len; i += 8) {
        uint64_t word = 0;

        memcpy(&word, name.data + i, name.len - i < 8 ? name.len - i : 8);
        h = mix(h, word);
    }
    return h ^ (h >> 32);
}

struct room *registry_find(const struct rooms *rooms, struct span name)
{
    uint64_t hash = registry_hash(rooms, name);
    struct room *room = rooms->bucket[hash & (rooms->buckets - 1)];

    while (room != NULL && (room->hash != hash || !span_equal(room_name(room), name))) {
        room = room->next;
    }
    return room;
}

static void put(struct room **bucket, size_t buckets, struct room *room)
{
    struct room **head = &bucket[room->hash & (buckets - 1)];

    room->next = *head;
    *head = room;
}

static void grow(struct rooms *rooms)
{
    size_t buckets = 2 * rooms->buckets;
    struct room **bucket = calloc(buckets, sizeof(struct room *));

    if (bucket == NULL) {
        return;
    }
    for (size_t i = 0; i < rooms->buckets; i++) {
        struct room *next;

        for (struct room *room = rooms->bucket[i]; room != NULL; room = next) {
            next = room->next;
            put(bucket, buckets, room);
        }
    }
    free(rooms->bucket);
    rooms->bucket = bucket;
    rooms->buckets = buckets;
}

void registry_insert(struct rooms *rooms, struct room *room)
{
    if (rooms->count >= rooms->buckets) {
        grow(rooms);
    }
    put(rooms->bucket, rooms->buckets, room);
    rooms->count++;
}

void registry_remove(struct rooms *rooms, struct room *room)
{
    struct room **at = &rooms->bucket[room->hash & (rooms->buckets - 1)];

    while (*at != room) {
        at = &(*at)->next;
    }
    *at = room->next;
    rooms->count--;
}

void registry_touch(struct rooms *rooms)
{
    rooms->now_us = clock_monotonic_us(rooms->config.clock);
}
