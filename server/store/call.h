#ifndef SERVER_STORE_CALL_H
#define SERVER_STORE_CALL_H

/* One request to a store, with its arguments (copied behind it, in the same block) and its answer.
 * Made on the loop, carried out by the back end, answered and destroyed on the loop. Whoever has
 * it in a queue owns it; a call is in one queue at a time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "server/store/note_index.h"
#include "server/store/store.h"

enum call_op { CALL_APPEND, CALL_COMPACT, CALL_CREATE, CALL_PUT_META, CALL_LOAD, CALL_STAT, CALL_LIST };

struct call {
    struct call *next;        /* in the queue that owns it */
    struct call *next_append; /* loop only: appends not answered yet, oldest first */
    enum call_op op;
    struct store_reply reply;
    uint64_t number;  /* of an append, counted from 1: they are answered in this order */
    size_t bytes;     /* what it counts for against the queue's limit */
    uint64_t born_us; /* monotonic clock at the request */

    struct span note;
    struct span data; /* append, compact; the title */
    struct span more; /* the sender; the excerpt */
    unsigned kind;
    int64_t time_ms;
    uint64_t upto;
    bool has_after;
    struct store_cursor after;
    size_t limit;

    int rc;
    uint64_t seq;
    struct store_content *content; /* one reference */
    struct store_info *info;       /* one block: items, then their text. Freed with the call */
    struct store_page page;        /* items are `info` */

    struct index_undo undo; /* back end: takes back what a rolled back transaction did */
};

/* A first-in, first-out list. Zeroed storage is empty. */
struct call_queue {
    struct call *first, *last;
    size_t count;
};

/* A call whose three spans are copied. NULL: out of memory. */
struct call *call_create(enum call_op op, struct span note, struct span data, struct span more);
/* A call's answer goes too. NULL is fine. */
void call_destroy(struct call *c);
/* Does it change the file? */
bool call_writes(const struct call *c);

void call_queue_push(struct call_queue *q, struct call *c);
/* NULL when empty. */
struct call *call_queue_pop(struct call_queue *q);
/* Moves all of `from` behind what `to` holds. */
void call_queue_append(struct call_queue *to, struct call_queue *from);
void call_queue_finish(struct call_queue *q);

/* Monotonic microseconds. */
uint64_t call_now_us(void);

#endif
