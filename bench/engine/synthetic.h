#ifndef BENCH_ENGINE_SYNTHETIC_H
#define BENCH_ENGINE_SYNTHETIC_H

/* The synthetic workloads of crdt-benchmarks (Kevin Jahns, github.com/dmonad/crdt-benchmarks), by their definitions;
 * the random numbers are our own, from one seed, so that every run and every peer does the same.
 *
 * B1.x are sequential traces and B2.x concurrent ones of two agents; here each edit is a transaction of its own, where
 * crdt-benchmarks puts each side of B2.x into one. B3.x are one update each from many clients. */
#include "bench/engine/trace.h"
#include "bench/engine/update_list.h"

enum synthetic {
    B1_1 = 11, /* append N letters */
    B1_2,      /* insert a string of N letters */
    B1_3,      /* prepend N letters */
    B1_4,      /* insert N letters at random positions */
    B1_5,      /* insert N words at random positions */
    B1_6,      /* insert a string of N letters, then delete it */
    B1_7,      /* insert or delete words at random positions, N times */
    B2_1 = 21, /* both insert a string of N letters at the head */
    B2_2,      /* both insert N letters at random positions */
    B2_3,      /* both insert N words at random positions */
    B2_4,      /* both insert N words at random positions, and after each another one or delete a few letters */
    B3_1 = 31, /* 20 √N clients set one key of a map: to a number */
    B3_2,      /* … to an object */
    B3_3,      /* … to a string of about 20 √N digits or more */
    B3_4,      /* 20 √N clients insert a string at the head of an array */
    B3_5       /* 20 √N clients insert a text at the head of a text */
};

/* B1.x and B2.x. RC_NOMEM. */
int synthetic_trace(enum synthetic what, uint32_t n, struct trace *out) MUST_CHECK;
/* B3.x, v1. */
int synthetic_updates(enum synthetic what, uint32_t n, struct update_list *out) MUST_CHECK;

#endif
