#ifndef BENCH_ENGINE_BENCH_OPTIONS_H
#define BENCH_ENGINE_BENCH_OPTIONS_H

/* The command line of `cahier-bench engine`. */
#include <stddef.h>
#include <stdint.h>
#include "bench/engine/bench_task.h"
#include "bench/engine/bench_workload.h"

#define BENCH_WORKLOADS_MAX 64

struct bench_options {
    struct workload workloads[BENCH_WORKLOADS_MAX];
    size_t workload_count;
    bool chosen; /* named by the user: one whose data is missing is an error */
    uint32_t n;
    struct task_options task;
    const char *peers; /* "yjs,ywasm"; "none" */
    const char *json;  /* file; NULL: none */
};

enum bench_parsed { BENCH_RUN, BENCH_DONE, BENCH_WRONG };

/* BENCH_DONE: help or a list has been printed. BENCH_WRONG: what is wrong stands on standard error. */
enum bench_parsed bench_options_parse(int argc, char **argv, struct bench_options *out);

#endif
