#include "bench/editors/hostile_update.h"

#include "crdt/lib0/enc.h"

/* Struct kinds of update format v1: a string without origins, and a gap. */
#define STRUCT_STRING 4
#define STRUCT_SKIP   10

static void put_letter(struct buf *out)
{
    buf_put_u8(out, STRUCT_STRING);
    lib0_put_varuint(out, 1); /* its parent is the root of that name */
    lib0_put_varstring(out, span_str("text"));
    lib0_put_varstring(out, span_str("x"));
}

/* Everybody writes at the same place without knowing of anybody else. */
void hostile_authors(struct buf *out)
{
    lib0_put_varuint(out, HOSTILE_AUTHORS);
    for (uint64_t client = 1; client <= HOSTILE_AUTHORS; client++) {
        lib0_put_varuint(out, 1);
        lib0_put_varuint(out, client);
        lib0_put_varuint(out, 0);
        put_letter(out);
    }
    lib0_put_varuint(out, 0); /* nothing is deleted */
}

void hostile_gaps(struct buf *out)
{
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, (uint64_t)2 * HOSTILE_GAPS);
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, 0);
    for (int i = 0; i < HOSTILE_GAPS; i++) {
        buf_put_u8(out, STRUCT_SKIP);
        lib0_put_varuint(out, 1);
        put_letter(out);
    }
    lib0_put_varuint(out, 0);
}

void hostile_pieces(struct buf *out)
{
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, HOSTILE_PIECES);
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, 0);
    for (int i = 0; i < HOSTILE_PIECES; i++) {
        put_letter(out);
    }
    lib0_put_varuint(out, 0);
}

void hostile_claim(uint64_t author, uint64_t clock, struct buf *out)
{
    lib0_put_varuint(out, 0); /* no structs */
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, author);
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, clock);
    lib0_put_varuint(out, HOSTILE_DELETION);
}

void hostile_letter(uint64_t author, struct buf *out)
{
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, 1);
    lib0_put_varuint(out, author);
    lib0_put_varuint(out, 0);
    put_letter(out);
    lib0_put_varuint(out, 0);
}

void hostile_bomb(struct buf *out)
{
    static const uint8_t bomb[] = {0x00, 0x00, 0x05, 0x07, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00,
                                   0x00, 0x05, 0x04, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x00,
                                   0x00, 0x00, 0x01, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x00};

    buf_put(out, bomb, sizeof(bomb));
}
