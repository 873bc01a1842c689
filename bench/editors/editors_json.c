/* The outcomes as JSON: figures by name, searches step by step, samples of the window, latencies as percentiles. */
#include "bench/editors/editors_figures.h"
#include "bench/editors/editors_report.h"
#include "bench/editors/nanotime.h"
#include "bench/machine.h"

static json_t *percentiles(const struct histogram *h)
{
    static const double shares[] = {0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1};
    json_t *list = json_array();

    for (size_t i = 0; h->count > 0 && i < sizeof(shares) / sizeof(*shares); i++) {
        (void)json_array_append_new(
            list, json_pack("[f, f]", shares[i] * 100, (double)histogram_at(h, shares[i]) / (double)NANO_MS));
    }
    return list;
}

static json_t *figures(const struct outcome *o)
{
    json_t *object = json_object();

    for (enum figure f = 0; f < FIGURE_COUNT; f++) {
        double value = figure_of(o, f);
        if (value >= 0) {
            (void)json_object_set_new(object, figure_name(f), json_real(value));
        }
    }
    return object;
}

static json_t *steps(const struct outcome *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->step_count; i++) {
        const struct scenario_step *s = &o->steps[i];
        (void)json_array_append_new(list, json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:b}", "rate", s->rate,
                                                    "delivered_per_s", s->delivered, "p50_ms", s->p50, "p99_ms", s->p99,
                                                    "cpu_us", s->cpu, "generator", s->generator, "good", s->good));
    }
    return list;
}

static json_t *samples(const struct outcome *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->sample_count; i++) {
        const struct crowd_sample *s = &o->samples[i];
        (void)json_array_append_new(list, json_pack("[f, f, f, f, f]", s->at, s->delivered, s->p50, s->p99, s->memory));
    }
    return list;
}

static json_t *rests(const struct outcome *o)
{
    json_t *list = json_array();

    for (size_t i = 0; i < o->rest_count; i++) {
        const struct scenario_rest *r = &o->rests[i];
        (void)json_array_append_new(list, json_pack("[I, I]", (json_int_t)r->memory, (json_int_t)r->descriptors));
    }
    return list;
}

static json_t *counts(const struct outcome *o)
{
    const struct crowd_tally *t = &o->tally;
    const struct agreement *a = &o->agreement;
    const struct {
        const char *name;
        uint64_t value;
    } list[] = {
        {"sent", t->sent},
        {"delivered", t->delivered},
        {"acknowledged", t->acked},
        {"refused", t->refused},
        {"lost", t->lost},
        {"missing", a->missing},
        {"gaps", a->gaps},
        {"other_texts", a->other_texts},
        {"other_servers", a->other_servers},
        {"ghosts", a->ghosts},
        {"unseen", a->unseen},
        {"editors", a->texts},
        {"writes_refused", o->disk.refused},
        {"syncs_delayed", o->disk.delayed},
        {"vandal_connections", o->deeds.connections},
        {"vandal_entered", o->deeds.entered},
        {"vandal_bytes", o->deeds.bytes},
    };
    json_t *object = json_object();

    for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
        (void)json_object_set_new(object, list[i].name, json_integer((json_int_t)list[i].value));
    }
    return object;
}

static json_t *outcome_json(const struct outcome *o)
{
    return json_pack("{s:s, s:b, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "server", o->target->name, "done",
                     o->done, "good", outcome_is_good(o), "why", o->why, "figures", figures(o), "counts", counts(o),
                     "latency_ms", percentiles(&o->tally.edits.latency), "join_ms", percentiles(&o->tally.join),
                     "steps", steps(o), "samples", samples(o), "rests", rests(o));
}

/* What was asked of our server, when the scenario is as the goals were set for. */
static void put_goal(const char *text, const char *value, bool reached, void *user)
{
    (void)json_array_append_new(user,
                                json_pack("{s:s, s:s, s:b}", "asked", text, "measured", value, "reached", reached));
}

static json_t *settings_json(const struct scenario *s)
{
    return json_pack("{s:I, s:I, s:f, s:f, s:I, s:I, s:b}", "notes", (json_int_t)s->notes, "editors",
                     (json_int_t)s->editors, "rate", s->rate, "seconds", s->seconds, "fill", (json_int_t)s->fill,
                     "piece", (json_int_t)s->piece, "acks", s->acks);
}

static json_t *scenario_json(const struct scenario_report *r)
{
    json_t *list = json_array(), *goals = json_array();

    for (size_t i = 0; i < r->count; i++) {
        (void)json_array_append_new(list, outcome_json(r->outcomes[i]));
    }
    report_goals(r, put_goal, goals);
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "scenario", r->scenario.name, "about", r->scenario.about, "settings",
                     settings_json(&r->scenario), "goals", goals, "servers", list);
}

int report_write_json(const char *path, const struct scenario_report *reports, size_t count)
{
    struct machine m;
    json_t *list = json_array();

    machine_describe(&m);
    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(list, scenario_json(&reports[i]));
    }
    json_t *all = json_pack("{s:s, s:s, s:I, s:s, s:o}", "date", m.date, "cpu", m.cpu, "cores", (json_int_t)m.cores,
                            "compiler", m.compiler, "scenarios", list);
    int rc = all == NULL                                                               ? RC_NOMEM
             : json_dump_file(all, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) == 0 ? RC_OK
                                                                                       : RC_IO;
    json_decref(all);
    return rc;
}
