#include "server/net/frame.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define OP_CONTINUE 0x00
#define OP_BINARY   0x02
#define FIN         0x80

#define PIECE_HEADER  4 /* opcode, 126, length in two bytes */
#define PIECE_PAYLOAD (FRAME_PIECE - PIECE_HEADER)

struct frame {
    unsigned refs;
    size_t wire_len, payload_len;
    uint8_t wire[];
};

/* Where the next payload byte goes while a frame is being filled. */
struct filler {
    uint8_t *to;
    size_t in_piece; /* payload bytes that the open piece still takes */
    size_t left;     /* payload bytes still to come, those of the open piece included */
    uint8_t opcode;
};

static size_t header_len(size_t payload)
{
    return payload < 126 ? 2 : PIECE_HEADER;
}

/* The last piece may have any length up to a full one; a full one is last when nothing follows. */
static size_t wire_len_of(size_t payload)
{
    size_t full = payload == 0 ? 0 : (payload - 1) / PIECE_PAYLOAD;
    size_t last = payload - full * PIECE_PAYLOAD;

    return full * FRAME_PIECE + header_len(last) + last;
}

static void open_piece(struct filler *f)
{
    size_t len = f->left < PIECE_PAYLOAD ? f->left : PIECE_PAYLOAD;

    *f->to++ = (uint8_t)((f->left == len ? FIN : 0) | f->opcode);
    if (len < 126) {
        *f->to++ = (uint8_t)len;
    } else {
        *f->to++ = 126;
        *f->to++ = (uint8_t)(len >> 8);
        *f->to++ = (uint8_t)len;
    }
    f->opcode = OP_CONTINUE;
    f->in_piece = len;
}

static void fill(struct filler *f, struct span part)
{
    while (part.len > 0) {
        size_t n;

        if (f->in_piece == 0) {
            open_piece(f);
        }
        n = part.len < f->in_piece ? part.len : f->in_piece;
        memcpy(f->to, part.data, n);
        f->to += n;
        f->in_piece -= n;
        f->left -= n;
        part = span_of(part.data + n, part.len - n);
    }
}

int frame_create(const struct span *parts, size_t count, struct frame **out)
{
    struct frame *f;
    struct filler filler;
    size_t payload = 0;

    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > SIZE_MAX / 4 - payload) {
            return RC_LIMIT;
        }
        payload += parts[i].len;
    }
    f = malloc(sizeof *f + wire_len_of(payload));
    if (!f) {
        return RC_NOMEM;
    }
    f->refs = 1;
    f->payload_len = payload;
    f->wire_len = wire_len_of(payload);
    filler = (struct filler){.to = f->wire, .left = payload, .opcode = OP_BINARY};
    if (payload == 0) {
        open_piece(&filler);
    }
    for (size_t i = 0; i < count; i++) {
        fill(&filler, parts[i]);
    }
    assert(filler.to == f->wire + f->wire_len);
    *out = f;
    return RC_OK;
}

struct frame *frame_ref(struct frame *f)
{
    f->refs++;
    return f;
}

void frame_unref(struct frame *f)
{
    if (f && --f->refs == 0) {
        free(f);
    }
}

struct span frame_wire(const struct frame *f)
{
    return span_of(f->wire, f->wire_len);
}

size_t frame_payload_len(const struct frame *f)
{
    return f->payload_len;
}

void frame_payload(const struct frame *f, struct buf *out)
{
    if (f->payload_len > 0 && buf_reserve(out, f->payload_len) == RC_OK) {
        frame_copy(f, 0, f->payload_len, out->data + out->len);
        out->len += f->payload_len;
    }
}

void frame_copy(const struct frame *f, size_t from, size_t len, uint8_t *to)
{
    while (len > 0) {
        size_t piece = from / PIECE_PAYLOAD, at = from % PIECE_PAYLOAD, rest = f->payload_len - (from - at);
        size_t whole = rest < PIECE_PAYLOAD ? rest : PIECE_PAYLOAD;
        size_t n = whole - at < len ? whole - at : len;

        memcpy(to, f->wire + piece * FRAME_PIECE + header_len(whole) + at, n);
        to += n;
        from += n;
        len -= n;
    }
}
