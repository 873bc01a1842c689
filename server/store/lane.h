#ifndef SERVER_STORE_LANE_H
#define SERVER_STORE_LANE_H

/* The two queues between the loop and the store thread, and everything else that both look at.
 *
 * Loop: lane_put, lane_hurry, lane_take_answers, lane_close. Store thread: lane_wait, lane_answer,
 * lane_news, lane_closed. Everything here takes the lock; `wake` is called outside of it, once for
 * any number of answers between two drains, and not for patient appends, which would
 * cost the loop a turn for each commit. */
#include <pthread.h>
#include "server/store/call.h"

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t work;  /* the store thread sleeps on it */
    pthread_cond_t ready; /* store_wait sleeps on it */
    struct call_queue in, out;
    uint64_t hurried;     /* number of the newest append that somebody waits for */
    uint64_t answered;    /* … and of the newest that was handed over */
    bool closing, closed; /* asked for; done */
    bool woken;           /* wake was called and nothing taken since */
    bool kicked;          /* the store thread shall look around */
    bool gathering;       /* … sleeps and is not signalled for appends */
    bool pressing;        /* `in` holds more than appends */
    bool news;            /* `state` changed since the last drain */
    enum store_state state;
    int error;
    struct store_stats stats; /* the store thread's part */
};

struct lane_work {
    struct call_queue calls;
    bool closing; /* nothing will come after these */
};

int lane_init(struct lane *l) MUST_CHECK;
void lane_finish(struct lane *l);

void lane_put(struct lane *l, struct call *c);
/* Appends up to `number` are waited for. True: the caller now calls wake(). */
bool lane_hurry(struct lane *l, uint64_t number) MUST_CHECK;
/* Number of the newest append that is answered, taken or not. */
uint64_t lane_answered(struct lane *l);
void lane_close(struct lane *l);
/* Any thread: ends the store thread's wait. */
void lane_kick(struct lane *l);
/* Sleeps until there is work, a kick, the wish to close, or the monotonic time `until_us`
 * (0: now, UINT64_MAX: never); appends alone are no work before `gather_us`, so that they come
 * together. Takes all calls. */
struct lane_work lane_wait(struct lane *l, uint64_t gather_us, uint64_t until_us);

/* Hands answers over. True: the caller now calls wake(). */
bool lane_answer(struct lane *l, struct call_queue *answers) MUST_CHECK;
bool lane_news(struct lane *l, enum store_state state, int error) MUST_CHECK;
bool lane_closed(struct lane *l) MUST_CHECK;

struct lane_answers {
    struct call_queue calls;
    bool news, closed;
    enum store_state state;
    int error;
};
/* Loop: everything that was handed over. */
struct lane_answers lane_take_answers(struct lane *l);
/* Loop: blocks until there are answers. RC_BUSY: time is over. */
int lane_wait_answers(struct lane *l, int timeout_ms) MUST_CHECK;

/* Starts a thread that takes no signals: they are the loop's. RC_NOMEM. */
int lane_thread(pthread_t *out, void *(*run)(void *arg), void *arg) MUST_CHECK;

#endif
