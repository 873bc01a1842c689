#ifndef BENCH_RENDER_RENDER_PEERS_H
#define BENCH_RENDER_RENDER_PEERS_H

/* What converters of the editors' own make of the same note: bench/render/peers.mjs under node. */
#include "bench/engine/measure.h"
#include "crdt/base/span.h"

#define CONVERSIONS_MAX 16

/* One converter's work on one note, ours or a peer's. */
struct conversion {
    char output[24], by[48]; /* by: "cahier", or package and version */
    struct measure times;    /* milliseconds a note */
    size_t bytes;            /* of the result */
    uint32_t crc;
};

/* True when node and the modules of bench/render/package.json are there; else says on standard error what to do. */
bool render_peers_are_here(void);
/* Converts a note of `family` ("tiptap", "blocknote"), given as update, for about `budget` milliseconds a converter.
 * `out` has CONVERSIONS_MAX elements; *count says how many are set. RC_IO: node failed or did not answer properly. */
int render_peers_run(const char *family, struct span update, double budget, struct conversion *out,
                     size_t *count) MUST_CHECK;

#endif
