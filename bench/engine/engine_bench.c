#include "bench/engine/engine_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/engine/bench_options.h"
#include "bench/engine/bench_report.h"
#include "bench/engine/measure.h"

struct session {
    struct bench_options options;
    struct bench_json json;
    bool peers; /* they are here and wanted */
    size_t bad; /* rows that are not as they must be, workloads that could not be prepared */
};

static bool wants(const struct session *s, const char *peer)
{
    const char *at = strstr(s->options.peers, peer);

    return s->peers && at != NULL;
}

static void measure_ours(struct session *s, const struct input *in, struct bench_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "cahier-bench: %s: cahier: %s\n", in->workload.name, task_name(rows[i].task));
        rows[i].rc = task_measure(rows[i].task, in, &s->options.task, &rows[i].ours);
    }
}

/* B4x100: 26 million edits would keep the peers for hours; they load and encode only. */
static bool peers_do(enum task task, const struct input *in)
{
    return task != TASK_MEMORY_TRIMMED && !(in->workload.copies > 1 && task == TASK_LOCAL);
}

static void measure_peer(struct session *s, const struct input *in, size_t p, struct bench_row *rows, size_t count)
{
    struct peer_result results[TASK_COUNT] = {0};
    unsigned tasks = 0;

    for (size_t i = 0; i < count; i++) {
        tasks |= peers_do(rows[i].task, in) ? TASK_BIT(rows[i].task) : 0;
    }
    int rc = peer_run(bench_peers[p], in, tasks, &s->options.task, results);
    if (rc != RC_OK) {
        fprintf(stderr, "cahier-bench: %s: %s: %s\n", in->workload.name, bench_peers[p], rc_text(rc));
        s->bad++;
    }
    for (size_t i = 0; i < count; i++) {
        rows[i].peer[p] = results[rows[i].task];
    }
}

static void measure_peers(struct session *s, const struct input *in, struct bench_row *rows, size_t count)
{
    for (size_t p = 0; p < PEERS_MAX; p++) {
        if (wants(s, bench_peers[p])) {
            measure_peer(s, in, p, rows, count);
        }
    }
}

static void finish_rows(struct bench_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        task_result_finish(&rows[i].ours);
        for (size_t p = 0; p < PEERS_MAX; p++) {
            peer_result_finish(&rows[i].peer[p]);
        }
    }
    free(rows);
}

static void run_input(struct session *s, const struct input *in)
{
    struct bench_row *rows = calloc(TASK_COUNT, sizeof(*rows));
    size_t count = 0;

    for (enum task task = 0; rows != NULL && task < TASK_COUNT; task++) {
        if (task_applies(task, in, &s->options.task)) {
            rows[count++].task = task;
        }
    }
    if (count > 0) {
        measure_ours(s, in, rows, count);
        measure_peers(s, in, rows, count);
        bench_report_workload(in, rows, count);
        bench_json_workload(&s->json, in, rows, count);
    }
    for (size_t i = 0; i < count; i++) {
        s->bad += !bench_row_is_good(&rows[i]);
    }
    finish_rows(rows, count);
}

static void run_workload(struct session *s, const struct workload *w)
{
    struct input in = {0};
    struct buf why = {0};

    fprintf(stderr, "cahier-bench: %s: preparing\n", w->name);
    int rc = input_prepare(w, s->options.n, &in, &why);
    if (rc == RC_OK) {
        run_input(s, &in);
        input_finish(&in);
    } else {
        bool missing = rc == RC_NOTFOUND && !s->options.chosen;
        printf("\n%s: not measured: %.*s\n", w->name, (int)why.len, (const char *)why.data);
        s->bad += missing ? 0 : 1;
    }
    buf_finish(&why);
}

int engine_bench(int argc, char **argv)
{
    struct session s = {0};
    enum bench_parsed parsed = bench_options_parse(argc, argv, &s.options);

    if (parsed != BENCH_RUN) {
        return parsed == BENCH_DONE ? EXIT_SUCCESS : 2;
    }
    measure_keep_heap();
    s.peers = strcmp(s.options.peers, "none") != 0 && peers_are_here();
    bench_report_begin(&s.options);
    bench_json_begin(&s.json, &s.options);
    for (size_t i = 0; i < s.options.workload_count; i++) {
        run_workload(&s, &s.options.workloads[i]);
    }
    if (bench_json_end(&s.json, s.options.json) != RC_OK) {
        fprintf(stderr, "cahier-bench: cannot write %s\n", s.options.json);
        s.bad++;
    }
    if (s.bad > 0) {
        printf("\n%zu results are not as they must be\n", s.bad);
    }
    return s.bad > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
