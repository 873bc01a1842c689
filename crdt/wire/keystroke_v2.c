#include "crdt/lib0/columns.h"
#include "crdt/wire/info.h"
#include "crdt/wire/keystroke.h"

/* The commonest update in format v2: columns of one value each, or none, some bytes behind them.
 *
 *     0 | key clock: – | client: author, origin's, right origin's | left clock: origin's | right clock: right origin's
 * | info | string: text | parent info: – | type: – | length: – | 1 1 clock | deletes as in v1
 *
 * Values are read as any update's are; what the columns have beyond them is passed over likewise. */

enum column { KEY_CLOCK, CLIENT, LEFT_CLOCK, RIGHT_CLOCK, INFO, STRING, PARENT_INFO, TYPE, LENGTH, COLUMNS };

static uint64_t read_clock(struct span column, struct lib0_dec *in)
{
    struct int_diff_opt_rle_dec clocks;

    int_diff_opt_rle_dec_init(&clocks, column);
    uint64_t clock = (uint64_t)int_diff_opt_rle_dec_next(&clocks);
    if (clocks.in.rc != RC_OK) {
        lib0_dec_fail(in, clocks.in.rc);
    }
    return clock;
}

/* All of the column must be well-formed, even where nothing of it is wanted. */
static void open_string(struct span column, struct string_dec *strings, struct lib0_dec *in)
{
    string_dec_init(strings, column);
    if (strings->rc != RC_OK) {
        lib0_dec_fail(in, strings->rc);
    }
}

static void read_string(struct string_dec *strings, struct block *out, struct lib0_dec *in)
{
    bool lead, tail;

    out->content = string_dec_next(strings, &out->len, &lead, &tail);
    if (strings->rc != RC_OK || out->len == 0 || lead || tail) {
        lib0_dec_fail(in, RC_FORMAT);
    }
}

/* `in` stands behind the number of groups, which was 1. */
static void read_text(const struct span *column, struct string_dec *strings, struct lib0_dec *in, struct keystroke *out)
{
    struct block *text = &out->text;
    struct uint_opt_rle_dec clients;
    uint8_t info = column[INFO].len == 1 ? column[INFO].data[0] : 0; /* one byte is one value */
    bool right = (info & INFO_RIGHT_ORIGIN) != 0;

    if (lib0_dec_varuint(in) != 1 || (info & ~INFO_RIGHT_ORIGIN) != (BLOCK_STRING | INFO_ORIGIN)) {
        lib0_dec_fail(in, RC_FORMAT);
        return;
    }
    out->clock_at = in->pos;
    out->origin_at = column[LEFT_CLOCK].data;
    text->id.clock = lib0_dec_varuint(in);
    text->ref = BLOCK_STRING;
    text->flags = BLOCK_HAS_ORIGIN | (right ? BLOCK_HAS_RIGHT_ORIGIN : 0);
    text->origin.clock = read_clock(column[LEFT_CLOCK], in);
    uint_opt_rle_dec_init(&clients, column[CLIENT]);
    text->id.client = uint_opt_rle_dec_next(&clients);
    text->origin.client = uint_opt_rle_dec_next(&clients);
    if (right) {
        text->right_origin.client = uint_opt_rle_dec_next(&clients);
        text->right_origin.clock = read_clock(column[RIGHT_CLOCK], in);
    }
    if (clients.in.rc != RC_OK) {
        lib0_dec_fail(in, clients.in.rc);
    }
    read_string(strings, text, in);
    if (text->len > LIB0_MAX_SAFE - text->id.clock) {
        lib0_dec_fail(in, RC_RANGE);
    }
}

/* Behind the number of clients, which was 1. */
static void read_deleted(struct lib0_dec *in, struct idset_range *out)
{
    out->client = lib0_dec_varuint(in);
    if (lib0_dec_varuint(in) != 1) {
        lib0_dec_fail(in, RC_FORMAT);
    }
    out->clock = lib0_dec_varuint(in);
    out->len = lib0_dec_varuint(in) + 1;
    if (out->len > LIB0_MAX_SAFE - out->clock) {
        lib0_dec_fail(in, RC_RANGE);
    }
}

bool keystroke_decode_v2(struct span update, struct keystroke *out)
{
    struct lib0_dec in = lib0_dec_of(update);
    struct span column[COLUMNS];
    struct string_dec strings;

    (void)lib0_dec_varuint(&in); /* feature flags */
    for (int i = 0; i < COLUMNS; i++) {
        column[i] = lib0_dec_varbytes(&in);
    }
    open_string(column[STRING], &strings, &in);
    uint64_t groups = lib0_dec_varuint(&in);
    if (groups == 1) {
        read_text(column, &strings, &in, out);
    }
    uint64_t clients = lib0_dec_varuint(&in);
    if (clients == 1) {
        read_deleted(&in, &out->deleted);
    }
    out->types = groups == 1;
    out->erases = clients == 1;
    out->end = in.pos;
    return in.rc == RC_OK && groups <= 1 && clients <= 1;
}
