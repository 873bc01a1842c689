#include "bench/editors/line.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "bench/bench_memory.h"
#include "bench/editors/nanotime.h"

#define EVENTS_A_TURN 256

/* ---- The net ------------------------------------------------------------------------------------------ */

int line_net_init(struct line_net *net, const struct line_events *events, void *user)
{
    *net = (struct line_net){.epoll = epoll_create1(EPOLL_CLOEXEC), .events = events, .user = user};
    rng_init(&net->rng, nanotime());
    net->inbox = memory_create(LINE_INBOX, 1);
    return net->epoll >= 0 ? RC_OK : RC_IO;
}

void line_net_finish(struct line_net *net)
{
    if (net->epoll >= 0) {
        (void)close(net->epoll);
    }
    free(net->inbox);
    buf_finish(&net->frames);
}

int line_net_aim(struct line_net *net, const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;

    if (getaddrinfo(host, port, &hints, &found) != 0) {
        return RC_NOTFOUND;
    }
    memcpy(&net->server, found->ai_addr, sizeof(net->server));
    freeaddrinfo(found);
    (void)snprintf(net->host, sizeof(net->host), "%s:%s", host, port);
    return RC_OK;
}

/* ---- One line ------------------------------------------------------------------------------------------- */

/* Asks epoll for what the line waits for now. */
static void arm(struct line_net *net, struct line *line)
{
    bool writes = line->state == LINE_CONNECTING || line->out.len > line->out_at;
    uint32_t wanted = (line->deaf ? 0U : (uint32_t)EPOLLIN) | (writes ? (uint32_t)EPOLLOUT : 0U);
    struct epoll_event event = {.events = wanted, .data.ptr = line};

    if (wanted != line->armed) {
        line->armed = wanted;
        (void)epoll_ctl(net->epoll, EPOLL_CTL_MOD, line->fd, &event);
    }
}

static void forget(struct line *line)
{
    buf_finish(&line->in);
    buf_finish(&line->message);
    buf_finish(&line->out);
    line->out_at = 0;
    line->fragmented = false;
}

void line_abort(struct line *line)
{
    if (line->state != LINE_OFF) {
        (void)close(line->fd); /* epoll forgets it */
        line->state = LINE_OFF;
        line->fd = -1;
        forget(line);
    }
}

void line_finish(struct line *line)
{
    line_abort(line);
}

static void hang_up(struct line_net *net, struct line *line, uint16_t code)
{
    if (line->state != LINE_OFF) {
        line->close_code = line->close_code != 0 ? line->close_code : code;
        line_abort(line);
        net->events->closed(net->user, line);
    }
}

static int make_socket(struct line_net *net, struct line *line)
{
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = line};

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (net->receive_buffer > 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &net->receive_buffer, sizeof(net->receive_buffer));
    }
    if ((connect(fd, (struct sockaddr *)&net->server, sizeof(net->server)) != 0 && errno != EINPROGRESS) ||
        epoll_ctl(net->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)close(fd);
        return -1;
    }
    line->armed = event.events;
    return fd;
}

int line_open(struct line_net *net, struct line *line, const char *path)
{
    int fd = make_socket(net, line);

    if (fd < 0) {
        return RC_IO;
    }
    line->fd = fd;
    line->path = path;
    line->state = LINE_CONNECTING;
    line->close_code = 0;
    line->deaf = false;
    return RC_OK;
}

void line_set_deaf(struct line_net *net, struct line *line, bool deaf)
{
    if (line->state != LINE_OFF) {
        line->deaf = deaf;
        arm(net, line);
    }
}

/* ---- Sending --------------------------------------------------------------------------------------------- */

size_t line_waiting(const struct line *line)
{
    return line->out.len - line->out_at;
}

/* True when the peer is still there. */
static bool write_waiting(struct line *line)
{
    while (line_waiting(line) > 0) {
        ssize_t n = send(line->fd, line->out.data + line->out_at, line_waiting(line), MSG_NOSIGNAL);
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        line->out_at += (size_t)n;
        line->bytes_out += (size_t)n;
    }
    buf_clear(&line->out);
    line->out_at = 0;
    return true;
}

/* Writes at once what the socket takes; the rest waits. A failure shows when the socket is read. */
void line_send_raw(struct line_net *net, struct line *line, struct span bytes)
{
    ssize_t n = 0;

    if (line->state == LINE_OFF) {
        return;
    }
    if (line_waiting(line) == 0) {
        n = send(line->fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        n = n < 0 ? 0 : n;
        line->bytes_out += (size_t)n;
    }
    if ((size_t)n < bytes.len) {
        buf_put(&line->out, bytes.data + n, bytes.len - (size_t)n);
        arm(net, line);
    }
}

static void put_frame(struct line_net *net, enum ws_opcode opcode, struct span payload)
{
    uint32_t random = (uint32_t)rng_next(&net->rng);
    uint8_t mask[4];

    memcpy(mask, &random, 4);
    ws_frame_put(&net->frames, opcode, payload, mask);
}

void line_send(struct line_net *net, struct line *line, const struct span *messages, size_t count)
{
    if (line->state != LINE_OPEN) {
        return;
    }
    buf_clear(&net->frames);
    for (size_t i = 0; i < count; i++) {
        put_frame(net, WS_BINARY, messages[i]);
    }
    line->frames_out += count;
    line_send_raw(net, line, buf_span(&net->frames));
}

static void send_control(struct line_net *net, struct line *line, enum ws_opcode opcode, struct span payload)
{
    buf_clear(&net->frames);
    put_frame(net, opcode, payload);
    line_send_raw(net, line, buf_span(&net->frames));
}

/* ---- Receiving ---------------------------------------------------------------------------------------------- */

static uint16_t code_of(struct span close)
{
    return close.len >= 2 ? (uint16_t)(close.data[0] << 8 | close.data[1]) : 1005;
}

static bool take_data(struct line_net *net, struct line *line, const struct ws_frame *f)
{
    if ((f->opcode == WS_CONTINUATION) != line->fragmented) {
        return false;
    }
    if (f->final && !line->fragmented) {
        line->messages_in++;
        net->events->message(net->user, line, f->payload);
        return true;
    }
    buf_put_span(&line->message, f->payload);
    line->fragmented = !f->final;
    if (f->final) {
        struct buf whole = line->message;
        line->message = (struct buf){0};
        line->messages_in++;
        net->events->message(net->user, line, buf_span(&whole));
        buf_finish(&whole);
    }
    return true;
}

/* False when the line is over. */
static bool take_frame(struct line_net *net, struct line *line, const struct ws_frame *f)
{
    switch (f->opcode) {
    case WS_PING:
        send_control(net, line, WS_PONG, f->payload);
        return true;
    case WS_PONG:
        return true;
    case WS_CLOSE:
        send_control(net, line, WS_CLOSE, f->payload);
        hang_up(net, line, code_of(f->payload));
        return false;
    default:
        if (!take_data(net, line, f)) {
            hang_up(net, line, 1002);
        }
        return line->state == LINE_OPEN;
    }
}

/* Gives how many bytes were used. */
static size_t take_frames(struct line_net *net, struct line *line, uint8_t *data, size_t len)
{
    struct ws_frame f;
    size_t used = 0;
    int got = 0;

    while (line->state == LINE_OPEN && (got = ws_frame_read(data + used, len - used, false, &f)) == 1) {
        used += f.size;
        if (!take_frame(net, line, &f)) {
            return used;
        }
    }
    if (got < 0) {
        hang_up(net, line, 1002);
    }
    return used;
}

static size_t take_head(struct line_net *net, struct line *line, struct span bytes)
{
    size_t len = ws_head_length(bytes);

    if (len == 0) {
        if (bytes.len > WS_HEAD_MAX) {
            hang_up(net, line, 1002);
        }
        return 0;
    }
    if (ws_answer_check(span_of(bytes.data, len), line->key) != RC_OK) {
        hang_up(net, line, 1002);
        return 0;
    }
    line->state = LINE_OPEN;
    net->events->opened(net->user, line);
    return len;
}

static size_t take_bytes(struct line_net *net, struct line *line, uint8_t *data, size_t len)
{
    size_t used = 0;

    if (line->state == LINE_UPGRADING) {
        used = take_head(net, line, span_of(data, len));
    }
    if (line->state == LINE_OPEN) {
        used += take_frames(net, line, data + used, len - used);
    }
    return used;
}

/* Bytes right from the socket; what is left of them waits in line->in, where it is completed. */
static void take_input(struct line_net *net, struct line *line, uint8_t *data, size_t len)
{
    if (line->in.len == 0) {
        size_t used = take_bytes(net, line, data, len);
        if (line->state != LINE_OFF && used < len) {
            buf_put(&line->in, data + used, len - used);
        }
        return;
    }
    buf_put(&line->in, data, len);
    struct buf in = line->in; /* an event may close the line and open it anew */
    line->in = (struct buf){0};
    size_t used = take_bytes(net, line, in.data, in.len);
    if (line->state != LINE_OFF && used < in.len) {
        memmove(in.data, in.data + used, in.len - used);
        in.len -= used;
        line->in = in;
    } else {
        buf_finish(&in);
    }
}

static void on_readable(struct line_net *net, struct line *line)
{
    ssize_t n = recv(line->fd, net->inbox, LINE_INBOX, 0);

    if (n > 0) {
        line->bytes_in += (size_t)n;
        take_input(net, line, net->inbox, (size_t)n);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        hang_up(net, line, LINE_CLOSED_TCP);
    }
}

static void on_connected(struct line_net *net, struct line *line)
{
    uint64_t random[2] = {rng_next(&net->rng), rng_next(&net->rng)};
    struct buf request = {0};

    ws_key_make((const uint8_t *)random, line->key);
    ws_request_put(&request, net->host, line->path, line->key);
    line->state = LINE_UPGRADING;
    line_send_raw(net, line, buf_span(&request));
    buf_finish(&request);
    arm(net, line);
}

static void on_event(struct line_net *net, struct line *line, uint32_t events)
{
    if (line->state == LINE_OFF) {
        return; /* hung up earlier in this turn */
    }
    if ((events & EPOLLERR) != 0 || ((events & EPOLLHUP) != 0 && (events & EPOLLIN) == 0)) {
        hang_up(net, line, LINE_CLOSED_TCP);
        return;
    }
    if ((events & EPOLLOUT) != 0 && line->state == LINE_CONNECTING) {
        on_connected(net, line);
    } else if ((events & EPOLLOUT) != 0) {
        if (!write_waiting(line)) {
            hang_up(net, line, LINE_CLOSED_TCP);
            return;
        }
        arm(net, line);
    }
    if ((events & EPOLLIN) != 0 && line->state != LINE_OFF) {
        on_readable(net, line);
    }
}

bool line_net_turn(struct line_net *net, uint64_t until)
{
    struct epoll_event events[EVENTS_A_TURN];
    uint64_t now = nanotime(), wait = until > now ? until - now : 0;
    struct timespec timeout = {(time_t)(wait / NANO_S), (long)(wait % NANO_S)};
    int n = epoll_pwait2(net->epoll, events, EVENTS_A_TURN, &timeout, NULL);

    for (int i = 0; i < n; i++) {
        on_event(net, events[i].data.ptr, events[i].events);
    }
    return n > 0;
}
