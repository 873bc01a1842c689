#include "bench/editors/crowd.h"

#include <stdio.h>
#include <stdlib.h>
#include "bench/bench_memory.h"
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"

#define FIRST_CLIENT   (UINT64_C(1) << 31) /* yjs's ids are random 32-bit numbers: five bytes on the wire */
#define TYPE_A_TURN    64                  /* keys between two looks at the sockets */
#define SAMPLE_EVERY   (250 * NANO_MS)
#define SEED_PATIENCE  (120 * NANO_S)
#define LATE_MOST      NANO_S /* who is later than this skips what it missed */
#define SEATS(options) ((options)->editors + CROWD_EXTRA_SEATS)

/* ---- Making --------------------------------------------------------------------------------------------- */

void crowd_make_path(const struct crowd_options *o, const char *name, char *out, size_t size)
{
    bool bare_path = o->protocol == CROWD_HOCUSPOCUS;
    bool query = o->token != NULL && !bare_path;

    (void)snprintf(out, size, "%s%s%s%s%s", bare_path && o->path[0] == '\0' ? "/" : o->path, bare_path ? "" : "/",
                   bare_path ? "" : name, query ? "?token=" : "", query ? o->token : "");
}

static void make_note(struct crowd *c, size_t index)
{
    const struct crowd_options *o = &c->options;
    struct note *n = &c->notes[index];

    (void)snprintf(n->name, sizeof(n->name), "%s%s-%zu", o->prefix, o->name, index);
    crowd_make_path(o, n->name, n->path, sizeof(n->path));
    ledger_init(&n->ledger, FIRST_CLIENT + index * SEATS(o), SEATS(o));
    n->editors = memory_create(SEATS(o), sizeof(*n->editors));
    for (uint32_t seat = 0; seat < SEATS(o); seat++) {
        struct editor *e = &n->editors[seat];
        *e = (struct editor){.crowd = c, .note = n, .seat = seat, .whole = o->whole || seat >= o->editors};
        ledger_reader_init(&e->reader, &n->ledger, seat);
        awareness_init(&e->people);
    }
}

int crowd_create(const struct crowd_options *options, struct crowd **out)
{
    struct crowd *c = memory_create(1, sizeof(*c));
    int rc;

    c->options = *options;
    rng_init(&c->rng, options->seed);
    rc = line_net_init(&c->net, editor_events(), c);
    rc = rc == RC_OK ? line_net_aim(&c->net, options->host, options->port) : rc;
    c->notes = memory_create(options->notes, sizeof(*c->notes));
    for (size_t i = 0; i < options->notes; i++) {
        make_note(c, i);
    }
    if (rc != RC_OK) {
        crowd_destroy(c);
        return rc;
    }
    crowd_begin_window(c);
    *out = c;
    return RC_OK;
}

void crowd_destroy(struct crowd *c)
{
    if (c == NULL) {
        return;
    }
    for (size_t i = 0; i < c->options.notes; i++) {
        for (size_t seat = 0; seat < SEATS(&c->options); seat++) {
            editor_finish(&c->notes[i].editors[seat]);
        }
        free(c->notes[i].editors);
        ledger_finish(&c->notes[i].ledger);
    }
    free(c->notes);
    schedule_finish(&c->due);
    free(c->samples);
    for (size_t i = 0; i < 3; i++) {
        buf_finish(&c->scratch[i]);
    }
    line_net_finish(&c->net);
    free(c);
}

size_t crowd_size(const struct crowd *c)
{
    return c->options.notes * c->options.editors;
}

struct editor *crowd_checker(const struct crowd *c, size_t note)
{
    return &c->notes[note].editors[c->options.editors + 1];
}

/* Note by note, but the first editor of each before the second: a ramp then fills all notes evenly. */
struct editor *crowd_editor(struct crowd *c, size_t index)
{
    return &c->notes[index % c->options.notes].editors[index / c->options.notes];
}

/* ---- Counting --------------------------------------------------------------------------------------------- */

static void sum_bytes(const struct crowd *c, uint64_t *in, uint64_t *out)
{
    *in = *out = 0;
    for (size_t i = 0; i < c->options.notes; i++) {
        for (size_t seat = 0; seat < SEATS(&c->options); seat++) {
            *in += c->notes[i].editors[seat].line.bytes_in;
            *out += c->notes[i].editors[seat].line.bytes_out;
        }
    }
}

void crowd_begin_window(struct crowd *c)
{
    uint64_t in, out;

    c->tally = (struct crowd_tally){0};
    sum_bytes(c, &in, &out);
    c->tally.bytes_in = (uint64_t)0 - in; /* crowd_end_window adds what they are then */
    c->tally.bytes_out = (uint64_t)0 - out;
    c->tally.edits.from = nanotime();
    c->tally.edits.to = UINT64_MAX;
    histogram_clear(&c->sampled);
    c->sample_count = 0;
    c->sample_at = c->tally.edits.from;
    c->sample_delivered = 0;
    c->sampling = true;
}

void crowd_end_window(struct crowd *c)
{
    uint64_t in, out;

    sum_bytes(c, &in, &out);
    c->tally.bytes_in += in;
    c->tally.bytes_out += out;
    c->tally.edits.to = nanotime();
    /* What is due and not typed is late, too, and all there is when the generator slept to the window's end. */
    if (schedule_next(&c->due) < c->tally.edits.to) {
        histogram_add(&c->tally.lag, c->tally.edits.to - schedule_next(&c->due));
    }
    c->tally.seconds = (double)(c->tally.edits.to - c->tally.edits.from) / (double)NANO_S;
    c->tally.delivered = c->tally.edits.delivered;
    c->sampling = false;
}

static double recent_ms(const struct crowd *c, double share)
{
    return (double)histogram_at_since(&c->tally.edits.latency, &c->sampled, share) / (double)NANO_MS;
}

static void sample(struct crowd *c, uint64_t now)
{
    const struct crowd_tally *t = &c->tally;
    double seconds = (double)(now - c->sample_at) / (double)NANO_S;
    struct usage usage;
    struct crowd_sample s = {
        .at = (double)(now - t->edits.from) / (double)NANO_S,
        .delivered = (double)(t->edits.delivered - c->sample_delivered) / seconds,
        .p50 = recent_ms(c, 0.50),
        .p99 = recent_ms(c, 0.99),
    };

    if (usage_read(c->options.server, &usage)) {
        s.memory = (double)usage.memory;
        c->peak_memory = usage.memory > c->peak_memory ? usage.memory : c->peak_memory;
    }
    c->samples = memory_reach(c->samples, &c->sample_cap, c->sample_count, sizeof(*c->samples));
    c->samples[c->sample_count++] = s;
    c->sampled = t->edits.latency;
    c->sample_at = now;
    c->sample_delivered = t->edits.delivered;
}

/* ---- Running ------------------------------------------------------------------------------------------------ */

static bool may_open(const struct crowd *c, uint64_t now)
{
    const struct crowd_options *o = &c->options;
    double begun = (double)(now - c->join_began) / (double)NANO_S * o->ramp;

    return c->next_to_join < c->joiners && (o->opening == 0 || c->opening < o->opening) &&
           (o->ramp <= 0 || (double)c->next_to_join < begun + 1);
}

static void open_more(struct crowd *c)
{
    while (may_open(c, nanotime())) {
        editor_join(crowd_editor(c, c->next_to_join++));
    }
}

void crowd_join(struct crowd *c, size_t count)
{
    c->joiners = count;
    c->next_to_join = 0;
    c->join_began = nanotime();
    open_more(c);
}

bool crowd_is_in(const struct crowd *c)
{
    return c->next_to_join == c->joiners && c->opening == 0;
}

bool crowd_has_somebody(const struct crowd *c)
{
    return c->in > 0;
}

bool crowd_nobody_comes(const struct crowd *c)
{
    return c->opening == 0;
}

static bool lacks_nothing(const struct editor *e)
{
    return ack_queue_is_empty(&e->acks) && ledger_missing(&e->note->ledger, &e->reader) == 0;
}

bool crowd_is_quiet(const struct crowd *c)
{
    for (size_t i = 0; i < c->options.notes; i++) {
        for (size_t seat = 0; seat < c->options.editors; seat++) {
            const struct editor *e = &c->notes[i].editors[seat];
            if (e->state == EDITOR_IN && !lacks_nothing(e)) {
                return false;
            }
        }
    }
    return true;
}

static bool has_answers(const struct crowd *c)
{
    return c->awaited->answers >= c->awaited_answers;
}

/* The first answer may come before the server has read what it lacked; the second, asked for then, comes after. */
bool crowd_seed(struct crowd *c, size_t note, size_t len)
{
    struct editor *seed = &c->notes[note].editors[c->options.editors];
    uint64_t until = nanotime() + SEED_PATIENCE;
    int rc = editor_fill(seed, len);

    c->rc = c->rc == RC_OK ? rc : c->rc;
    c->awaited = seed;
    editor_join(seed);
    for (c->awaited_answers = 1; c->awaited_answers <= 2; c->awaited_answers++) {
        crowd_run(c, until, has_answers);
        editor_ask(seed);
    }
    return seed->answers >= 2;
}

void crowd_dismiss_seed(struct crowd *c, size_t note)
{
    editor_leave(&c->notes[note].editors[c->options.editors]);
}

static uint64_t mean_gap(const struct crowd *c)
{
    return (uint64_t)((double)NANO_S / c->rate);
}

void crowd_set_rate(struct crowd *c, double rate)
{
    uint64_t now = nanotime();

    c->rate = rate;
    schedule_clear(&c->due);
    for (size_t i = 0; rate > 0 && i < crowd_size(c); i++) {
        schedule_put(&c->due, now + rng_below(&c->rng, mean_gap(c) + 1), (uint32_t)i);
    }
}

static void type_one(struct crowd *c, struct schedule_entry entry, uint64_t now)
{
    struct editor *e = crowd_editor(c, entry.who);
    uint64_t lag = now - entry.at;

    histogram_add(&c->tally.lag, lag);
    if (e->state == EDITOR_IN) {
        editor_type(e, now);
    }
    schedule_put(&c->due, (lag > LATE_MOST ? now : entry.at) + typist_gap(&e->typist, mean_gap(c)), entry.who);
}

static void type_due(struct crowd *c)
{
    for (int i = 0; i < TYPE_A_TURN && c->due.count > 0; i++) {
        uint64_t now = nanotime();
        if (schedule_next(&c->due) > now) {
            return;
        }
        type_one(c, schedule_take(&c->due), now);
    }
}

static void renew_presences(struct crowd *c, uint64_t now)
{
    if (now < c->renewed_at + NANO_S) {
        return;
    }
    c->renewed_at = now;
    for (size_t i = 0; i < crowd_size(c); i++) {
        editor_renew(crowd_editor(c, i), now);
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

void crowd_run(struct crowd *c, uint64_t until, bool (*done)(const struct crowd *c))
{
    uint64_t now;

    while (c->rc == RC_OK && (done == NULL || !done(c)) && (now = nanotime()) < until) {
        type_due(c);
        renew_presences(c, now);
        if (c->sampling && now - c->sample_at >= SAMPLE_EVERY) {
            sample(c, now);
        }
        uint64_t next = earlier(until, schedule_next(&c->due));
        next = earlier(next, c->sampling ? c->sample_at + SAMPLE_EVERY : until);
        next = c->next_to_join < c->joiners ? earlier(next, now + NANO_MS) : next;
        (void)line_net_turn(&c->net, next);
        open_more(c);
    }
}
