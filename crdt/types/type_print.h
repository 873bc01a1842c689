#ifndef CRDT_TYPES_TYPE_PRINT_H
#define CRDT_TYPES_TYPE_PRINT_H

/* What the two printers, JSON and XML, have in common. Types lie within each other as deep as a stranger likes, so the
 * printers keep a stack of their own. Private to types/. */
#include "crdt/crdt.h"

/* Room for one more element in an array on the heap. RC_NOMEM: nothing has changed. */
int print_grow(void **data, size_t count, size_t *cap, size_t size) MUST_CHECK;

/* A key of a map that has a value. */
struct print_key {
    struct span name;
    struct crdt_run run;
};
/* The keys of a type that have a value, in UTF-16 order; the caller frees *out. */
int print_keys(const struct crdt_doc *doc, struct crdt_type type, struct print_key **out, size_t *count) MUST_CHECK;

/* Y.Text.toString of what stands in the list, whatever the kind of the type. */
void print_text(const struct crdt_doc *doc, struct crdt_type type, struct buf *out);
/* A binary content as JavaScript's String() and as JSON. */
int print_bytes_string(struct span bytes, struct buf *out) MUST_CHECK;
int print_bytes_json(struct span bytes, struct buf *out) MUST_CHECK;

#endif
