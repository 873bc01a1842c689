#include "bench/editors/schedule.h"

#include <stdlib.h>
#include "bench/bench_memory.h"

void schedule_finish(struct schedule *s)
{
    free(s->heap);
    *s = (struct schedule){0};
}

void schedule_clear(struct schedule *s)
{
    s->count = 0;
}

void schedule_put(struct schedule *s, uint64_t at, uint32_t who)
{
    size_t i = s->count++;

    s->heap = memory_reach(s->heap, &s->cap, i, sizeof(*s->heap));
    for (; i > 0 && s->heap[(i - 1) / 2].at > at; i = (i - 1) / 2) {
        s->heap[i] = s->heap[(i - 1) / 2];
    }
    s->heap[i] = (struct schedule_entry){at, who};
}

uint64_t schedule_next(const struct schedule *s)
{
    return s->count > 0 ? s->heap[0].at : UINT64_MAX;
}

struct schedule_entry schedule_take(struct schedule *s)
{
    struct schedule_entry first = s->heap[0], last = s->heap[--s->count];
    size_t i = 0;

    for (size_t child = 1; child < s->count; child = 2 * i + 1) {
        child += child + 1 < s->count && s->heap[child + 1].at < s->heap[child].at;
        if (s->heap[child].at >= last.at) {
            break;
        }
        s->heap[i] = s->heap[child];
        i = child;
    }
    s->heap[i] = last;
    return first;
}
