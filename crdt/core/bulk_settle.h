#ifndef CRDT_CORE_BULK_SETTLE_H
#define CRDT_CORE_BULK_SETTLE_H

/* A bulk whose items stand in their lists: what is deleted is collected, and neighbours that yjs would join are joined.
 */
#include "crdt/core/bulk.h"

/* Types, and what has not come yet, go to b->later. RC_NOMEM, RC_LIMIT. */
int bulk_delete_all(struct bulk *b, const struct idset *deletes) MUST_CHECK;
/* A struct that has become part of the one before it gets BULK_ABSORBED as its clock. RC_NOMEM. */
int bulk_join_all(struct bulk *b) MUST_CHECK;

#define BULK_ABSORBED UINT32_MAX

#endif
