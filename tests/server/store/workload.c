#include "tests/server/store/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX      3000
#define SNAP_PAD_MAX  9000
#define HEAD          8
#define MARK_LEN      (sizeof(WORKLOAD_MARK) - 1)
#define PATIENCE_MS   120000
#define TICKET_NUMBER 8 /* a ticket is number << 8 | note */

void workload_init(struct workload *w, struct store *s, uint64_t seed)
{
    memset(w, 0, sizeof(*w));
    w->s = s;
    rng_init(&w->rng, seed);
}

static struct span name_of(unsigned note, char out[16])
{
    return span_of(out, (size_t)snprintf(out, 16, "note-%u", note));
}

static void put_number(uint8_t *out, uint64_t number)
{
    for (int i = 0; i < HEAD; i++) {
        out[i] = (uint8_t)(number >> (8 * i));
    }
}

static uint64_t get_number(const uint8_t *in)
{
    uint64_t number = 0;

    for (int i = HEAD; i-- > 0;) {
        number = number << 8 | in[i];
    }
    return number;
}

static uint8_t pad_byte(unsigned note, uint64_t number, size_t at)
{
    return (uint8_t)(number * 31 + note * 7 + at);
}

static void fill(uint8_t *out, size_t from, size_t len, unsigned note, uint64_t number)
{
    put_number(out, number);
    for (size_t i = from; i < len; i++) {
        out[i] = pad_byte(note, number, i);
    }
}

static bool is_filled(struct span s, unsigned note, uint64_t number)
{
    for (size_t i = HEAD; i < s.len; i++) {
        if (s.data[i] != pad_byte(note, number, i)) {
            return false;
        }
    }
    return true;
}

static void on_append(void *ctx, const struct store_answer *a)
{
    struct workload *w = ctx;
    unsigned note = (unsigned)(a->ticket & 0xff);
    uint64_t number = a->ticket >> TICKET_NUMBER;

    if (a->rc != RC_OK) {
        w->refused++;
        return;
    }
    w->out_of_order += number != w->acked[note] + 1 || a->seq <= w->last_seq[note];
    w->acked[note] = number;
    w->last_seq[note] = a->seq;
    w->acks++;
    if (w->on_ack != NULL) {
        w->on_ack(w->ctx, note, number);
    }
}

static void on_compact(void *ctx, const struct store_answer *a)
{
    struct workload *w = ctx;

    w->compactions += a->rc == RC_OK;
}

static size_t data_len(struct rng *rng)
{
    return HEAD + (size_t)rng_below(rng, rng_chance(rng, 10) ? DATA_MAX - HEAD : 60);
}

static int push_append(struct workload *w, unsigned note)
{
    uint8_t data[DATA_MAX];
    char name[16];
    uint64_t number = w->sent[note] + 1;
    size_t len = data_len(&w->rng);
    struct store_row row = {STORE_UPDATE_V1, span_of(data, len), span_str("seat:1"), (int64_t)number, 0};
    int rc;

    fill(data, HEAD, len, note, number);
    rc = store_append(w->s, name_of(note, name), &row,
                      (struct store_reply){.call = on_append, .ctx = w, .ticket = number << TICKET_NUMBER | note});
    if (rc == RC_OK) {
        w->sent[note] = number;
    }
    return rc;
}

/* Everything sent so far, which all stands before it in the queue. */
static int push_compact(struct workload *w, unsigned note)
{
    size_t len = MARK_LEN + HEAD + (size_t)rng_below(&w->rng, SNAP_PAD_MAX);
    uint8_t *data = malloc(len);
    char name[16];
    int rc;

    if (data == NULL) {
        return RC_NOMEM;
    }
    memcpy(data, WORKLOAD_MARK, MARK_LEN);
    fill(data + MARK_LEN, HEAD, len - MARK_LEN, note, w->sent[note]);
    rc = store_compact(w->s, name_of(note, name), span_of(data, len), STORE_UPTO_ALL,
                       (struct store_reply){.call = on_compact, .ctx = w});
    free(data);
    return rc;
}

bool workload_push(struct workload *w, unsigned most)
{
    unsigned count = 1 + (unsigned)rng_below(&w->rng, most);

    for (unsigned i = 0; i < count; i++) {
        if (push_append(w, (unsigned)rng_below(&w->rng, WORKLOAD_NOTES)) != RC_OK) {
            return false;
        }
    }
    if (rng_chance(&w->rng, 20)) {
        unsigned note = (unsigned)rng_below(&w->rng, WORKLOAD_NOTES);

        return w->sent[note] == 0 || push_compact(w, note) == RC_OK;
    }
    return true;
}

struct reading {
    unsigned note;
    bool done;
    struct workload_found found;
};

static void read_snapshot(struct reading *r, struct span snapshot)
{
    struct span rest;

    if (snapshot.len < MARK_LEN + HEAD || memcmp(snapshot.data, WORKLOAD_MARK, MARK_LEN) != 0) {
        r->found.garbage = true;
        return;
    }
    rest = span_of(snapshot.data + MARK_LEN, snapshot.len - MARK_LEN);
    r->found.last = get_number(rest.data);
    r->found.garbage |= !is_filled(rest, r->note, r->found.last);
}

static void on_load(void *ctx, const struct store_answer *a)
{
    struct reading *r = ctx;

    r->done = true;
    r->found.rc = a->rc;
    if (a->rc != RC_OK) {
        return;
    }
    if (a->content->snapshot.len > 0) {
        read_snapshot(r, a->content->snapshot);
    }
    for (size_t i = 0; i < a->content->count; i++) {
        const struct store_row *row = &a->content->row[i];

        if (row->data.len < HEAD) {
            r->found.garbage = true;
            return;
        }
        r->found.gap |= get_number(row->data.data) != r->found.last + 1;
        r->found.last = get_number(row->data.data);
        r->found.garbage |= !is_filled(row->data, r->note, r->found.last) || row->time_ms != (int64_t)r->found.last ||
                            !span_equal(row->sender, span_str("seat:1"));
    }
}

struct workload_found workload_read(struct store *s, unsigned note)
{
    struct reading r = {.note = note};
    char name[16];
    int rc = store_load(s, name_of(note, name), (struct store_reply){.call = on_load, .ctx = &r});

    if (rc != RC_OK) {
        r.found.rc = rc;
        return r.found;
    }
    while (!r.done) {
        if (store_wait(s, PATIENCE_MS) != RC_OK) {
            r.found.rc = RC_BUSY;
            return r.found;
        }
        store_drain(s);
    }
    return r.found;
}
