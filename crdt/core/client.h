#ifndef CRDT_CORE_CLIENT_H
#define CRDT_CORE_CLIENT_H

/* Authors: 53-bit client ids, each with a dense index that items use. A client that is only waited for, or only named
 * as an origin, stands here with state 0 and is not part of the document's state. */
#include "crdt/core/doc.h"

uint32_t client_search(const struct crdt_doc *doc, uint64_t id); /* private */
/* Dense index, or NONE32. Mostly it is who wrote last. */
static inline uint32_t client_find(const struct crdt_doc *doc, uint64_t id)
{
    bool recent = doc->recent < doc->client_count && doc->clients[doc->recent].id == id;

    return recent ? doc->recent : client_search(doc, id);
}
/* Finds or enters. RC_NOMEM, RC_LIMIT. */
int client_make(struct crdt_doc *doc, uint64_t id, uint32_t *out) MUST_CHECK;
/* The same for the document's own client, which from then on is doc->own. */
int client_make_own(struct crdt_doc *doc) MUST_CHECK;
/* The client, its planned state being that of the plan at hand (doc->plan): first of all its state. */
struct client *client_planned(struct crdt_doc *doc, uint32_t client);
/* Forgets the clients entered since there were `count`; nothing refers to them. */
void clients_forget(struct crdt_doc *doc, uint32_t count);
/* Dense indexes of the clients that have structs, by id descending, as every encoding wants them; the caller gives room
 * for doc->client_count. Returns how many. */
uint32_t client_order(const struct crdt_doc *doc, uint32_t *out);

#endif
