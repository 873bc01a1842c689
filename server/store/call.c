#include "server/store/call.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct span copy_span(uint8_t **at, struct span from)
{
    uint8_t *start = *at;

    if (from.len > 0) {
        memcpy(start, from.data, from.len);
    }
    *at += from.len;
    return span_of(start, from.len);
}

struct call *call_create(enum call_op op, struct span note, struct span data, struct span more)
{
    size_t tail = note.len + data.len + more.len;
    struct call *c = calloc(1, sizeof(*c) + tail);
    uint8_t *at;

    if (c == NULL) {
        return NULL;
    }
    at = (uint8_t *)(c + 1);
    c->op = op;
    c->bytes = sizeof(*c) + tail;
    c->note = copy_span(&at, note);
    c->data = copy_span(&at, data);
    c->more = copy_span(&at, more);
    return c;
}

void call_destroy(struct call *c)
{
    if (c == NULL) {
        return;
    }
    store_content_unref(c->content);
    free(c->info);
    free(c);
}

bool call_writes(const struct call *c)
{
    return c->op <= CALL_PUT_META;
}

void call_queue_push(struct call_queue *q, struct call *c)
{
    c->next = NULL;
    if (q->last == NULL) {
        q->first = c;
    } else {
        q->last->next = c;
    }
    q->last = c;
    q->count++;
}

struct call *call_queue_pop(struct call_queue *q)
{
    struct call *c = q->first;

    if (c == NULL) {
        return NULL;
    }
    q->first = c->next;
    if (q->first == NULL) {
        q->last = NULL;
    }
    q->count--;
    c->next = NULL;
    return c;
}

void call_queue_append(struct call_queue *to, struct call_queue *from)
{
    if (from->first == NULL) {
        return;
    }
    if (to->last == NULL) {
        to->first = from->first;
    } else {
        to->last->next = from->first;
    }
    to->last = from->last;
    to->count += from->count;
    *from = (struct call_queue){NULL, NULL, 0};
}

void call_queue_finish(struct call_queue *q)
{
    struct call *c;

    while ((c = call_queue_pop(q)) != NULL) {
        call_destroy(c);
    }
}

uint64_t call_now_us(void)
{
    struct timespec now;
    int rc = clock_gettime(CLOCK_MONOTONIC, &now);

    assert(rc == 0);
    (void)rc;
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
