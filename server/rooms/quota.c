#include "server/rooms/quota.h"
#include "server/rooms/registry.h"
#include "server/rooms/session.h"

#define SECOND_US   UINT64_C(1000000)
#define MOST_US     (SECOND_US / 10)      /* ahead: not read */
#define DEBT_US     (MOST_US + SECOND_US) /* however long a message is */
#define HEAP_US     (SECOND_US / 50)      /* back: read again */
#define SHARE_BYTES 16384                 /* of a long message, that cost as much as a short one */

/* When the next message of who waits may be read. */
static uint64_t due_us(const struct peer *p)
{
    return p->busy_until_us - (MOST_US - HEAP_US);
}

/* Mostly its place is the last. */
static void enqueue(struct quota_queue *q, struct peer *p)
{
    p->faster = q->last;
    while (p->faster != NULL && due_us(p->faster) > due_us(p)) {
        p->faster = p->faster->faster;
    }
    p->slower = p->faster != NULL ? p->faster->slower : q->first;
    *(p->faster != NULL ? &p->faster->slower : &q->first) = p;
    *(p->slower != NULL ? &p->slower->faster : &q->last) = p;
    q->count++;
}

void quota_forget(struct peer *p)
{
    struct quota_queue *q = &p->rooms->quota;

    if ((p->pauses & PAUSE_RATE) == 0) {
        return;
    }
    *(p->faster != NULL ? &p->faster->slower : &q->first) = p->slower;
    *(p->slower != NULL ? &p->slower->faster : &q->last) = p->faster;
    q->count--;
}

void quota_pay(struct peer *p, size_t bytes)
{
    struct rooms *rooms = p->rooms;
    uint64_t now_us = rooms->now_us;

    if (p->busy_until_us < now_us) {
        p->busy_until_us = now_us;
    }
    p->busy_until_us += SECOND_US / rooms->config.options.conn_messages * (1 + bytes / SHARE_BYTES);
    if (p->busy_until_us > now_us + DEBT_US) {
        p->busy_until_us = now_us + DEBT_US;
    }
    if (p->busy_until_us > now_us + MOST_US && (p->pauses & PAUSE_RATE) == 0) {
        rooms->stats.throttled++;
        rooms->quota.looked_us = rooms->quota.count == 0 ? now_us : rooms->quota.looked_us;
        enqueue(&rooms->quota, p);
        peer_pause(p, PAUSE_RATE);
    }
}

unsigned quota_go_on(struct rooms *rooms)
{
    struct quota_queue *q = &rooms->quota;
    /* All of them once in the time of a heap. */
    uint64_t most = 1 + q->count * (rooms->now_us - q->looked_us) / HEAP_US;

    q->looked_us = rooms->now_us;
    for (; q->first != NULL && most > 0 && due_us(q->first) <= rooms->now_us; most--) {
        struct peer *p = q->first;

        quota_forget(p);
        peer_resume(p, PAUSE_RATE);
    }
    if (q->first == NULL) {
        return 0;
    }
    return due_us(q->first) <= rooms->now_us ? 1 : (unsigned)((due_us(q->first) - rooms->now_us + 999) / 1000);
}
