#include "bench/editors/ack_queue.h"

#include <stdlib.h>
#include "bench/bench_memory.h"

void ack_queue_finish(struct ack_queue *q)
{
    free(q->sent);
    *q = (struct ack_queue){0};
}

void ack_queue_clear(struct ack_queue *q)
{
    q->head = q->count = 0;
}

bool ack_queue_is_empty(const struct ack_queue *q)
{
    return q->head == q->count;
}

void ack_queue_push(struct ack_queue *q, uint64_t sent)
{
    if (ack_queue_is_empty(q)) {
        ack_queue_clear(q);
    }
    q->sent = memory_reach(q->sent, &q->cap, q->count, sizeof(*q->sent));
    q->sent[q->count++] = sent;
}

uint64_t ack_queue_pop(struct ack_queue *q)
{
    return ack_queue_is_empty(q) ? 0 : q->sent[q->head++];
}
