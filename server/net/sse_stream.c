#include "server/net/sse_stream.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/net/sse_wire.h"

#define GATHER   65536 /* bytes of text made at a time; a line may go beyond */
#define READ_MAX 1024

void sse_stream_init(struct sse_stream *s, const char *session)
{
    *s = (struct sse_stream){.session = session, .fd = -1};
}

int sse_stream_open(struct sse_stream *s, struct net_loop *loop, int fd, uint64_t received,
                    void (*ready)(void *context, bool readable, bool writable), void *context)
{
    int rc;

    sse_stream_close(s);
    rc = net_watch_open(loop, fd, ready, context, &s->watch);
    if (rc != RC_OK) {
        close(fd);
        return rc;
    }
    net_watch_set(s->watch, true, false);
    s->fd = fd;
    sse_put_head(&s->text);
    sse_put_session(&s->text, s->session, received);
    return RC_OK;
}

void sse_stream_close(struct sse_stream *s)
{
    if (s->fd >= 0) {
        net_watch_close(s->watch);
        close(s->fd);
        s->watch = NULL;
        s->fd = -1;
    }
    frame_unref(s->frame);
    s->frame = NULL;
    buf_finish(&s->text);
    s->sent = 0;
}

bool sse_stream_is_open(const struct sse_stream *s)
{
    return s->fd >= 0;
}

size_t sse_stream_left(const struct sse_stream *s)
{
    return s->text.len - s->sent + (s->frame ? frame_payload_len(s->frame) - s->at : 0);
}

void sse_stream_read(struct sse_stream *s)
{
    uint8_t dropped[READ_MAX];
    ssize_t n = recv(s->fd, dropped, sizeof dropped, 0);

    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)) {
        sse_stream_close(s);
    }
}

void sse_stream_comment(struct sse_stream *s)
{
    if (s->fd >= 0 && sse_stream_left(s) == 0) {
        sse_put_comment(&s->text);
    }
}

/* Begins the oldest message that is queued; false when there is none. */
static bool begin_message(struct sse_stream *s, struct outq *q)
{
    const struct frame *oldest = outq_peek(q);

    if (!oldest) {
        return false;
    }
    s->frame = frame_ref((struct frame *)(uintptr_t)oldest);
    s->at = 0;
    outq_advance(q, frame_wire(oldest).len);
    sse_put_message(&s->text, s->session, ++s->events);
    return true;
}

static void put_line(struct sse_stream *s)
{
    size_t left = frame_payload_len(s->frame) - s->at, n = left < SSE_LINE_MAX ? left : SSE_LINE_MAX;

    sse_put_line(&s->text, s->frame, s->at, n);
    s->at += n;
    if (n == left) {
        sse_put_end(&s->text);
        frame_unref(s->frame);
        s->frame = NULL;
    }
}

/* More text, when all that was made has gone; false when there is none. */
static bool fill(struct sse_stream *s, struct outq *q, const struct sse_ending *ending)
{
    buf_clear(&s->text);
    s->sent = 0;
    while (s->text.len < GATHER && (s->frame || begin_message(s, q))) {
        put_line(s);
    }
    if (s->text.len == 0 && ending && !s->said) {
        s->said = true;
        sse_put_close(&s->text, ending->code, ending->reason);
    }
    if (s->text.rc != RC_OK) {
        sse_stream_close(s); /* out of memory: the numbers will tell that something is missing */
        return false;
    }
    return s->text.len > 0;
}

/* Bytes that went; 0 when the system takes no more now, or the answer has ended. */
static size_t write_some(struct sse_stream *s)
{
    ssize_t n;

    do {
        n = send(s->fd, s->text.data + s->sent, s->text.len - s->sent, MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n >= 0) {
        s->sent += (size_t)n;
        return (size_t)n;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        net_watch_set(s->watch, true, true);
    } else {
        sse_stream_close(s);
    }
    return 0;
}

size_t sse_stream_write(struct sse_stream *s, struct outq *q, const struct sse_ending *ending)
{
    size_t gone = 0, n;

    while (s->fd >= 0 && (s->sent < s->text.len || fill(s, q, ending))) {
        n = write_some(s);
        if (n == 0) {
            return gone;
        }
        gone += n;
    }
    if (s->fd >= 0) {
        buf_finish(&s->text); /* an idle session holds no buffer */
        s->sent = 0;
        net_watch_set(s->watch, true, false);
    }
    return gone;
}
