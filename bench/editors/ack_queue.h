#ifndef BENCH_EDITORS_ACK_QUEUE_H
#define BENCH_EDITORS_ACK_QUEUE_H

/* What one connection has sent and not seen acknowledged, in order: when it was sent (nanotime), or 0 for what is
 * acknowledged and does not count. Zeroed storage is empty. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ack_queue {
    uint64_t *sent; /* private: from `head` up to `count` */
    size_t head, count, cap;
};

void ack_queue_finish(struct ack_queue *q);
/* A new connection: nothing is expected any more. */
void ack_queue_clear(struct ack_queue *q);
bool ack_queue_is_empty(const struct ack_queue *q);
void ack_queue_push(struct ack_queue *q, uint64_t sent);
/* Takes the oldest; 0 also when there is none. */
uint64_t ack_queue_pop(struct ack_queue *q);

#endif
