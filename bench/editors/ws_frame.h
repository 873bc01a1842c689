#ifndef BENCH_EDITORS_WS_FRAME_H
#define BENCH_EDITORS_WS_FRAME_H

/* WebSocket frames and opening handshakes as bytes (RFC 6455), both sides, and strict: what the RFC forbids is
 * RC_FORMAT. No extensions.
 *
 *     0      FIN, RSV1-3 (0), opcode     2, 4 or 10   mask, 4 bytes, in frames from clients
 *     1      MASK, length to 125, or 126: 2 bytes follow, or 127: 8 bytes follow; always the shortest form
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"

#define WS_PAYLOAD_MAX ((size_t)64 << 20)
#define WS_HEAD_MAX    16384 /* bytes of a handshake */
#define WS_KEY_LEN     24

enum ws_opcode { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

struct ws_frame {
    enum ws_opcode opcode;
    bool final;
    struct span payload; /* borrowed, unmasked */
    size_t size;         /* of the whole frame */
};

/* 1: *out is the first frame of the bytes, unmasked in place; 0: it is not complete; RC_FORMAT, RC_LIMIT. `masked`: it
 * must be (from a client), else it must not be. */
int ws_frame_read(uint8_t *data, size_t len, bool masked, struct ws_frame *out) MUST_CHECK;
/* Appends a final frame; masked with the four bytes of `mask`, or without one for NULL. */
void ws_frame_put(struct buf *out, enum ws_opcode opcode, struct span payload, const uint8_t *mask);

/* The end of the head that `bytes` begin with, behind its empty line; 0 when it is not complete. */
size_t ws_head_length(struct span bytes);
/* 16 random bytes as base64, with a terminator. */
void ws_key_make(const uint8_t random[16], char key[WS_KEY_LEN + 1]);
void ws_request_put(struct buf *out, const char *host, const char *path, const char *key);
/* Whether a server's head accepts the request made with `key`. RC_DENIED: another status; RC_FORMAT. */
int ws_answer_check(struct span head, const char *key) MUST_CHECK;
/* A client's head: its path and key, borrowed. RC_FORMAT. */
int ws_request_read(struct span head, struct span *path, struct span *key) MUST_CHECK;
void ws_answer_put(struct buf *out, struct span key);

#endif
