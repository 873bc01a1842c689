#include "bench/editors/scenarios.h"

#include <stdlib.h>
#include "bench/bench_memory.h"
#include "bench/editors/editor.h"
#include "bench/editors/nanotime.h"
#include "bench/editors/scenario_run.h"

#define OPENING_AT_ONCE  128
#define HANDED_OVER_MOST (60 * NANO_S)
#define SETTLE_QUIET     (NANO_S / 4)
#define SETTLE_MOST      (10 * NANO_S)

/* ---- What each begins with --------------------------------------------------------------------------------------- */

/* The editors of these notes come in, and who brought the text leaves: some servers have a note only as long as
 * somebody is in it, and ten thousand notes are to take little more than ten thousand connections. */
static void hand_over(struct crowd *c, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        for (size_t seat = 0; seat < c->options.editors; seat++) {
            editor_join(&c->notes[i].editors[seat]);
        }
    }
    crowd_run(c, nanotime() + HANDED_OVER_MOST, crowd_nobody_comes);
    for (size_t i = from; i < to; i++) {
        crowd_dismiss_seed(c, i);
    }
}

static bool fill_notes(struct run *r)
{
    size_t notes = r->scenario->fill > 0 ? r->scenario->notes : 0;

    for (size_t i = 0; i < notes; i++) {
        if (!crowd_seed(r->crowd, i, r->scenario->fill)) {
            run_give_up(r, "the note's first text did not get into the server");
            return false;
        }
        if (r->scenario->kind != SCENARIO_JOIN && ((i + 1) % OPENING_AT_ONCE == 0 || i + 1 == notes)) {
            hand_over(r->crowd, i / OPENING_AT_ONCE * OPENING_AT_ONCE, i + 1);
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

static bool steady(struct run *r)
{
    run_type(r, r->scenario->rate, r->options->warm_up, r->scenario->seconds);
    return true;
}

static bool idle(struct run *r)
{
    run_for(r, r->scenario->pause);
    run_begin_window(r);
    run_for(r, r->scenario->seconds);
    run_end_window(r);
    return true;
}

static bool perform(struct run *r)
{
    static bool (*const kinds[])(struct run *) = {
        [SCENARIO_STEADY] = steady,           [SCENARIO_MOST] = run_search,
        [SCENARIO_JOIN] = run_join_storm,     [SCENARIO_IDLE] = idle,
        [SCENARIO_RECONNECT] = run_reconnect, [SCENARIO_SOAK] = run_soak,
        [SCENARIO_RESTART] = run_restart,     [SCENARIO_SLOW] = run_slow_readers,
        [SCENARIO_FAULT] = run_vandal,        [SCENARIO_SLOW_DISK] = run_slow_disk,
        [SCENARIO_FULL_DISK] = run_full_disk,
    };
    enum scenario_kind kind = r->scenario->kind;

    if (!fill_notes(r)) {
        return false;
    }
    if (kind != SCENARIO_JOIN) {
        if (!run_bring_in(r)) {
            return false;
        }
        settle(r->crowd);
    }
    return kinds[kind](r);
}

/* ---- One run ----------------------------------------------------------------------------------------------------- */

static struct crowd_options crowd_of(const struct scenario_options *o)
{
    const struct scenario *s = &o->scenario;

    return (struct crowd_options){
        .protocol = o->target->protocol,
        .host = o->host,
        .port = o->port,
        .path = o->path != NULL ? o->path : o->target->path,
        .token = o->token,
        .prefix = o->prefix != NULL ? o->prefix : "",
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

    int rc = agreement_check(r->crowd, run_ns(r->options->patience), &o->agreement);
    run_tell(r);
    o->peak_memory = r->crowd->peak_memory;
    if (r->crowd->rc != RC_OK || rc != RC_OK) {
        run_give_up(r, "the generator failed: %s", rc_text(r->crowd->rc != RC_OK ? r->crowd->rc : rc));
        return;
    }
    o->done = performed;
}

struct outcome *scenario_run(const struct scenario_options *options)
{
    struct outcome *o = memory_create(1, sizeof(*o));
    struct run r = {.options = options, .scenario = &options->scenario, .out = o, .server = options->server};
    struct crowd_options crowd = crowd_of(options);

    o->scenario = options->scenario;
    o->target = options->target;
    (void)usage_read(options->server, &o->idle);
    int rc = crowd_create(&crowd, &r.crowd);
    if (rc != RC_OK) {
        run_give_up(&r, "no connection: %s", rc_text(rc));
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
