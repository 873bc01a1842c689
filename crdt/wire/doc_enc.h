#ifndef CRDT_WIRE_DOC_ENC_H
#define CRDT_WIRE_DOC_ENC_H

/* Writes structs that a document holds, straight from its id chunks, items and pool: a whole state is one walk over the
 * ids of each client in clock order, in which its deleted clocks are gathered, too. Nearly all structs take the short
 * way of doc_usual.h, the others that of update_enc_block.
 *
 *     doc_enc_init(&e, doc, format, &out);
 *     update_enc_clients(&e.enc, groups);
 *     doc_enc_structs(&e, client, clock);
 *     ...
 *     update_enc_deletes(&e.enc, &deletes);
 *     rc = update_enc_finish(&e.enc);
 *
 * The document must not change in between. */
#include "crdt/core/doc.h"
#include "crdt/wire/delete_set.h"
#include "crdt/wire/update_enc.h"

struct doc_enc {
    const struct crdt_doc *doc; /* borrowed */
    struct update_enc enc;
};

void doc_enc_init(struct doc_enc *e, const struct crdt_doc *doc, enum crdt_format format, struct buf *out);
/* All structs and deletes are to follow: room for about that much at once. Failure shows later. */
void doc_enc_expect_all(struct doc_enc *e);
/* A group: the structs of a client from `clock` on, which is below its state. */
void doc_enc_structs(struct doc_enc *e, uint32_t client, uint32_t clock);
/* The same, nothing when `clock` is the state; and adds all that the client has deleted, garbage included. */
void doc_enc_client(struct doc_enc *e, uint32_t client, uint32_t clock, struct delete_set_enc *deletes);

#endif
