#include "bench/engine/bench_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_DEFAULT        6000
#define N_MOST           1000000
#define REPEAT_DEFAULT   5
#define BUDGET_DEFAULT   300
#define BUDGET_MOST      60000
#define PATIENCE_DEFAULT 12000

static const char help[] =
    "usage: cahier-bench engine [OPTION]… [WORKLOAD]…\n"
    "\n"
    "Measures the engine and, in the same run, yjs and ywasm under node; checks that all come to the same bytes.\n"
    "Without a workload: all of --list. Times are CPU milliseconds: the median, and the least and the most.\n"
    "\n"
    "  --trace FILE     also an editing history (.json, .json.gz) or recorded updates (.updates.v1.gz)\n"
    "  -n N             size of the synthetic workloads (6000)\n"
    "  --repeat K       runs of each task, at least (5)\n"
    "  --budget MS      milliseconds that the runs of a quick task may take together, beyond those K (300)\n"
    "  --task A,B…      only these tasks\n"
    "  --peers A,B…     yjs, ywasm, or none (yjs,ywasm)\n"
    "  --json FILE      also write everything to FILE\n"
    "  --list           workloads and tasks\n"
    "\n"
    "The named editing histories are looked for in $CAHIER_TRACES, else in ../shared/traces beside the sources.\n"
    "Exit: 0 everything was measured and all results agree, 1 not, 2 wrong usage.\n";

enum {
    OPTION_TRACE = 256,
    OPTION_REPEAT,
    OPTION_BUDGET,
    OPTION_TASK,
    OPTION_PEERS,
    OPTION_JSON,
    OPTION_LIST,
    OPTION_HELP
};

static const struct option options[] = {
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"repeat", required_argument, NULL, OPTION_REPEAT},
    {"budget", required_argument, NULL, OPTION_BUDGET},
    {"task", required_argument, NULL, OPTION_TASK},
    {"peers", required_argument, NULL, OPTION_PEERS},
    {"json", required_argument, NULL, OPTION_JSON},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static void list(void)
{
    puts("workloads:");
    for (size_t i = 0; i < workload_count(); i++) {
        printf("  %-20s %s\n", workload_at(i)->name, workload_at(i)->about);
    }
    puts("tasks:");
    for (enum task task = 0; task < TASK_COUNT; task++) {
        printf("  %-20s %s\n", task_name(task), task_about(task));
    }
}

static bool number(const char *what, const char *text, unsigned long most, unsigned long *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || n == 0 || n > most) {
        fprintf(stderr, "cahier-bench: %s wants a number from 1 to %lu, not '%s'\n", what, most, text);
        return false;
    }
    *out = n;
    return true;
}

static bool add_workload(struct bench_options *o, const struct workload *w)
{
    if (o->workload_count == BENCH_WORKLOADS_MAX) {
        fprintf(stderr, "cahier-bench: at most %d workloads\n", BENCH_WORKLOADS_MAX);
        return false;
    }
    o->workloads[o->workload_count++] = *w;
    return true;
}

static bool add_named(struct bench_options *o, const char *name)
{
    const struct workload *w = workload_find(name);

    if (w == NULL) {
        fprintf(stderr, "cahier-bench: no workload '%s' (--list shows them)\n", name);
        return false;
    }
    return add_workload(o, w);
}

static bool add_file(struct bench_options *o, const char *path)
{
    struct workload w;

    workload_from_file(path, &w);
    return add_workload(o, &w);
}

/* Each name of a comma list is known: a task or a peer. */
static bool known(const char *list, const char *what, bool (*is_known)(const char *name, size_t len))
{
    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        size_t len = strcspn(at, ",");
        if (!is_known(at, len)) {
            fprintf(stderr, "cahier-bench: no %s '%.*s'\n", what, (int)len, at);
            return false;
        }
    }
    return true;
}

static bool is_name(const char *name, const char *at, size_t len)
{
    return strlen(name) == len && strncmp(name, at, len) == 0;
}

static bool is_task(const char *at, size_t len)
{
    for (enum task task = 0; task < TASK_COUNT; task++) {
        if (is_name(task_name(task), at, len)) {
            return true;
        }
    }
    return false;
}

static bool is_peer(const char *at, size_t len)
{
    return is_name("yjs", at, len) || is_name("ywasm", at, len) || is_name("none", at, len);
}

static bool take(int option, struct bench_options *o)
{
    unsigned long n;

    switch (option) {
    case OPTION_TRACE:
        return add_file(o, optarg);
    case 'n':
        if (!number("-n", optarg, N_MOST, &n)) {
            return false;
        }
        o->n = (uint32_t)n;
        return true;
    case OPTION_REPEAT:
        if (!number("--repeat", optarg, MEASURE_MAX, &n)) {
            return false;
        }
        o->task.repeat = n;
        return true;
    case OPTION_BUDGET:
        if (!number("--budget", optarg, BUDGET_MOST, &n)) {
            return false;
        }
        o->task.budget = (double)n;
        return true;
    case OPTION_TASK:
        o->task.only = optarg;
        return known(optarg, "task", is_task);
    case OPTION_PEERS:
        o->peers = optarg;
        return known(optarg, "peer", is_peer);
    case OPTION_JSON:
        o->json = optarg;
        return true;
    default:
        fputs("cahier-bench: see cahier-bench engine --help\n", stderr);
        return false;
    }
}

enum bench_parsed bench_options_parse(int argc, char **argv, struct bench_options *out)
{
    int option;

    *out = (struct bench_options){
        .n = N_DEFAULT,
        .task = {.repeat = REPEAT_DEFAULT, .budget = BUDGET_DEFAULT, .patience = PATIENCE_DEFAULT},
        .peers = "yjs,ywasm",
    };
    while ((option = getopt_long(argc, argv, "n:", options, NULL)) != -1) {
        if (option == OPTION_HELP || option == OPTION_LIST) {
            if (option == OPTION_HELP) {
                fputs(help, stdout);
            } else {
                list();
            }
            return BENCH_DONE;
        }
        if (!take(option, out)) {
            return BENCH_WRONG;
        }
    }
    for (int i = optind; i < argc; i++) {
        if (!add_named(out, argv[i])) {
            return BENCH_WRONG;
        }
    }
    out->chosen = out->workload_count > 0;
    for (size_t i = 0; !out->chosen && i < workload_count(); i++) {
        out->workloads[out->workload_count++] = *workload_at(i);
    }
    return BENCH_RUN;
}
