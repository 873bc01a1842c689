#ifndef SERVER_NET_HTTP_CONN_H
#define SERVER_NET_HTTP_CONN_H

/* One HTTP connection: what the files behind http.h share, and nobody else includes.
 *
 *     http.c          the server: addresses, the list of connections, their end
 *     http_conn.c     a connection: bytes in and out, and the loop that goes on until something must be waited for
 *     http_request.c  HEAD and BODY: bytes become a request and go to the handler, or are refused
 *     http_respond.c  BUSY and WRITING: exchanges, and the answers to them
 *     http_stream.c   STREAM: answers in pieces
 *
 * A connection lives from http_conn_open until it is DEAD and nobody runs it; only http_conn_run and http_conn_close
 * free it. Its exchange lives from the request's first byte behind the head until the answer is given (one that was
 * handed over lives on when the connection goes: `conn` is NULL then). Event loop thread only. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/net/addresses.h"
#include "server/net/http.h"
#include "server/net/http_stream.h"
#include "server/net/listen.h"

#define HTTP_SECOND      1000000
#define HTTP_HEAD_TIME   (10 * HTTP_SECOND)
#define HTTP_WRITE_TIME  (30 * HTTP_SECOND) /* without progress */
#define HTTP_NO_DEADLINE UINT64_MAX

enum http_state {
    HTTP_CONN_HEAD,    /* waits for a whole head */
    HTTP_CONN_BODY,    /* waits for the rest of a body */
    HTTP_CONN_BUSY,    /* the handler has the exchange */
    HTTP_CONN_STREAM,  /* the answer comes in pieces: one is on its way, or the next is awaited */
    HTTP_CONN_WRITING, /* the answer, or the last of it, is on its way */
    HTTP_CONN_LINGER,  /* all is said; reads and drops what still comes, so that the peer gets to read the answer */
    HTTP_CONN_DEAD
};

/* What the connections of one server share. */
struct http_site {
    struct net_loop *loop;
    struct http_options options;
    const struct http_handler *handler;
    void *context;
    struct http_conn *first;
    size_t conns, exchanges;
    struct addresses addresses;
    bool stopping; /* answers say that the connection ends */
    struct http_counts counts;
};

struct http_exchange {
    struct http_site *site;
    struct http_conn *conn; /* NULL: the peer has gone */
    struct http_request request;
    struct http_framing framing;
    struct buf head, body;
    uint64_t begun_us;
    size_t arriving; /* what the body has taken of the server's arrivals */
    char peer[LISTEN_PEER_MAX];
    bool handed; /* the handler has it and will answer */
    void *user;
    const struct http_stream_events *events; /* of an answer in pieces; NULL: it is none */
    void *context;
    struct buf piece; /* on its way */
    bool begun;       /* a piece went before */
};

struct http_conn {
    struct http_site *site;
    struct http_conn *next, **link; /* in the site's list */
    int fd;
    struct net_watch *watch;
    enum http_state state;
    bool running;   /* inside http_conn_run: answers given meanwhile wait for it */
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
    char peer[LISTEN_PEER_MAX];
    struct address *address;
};

/* ---- http_conn.c ------------------------------------------------------------------------------------------------- */

/* Takes `fd` over, also on failure. RC_LIMIT: there are too many, in all or of this peer; RC_NOMEM. */
int http_conn_open(struct http_site *s, int fd, const char *peer) MUST_CHECK;
void http_conn_close(struct http_conn *c);
/* Goes on until something must be waited for. Frees a connection that is at its end. */
void http_conn_run(struct http_conn *c);
/* `time` in microseconds from now, or HTTP_NO_DEADLINE. */
void http_conn_set_state(struct http_conn *c, enum http_state state, uint64_t time);
/* Waits for what the state needs. Outside of http_conn_run, which does that at its end. */
void http_conn_wait(struct http_conn *c);
/* The one who takes the descriptor watches it himself. Gives it, and the connection is DEAD. */
int http_conn_take_fd(struct http_conn *c);
/* Watches the descriptor again that http_conn_unwatch left alone. */
int http_conn_watch(struct http_conn *c) MUST_CHECK;
void http_conn_unwatch(struct http_conn *c);

/* ---- http_request.c ---------------------------------------------------------------------------------------------- */

/* One step of HEAD and of BODY. False: more bytes are needed. */
bool http_request_head(struct http_conn *c);
bool http_request_body(struct http_conn *c);

/* ---- http_respond.c ---------------------------------------------------------------------------------------------- */

void http_exchange_free(struct http_exchange *x);
/* Begins c->out with status line and headers, up to the empty line. `framing` is the line that says where the body
 * ends, "" when that is the connection's end, or there is none. Lack of memory shows in c->out. */
void http_put_head(struct http_conn *c, const struct http_response *r, const char *framing);
/* An answer of this layer, with a line of `header` (NULL: none). The connection ends behind it: what follows on it
 * cannot be trusted. */
void http_refuse(struct http_conn *c, unsigned status, const char *header);

#endif
