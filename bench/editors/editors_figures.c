#include "bench/editors/editors_figures.h"

#include "bench/editors/nanotime.h"

#define NONE (-1.0)

static double ms(const struct histogram *h, double share)
{
    return h->count == 0 ? NONE : (double)histogram_at(h, share) / (double)NANO_MS;
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NONE;
}

static double used(const struct outcome *o, uint64_t after, uint64_t before)
{
    return o->observed ? (double)(after - before) : NONE;
}

static double per(double ns, uint64_t count)
{
    return ns < 0 ? NONE : ratio(ns / (double)NANO_US, (double)count);
}

static double megabytes(const struct outcome *o, uint64_t bytes)
{
    return o->observed ? (double)bytes / 1e6 : NONE;
}

static double best(const struct outcome *o, enum figure f)
{
    if (o->scenario.kind != SCENARIO_MOST || o->best >= o->step_count) {
        return NONE;
    }
    const struct scenario_step *s = &o->steps[o->best];
    return f == FIGURE_BEST ? s->delivered : f == FIGURE_BEST_P99 ? s->p99 : s->cpu;
}

static double beyond(double now, double before)
{
    return now > before ? now - before : 0;
}

/* Memory that does not come back shows from the second time on: the first makes what is made once. */
static double rest(const struct outcome *o, enum figure f)
{
    if (o->rest_count < 3) {
        return NONE;
    }
    const struct scenario_rest *last = &o->rests[o->rest_count - 1];
    return f == FIGURE_REST_MEMORY ? (double)last->memory / 1e6
           : f == FIGURE_REST_GREW ? beyond((double)last->memory, (double)o->rests[1].memory) / 1e6
                                   : beyond((double)last->descriptors, (double)o->rests[0].descriptors);
}

static double or_none(double value)
{
    return value > 0 ? value : NONE;
}

static const char *const names[FIGURE_COUNT] = {
    "p50_ms",
    "p90_ms",
    "p99_ms",
    "p999_ms",
    "max_ms",
    "delivered_per_s",
    "sent_per_s",
    "cpu_us",
    "loop_cpu_us",
    "busy",
    "ack_p50_ms",
    "ack_p99_ms",
    "memory_mb",
    "peak_mb",
    "bytes",
    "lag_p99_ms",
    "lag_max_ms",
    "generator",
    "best_per_s",
    "best_p99_ms",
    "best_cpu_us",
    "join_p50_ms",
    "join_max_ms",
    "join_cpu_us",
    "per_connection_kb",
    "quiet_p99_ms",
    "p99_per_quiet",
    "grew_mb",
    "later_p99_ms",
    "quiet_open_p99_ms",
    "open_p99_ms",
    "open_p99_per_quiet",
    "refused",
    "ready_ms",
    "back_ms",
    "rest_mb",
    "rest_grew_mb",
    "descriptors",
};

const char *figure_name(enum figure f)
{
    return names[f];
}

double figure_of(const struct outcome *o, enum figure f)
{
    const struct crowd_tally *t = &o->tally;
    const struct histogram *latency = &t->edits.latency;
    double cpu = used(o, o->after.cpu, o->before.cpu);

    switch (f) {
    case FIGURE_P50:
        return ms(latency, 0.50);
    case FIGURE_P90:
        return ms(latency, 0.90);
    case FIGURE_P99:
        return ms(latency, 0.99);
    case FIGURE_P999:
        return ms(latency, 0.999);
    case FIGURE_MAX:
        return ms(latency, 1);
    case FIGURE_DELIVERED:
        return ratio((double)t->delivered, t->seconds);
    case FIGURE_SENT:
        return ratio((double)t->sent, t->seconds);
    case FIGURE_CPU:
        return per(cpu, t->delivered);
    case FIGURE_LOOP_CPU:
        return per(used(o, o->after.main_thread, o->before.main_thread), t->delivered);
    case FIGURE_BUSY:
        return cpu < 0 ? NONE : ratio(cpu / (double)NANO_S, t->seconds);
    case FIGURE_ACK_P50:
        return ms(&t->ack, 0.50);
    case FIGURE_ACK_P99:
        return ms(&t->ack, 0.99);
    case FIGURE_MEMORY:
        return megabytes(o, o->after.memory);
    case FIGURE_PEAK:
        return megabytes(o, o->peak_memory > o->after.memory ? o->peak_memory : o->after.memory);
    case FIGURE_BYTES:
        return ratio((double)t->bytes_in, (double)t->delivered);
    case FIGURE_LAG_P99:
        return ms(&t->lag, 0.99);
    case FIGURE_LAG_MAX:
        return ms(&t->lag, 1);
    case FIGURE_GENERATOR:
        return o->generator;
    case FIGURE_BEST:
    case FIGURE_BEST_P99:
    case FIGURE_BEST_CPU:
        return best(o, f);
    case FIGURE_JOIN_P50:
        return ms(&t->join, 0.50);
    case FIGURE_JOIN_MAX:
        return ms(&t->join, 1);
    case FIGURE_JOIN_CPU:
        return per(cpu, t->joined);
    case FIGURE_PER_CONNECTION:
        return used(o, o->after.memory, o->idle.memory) < 0 ? NONE
                                                            : (double)(o->after.memory - o->idle.memory) / 1e3 /
                                                                  (double)(o->scenario.notes * o->scenario.editors);
    case FIGURE_QUIET_P99:
        return ms(&o->quiet, 0.99);
    case FIGURE_DISTURBED:
        return o->quiet.count == 0 ? NONE : ratio(ms(latency, 0.99), ms(&o->quiet, 0.99));
    case FIGURE_GREW:
        return o->after.memory < o->before.memory ? 0 : megabytes(o, o->after.memory - o->before.memory);
    case FIGURE_LATER_P99:
        return ms(&o->later, 0.99);
    case FIGURE_QUIET_OPEN_P99:
        return ms(&o->quiet_join, 0.99);
    case FIGURE_OPEN_P99:
        return ms(&t->join, 0.99);
    case FIGURE_OPEN_DISTURBED:
        return o->quiet_join.count == 0 ? NONE : ratio(ms(&t->join, 0.99), ms(&o->quiet_join, 0.99));
    case FIGURE_REFUSED:
        return (double)t->refused;
    case FIGURE_READY:
        return or_none(o->ready);
    case FIGURE_BACK:
        return or_none(o->back);
    case FIGURE_REST_MEMORY:
    case FIGURE_REST_GREW:
    case FIGURE_DESCRIPTORS:
        return rest(o, f);
    default:
        return NONE;
    }
}
