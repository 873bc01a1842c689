#ifndef CRDT_WIRE_DOC_ENC_H
#define CRDT_WIRE_DOC_ENC_H

/* Writes structs that a document holds, straight from its id chunks, items and pool: a whole state is one walk over the
 * ids of each client in clock order, in which its deleted clocks are gathered, too.
 *
 * Most structs are text or deleted text beside others. In v1 those are written into reserved room without a struct
 * block in between, the client part of each id copied as the document keeps it (client.id_bytes). All others
 * take the way of update_enc_block.
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
#include "crdt/core/idset.h"
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
/* The same, nothing when `clock` is the state, and appends all that the client has deleted, garbage included, to
 * `deletes`. RC_NOMEM. */
int doc_enc_client(struct doc_enc *e, uint32_t client, uint32_t clock, struct idset *deletes) MUST_CHECK;
/* The deletes alone. */
int doc_deletes(const struct crdt_doc *doc, uint32_t client, struct idset *deletes) MUST_CHECK;

#endif
