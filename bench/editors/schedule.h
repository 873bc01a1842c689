#ifndef BENCH_EDITORS_SCHEDULE_H
#define BENCH_EDITORS_SCHEDULE_H

/* Who does something next: a binary heap of (time, index). Each index is in it at most as often as it was put. */
#include <stddef.h>
#include <stdint.h>

struct schedule_entry {
    uint64_t at; /* nanotime */
    uint32_t who;
};
struct schedule {
    struct schedule_entry *heap;
    size_t count, cap;
};

void schedule_finish(struct schedule *s);
void schedule_clear(struct schedule *s);
void schedule_put(struct schedule *s, uint64_t at, uint32_t who);
/* UINT64_MAX when nobody does anything. */
uint64_t schedule_next(const struct schedule *s);
/* The first; there must be one. */
struct schedule_entry schedule_take(struct schedule *s);

#endif
