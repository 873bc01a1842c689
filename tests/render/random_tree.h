#ifndef TESTS_RENDER_RANDOM_TREE_H
#define TESTS_RENDER_RANDOM_TREE_H

/* Random canonical trees, full of characters that mean something in Markdown. */
#include "render/note_tree.h"
#include "tests/support/rng.h"

/* What the trees held, so that a run can tell that it met everything. */
struct random_counts {
    unsigned long kinds[NOTE_KIND_COUNT];
    unsigned long steps[NOTE_STEPS];
    unsigned long trees, spaces, punctuation;
};

/* Fills the tree with about `blocks` blocks of those kinds and marks that Markdown carries without loss. Emphasis does
 * not begin or end with a space. */
void random_tree_gfm(struct note_tree *t, struct rng *rng, unsigned blocks, struct random_counts *counts);

#endif
