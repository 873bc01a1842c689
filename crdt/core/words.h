#ifndef CRDT_CORE_WORDS_H
#define CRDT_CORE_WORDS_H

/* A heap of 32-bit words inside a document: leaves, nodes and id chunks in a few sizes, freed
 * ones kept per size. A reference is the index of the first word.
 *
 *   class   0   1   2   3    4    5    6     7 …
 *   words  13  21  37  69  130  258  514  1026 … */
#include "crdt/core/doc.h"

#define WORDS_CLASS_MAX 23

uint32_t words_class_size(uint32_t class);
/* From what doc_reserve has made sure of. */
uint32_t words_alloc(struct crdt_doc *doc, uint32_t class);
void words_release(struct crdt_doc *doc, uint32_t ref, uint32_t class);

static inline uint32_t *words_at(const struct crdt_doc *doc, uint32_t ref)
{
    return doc->words + ref;
}

#endif
