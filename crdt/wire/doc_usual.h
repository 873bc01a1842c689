#ifndef CRDT_WIRE_DOC_USUAL_H
#define CRDT_WIRE_DOC_USUAL_H

/* The usual structs of a document, nearly all there are: text and deleted text beside something. They go from the item
 * to the output without a block in between. Room is made once for all of a run (ids_run), so that the walk has its
 * places in registers and looks at no limits. */
#include "crdt/core/ids.h"
#include "crdt/wire/doc_deletes.h"
#include "crdt/wire/update_enc.h"

/* So many structs, with so much content, are to follow: room for about that, so that it need not grow step by step. */
void doc_usual_expect(struct update_enc *enc, size_t structs, size_t content);
/* Writes the structs of a run from index `at` on, as many as are usual, and notes which are deleted; returns the index
 * behind them. Long text may be left to update_enc_block as well, and everything where there is no memory (kept in the
 * encoder). */
uint32_t doc_usual_put(const struct crdt_doc *doc, struct update_enc *enc, const struct id_run *run, uint32_t at,
                       struct doc_edges *edges);

#endif
