/* A server whose rooms only repeat: what a connection sends goes to everybody on the same note, its sender too. It
 * exercises server/net through real sockets without documents. Messages that begin with '!' are orders:
 *
 *     !close 4403     close me with this code          !pause    read nothing more from me for 20 ticks
 *     !flood N SIZE    send me N repeatable messages    !insist N SIZE   … that nothing repeats
 *
 * Prints "port N" when ready; GET /counts tells what happened, GET /slow answers after 5 ticks, POST echoes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server/base/log.h"
#include "server/net/server.h"

#define PAUSE_TICKS 20
#define SLOW_TICKS  5
#define MEMBERS_MAX 4096

struct member {
    struct conn *conn;
    unsigned drained, pause_ticks;
    unsigned refused, told; /* messages, and how many of them it was told of */
};

struct echo {
    struct net_server *net;
    struct member member[MEMBERS_MAX];
    size_t members;
    uint64_t turns, opened, closed, slow_asked;
    struct http_exchange *slow;
    unsigned slow_ticks;
};

static void send_bytes(struct member *m, struct span bytes, enum outq_kind kind)
{
    struct frame *f;

    if (frame_create(&bytes, 1, &f) == RC_OK) {
        m->refused += conn_send(m->conn, f, kind) == RC_BUSY;
        frame_unref(f);
    }
}

static void on_opened(void *rooms, struct conn *c)
{
    struct echo *e = rooms;
    struct member *m = &e->member[e->members];

    if (e->members == MEMBERS_MAX) {
        conn_close(c, CONN_CLOSE_TRY_LATER, "full");
        return;
    }
    e->members++;
    e->opened++;
    *m = (struct member){.conn = c};
    send_bytes(m, c->note, OUTQ_ONCE);
    send_bytes(m, c->token, OUTQ_ONCE);
}

static struct member *find(struct echo *e, const struct conn *c)
{
    for (size_t i = 0; i < e->members; i++) {
        if (e->member[i].conn == c) {
            return &e->member[i];
        }
    }
    return NULL;
}

static void flood(struct member *m, size_t count, size_t size, enum outq_kind kind)
{
    uint8_t *bytes = calloc(1, size);

    for (size_t i = 0; bytes && i < count; i++) {
        send_bytes(m, span_of(bytes, size), kind);
    }
    free(bytes);
}

static void obey(struct member *m, const char *order)
{
    unsigned long a = 0, b = 0;

    if (sscanf(order, "!close %lu", &a) == 1) {
        conn_close(m->conn, (uint16_t)a, "as you wish");
    } else if (sscanf(order, "!flood %lu %lu", &a, &b) == 2) {
        flood(m, a, b, OUTQ_REPEATABLE);
    } else if (sscanf(order, "!insist %lu %lu", &a, &b) == 2) {
        flood(m, a, b, OUTQ_ONCE);
    } else if (strcmp(order, "!pause") == 0) {
        m->pause_ticks = PAUSE_TICKS;
        conn_pause(m->conn);
    }
}

static void on_message(void *rooms, struct conn *c, struct span bytes)
{
    struct echo *e = rooms;
    struct frame *f;
    char order[64] = "";

    if (bytes.data[0] == '!' && bytes.len < sizeof order) {
        memcpy(order, bytes.data, bytes.len);
        obey(find(e, c), order);
        return;
    }
    if (frame_create(&bytes, 1, &f) != RC_OK) {
        return;
    }
    for (size_t i = 0; i < e->members; i++) {
        if (span_equal(e->member[i].conn->note, c->note)) {
            e->member[i].refused += conn_send(e->member[i].conn, f, OUTQ_REPEATABLE) == RC_BUSY;
        }
    }
    frame_unref(f);
}

static void on_drained(void *rooms, struct conn *c)
{
    struct member *m = find(rooms, c);
    char text[64];

    m->drained++;
    snprintf(text, sizeof text, "drained after %u refused", m->refused - m->told);
    m->told = m->refused;
    send_bytes(m, span_str(text), OUTQ_ONCE);
}

static void on_closed(void *rooms, struct conn *c)
{
    struct echo *e = rooms;
    struct member *m = find(e, c);

    if (m) {
        *m = e->member[--e->members];
        e->closed++;
    }
}

static unsigned on_turn(void *rooms)
{
    ((struct echo *)rooms)->turns++;
    return 0;
}

static void on_rooms_tick(void *rooms)
{
    struct echo *e = rooms;

    for (size_t i = 0; i < e->members; i++) {
        if (e->member[i].pause_ticks > 0 && --e->member[i].pause_ticks == 0) {
            conn_resume(e->member[i].conn);
        }
    }
}

static const struct conn_events events = {on_opened, on_message, on_drained, on_closed, on_turn, on_rooms_tick};

static void answer_counts(struct echo *e, struct http_exchange *x)
{
    const struct ws_counts *ws = net_server_ws_counts(e->net);
    struct http_response r = {.status = 200, .content_type = "text/plain"};
    size_t refused = 0;

    for (size_t i = 0; i < e->members; i++) {
        refused += e->member[i].refused;
    }
    buf_printf(&r.body,
               "members=%zu opened=%llu closed=%llu writes=%llu frames=%llu refused=%zu slow=%d slow_asked=%llu",
               e->members, (unsigned long long)e->opened, (unsigned long long)e->closed, (unsigned long long)ws->writes,
               (unsigned long long)ws->channel.frames_out, refused, e->slow != NULL, (unsigned long long)e->slow_asked);
    http_respond(x, &r);
}

static void on_request(void *app, struct http_exchange *x)
{
    struct echo *e = app;
    const struct http_request *q = http_exchange_request(x);
    struct http_response r = {.status = 200, .content_type = "application/octet-stream"};

    if (span_equal(q->head.path, span_str("/counts"))) {
        answer_counts(e, x);
        return;
    }
    if (span_equal(q->head.path, span_str("/slow")) && !e->slow) {
        e->slow = x;
        e->slow_ticks = SLOW_TICKS;
        e->slow_asked++;
        return;
    }
    buf_put_span(&r.body, q->body);
    http_respond(x, &r);
}

static void on_refusal(void *app, unsigned status, struct http_response *out)
{
    (void)app;
    out->content_type = "text/plain";
    buf_printf(&out->body, "%u\n", status);
}

static void on_woken(void *app)
{
    (void)app;
}

static void on_tick(void *app)
{
    struct echo *e = app;

    if (e->slow && --e->slow_ticks == 0) {
        struct http_response r = {.status = 200, .content_type = "text/plain"};
        struct http_exchange *x = e->slow;

        e->slow = NULL;
        buf_put_str(&r.body, "slow");
        http_respond(x, &r);
    }
}

static void on_signalled(void *app, int sig)
{
    struct echo *e = app;

    (void)sig;
    net_server_stop(e->net, 5000);
}

static const struct net_app app = {on_request, on_refusal, on_woken, on_tick, on_signalled};

int main(void)
{
    static struct echo e;
    static const char *const allowed[] = {"https://pages.example"};
    struct origin_policy origin = {.allowed = allowed, .count = 1, .loopback_only = true, .open = false};
    struct net_options options = {.origin = &origin,
                                  .clock = clock_system(),
                                  .message_limit = 1 << 20,
                                  .message_memory = 64 << 20,
                                  .queue_soft = 1 << 20,
                                  .queue_hard = 4 << 20,
                                  .connections = 2000};

    if (net_server_create(&options, &app, &e, &e.net) != RC_OK || net_server_set_rooms(e.net, &events, &e) != RC_OK ||
        net_server_listen(e.net, "127.0.0.1:0") != RC_OK || net_server_catch_signals(e.net) != RC_OK) {
        return 1;
    }
    printf("port %u\n", (unsigned)net_server_port(e.net));
    fflush(stdout);
    net_server_run(e.net);
    if (e.slow) {
        struct http_response r = {.status = 503};

        http_respond(e.slow, &r);
    }
    net_server_destroy(e.net);
    printf("members %zu\n", e.members);
    return e.members == 0 ? 0 : 1;
}
