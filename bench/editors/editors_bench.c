#include "bench/editors/editors_bench.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "bench/bench_memory.h"
#include "bench/editors/editors_options.h"
#include "bench/editors/editors_report.h"
#include "bench/editors/targets.h"
#include "tests/support/files.h"

/* As many sockets as the system lets this process and its children have. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static struct outcome *not_run(const struct scenario *s, const struct target *t, const char *why)
{
    struct outcome *o = memory_create(1, sizeof(*o));

    o->scenario = *s;
    o->target = t;
    (void)snprintf(o->why, sizeof(o->why), "%s", why);
    return o;
}

static struct outcome *run_started(const struct editors_options *o, struct scenario_options *run)
{
    const struct scenario *s = &run->scenario;
    struct target_wishes wishes = {
        .core = o->server_core, .disk = scenario_needs_disk(s), .rows = s->rows, .argument = s->serve};
    struct running server = {0};
    struct outcome *outcome;
    int rc = target_start(run->target, &wishes, &server);

    if (rc != RC_OK) {
        return not_run(s, run->target, rc == RC_UNSUPPORTED ? "this system has no seccomp" : "it did not start");
    }
    run->host = "127.0.0.1";
    run->port = server.port;
    run->server = server.pid;
    run->running = &server;
    outcome = scenario_run(run);
    target_stop(&server);
    return outcome;
}

static struct outcome *run_one(const struct editors_options *o, const struct scenario *s, const struct target *t)
{
    struct scenario_options run = o->run;
    const char *lacks = o->url ? NULL : target_lacks(t);

    run.scenario = *s;
    run.target = t;
    fprintf(stderr, "cahier-bench: %s: %s\n", s->name, t->name);
    if (lacks != NULL) {
        return not_run(s, t, lacks);
    }
    return o->url ? scenario_run(&run) : run_started(o, &run);
}

static bool makes_sense(const struct scenario *s, const struct target *t)
{
    return (!s->acks || t->acks) && (!scenario_needs_answers(s) || t->protocol != CROWD_BARE) &&
           (!scenario_is_ours(s) || t->ours);
}

static struct scenario_report run_scenario(const struct editors_options *o, const struct scenario *s)
{
    struct scenario_report r = {.scenario = *s, .outcomes = memory_create(o->target_count, sizeof(*r.outcomes))};

    for (size_t i = 0; i < o->target_count; i++) {
        if (makes_sense(s, o->targets[i])) {
            r.outcomes[r.count++] = run_one(o, s, o->targets[i]);
        }
    }
    return r;
}

static size_t bad_ones(const struct scenario_report *r)
{
    size_t bad = 0;

    for (size_t i = 0; i < r->count; i++) {
        bad += !outcome_is_good(r->outcomes[i]);
    }
    return bad;
}

static void finish_report(struct scenario_report *r)
{
    for (size_t i = 0; i < r->count; i++) {
        outcome_destroy(r->outcomes[i]);
    }
    free(r->outcomes);
}

static bool read_trace(const char *path, struct trace *out)
{
    struct buf json = {0};
    const char *why = "it cannot be read";
    int rc = files_read(path, &json);

    rc = rc == RC_OK ? trace_parse(buf_span(&json), out, &why) : rc;
    if (rc == RC_OK && out->concurrent) {
        why = "several people wrote it; one is needed";
        rc = RC_ARG;
    }
    buf_finish(&json);
    if (rc != RC_OK) {
        fprintf(stderr, "cahier-bench: %s: %s\n", path, why);
    }
    return rc == RC_OK;
}

static size_t write_file(const char *path, const struct scenario_report *reports, size_t count,
                         int (*write)(const char *path, const struct scenario_report *reports, size_t count))
{
    if (path == NULL || write(path, reports, count) == RC_OK) {
        return 0;
    }
    fprintf(stderr, "cahier-bench: cannot write %s\n", path);
    return 1;
}

/* Before anything is measured: minutes of work are not to be lost to a folder that is not there. */
static bool can_write(const char *path)
{
    FILE *file = path == NULL ? NULL : fopen(path, "a");

    if (path != NULL && file == NULL) {
        fprintf(stderr, "cahier-bench: cannot write %s: %s\n", path, strerror(errno));
        return false;
    }
    return file == NULL || fclose(file) == 0;
}

static size_t run_all(const struct editors_options *o)
{
    struct scenario_report reports[EDITORS_SCENARIOS_MAX];
    size_t bad = 0, measured = 0;

    report_print_machine();
    for (size_t i = 0; i < o->scenario_count; i++) {
        reports[i] = run_scenario(o, &o->scenarios[i]);
        report_print(&reports[i]);
        bad += bad_ones(&reports[i]);
        measured += reports[i].count;
    }
    if (measured == 0) {
        fputs("cahier-bench: none of these servers can take part in what was asked\n", stderr);
        bad++;
    }
    bad += write_file(o->json, reports, o->scenario_count, report_write_json);
    bad += write_file(o->html, reports, o->scenario_count, report_write_html);
    for (size_t i = 0; i < o->scenario_count; i++) {
        finish_report(&reports[i]);
    }
    return bad;
}

int editors_bench(int argc, char **argv)
{
    static struct editors_options o;
    struct trace trace = {0};
    enum editors_parsed parsed = editors_options_parse(argc, argv, &o);

    if (parsed != EDITORS_RUN) {
        return parsed == EDITORS_DONE ? EXIT_SUCCESS : 2;
    }
    if (!can_write(o.json) || !can_write(o.html)) {
        return EXIT_FAILURE;
    }
    if (o.trace != NULL && !read_trace(o.trace, &trace)) {
        return 2;
    }
    o.run.trace = o.trace != NULL ? &trace : NULL;
    raise_file_limit();
    if (!target_pin_self(o.generator_core) && o.generator_core >= 0) {
        fputs("cahier-bench: the generator cannot be kept on one core\n", stderr);
    }
    size_t bad = run_all(&o);
    trace_finish(&trace);
    if (bad > 0) {
        printf("\n%zu results are not as they must be\n", bad);
    }
    return bad > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
