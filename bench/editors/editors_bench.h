#ifndef BENCH_EDITORS_EDITORS_BENCH_H
#define BENCH_EDITORS_EDITORS_BENCH_H

/* `cahier-bench editors`: argv[0] is the subcommand; returns the exit code. */
int editors_bench(int argc, char **argv);

#endif
