#include "server/net/http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "server/base/log.h"

#define SECOND          1000000
#define HEAD_TIME       (10 * SECOND)
#define BODY_TIME       (10 * SECOND)
#define WRITE_TIME      (30 * SECOND)
#define IDLE_TIME       (15 * SECOND)
#define LINGER_TIME     (2 * SECOND)
#define NO_DEADLINE     UINT64_MAX
#define READ_CHUNK      16384
#define READS_PER_EVENT 8
#define AHEAD_MAX       65536 /* bytes of later requests that may wait */
#define LISTEN_BACKLOG  511
#define ACCEPTS_AT_ONCE 64
#define MAX_LISTENERS   8
#define PEER_MAX        64

enum state {
    HEAD,    /* waits for a whole head */
    BODY,    /* waits for the rest of a body */
    BUSY,    /* the handler has the exchange */
    WRITING, /* the answer is on its way */
    LINGER,  /* all is said; reads and drops what still comes, so that the peer gets to read the answer */
    DEAD
};

struct http_exchange {
    struct http_server *server;
    struct http_conn *conn; /* NULL: the peer has gone */
    struct http_request request;
    struct http_framing framing;
    struct buf head, body;
    char peer[PEER_MAX];
    bool handed; /* the handler has it and will answer */
    void *user;
};

struct http_conn {
    struct http_server *server;
    struct http_conn *next, **link; /* in the server's list */
    int fd;
    struct net_watch *watch;
    enum state state;
    bool running;   /* inside run(): answers given meanwhile wait for it */
    bool keep;      /* another request may follow */
    bool saw_eof;   /* the peer sends nothing more */
    bool in_head;   /* a byte of the next head has come: its time runs */
    bool dirty_end; /* close with LINGER: part of a request was not read */
    uint64_t deadline;
    struct buf in;
    struct http_exchange *x;
    struct buf out; /* head and body of the answer, or the head alone with `fixed` */
    struct span fixed;
    size_t sent; /* of out, then of fixed */
    char peer[PEER_MAX];
};

struct listener {
    int fd;
    struct net_watch *watch;
    struct http_server *server;
};

struct http_server {
    struct net_loop *loop;
    struct http_options options;
    const struct http_handler *handler;
    void *context;
    struct listener listener[MAX_LISTENERS];
    size_t listeners;
    struct http_conn *first;
    size_t conns, exchanges;
    bool stopping;
    struct http_counts counts;
};

static void run(struct http_conn *c);
static void on_ready(void *context, bool readable, bool writable);

static uint64_t now(const struct http_server *s)
{
    return clock_monotonic_us(s->options.clock);
}

const char *http_status_text(unsigned status)
{
    static const struct {
        unsigned status;
        const char *text;
    } row[] = {{200, "OK"},
               {201, "Created"},
               {202, "Accepted"},
               {204, "No Content"},
               {304, "Not Modified"},
               {400, "Bad Request"},
               {401, "Unauthorized"},
               {403, "Forbidden"},
               {404, "Not Found"},
               {405, "Method Not Allowed"},
               {406, "Not Acceptable"},
               {409, "Conflict"},
               {410, "Gone"},
               {411, "Length Required"},
               {412, "Precondition Failed"},
               {413, "Content Too Large"},
               {415, "Unsupported Media Type"},
               {417, "Expectation Failed"},
               {421, "Misdirected Request"},
               {422, "Unprocessable Content"},
               {423, "Locked"},
               {426, "Upgrade Required"},
               {429, "Too Many Requests"},
               {431, "Request Header Fields Too Large"},
               {500, "Internal Server Error"},
               {501, "Not Implemented"},
               {503, "Service Unavailable"},
               {505, "HTTP Version Not Supported"},
               {507, "Insufficient Storage"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (row[i].status == status) {
            return row[i].text;
        }
    }
    return "Unknown";
}

void http_response_finish(struct http_response *r)
{
    buf_finish(&r->headers);
    buf_finish(&r->body);
}

/* ---- Exchanges ------------------------------------------------------------------------------------------------ */

const struct http_request *http_exchange_request(const struct http_exchange *x)
{
    return &x->request;
}

void http_exchange_set_user(struct http_exchange *x, void *user)
{
    x->user = user;
}

void *http_exchange_user(const struct http_exchange *x)
{
    return x->user;
}

static void exchange_free(struct http_exchange *x)
{
    x->server->exchanges--;
    buf_finish(&x->head);
    buf_finish(&x->body);
    free(x);
}

/* ---- Connections: beginning and end ----------------------------------------------------------------------------- */

static void conn_free(struct http_conn *c)
{
    net_watch_close(c->watch);
    if (c->fd >= 0) {
        close(c->fd);
    }
    *c->link = c->next;
    if (c->next) {
        c->next->link = c->link;
    }
    c->server->conns--;
    if (c->x && c->x->handed) {
        c->x->conn = NULL; /* http_respond frees it */
    } else if (c->x) {
        exchange_free(c->x);
    }
    buf_finish(&c->in);
    buf_finish(&c->out);
    free(c);
}

static void watch_for_state(struct http_conn *c)
{
    bool read = !c->saw_eof && (c->state != BUSY || c->in.len < AHEAD_MAX) && c->state != WRITING;

    net_watch_set(c->watch, read, c->state == WRITING);
}

static void set_state(struct http_conn *c, enum state state, uint64_t time)
{
    c->state = state;
    c->deadline = time == NO_DEADLINE ? NO_DEADLINE : now(c->server) + time;
}

/* ---- Answers ------------------------------------------------------------------------------------------------------
 */

static void put_date(struct buf *out)
{
    char text[40];
    time_t t = time(NULL);
    struct tm tm;

    if (gmtime_r(&t, &tm) && strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm) > 0) {
        buf_put_str(out, text);
    }
}

/* Puts the answer together and makes the connection send it. */
static void answer(struct http_conn *c, bool head_only, struct http_response *r)
{
    bool no_body = r->status == 204 || r->status == 304 || r->status < 200;
    size_t len = r->fixed.data ? r->fixed.len : r->body.len;

    if (r->headers.rc != RC_OK || r->body.rc != RC_OK) {
        http_response_finish(r);
        *r = (struct http_response){.status = 500};
        len = 0;
    }
    c->server->counts.by_class[r->status / 100 % 6]++;
    buf_clear(&c->out);
    buf_printf(&c->out, "HTTP/1.1 %u %s\r\n", r->status, http_status_text(r->status));
    put_date(&c->out);
    if (!no_body) {
        if (r->content_type) {
            buf_printf(&c->out, "Content-Type: %s\r\n", r->content_type);
        }
        buf_printf(&c->out, "Content-Length: %zu\r\n", len);
    }
    buf_put_span(&c->out, buf_span(&r->headers));
    buf_put_str(&c->out, c->keep ? "\r\n" : "Connection: close\r\n\r\n");
    c->fixed = span_of(NULL, 0);
    if (!no_body && !head_only) {
        if (r->fixed.data) {
            c->fixed = r->fixed;
        } else {
            buf_put_span(&c->out, buf_span(&r->body));
        }
    }
    http_response_finish(r);
    if (c->out.rc != RC_OK) {
        c->state = DEAD; /* out of memory: nothing can be said */
        return;
    }
    c->sent = 0;
    set_state(c, WRITING, WRITE_TIME);
}

/* An answer of this layer. The connection ends behind it: what follows on it cannot be trusted. */
static void refuse(struct http_conn *c, unsigned status, const char *header)
{
    struct http_response r = {.status = status};

    c->server->counts.refused++;
    c->keep = false;
    c->dirty_end = true;
    c->server->handler->refusal(c->server->context, status, &r);
    r.status = status;
    if (header) {
        buf_put_str(&r.headers, header);
    }
    answer(c, false, &r);
}

void http_respond(struct http_exchange *x, struct http_response *r)
{
    struct http_conn *c = x->conn;
    bool head_only = x->request.head.method == HTTP_HEAD;

    if (!c) {
        http_response_finish(r);
        exchange_free(x);
        return;
    }
    assert(c->state == BUSY && c->x == x);
    c->x = NULL;
    if (c->server->stopping) {
        c->keep = false;
    }
    answer(c, head_only, r);
    exchange_free(x);
    if (!c->running) {
        run(c);
    }
}

int http_exchange_take(struct http_exchange *x)
{
    struct http_conn *c = x->conn;
    int fd = -1;

    if (c) {
        assert(c->state == BUSY && c->x == x);
        c->server->counts.by_class[2]++;
        net_watch_close(c->watch); /* the one who takes the descriptor watches it himself */
        c->watch = NULL;
        fd = c->fd;
        c->fd = -1;
        c->x = NULL;
        c->state = DEAD;
    }
    exchange_free(x);
    if (c && !c->running) {
        conn_free(c);
    }
    return fd;
}

/* ---- Requests ------------------------------------------------------------------------------------------------------
 */

static void drop_front(struct buf *b, size_t len)
{
    memmove(b->data, b->data + len, b->len - len);
    b->len -= len;
}

static unsigned status_of(int rc)
{
    return rc == RC_LIMIT ? 431 : rc == RC_UNSUPPORTED ? 505 : rc == RC_NOMEM ? 503 : 400;
}

/* Base64 of 16 bytes: 22 characters and "==" (RFC 6455, 4.2.1). */
static bool key_valid(struct span key)
{
    if (key.len != 24 || key.data[22] != '=' || key.data[23] != '=') {
        return false;
    }
    for (size_t i = 0; i < 22; i++) {
        uint8_t c = key.data[i];

        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '+' || c == '/')) {
            return false;
        }
    }
    return true;
}

static void upgrade(struct http_conn *c, const struct http_request *r)
{
    struct span key = http_head_get(&r->head, "sec-websocket-key");

    if (!http_equal(http_head_get(&r->head, "sec-websocket-version"), "13")) {
        refuse(c, 426, "Sec-WebSocket-Version: 13\r\n");
    } else if (!key_valid(key)) {
        refuse(c, 400, NULL);
    } else {
        net_watch_close(c->watch); /* the one who takes the descriptor watches it himself */
        c->watch = NULL;
        if (c->server->handler->upgrade(c->server->context, c->fd, r, key, buf_span(&c->in))) {
            c->fd = -1;
            c->state = DEAD;
        } else if (net_watch_open(c->server->loop, c->fd, on_ready, c, &c->watch) == RC_OK) {
            refuse(c, 404, NULL);
        } else {
            c->state = DEAD;
        }
    }
}

/* Takes a whole head from c->in and begins an exchange. */
static void begin(struct http_conn *c, size_t head_len)
{
    const struct origin_policy *policy = c->server->options.origin;
    struct http_exchange *x = calloc(1, sizeof *x);
    struct http_request *r;
    int rc;

    if (!x) {
        refuse(c, 503, NULL);
        return;
    }
    c->server->exchanges++;
    c->server->counts.requests++;
    x->server = c->server;
    x->conn = c;
    c->x = x;
    r = &x->request;
    buf_put(&x->head, c->in.data, head_len);
    drop_front(&c->in, head_len);
    rc = x->head.rc;
    rc = rc == RC_OK ? http_head_parse(buf_span(&x->head), &r->head) : rc;
    rc = rc == RC_OK ? http_head_framing(&r->head, &x->framing) : rc;
    if (rc != RC_OK) {
        refuse(c, status_of(rc), NULL);
        return;
    }
    memcpy(x->peer, c->peer, PEER_MAX);
    r->peer = span_str(x->peer);
    c->keep = x->framing.keep_alive && !c->server->stopping;
    r->same_origin = origin_allowed(policy, http_head_get(&r->head, "sec-fetch-site"),
                                    http_head_get(&r->head, "origin"), http_head_get(&r->head, "host"));
    if (!origin_host_allowed(policy, http_head_get(&r->head, "host"))) {
        refuse(c, 421, NULL);
    } else if (x->framing.chunked) {
        refuse(c, 411, NULL);
    } else if (x->framing.length > c->server->options.body_limit) {
        refuse(c, 413, NULL);
    } else if (x->framing.upgrade_websocket) {
        upgrade(c, r);
    } else {
        set_state(c, BODY, BODY_TIME);
    }
}

/* "100 Continue" goes out directly: it is the first thing on an otherwise quiet connection, and a client that does not
 * get it sends the body after a while anyway. */
static void send_continue(struct http_conn *c)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";

    if (send(c->fd, text, sizeof text - 1, MSG_NOSIGNAL) != (ssize_t)(sizeof text - 1)) {
        c->state = DEAD;
    }
}

static bool read_head(struct http_conn *c)
{
    size_t len;

    while (c->in.len >= 2 && c->in.data[0] == '\r' && c->in.data[1] == '\n') {
        drop_front(&c->in, 2); /* empty lines before a request are to be passed over (RFC 9112, 2.2) */
    }
    len = http_head_end(buf_span(&c->in));
    if (len > HTTP_HEAD_MAX || (len == 0 && c->in.len >= HTTP_HEAD_MAX)) {
        refuse(c, 431, NULL);
        return true;
    }
    if (len == 0) {
        if (c->in.len > 0 && !c->in_head) {
            c->in_head = true;
            c->deadline = now(c->server) + HEAD_TIME;
        }
        return false;
    }
    c->in_head = false;
    begin(c, len);
    if (c->state == BODY && c->x->framing.expect_continue && c->in.len == 0 && c->x->framing.length > 0) {
        send_continue(c);
    }
    return true;
}

static bool read_body(struct http_conn *c)
{
    struct http_exchange *x = c->x;
    size_t want = (size_t)x->framing.length - x->body.len, n = c->in.len < want ? c->in.len : want;

    if (n > 0) {
        buf_put(&x->body, c->in.data, n);
        drop_front(&c->in, n);
        c->deadline = now(c->server) + BODY_TIME;
    }
    if (x->body.rc != RC_OK) {
        refuse(c, 503, NULL);
        return true;
    }
    if (n < want) {
        return false;
    }
    x->request.body = buf_span(&x->body);
    x->handed = true;
    set_state(c, BUSY, NO_DEADLINE);
    c->server->handler->request(c->server->context, x);
    return true;
}

static bool write_out(struct http_conn *c)
{
    while (c->sent < c->out.len + c->fixed.len) {
        size_t in_fixed = c->sent > c->out.len ? c->sent - c->out.len : 0;
        struct iovec part[2] = {
            {c->out.data + c->sent - in_fixed, c->out.len - (c->sent - in_fixed)},
            {(void *)(uintptr_t)(c->fixed.len ? c->fixed.data + in_fixed : NULL), c->fixed.len - in_fixed}};
        struct msghdr message = {.msg_iov = part, .msg_iovlen = c->fixed.len ? 2 : 1};
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            c->state = errno == EAGAIN || errno == EWOULDBLOCK ? WRITING : DEAD;
            return c->state == DEAD;
        }
        c->sent += (size_t)n;
        c->deadline = now(c->server) + WRITE_TIME;
    }
    buf_finish(&c->out);
    if (c->x) {
        exchange_free(c->x); /* one that this layer refused */
        c->x = NULL;
    }
    if (c->keep && !c->saw_eof) {
        set_state(c, HEAD, IDLE_TIME);
    } else if (c->dirty_end && !c->saw_eof) {
        shutdown(c->fd, SHUT_WR);
        set_state(c, LINGER, LINGER_TIME);
    } else {
        c->state = DEAD;
    }
    return true;
}

static bool step(struct http_conn *c)
{
    switch (c->state) {
    case HEAD:
        return read_head(c);
    case BODY:
        return read_body(c);
    case WRITING:
        return write_out(c);
    case LINGER:
        buf_clear(&c->in);
        return false;
    case BUSY:
    case DEAD:
        break;
    }
    return false;
}

/* Goes on until something must be waited for. Frees a connection that is at its end. */
static void run(struct http_conn *c)
{
    c->running = true;
    while (c->state != DEAD && step(c)) {
    }
    c->running = false;
    if (c->saw_eof && c->state != WRITING && c->state != BUSY) {
        c->state = DEAD; /* a request cut short, or none */
    }
    if (c->state == DEAD) {
        conn_free(c);
        return;
    }
    if (c->in.len == 0) {
        buf_finish(&c->in); /* an idle connection holds no buffer */
    }
    watch_for_state(c);
}

static void read_some(struct http_conn *c)
{
    for (int i = 0; i < READS_PER_EVENT; i++) {
        ssize_t n;

        if (buf_reserve(&c->in, READ_CHUNK) != RC_OK) {
            c->saw_eof = true;
            return;
        }
        n = recv(c->fd, c->in.data + c->in.len, READ_CHUNK, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            c->saw_eof |= errno != EAGAIN && errno != EWOULDBLOCK;
            return;
        }
        if (n == 0) {
            c->saw_eof = true;
            return;
        }
        c->in.len += (size_t)n;
        if (n < READ_CHUNK) {
            return;
        }
    }
}

static void on_ready(void *context, bool readable, bool writable)
{
    struct http_conn *c = context;

    (void)writable;
    if (readable && c->state != WRITING) {
        read_some(c);
    }
    if (c->state == BUSY) {
        watch_for_state(c); /* an early end of the peer's is noticed when the answer is written */
        return;
    }
    run(c);
}

/* ---- Listening ------------------------------------------------------------------------------------------------------
 */

static void put_peer(struct http_conn *c, const struct sockaddr *address, socklen_t len)
{
    if (getnameinfo(address, len, c->peer, sizeof c->peer, NULL, 0, NI_NUMERICHOST) != 0) {
        c->peer[0] = '\0';
    }
}

static void conn_open(struct http_server *s, int fd, const struct sockaddr *address, socklen_t len)
{
    struct http_conn *c = s->conns < s->options.connections ? calloc(1, sizeof *c) : NULL;
    int one = 1;

    if (!c) {
        s->counts.refused++;
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (net_watch_open(s->loop, fd, on_ready, c, &c->watch) != RC_OK) {
        free(c);
        close(fd);
        return;
    }
    c->server = s;
    c->fd = fd;
    c->next = s->first;
    c->link = &s->first;
    if (s->first) {
        s->first->link = &c->next;
    }
    s->first = c;
    s->conns++;
    s->counts.accepted++;
    put_peer(c, address, len);
    set_state(c, HEAD, HEAD_TIME);
    watch_for_state(c);
}

static int make_async(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
        return RC_IO;
    }
    return RC_OK;
}

static void on_accept(void *context, bool readable, bool writable)
{
    struct listener *l = context;

    (void)readable;
    (void)writable;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage address;
        socklen_t len = sizeof address;
        int fd = accept(l->fd, (struct sockaddr *)&address, &len);

        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE) {
                log_event(LOG_LEVEL_ERROR, "net.accept", "error=\"%s\"", strerror(errno));
                net_watch_set(l->watch, false, false); /* the tick tries again */
            }
            return;
        }
        if (make_async(fd) != RC_OK) {
            close(fd);
            continue;
        }
        conn_open(l->server, fd, (struct sockaddr *)&address, len);
    }
}

int http_server_open(struct net_loop *loop, const struct http_options *options, const struct http_handler *handler,
                     void *context, struct http_server **out)
{
    struct http_server *s = calloc(1, sizeof *s);

    if (!s) {
        return RC_NOMEM;
    }
    s->loop = loop;
    s->options = *options;
    s->handler = handler;
    s->context = context;
    *out = s;
    return RC_OK;
}

/* Cuts "host:port" or "[host]:port" in two. */
static int split_address(const char *address, char *host, size_t room, const char **port)
{
    const char *colon = strrchr(address, ':');
    size_t len;

    if (!colon || colon == address || !colon[1] || strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
        strtoul(colon + 1, NULL, 10) > 65535) {
        return RC_ARG;
    }
    len = (size_t)(colon - address);
    if (address[0] == '[' && colon[-1] == ']') {
        address++;
        len -= 2;
    }
    if (len == 0 || len >= room) {
        return RC_ARG;
    }
    memcpy(host, address, len);
    host[len] = '\0';
    *port = colon + 1;
    return RC_OK;
}

static int resolve(const char *address, struct addrinfo **out)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    const char *port;
    char host[256];

    if (split_address(address, host, sizeof host, &port) != RC_OK) {
        return RC_ARG;
    }
    return getaddrinfo(strcmp(host, "*") == 0 ? NULL : host, port, &hints, out) == 0 ? RC_OK : RC_ARG;
}

int http_address_is_loopback(const char *address, bool *out)
{
    struct addrinfo *list;
    bool loopback = true;
    int rc = resolve(address, &list);

    if (rc != RC_OK) {
        return rc;
    }
    for (struct addrinfo *a = list; a; a = a->ai_next) {
        if (a->ai_family == AF_INET) {
            const struct sockaddr_in *in = (const void *)a->ai_addr;

            loopback &= ntohl(in->sin_addr.s_addr) >> 24 == 127;
        } else {
            const struct sockaddr_in6 *in6 = (const void *)a->ai_addr;

            loopback &= a->ai_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
        }
    }
    freeaddrinfo(list);
    *out = loopback;
    return RC_OK;
}

static int listen_on(const struct addrinfo *a, int *out)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol), one = 1, error;

    if (fd < 0) {
        return RC_IO;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (make_async(fd) == RC_OK && bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0) {
        *out = fd;
        return RC_OK;
    }
    error = errno;
    close(fd);
    return error == EADDRINUSE ? RC_EXISTS : error == EACCES ? RC_DENIED : error == EADDRNOTAVAIL ? RC_ARG : RC_IO;
}

/* Listens on the first of the name's addresses that works; the others are the same machine. */
int http_server_listen(struct http_server *s, const char *address)
{
    struct listener *l = &s->listener[s->listeners];
    struct addrinfo *list;
    int rc = s->listeners < MAX_LISTENERS ? resolve(address, &list) : RC_LIMIT;

    if (rc != RC_OK) {
        return rc;
    }
    rc = listen_on(list, &l->fd);
    freeaddrinfo(list);
    if (rc != RC_OK) {
        return rc;
    }
    l->server = s;
    rc = net_watch_open(s->loop, l->fd, on_accept, l, &l->watch);
    if (rc != RC_OK) {
        close(l->fd);
        return rc;
    }
    net_watch_set(l->watch, true, false);
    s->listeners++;
    return RC_OK;
}

uint16_t http_server_port(const struct http_server *s)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof address;

    if (s->listeners == 0 || getsockname(s->listener[0].fd, (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&address)->sin6_port
                                               : ((struct sockaddr_in *)(void *)&address)->sin_port);
}

void http_server_stop(struct http_server *s)
{
    s->stopping = true;
    for (size_t i = 0; i < s->listeners; i++) {
        net_watch_close(s->listener[i].watch);
        close(s->listener[i].fd);
    }
    s->listeners = 0;
    for (struct http_conn *c = s->first, *next; c; c = next) {
        next = c->next;
        c->keep = false;
        if (c->state == HEAD || c->state == LINGER) {
            c->state = DEAD;
            conn_free(c);
        }
    }
}

size_t http_server_active(const struct http_server *s)
{
    return s->conns + s->exchanges;
}

void http_server_tick(struct http_server *s)
{
    uint64_t time = now(s);

    for (size_t i = 0; i < s->listeners; i++) {
        net_watch_set(s->listener[i].watch, true, false);
    }
    for (struct http_conn *c = s->first, *next; c; c = next) {
        next = c->next;
        if (time >= c->deadline) {
            c->state = DEAD;
            conn_free(c);
        }
    }
}

void http_server_close(struct http_server *s)
{
    if (!s) {
        return;
    }
    http_server_stop(s);
    while (s->first) {
        conn_free(s->first);
    }
    assert(s->exchanges == 0);
    free(s);
}

const struct http_counts *http_server_counts(const struct http_server *s)
{
    return &s->counts;
}
