#include "bench/editors/scenarios.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/bench_memory.h"
#include "bench/editors/nanotime.h"

#define OPENING_AT_ONCE 128
#define STEP_WARM_UP    (NANO_S / 2)
#define STEP_FACTOR     1.7  /* to the next rate while all is well */
#define STEP_LEAST      1.06 /* a search ends when good and bad are this close */
#define KEEPS_UP        0.95 /* share of what is expected that must arrive within a step */
#define JOIN_PATIENCE   (120 * NANO_S)
#define SETTLE_QUIET    (NANO_S / 4)
#define SETTLE_MOST     (10 * NANO_S)

/* ---- The table --------------------------------------------------------------------------------------------- */

static const struct scenario scenarios[] = {
    {.name = "class",
     .about = "1 note, 30 editors, 5 keys a second each",
     .kind = SCENARIO_STEADY,
     .notes = 1,
     .editors = 30,
     .rate = 5,
     .seconds = 10},
    {.name = "school",
     .about = "200 notes, 5 editors each, 2 keys a second each",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 10},
    {.name = "acks-2000",
     .about = "200 notes, 5 editors each, 2,000 keys a second in all, acknowledged",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 10,
     .acks = true},
    {.name = "acks-20000",
     .about = "200 notes, 5 editors each, 20,000 keys a second in all, acknowledged",
     .kind = SCENARIO_STEADY,
     .notes = 200,
     .editors = 5,
     .rate = 20,
     .seconds = 10,
     .acks = true},
    {.name = "class-most",
     .about = "1 note, 100 editors, faster and faster",
     .kind = SCENARIO_MOST,
     .notes = 1,
     .editors = 100,
     .rate = 2,
     .seconds = 2},
    {.name = "school-most",
     .about = "200 notes, 5 editors each, faster and faster",
     .kind = SCENARIO_MOST,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 2},
    {.name = "join",
     .about = "500 editors open one note of 267 KB at once",
     .kind = SCENARIO_JOIN,
     .notes = 1,
     .editors = 500,
     .rate = 0,
     .seconds = 2,
     .fill = 148000},
    {.name = "reconnect",
     .about = "200 notes, 5 editors each: all lines are cut, all return at once",
     .kind = SCENARIO_RECONNECT,
     .notes = 200,
     .editors = 5,
     .rate = 2,
     .seconds = 5},
    {.name = "idle",
     .about = "5,000 connections to 10 notes that do nothing",
     .kind = SCENARIO_IDLE,
     .notes = 10,
     .editors = 500,
     .rate = 0,
     .seconds = 3},
    {.name = "notes",
     .about = "2,000 notes of 2,000 letters, one editor each",
     .kind = SCENARIO_IDLE,
     .notes = 2000,
     .editors = 1,
     .rate = 0,
     .seconds = 3,
     .fill = 2000},
    {.name = "slow",
     .about = "1 note, 40 editors who rewrite 10,000 letters 5 times a second each; 10 stop reading",
     .kind = SCENARIO_SLOW,
     .notes = 1,
     .editors = 40,
     .rate = 5,
     .seconds = 8,
     .deaf = 10,
     .piece = 10000},
    {.name = "half-open",
     .about = "20 notes, 5 editors each, 5 keys a second each, while 200 connections stop half way in",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_HALF_OPEN},
    {.name = "flood",
     .about = "20 notes, 5 editors each, 5 keys a second each, while 8 connections flood another note",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_FLOOD},
    {.name = "garbage",
     .about = "20 notes, 5 editors each, 5 keys a second each, while others send bytes without sense",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_GARBAGE},
    {.name = "hostile",
     .about = "20 notes, 5 editors each, 5 keys a second each, while others send updates made to be slow",
     .kind = SCENARIO_FAULT,
     .notes = 20,
     .editors = 5,
     .rate = 5,
     .seconds = 8,
     .vandal = VANDAL_HOSTILE},
};

size_t scenario_count(void)
{
    return sizeof(scenarios) / sizeof(*scenarios);
}

const struct scenario *scenario_at(size_t index)
{
    return &scenarios[index];
}

const struct scenario *scenario_find(const char *name)
{
    for (size_t i = 0; i < scenario_count(); i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            return &scenarios[i];
        }
    }
    return NULL;
}

/* ---- Parts of all scenarios ---------------------------------------------------------------------------------- */

struct run {
    const struct scenario_options *options;
    const struct scenario *scenario;
    struct crowd *crowd;
    struct outcome *out;
    uint64_t generator_cpu;
};

static uint64_t own_cpu(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * NANO_S + (uint64_t)t.tv_nsec;
}

static void __attribute__((format(printf, 2, 3))) give_up(struct run *r, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(r->out->why, sizeof(r->out->why), format, args);
    va_end(args);
}

static uint64_t seconds(double s)
{
    return (uint64_t)(s * (double)NANO_S);
}

static void begin_window(struct run *r)
{
    crowd_begin_window(r->crowd);
    r->out->observed = usage_read(r->options->server, &r->out->before);
    r->generator_cpu = own_cpu();
}

static void end_window(struct run *r)
{
    crowd_end_window(r->crowd);
    r->out->observed = usage_read(r->options->server, &r->out->after) && r->out->observed;
    double span = r->crowd->tally.seconds * (double)NANO_S;
    r->out->generator = span > 0 ? (double)(own_cpu() - r->generator_cpu) / span : 0;
}

static bool fill_notes(struct run *r)
{
    for (size_t i = 0; r->scenario->fill > 0 && i < r->scenario->notes; i++) {
        if (!crowd_seed(r->crowd, i, r->scenario->fill)) {
            give_up(r, "the note's first text did not get into the server");
            return false;
        }
    }
    return true;
}

/* A thousand who come in tell each other where their cursors are: typing begins when that is over. */
static void settle(struct crowd *c)
{
    uint64_t heard, until = nanotime() + SETTLE_MOST;

    do {
        heard = c->tally.presence_in;
        crowd_run(c, nanotime() + SETTLE_QUIET, NULL);
    } while (heard != c->tally.presence_in && nanotime() < until);
}

static bool bring_in(struct run *r)
{
    crowd_join(r->crowd, crowd_size(r->crowd));
    crowd_run(r->crowd, nanotime() + JOIN_PATIENCE, crowd_is_in);
    if (!crowd_is_in(r->crowd)) {
        give_up(r, "only %zu of %zu editors came in", r->crowd->in, crowd_size(r->crowd));
        return false;
    }
    return true;
}

static void type_for(struct run *r, double rate, double warm_up, double window)
{
    crowd_set_rate(r->crowd, rate);
    crowd_run(r->crowd, nanotime() + seconds(warm_up), NULL);
    begin_window(r);
    crowd_run(r->crowd, nanotime() + seconds(window), NULL);
    end_window(r);
}

/* The outcome takes them over. */
static void keep_samples(struct run *r)
{
    r->out->samples = r->crowd->samples;
    r->out->sample_count = r->crowd->sample_count;
    r->crowd->samples = NULL;
    r->crowd->sample_count = r->crowd->sample_cap = 0;
}

static double ms(uint64_t ns)
{
    return (double)ns / (double)NANO_MS;
}

/* ---- Scenarios -------------------------------------------------------------------------------------------------- */

static bool steady(struct run *r)
{
    type_for(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds);
    return true;
}

static double expected_rate(const struct run *r, double rate)
{
    return rate * (double)crowd_size(r->crowd) * (double)(r->scenario->editors - 1);
}

static struct scenario_step measure_step(struct run *r, double rate)
{
    struct crowd *c = r->crowd;

    crowd_set_rate(c, rate);
    crowd_run(c, nanotime() + STEP_WARM_UP, NULL);
    uint64_t expected = c->expected;
    begin_window(r);
    crowd_run(c, nanotime() + seconds(r->scenario->seconds), NULL);
    end_window(r);
    expected = c->expected - expected;
    crowd_set_rate(c, 0);
    crowd_run(c, nanotime() + seconds(r->options->patience), crowd_is_quiet);

    const struct crowd_tally *t = &c->tally;
    struct scenario_step step = {
        .rate = rate,
        .delivered = (double)t->delivered / t->seconds,
        .p50 = ms(histogram_at(&t->edits.latency, 0.50)),
        .p99 = ms(histogram_at(&t->edits.latency, 0.99)),
        .generator = r->out->generator,
    };
    if (r->out->observed && t->delivered > 0) {
        step.cpu = (double)(r->out->after.cpu - r->out->before.cpu) / (double)NANO_US / (double)t->delivered;
    }
    step.good = t->lost == 0 && c->heard >= c->expected && step.p99 <= r->options->p99_most &&
                (double)t->delivered >= KEEPS_UP * (double)expected && expected_rate(r, rate) > 0;
    return step;
}

static void note_step(struct outcome *o, const struct scenario_step *step)
{
    if (step->good && (o->best == SIZE_MAX || step->delivered > o->steps[o->best].delivered)) {
        o->best = o->step_count;
    }
    o->steps[o->step_count++] = *step;
}

/* A step that fails is tried once more: a neighbour on the machine may have been in the way. */
static bool try_step(struct run *r, double rate)
{
    for (int i = 0; i < 2 && r->out->step_count < SCENARIO_STEPS; i++) {
        struct scenario_step step = measure_step(r, rate);
        note_step(r->out, &step);
        if (step.good) {
            return true;
        }
    }
    return false;
}

/* What was lost or never came does not come back. */
static bool is_alive(const struct crowd *c)
{
    return c->rc == RC_OK && c->tally.lost == 0 && c->heard >= c->expected;
}

/* Upwards in large steps to the first rate that is too much (or downwards to the first that is not), then halving what
 * lies between. */
static bool most(struct run *r)
{
    struct outcome *o = r->out;
    double good = 0, bad = 0, rate = r->scenario->rate;

    o->best = SIZE_MAX;
    while (o->step_count < SCENARIO_STEPS && (bad <= 0 || good <= 0 || bad / good > STEP_LEAST)) {
        *(try_step(r, rate) ? &good : &bad) = rate;
        if (!is_alive(r->crowd)) {
            break;
        }
        rate = bad <= 0 ? good * STEP_FACTOR : good <= 0 ? bad / STEP_FACTOR : (good + bad) / 2;
    }
    if (o->best == SIZE_MAX) {
        give_up(r, "every rate was too fast");
        return false;
    }
    return true;
}

static bool join_storm(struct run *r)
{
    r->crowd->options.opening = 0;
    begin_window(r);
    bool all = bring_in(r);
    end_window(r);
    return all;
}

static bool reconnect(struct run *r)
{
    struct crowd *c = r->crowd;

    crowd_set_rate(c, r->scenario->rate);
    crowd_run(c, nanotime() + seconds(r->scenario->seconds), NULL);
    crowd_set_rate(c, 0);
    crowd_run(c, nanotime() + seconds(r->options->patience), crowd_is_quiet);
    for (size_t i = 0; i < crowd_size(c); i++) {
        editor_leave(crowd_editor(c, i));
    }
    c->next_to_join = 0;
    c->options.opening = 0;
    begin_window(r);
    bool all = bring_in(r);
    end_window(r);
    return all;
}

static void set_deaf(struct crowd *c, size_t count, bool deaf)
{
    for (size_t i = 0; i < count; i++) {
        line_set_deaf(&c->net, &crowd_editor(c, crowd_size(c) - 1 - i)->line, deaf);
    }
}

/* The latency before the disturbance, for comparison. */
static void measure_quiet(struct run *r)
{
    type_for(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds / 2);
    r->out->quiet = r->crowd->tally.edits.latency;
}

/* The latency is that of those who read: what waits for the others arrives after the window, when they read again. */
static bool slow(struct run *r)
{
    struct crowd *c = r->crowd;

    measure_quiet(r);
    set_deaf(c, r->scenario->deaf, true);
    begin_window(r);
    crowd_run(c, nanotime() + seconds(r->scenario->seconds), NULL);
    end_window(r);
    r->out->tally = c->tally;
    set_deaf(c, r->scenario->deaf, false);
    crowd_set_rate(c, 0);
    return true;
}

static bool fault(struct run *r)
{
    measure_quiet(r);
    pid_t vandal = vandal_start(r->scenario->vandal, r->crowd);
    if (vandal < 0) {
        give_up(r, "no process for the vandal");
        return false;
    }
    begin_window(r);
    crowd_run(r->crowd, nanotime() + seconds(r->scenario->seconds), NULL);
    end_window(r);
    vandal_stop(vandal);
    return true;
}

static bool idle(struct run *r)
{
    begin_window(r);
    crowd_run(r->crowd, nanotime() + seconds(r->scenario->seconds), NULL);
    end_window(r);
    return true;
}

static bool perform(struct run *r)
{
    enum scenario_kind kind = r->scenario->kind;

    if (!fill_notes(r)) {
        return false;
    }
    if (kind == SCENARIO_JOIN) {
        return join_storm(r);
    }
    if (!bring_in(r)) {
        return false;
    }
    crowd_dismiss_seeds(r->crowd);
    settle(r->crowd);
    switch (kind) {
    case SCENARIO_MOST:
        return most(r);
    case SCENARIO_IDLE:
        return idle(r);
    case SCENARIO_RECONNECT:
        return reconnect(r);
    case SCENARIO_SLOW:
        return slow(r);
    case SCENARIO_FAULT:
        return fault(r);
    default:
        return steady(r);
    }
}

/* ---- One run ------------------------------------------------------------------------------------------------------
 */

static struct crowd_options crowd_of(const struct scenario_options *o)
{
    const struct scenario *s = &o->scenario;

    return (struct crowd_options){
        .protocol = o->target->protocol,
        .host = o->host,
        .port = o->port,
        .path = o->path != NULL ? o->path : o->target->path,
        .token = o->token,
        .name = s->name,
        .notes = s->notes,
        .editors = s->editors,
        .whole = o->whole,
        .acks = s->acks,
        .presence = o->presence && s->kind != SCENARIO_IDLE && s->kind != SCENARIO_JOIN,
        .opening = OPENING_AT_ONCE,
        .ramp = o->ramp,
        .trace = o->trace,
        .piece = s->piece,
        .seed = o->seed,
        .server = o->server,
    };
}

static void finish_run(struct run *r, bool performed)
{
    struct outcome *o = r->out;

    if (o->scenario.kind != SCENARIO_SLOW) {
        keep_samples(r);
    }
    int rc = agreement_check(r->crowd, seconds(r->options->patience), &o->agreement);
    if (o->scenario.kind != SCENARIO_SLOW) {
        o->tally = r->crowd->tally;
    }
    o->peak_memory = r->crowd->peak_memory;
    if (r->crowd->rc != RC_OK || rc != RC_OK) {
        give_up(r, "the generator failed: %s", rc_text(r->crowd->rc != RC_OK ? r->crowd->rc : rc));
        return;
    }
    o->done = performed;
}

struct outcome *scenario_run(const struct scenario_options *options)
{
    struct outcome *o = memory_create(1, sizeof(*o));
    struct run r = {.options = options, .scenario = &options->scenario, .out = o};
    struct crowd_options crowd = crowd_of(options);

    o->scenario = options->scenario;
    o->target = options->target;
    (void)usage_read(options->server, &o->idle);
    int rc = crowd_create(&crowd, &r.crowd);
    if (rc != RC_OK) {
        give_up(&r, "no connection: %s", rc_text(rc));
        return o;
    }
    finish_run(&r, perform(&r));
    crowd_destroy(r.crowd);
    return o;
}

void outcome_destroy(struct outcome *o)
{
    if (o != NULL) {
        free(o->samples);
        free(o);
    }
}

bool outcome_is_good(const struct outcome *o)
{
    return o->done && agreement_holds(&o->agreement) && o->tally.lost == 0 && o->tally.broken == 0;
}
