#include "bench/engine/bench_report.h"

#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "bench/engine/goals.h"
#include "bench/machine.h"

const char *const bench_peers[PEERS_MAX] = {"yjs", "ywasm"};

static bool same_bytes(const struct bench_row *row, const struct peer_result *peer)
{
    return span_equal(buf_span(&row->ours.bytes), buf_span(&peer->bytes));
}

bool bench_row_is_good(const struct bench_row *row)
{
    const struct peer_result *yjs = &row->peer[PEER_YJS];

    return row->rc == RC_OK && row->ours.complaint == NULL && yjs->complaint[0] == '\0' &&
           (!yjs->done || same_bytes(row, yjs));
}

void bench_report_begin(const struct bench_options *options)
{
    struct machine m;

    machine_describe(&m);
    printf("%s · %s, %ld cores · %s\n", m.date, m.cpu, m.cores, m.compiler);
    printf("CPU time in ms (memory in kB): median (least … most) of at least %zu runs · N = %u\n", options->task.repeat,
           options->n);
}

/* "1,234" below ten thousand keeps decimals: "12.3", "0.123". */
static void put_number(char *out, size_t size, double value)
{
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;

    (void)snprintf(out, size, "%.*f", decimals, value);
}

static struct measure_summary summary_of(const struct measure *m)
{
    return measure_summarize(m->cpu, m->count);
}

static void print_peer(const struct peer_result *peer)
{
    char text[32] = "–";

    if (peer->done) {
        put_number(text, sizeof(text), summary_of(&peer->times).median);
    }
    /* A dash has three bytes and one column. */
    printf(" %*s", peer->done ? 9 : 11, peer->complaint[0] != '\0' ? "failed" : text);
}

static double median_of(const struct bench_row *rows, size_t count, enum task task)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].task == task) {
            return summary_of(&rows[i].ours.times).median;
        }
    }
    return 0;
}

/* What was reached, and what is asked for. */
static void print_goal(const struct input *in, const struct bench_row *rows, size_t count, const struct bench_row *row)
{
    struct goal goal = goal_of(in->workload.name, row->task);
    double ours = summary_of(&row->ours.times).median, remote = median_of(rows, count, TASK_REMOTE_V1);
    char reached[32] = "", asked[32] = "";

    if (row->peer[PEER_YJS].done && ours > 0) {
        (void)snprintf(reached, sizeof(reached), "%.1f", summary_of(&row->peer[PEER_YJS].times).median / ours);
    }
    if (goal.kind == GOAL_TIMES_YJS) {
        (void)snprintf(asked, sizeof(asked), "%.1f (%g %s)", goal.ratio, goal.most,
                       task_is_memory(row->task) ? "kB" : "ms");
    } else if (goal.kind == GOAL_AT_MOST) {
        (void)snprintf(asked, sizeof(asked), "<= %g ms", goal.most);
    } else if (goal.kind == GOAL_OF_TASK && remote > 0) {
        (void)snprintf(asked, sizeof(asked), "%.1f of <= %g", ours / remote, goal.ratio);
    }
    printf(" %9s %15s", reached, asked);
}

static void print_verdict(const struct bench_row *row)
{
    const struct peer_result *yjs = &row->peer[PEER_YJS], *ywasm = &row->peer[PEER_YWASM];

    if (row->rc != RC_OK) {
        printf("  FAILED: %s\n", rc_text(row->rc));
        return;
    }
    printf("  %08lx", crc32(0, row->ours.bytes.data, (uInt)row->ours.bytes.len));
    if (row->ours.complaint != NULL) {
        printf("  WRONG: %s\n", row->ours.complaint);
    } else if (yjs->complaint[0] != '\0') {
        printf("  yjs FAILED: %s\n", yjs->complaint);
    } else if (yjs->done && !same_bytes(row, yjs)) {
        printf("  WRONG: other bytes than yjs\n");
    } else {
        printf("  %s%s\n", yjs->done ? "= yjs" : "ok", ywasm->done && !same_bytes(row, ywasm) ? ", ywasm differs" : "");
    }
}

static void print_row(const struct input *in, const struct bench_row *rows, size_t count, const struct bench_row *row)
{
    struct measure_summary ours = summary_of(&row->ours.times);
    char median[32], least[32], most[32];

    put_number(median, sizeof(median), ours.median);
    put_number(least, sizeof(least), ours.min);
    put_number(most, sizeof(most), ours.max);
    printf("  %-15s %9s %8s %8s", task_name(row->task), median, least, most);
    for (size_t p = 0; p < PEERS_MAX; p++) {
        print_peer(&row->peer[p]);
    }
    print_goal(in, rows, count, row);
    print_verdict(row);
}

void bench_report_workload(const struct input *in, const struct bench_row *rows, size_t count)
{
    printf("\n%s: %s · %zu updates of %zu bytes, state %zu (v1) and %zu (v2) bytes\n", in->workload.name,
           in->workload.about, in->v1.count, in->v1.bytes.len, in->state_v1.len, in->state_v2.len);
    printf("  %-15s %9s %8s %8s %9s %9s %9s %15s  %s\n", "task", "cahier", "least", "most", "yjs", "ywasm", "yjs/ours",
           "asked", "crc32     result");
    for (size_t i = 0; i < count; i++) {
        print_row(in, rows, count, &rows[i]);
    }
    (void)fflush(stdout);
}
