#ifndef CRDT_CORE_BRANCH_H
#define CRDT_CORE_BRANCH_H

/* Shared types: roots by name, nested ones as the content of an item. A branch has one list and any number of keys,
 * each key being a list of its own whose last item is the value (maps, attributes of XML nodes).
 *
 * …_make functions use what doc_reserve has made room for. */
#include "crdt/core/doc.h"

uint32_t branch_make(struct crdt_doc *doc, uint32_t item, enum crdt_kind kind, struct span name);
/* Frees a branch with its lists; the items in them are the caller's. */
void branch_free(struct crdt_doc *doc, uint32_t branch);
struct span branch_name(const struct crdt_doc *doc, uint32_t branch);

uint32_t branch_root_find(const struct crdt_doc *doc, struct span name); /* 0: none */
uint32_t branch_root_make(struct crdt_doc *doc, struct span name, enum crdt_kind kind);

/* The list of a branch, made when there is none. */
uint32_t branch_list_make(struct crdt_doc *doc, uint32_t branch);
uint32_t branch_key_find(const struct crdt_doc *doc, uint32_t branch, struct span key); /* 0: none */
uint32_t branch_key_make(struct crdt_doc *doc, uint32_t branch, struct span key);
struct span branch_key_name(const struct crdt_doc *doc, uint32_t seq);

/* Items that go with `item` when it is deleted, itself left out: all below it if it is a type, alive. 0 for item 0. */
uint64_t branch_beneath(const struct crdt_doc *doc, uint32_t item);

/* Room for more entries in the indexes of keys and roots. Used by doc_reserve. */
int branch_keys_reserve(struct crdt_doc *doc, uint64_t more) MUST_CHECK;
int branch_roots_reserve(struct crdt_doc *doc, uint64_t more) MUST_CHECK;

#endif
