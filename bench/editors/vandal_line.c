#include "bench/editors/vandal_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_S 5 /* for a server that does not answer or take more */

static void make_path(struct vandal *v)
{
    crowd_make_path(&v->crowd->options, v->name, v->path, sizeof(v->path));
}

void vandal_new_note(struct vandal *v)
{
    (void)snprintf(v->name, sizeof(v->name), "%svandal-%u", v->crowd->options.prefix, v->notes++);
    make_path(v);
}

void vandal_aim(struct vandal *v, const struct note *n)
{
    (void)snprintf(v->name, sizeof(v->name), "%s", n->name);
    make_path(v);
}

int vandal_open(struct vandal *v)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    if (connect(fd, (const struct sockaddr *)&v->crowd->net.server, sizeof(v->crowd->net.server)) != 0) {
        (void)close(fd);
        return -1;
    }
    v->deeds->connections++;
    return fd;
}

bool vandal_send(struct vandal *v, int fd, struct span bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.data, bytes.len, MSG_NOSIGNAL);
        if (n <= 0) {
            return false;
        }
        v->deeds->bytes += (uint64_t)n;
        bytes = span_of(bytes.data + n, bytes.len - (size_t)n);
    }
    return true;
}

bool vandal_wait(int fd, struct buf *answer)
{
    char bytes[1024];
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

    if (n > 0) {
        buf_put(answer, bytes, (size_t)n);
    }
    return n > 0;
}

bool vandal_send_message(struct vandal *v, int fd, struct span message)
{
    uint32_t random = (uint32_t)rng_next(&v->rng);
    uint8_t mask[4];
    struct buf frame = {0};

    memcpy(mask, &random, 4);
    ws_frame_put(&frame, WS_BINARY, message, mask);
    bool ok = vandal_send(v, fd, buf_span(&frame));
    buf_finish(&frame);
    return ok;
}

void vandal_put_address(const struct vandal *v, struct buf *out)
{
    if (v->crowd->options.protocol == CROWD_HOCUSPOCUS) {
        proto_put_address(out, span_str(v->name));
    }
}

/* Says who it is, where the protocol asks for it. */
static bool introduce(struct vandal *v, int fd)
{
    const char *token = v->crowd->options.token;
    struct buf message = {0};
    bool ok = true;

    if (v->crowd->options.protocol == CROWD_HOCUSPOCUS) {
        vandal_put_address(v, &message);
        proto_put_token(&message, span_str(token != NULL ? token : "-"));
        ok = vandal_send_message(v, fd, buf_span(&message));
    }
    buf_finish(&message);
    return ok;
}

bool vandal_send_update(struct vandal *v, int fd, struct span update)
{
    struct buf message = {0};

    vandal_put_address(v, &message);
    proto_put_sync(&message, PROTO_UPDATE, update);
    bool ok = vandal_send_message(v, fd, buf_span(&message));
    buf_finish(&message);
    return ok;
}

static void put_handshake(struct vandal *v, char key[WS_KEY_LEN + 1], struct buf *out)
{
    uint64_t random[2] = {rng_next(&v->rng), rng_next(&v->rng)};

    ws_key_make((const uint8_t *)random, key);
    ws_request_put(out, v->crowd->net.host, v->path, key);
}

void vandal_put_handshake(struct vandal *v, struct buf *out)
{
    char key[WS_KEY_LEN + 1];

    put_handshake(v, key, out);
}

int vandal_enter_unknown(struct vandal *v)
{
    struct buf request = {0}, answer = {0};
    char key[WS_KEY_LEN + 1];
    int fd = vandal_open(v);

    if (fd < 0) {
        return -1;
    }
    put_handshake(v, key, &request);
    bool ok = vandal_send(v, fd, buf_span(&request)) && vandal_wait(fd, &answer) &&
              ws_answer_check(span_of(answer.data, ws_head_length(buf_span(&answer))), key) == RC_OK;
    buf_finish(&request);
    buf_finish(&answer);
    if (!ok) {
        (void)close(fd);
        return -1;
    }
    v->deeds->entered++;
    return fd;
}

int vandal_enter(struct vandal *v)
{
    int fd = vandal_enter_unknown(v);

    if (fd >= 0 && !introduce(v, fd)) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool vandal_drain(int fd)
{
    static char heap[65536];
    ssize_t n;

    while ((n = recv(fd, heap, sizeof(heap), MSG_DONTWAIT)) > 0) {
    }
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}
