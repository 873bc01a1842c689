#include "server/net/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <uv.h>

#define TICK_MS 100

struct net_loop {
    uv_loop_t uv;
    uv_async_t async;
    uv_timer_t timer, alarm;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_signal_t signal[2];
    const struct net_loop_hooks *hooks;
    void *context;
    bool touched; /* `turn` is due */
};

struct net_watch {
    uv_poll_t poll;
    struct net_loop *loop;
    void (*ready)(void *context, bool readable, bool writable);
    void *context;
};

static void take_turn(struct net_loop *loop)
{
    if (loop->touched) {
        loop->touched = false;
        loop->hooks->turn(loop->context);
    }
}

static void on_prepare(uv_prepare_t *h)
{
    take_turn(h->data);
}

/* After the sockets' callbacks: those of libwebsockets do not pass through here, so that a turn is always due. */
static void on_check(uv_check_t *h)
{
    struct net_loop *loop = h->data;

    loop->touched = true;
    take_turn(loop);
}

static void on_async(uv_async_t *h)
{
    struct net_loop *loop = h->data;

    loop->hooks->woken(loop->context);
}

static void on_timer(uv_timer_t *h)
{
    struct net_loop *loop = h->data;

    loop->touched = true;
    loop->hooks->tick(loop->context);
}

static void on_alarm(uv_timer_t *h)
{
    net_loop_touch(h->data);
}

static void on_signal(uv_signal_t *h, int sig)
{
    struct net_loop *loop = h->data;

    loop->hooks->signalled(loop->context, sig);
}

int net_loop_create(const struct net_loop_hooks *hooks, void *context, struct net_loop **out)
{
    struct net_loop *loop = calloc(1, sizeof *loop);

    if (!loop) {
        return RC_NOMEM;
    }
    if (uv_loop_init(&loop->uv) != 0) {
        free(loop);
        return RC_NOMEM;
    }
    if (uv_async_init(&loop->uv, &loop->async, on_async) != 0) {
        uv_loop_close(&loop->uv);
        free(loop);
        return RC_NOMEM;
    }
    loop->hooks = hooks;
    loop->context = context;
    uv_timer_init(&loop->uv, &loop->timer); /* these four cannot fail */
    uv_timer_init(&loop->uv, &loop->alarm);
    uv_prepare_init(&loop->uv, &loop->prepare);
    uv_check_init(&loop->uv, &loop->check);
    loop->async.data = loop->timer.data = loop->alarm.data = loop->prepare.data = loop->check.data = loop;
    uv_timer_start(&loop->timer, on_timer, TICK_MS, TICK_MS);
    uv_prepare_start(&loop->prepare, on_prepare);
    uv_check_start(&loop->check, on_check);
    *out = loop;
    return RC_OK;
}

int net_loop_catch_signals(struct net_loop *loop)
{
    static const int sigs[] = {SIGINT, SIGTERM};

    for (int i = 0; i < 2; i++) {
        if (uv_signal_init(&loop->uv, &loop->signal[i]) != 0) {
            return RC_IO;
        }
        loop->signal[i].data = loop;
        if (uv_signal_start(&loop->signal[i], on_signal, sigs[i]) != 0) {
            return RC_IO;
        }
    }
    return RC_OK;
}

/* Handles of watches free themselves; those of the loop lie in its own memory. */
static void close_handle(uv_handle_t *h, void *arg)
{
    (void)arg;
    if (!uv_is_closing(h)) {
        uv_close(h, NULL);
    }
}

void net_loop_destroy(struct net_loop *loop)
{
    if (!loop) {
        return;
    }
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    free(loop);
}

void net_loop_run(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void net_loop_stop(struct net_loop *loop)
{
    uv_stop(&loop->uv);
}

void net_loop_poll(struct net_loop *loop)
{
    uv_run(&loop->uv, UV_RUN_NOWAIT);
}

void net_loop_wake(struct net_loop *loop)
{
    uv_async_send(&loop->async);
}

void net_loop_touch(struct net_loop *loop)
{
    loop->touched = true;
}

void net_loop_alarm(struct net_loop *loop, unsigned ms)
{
    if (ms == 0) {
        uv_timer_stop(&loop->alarm);
    } else {
        uv_timer_start(&loop->alarm, on_alarm, ms, 0);
    }
}

void *net_loop_native(struct net_loop *loop)
{
    return &loop->uv;
}

static void on_poll(uv_poll_t *h, int status, int events)
{
    struct net_watch *w = h->data;

    w->ready(w->context, status < 0 || (events & (UV_READABLE | UV_DISCONNECT)), status < 0 || (events & UV_WRITABLE));
}

static void free_watch(uv_handle_t *h)
{
    free(h->data);
}

int net_watch_open(struct net_loop *loop, int fd, void (*ready)(void *context, bool readable, bool writable),
                   void *context, struct net_watch **out)
{
    struct net_watch *w = calloc(1, sizeof *w);

    if (!w) {
        return RC_NOMEM;
    }
    if (uv_poll_init(&loop->uv, &w->poll, fd) != 0) {
        free(w);
        return RC_IO;
    }
    w->poll.data = w;
    w->loop = loop;
    w->ready = ready;
    w->context = context;
    *out = w;
    return RC_OK;
}

void net_watch_set(struct net_watch *w, bool read, bool write)
{
    int events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);

    if (events) {
        uv_poll_start(&w->poll, events, on_poll);
    } else {
        uv_poll_stop(&w->poll);
    }
}

void net_watch_close(struct net_watch *w)
{
    if (w) {
        uv_poll_stop(&w->poll);
        uv_close((uv_handle_t *)&w->poll, free_watch);
    }
}
