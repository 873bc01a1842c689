#include "bench/editors/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include "bench/bench_memory.h"
#include "bench/editors/nanotime.h"
#include "bench/editors/ws_frame.h"

#define PIECES_MAX    64 /* parts of a write; what a sender must not get back cuts the turn's bytes */
#define EVENTS_A_TURN 256
#define INBOX         ((size_t)256 << 10)

/* One frame of a turn's bytes and who sent it. */
struct mark {
    size_t begin, end;
    const struct peer *sender;
};

/* What a room got in one turn, and when it leaves. */
struct parcel {
    uint64_t due, turn;
    struct buf bytes;
    struct mark *marks;
    size_t count, cap;
    struct room *room;
    struct parcel *next;
};

struct peer {
    int fd;
    struct room *room; /* NULL until the handshake is done */
    struct buf in, out;
    size_t out_at, place; /* index in the room */
};

struct room {
    struct buf name;
    struct peer **peers;
    size_t count, cap;
    struct parcel *filling; /* the latest that has not left */
    struct room *next;
};

struct relay {
    int epoll, listener;
    uint64_t delay, turn;
    uint64_t lose, seen; /* each so many messages one is lost; 0: none */
    struct room *rooms[1024];
    struct parcel *first, **last; /* in the order in which they leave */
    uint8_t *inbox;
};

/* ---- Rooms --------------------------------------------------------------------------------------------- */

static struct room *room_of(struct relay *r, struct span name)
{
    uint32_t hash = 2166136261U; /* FNV-1a */

    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ name.data[i]) * 16777619U;
    }
    struct room **at = &r->rooms[hash % (sizeof(r->rooms) / sizeof(*r->rooms))];
    while (*at != NULL && !span_equal(buf_span(&(*at)->name), name)) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = memory_create(1, sizeof(**at));
        buf_put_span(&(*at)->name, name);
    }
    return *at;
}

static void enter(struct peer *p, struct room *room)
{
    room->peers = memory_reach(room->peers, &room->cap, room->count, sizeof(*room->peers));
    p->room = room;
    p->place = room->count;
    room->peers[room->count++] = p;
}

static void forget_sender(struct parcel *parcel, const struct peer *p)
{
    for (size_t i = 0; parcel != NULL && i < parcel->count; i++) {
        if (parcel->marks[i].sender == p) {
            parcel->marks[i].sender = NULL;
        }
    }
}

static void leave(struct relay *r, struct peer *p)
{
    if (p->room != NULL) {
        struct peer *last = p->room->peers[--p->room->count];
        p->room->peers[p->place] = last;
        last->place = p->place;
        forget_sender(p->room->filling, p);
        for (struct parcel *parcel = r->first; parcel != NULL; parcel = parcel->next) {
            forget_sender(parcel, p);
        }
    }
    (void)close(p->fd);
    buf_finish(&p->in);
    buf_finish(&p->out);
    free(p);
}

/* ---- Out -------------------------------------------------------------------------------------------------- */

static void arm(struct relay *r, struct peer *p)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};

    if (p->out.len > p->out_at) {
        event.events |= EPOLLOUT;
    }
    (void)epoll_ctl(r->epoll, EPOLL_CTL_MOD, p->fd, &event);
}

/* Writes the pieces; what the socket does not take waits. A broken peer shows when it is read. */
static void write_pieces(struct relay *r, struct peer *p, const struct iovec *pieces, size_t count)
{
    struct msghdr head = {.msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = count};
    ssize_t n = p->out.len > p->out_at ? 0 : sendmsg(p->fd, &head, MSG_NOSIGNAL);
    size_t written = n > 0 ? (size_t)n : 0;
    bool waits = false;

    for (size_t i = 0; i < count; i++) {
        size_t skip = written < pieces[i].iov_len ? written : pieces[i].iov_len;
        buf_put(&p->out, (const uint8_t *)pieces[i].iov_base + skip, pieces[i].iov_len - skip);
        waits |= skip < pieces[i].iov_len;
        written -= skip;
    }
    if (waits) {
        arm(r, p);
    }
}

static void write_waiting(struct relay *r, struct peer *p)
{
    ssize_t n = send(p->fd, p->out.data + p->out_at, p->out.len - p->out_at, MSG_NOSIGNAL);

    p->out_at += n > 0 ? (size_t)n : 0;
    if (p->out_at == p->out.len) {
        buf_clear(&p->out);
        p->out_at = 0;
        arm(r, p);
    }
}

/* All bytes but those that the peer sent itself: neighbouring frames of others are one piece. */
static void deliver(struct relay *r, const struct parcel *parcel, struct peer *p)
{
    struct iovec pieces[PIECES_MAX];
    size_t count = 0, from = 0;

    for (size_t i = 0; i <= parcel->count; i++) {
        bool end = i == parcel->count;
        if (!end && parcel->marks[i].sender != p) {
            continue;
        }
        size_t to = end ? parcel->bytes.len : parcel->marks[i].begin;
        if (to > from) {
            pieces[count++] = (struct iovec){parcel->bytes.data + from, to - from};
        }
        from = end ? to : parcel->marks[i].end;
        if (count == PIECES_MAX) {
            write_pieces(r, p, pieces, count);
            count = 0;
        }
    }
    if (count > 0) {
        write_pieces(r, p, pieces, count);
    }
}

static void flush(struct relay *r, uint64_t now)
{
    while (r->first != NULL && r->first->due <= now) {
        struct parcel *parcel = r->first;
        parcel->room->filling = parcel->room->filling == parcel ? NULL : parcel->room->filling;
        for (size_t i = 0; i < parcel->room->count; i++) {
            deliver(r, parcel, parcel->room->peers[i]);
        }
        r->first = parcel->next;
        r->last = r->first == NULL ? &r->first : r->last;
        buf_finish(&parcel->bytes);
        free(parcel->marks);
        free(parcel);
    }
}

/* ---- In ---------------------------------------------------------------------------------------------------- */

static struct parcel *parcel_of(struct relay *r, struct room *room)
{
    if (room->filling == NULL || room->filling->turn != r->turn) {
        struct parcel *parcel = memory_create(1, sizeof(*parcel));
        parcel->turn = r->turn;
        parcel->room = room;
        room->filling = parcel;
        *r->last = parcel;
        r->last = &parcel->next;
    }
    return room->filling;
}

static void take_frame(struct relay *r, struct peer *p, const struct ws_frame *f)
{
    bool lost = r->lose > 0 && ++r->seen % r->lose == 0;

    if (f->opcode == WS_BINARY && !lost) {
        struct parcel *parcel = parcel_of(r, p->room);
        size_t begin = parcel->bytes.len;
        parcel->due = r->delay > 0 ? nanotime() + r->delay : 0;
        ws_frame_put(&parcel->bytes, WS_BINARY, f->payload, NULL);
        parcel->marks = memory_reach(parcel->marks, &parcel->cap, parcel->count, sizeof(*parcel->marks));
        parcel->marks[parcel->count++] = (struct mark){begin, parcel->bytes.len, p};
    }
}

static bool take_head(struct relay *r, struct peer *p, struct span bytes, size_t *used)
{
    struct buf answer = {0};
    struct span path, key;

    *used = ws_head_length(bytes);
    if (*used == 0) {
        return bytes.len <= WS_HEAD_MAX;
    }
    if (ws_request_read(span_of(bytes.data, *used), &path, &key) != RC_OK) {
        return false;
    }
    enter(p, room_of(r, path));
    ws_answer_put(&answer, key);
    struct iovec piece = {answer.data, answer.len};
    write_pieces(r, p, &piece, 1);
    buf_finish(&answer);
    return true;
}

/* False when the peer is over. */
static bool take_bytes(struct relay *r, struct peer *p, uint8_t *data, size_t len, size_t *used)
{
    struct ws_frame f;
    int got;

    *used = 0;
    if (p->room == NULL && !take_head(r, p, span_of(data, len), used)) {
        return false;
    }
    while (p->room != NULL && (got = ws_frame_read(data + *used, len - *used, true, &f)) != 0) {
        if (got < 0 || f.opcode == WS_CLOSE) {
            return false;
        }
        take_frame(r, p, &f);
        *used += f.size;
    }
    return true;
}

static bool on_readable(struct relay *r, struct peer *p)
{
    ssize_t n = recv(p->fd, r->inbox, INBOX, 0);
    size_t used;

    if (n <= 0) {
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    }
    if (p->in.len == 0) {
        bool goes_on = take_bytes(r, p, r->inbox, (size_t)n, &used);
        buf_put(&p->in, r->inbox + used, (size_t)n - used);
        return goes_on;
    }
    buf_put(&p->in, r->inbox, (size_t)n);
    bool goes_on = take_bytes(r, p, p->in.data, p->in.len, &used);
    memmove(p->in.data, p->in.data + used, p->in.len - used);
    p->in.len -= used;
    return goes_on;
}

static void accept_all(struct relay *r)
{
    int fd, on = 1;

    while ((fd = accept(r->listener, NULL, NULL)) >= 0) {
        struct peer *p = memory_create(1, sizeof(*p));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
        p->fd = fd;
        (void)fcntl(fd, F_SETFL, O_NONBLOCK);
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

static void on_event(struct relay *r, struct peer *p, uint32_t events)
{
    if (p == NULL) {
        accept_all(r);
        return;
    }
    if ((events & EPOLLOUT) != 0) {
        write_waiting(r, p);
    }
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !on_readable(r, p)) {
        leave(r, p);
    }
}

/* ---- The loop ------------------------------------------------------------------------------------------------- */

static void turn(struct relay *r)
{
    struct epoll_event events[EVENTS_A_TURN];
    uint64_t now = nanotime();
    uint64_t wait = r->first == NULL ? NANO_S : r->first->due > now ? r->first->due - now : 0;
    struct timespec timeout = {(time_t)(wait / NANO_S), (long)(wait % NANO_S)};
    int n = epoll_pwait2(r->epoll, events, EVENTS_A_TURN, &timeout, NULL);

    r->turn++;
    for (int i = 0; i < n; i++) {
        on_event(r, events[i].data.ptr, events[i].events);
    }
    flush(r, nanotime());
}

/* Port 0: one that is free; says which. */
static int serve(struct relay *r, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t len = sizeof(address);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int on = 1;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    r->inbox = memory_create(INBOX, 1);
    r->last = &r->first;
    (void)setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(r->listener, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(r->listener, SOMAXCONN) != 0 ||
        getsockname(r->listener, (struct sockaddr *)&address, &len) != 0 ||
        epoll_ctl(r->epoll, EPOLL_CTL_ADD, r->listener, &event) != 0) {
        perror("cahier-bench: relay");
        return EXIT_FAILURE;
    }
    if (port == 0) {
        printf("port %u\n", (unsigned)ntohs(address.sin_port));
        (void)fflush(stdout);
    }
    for (;;) {
        turn(r);
    }
}

int relay_main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"delay", required_argument, NULL, 'd'},
                                            {"lose", required_argument, NULL, 'l'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct relay *r = memory_create(1, sizeof(*r));
    unsigned long port = ULONG_MAX;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'p') {
            port = strtoul(optarg, NULL, 10);
        } else if (option == 'd') {
            r->delay = strtoul(optarg, NULL, 10) * NANO_MS;
        } else if (option == 'l') {
            r->lose = strtoul(optarg, NULL, 10);
        } else {
            break;
        }
    }
    if (option == 'h' || port > UINT16_MAX) {
        fputs("usage: cahier-bench relay --port N|0 [--delay MILLISECONDS] [--lose N]\n",
              option == 'h' ? stdout : stderr);
        free(r);
        return option == 'h' ? EXIT_SUCCESS : 2;
    }
    int code = serve(r, (uint16_t)port);
    free(r);
    return code;
}
