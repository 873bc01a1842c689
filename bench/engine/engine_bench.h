#ifndef BENCH_ENGINE_ENGINE_BENCH_H
#define BENCH_ENGINE_ENGINE_BENCH_H

/* `cahier-bench engine`: the engine against yjs and ywasm. Returns the exit code: see --help. */
int engine_bench(int argc, char **argv);

#endif
