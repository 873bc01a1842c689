/* No input may cost more than about n log n. Each attack is run with n, 2 n and 4 n, and what the engine does is
 * counted, not timed: it is compiled a second time so that each basic block calls the counter below (trace-pc), and
 * what it moves and clears in memory counts by cache lines. So the figures are the same on every machine and however
 * loaded it is.
 *
 * Twice the size may cost TOO_STEEP times as much: log n adds a fifth for the smallest n here, chance in the shape of
 * trees as much again; quadratic work shows as four times. */
#include <string.h>
#include "tests/model/attacks.h"
#include "tests/model/growth.h"

#define TOO_STEEP 2.6
#define RUNS      4 /* of each size: trees are built by chance, and one run in fifty made a lopsided one */

/* ---- counting ------------------------------------------------------------------------------------ */

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);
void *__real_memmove(void *to, const void *from, size_t len);
void *__real_memcpy(void *to, const void *from, size_t len);
void *__real_memset(void *to, int byte, size_t len);
void *__wrap_memmove(void *to, const void *from, size_t len);
void *__wrap_memcpy(void *to, const void *from, size_t len);
void *__wrap_memset(void *to, int byte, size_t len);

void __sanitizer_cov_trace_pc(void)
{
    steps++;
}

void *__wrap_memmove(void *to, const void *from, size_t len)
{
    steps += len / 64;
    return __real_memmove(to, from, len);
}

void *__wrap_memcpy(void *to, const void *from, size_t len)
{
    steps += len / 64;
    return __real_memcpy(to, from, len);
}

void *__wrap_memset(void *to, int byte, size_t len)
{
    steps += len / 64;
    return __real_memset(to, byte, len);
}

/* ---- all ------------------------------------------------------------------------------------------------------ */

static uint64_t steps_of(const struct growth *g, size_t n)
{
    steps = 0;
    for (int i = 0; i < RUNS; i++) {
        g->run(n);
    }
    return steps / RUNS;
}

static bool too_steep(const struct growth *g)
{
    uint64_t one = steps_of(g, g->n), two = steps_of(g, 2 * g->n), four = steps_of(g, 4 * g->n);
    bool bad = (double)four > TOO_STEEP * TOO_STEEP * (double)one;

    CHECK(one > g->n);
    printf("%-26s %6zu: %9.1f steps each, × %.2f, × %.2f%s\n", g->what, g->n, (double)one / (double)g->n,
           (double)two / (double)one, (double)four / (double)two, bad ? ": too steep" : "");
    return bad;
}

/* With the name of an attack: only that. */
int main(int argc, char **argv)
{
    static const struct growth *const all[] = {growth_places, growth_waiting, growth_content};
    int steep = 0, run = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        for (const struct growth *g = all[i]; g->what != NULL; g++) {
            if (argc < 2 || strcmp(argv[1], g->what) == 0) {
                steep += too_steep(g);
                run++;
            }
        }
    }
    printf("%d attacks, %d too steep\n", run, steep);
    return steep > 0 || run == 0;
}
