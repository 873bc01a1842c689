/* The report as JSON: see bench_report.h. */
#include "bench/engine/bench_report.h"

#include <jansson.h>
#include <zlib.h>
#include "bench/engine/goals.h"
#include "bench/machine.h"

static json_t *summary_json(const double *values, size_t count)
{
    struct measure_summary s = measure_summarize(values, count);

    return json_pack("{s:f, s:f, s:f}", "median", s.median, "min", s.min, "max", s.max);
}

static json_t *measure_json(const struct measure *m, bool memory)
{
    json_t *out = json_pack("{s:I}", "runs", (json_int_t)m->count);

    if (memory) {
        (void)json_object_set_new(out, "kilobytes", summary_json(m->cpu, m->count));
    } else {
        (void)json_object_set_new(out, "cpu_ms", summary_json(m->cpu, m->count));
        (void)json_object_set_new(out, "wall_ms", summary_json(m->wall, m->count));
    }
    return out;
}

static json_t *peer_json(const struct bench_row *row, const struct peer_result *peer)
{
    json_t *out = measure_json(&peer->times, task_is_memory(row->task));

    (void)json_object_set_new(out, "version", json_string(peer->version));
    (void)json_object_set_new(out, "same_bytes",
                              json_boolean(span_equal(buf_span(&row->ours.bytes), buf_span(&peer->bytes))));
    return out;
}

static void add_goal(json_t *out, const char *workload, const struct bench_row *row)
{
    struct goal goal = goal_of(workload, row->task);
    double ours = measure_summarize(row->ours.times.cpu, row->ours.times.count).median;
    const struct peer_result *yjs = &row->peer[PEER_YJS];

    if (goal.ratio > 0) {
        (void)json_object_set_new(out, goal.kind == GOAL_OF_TASK ? "asked_of_remote_v1" : "asked_times_yjs",
                                  json_real(goal.ratio));
    }
    if (goal.most > 0) {
        (void)json_object_set_new(out, task_is_memory(row->task) ? "asked_kilobytes" : "asked_ms",
                                  json_real(goal.most));
    }
    if (yjs->done && ours > 0) {
        double theirs = measure_summarize(yjs->times.cpu, yjs->times.count).median;
        (void)json_object_set_new(out, "times_yjs", json_real(theirs / ours));
    }
}

static json_t *row_json(const char *workload, const struct bench_row *row)
{
    json_t *out = json_pack("{s:s, s:b, s:I, s:I}", "task", task_name(row->task), "good", bench_row_is_good(row),
                            "bytes", (json_int_t)row->ours.bytes.len, "crc32",
                            (json_int_t)crc32(0, row->ours.bytes.data, (uInt)row->ours.bytes.len));

    if (row->rc != RC_OK || row->ours.complaint != NULL) {
        (void)json_object_set_new(out, "complaint",
                                  json_string(row->rc != RC_OK ? rc_text(row->rc) : row->ours.complaint));
    }
    (void)json_object_set_new(out, "cahier", measure_json(&row->ours.times, task_is_memory(row->task)));
    for (size_t p = 0; p < PEERS_MAX; p++) {
        if (row->peer[p].done) {
            (void)json_object_set_new(out, bench_peers[p], peer_json(row, &row->peer[p]));
        }
    }
    add_goal(out, workload, row);
    return out;
}

void bench_json_begin(struct bench_json *j, const struct bench_options *options)
{
    struct machine m;

    j->root = NULL;
    if (options->json != NULL) {
        machine_describe(&m);
        j->root = json_pack("{s:s, s:s, s:I, s:s, s:I, s:[]}", "date", m.date, "cpu", m.cpu, "cores",
                            (json_int_t)m.cores, "compiler", m.compiler, "n", (json_int_t)options->n, "workloads");
    }
}

void bench_json_workload(struct bench_json *j, const struct input *in, const struct bench_row *rows, size_t count)
{
    json_t *tasks = json_array();

    for (size_t i = 0; i < count; i++) {
        (void)json_array_append_new(tasks, row_json(in->workload.name, &rows[i]));
    }
    (void)json_array_append_new(json_object_get(j->root, "workloads"),
                                json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "name", in->workload.name, "about",
                                          in->workload.about, "updates", (json_int_t)in->v1.count, "update_bytes",
                                          (json_int_t)in->v1.bytes.len, "state_v1_bytes", (json_int_t)in->state_v1.len,
                                          "state_v2_bytes", (json_int_t)in->state_v2.len, "tasks", tasks));
}

int bench_json_end(struct bench_json *j, const char *path)
{
    int rc = RC_OK;

    if (path != NULL) {
        rc = j->root != NULL && json_dump_file(j->root, path, JSON_INDENT(1)) == 0 ? RC_OK : RC_IO;
    }
    json_decref(j->root);
    j->root = NULL;
    return rc;
}
