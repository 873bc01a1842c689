#ifndef CRDT_CORE_BULK_LINK_H
#define CRDT_CORE_BULK_LINK_H

/* The order of items while a state is loaded in bulk: each list is a chain of structs through bulk.next. Until leaves
 * are made, a list's seq has 1 + its first struct as `first` and the number of its items as `length`, and an item has
 * its seq as `leaf`. */
#include "crdt/core/bulk.h"

/* Links all items (bulk_resolve is done). BULK_UNFIT, RC_NOMEM, RC_LIMIT. */
int bulk_link(struct bulk *b) MUST_CHECK;

#endif
