#ifndef BENCH_ENGINE_UPDATE_LIST_H
#define BENCH_ENGINE_UPDATE_LIST_H

/* Many updates in one block of bytes, as the recorded ones stand in files:
 *
 *     u32 count, then per update u32 length and bytes, little-endian
 *
 * Zeroed storage is an empty list. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/crdt.h"

struct update_list {
    struct buf bytes; /* all updates, one behind the other */
    size_t *end;      /* where each ends */
    size_t count, cap;
};

void update_list_finish(struct update_list *l);
/* Memory for so many updates of so many bytes together, which the kernel has handed out as well: what fills the list is
 * measured without it. RC_NOMEM. */
int update_list_reserve(struct update_list *l, size_t count, size_t bytes) MUST_CHECK;
/* Empties, keeps the memory. */
void update_list_clear(struct update_list *l);
/* Ends the update whose bytes were appended to l->bytes since the last call; it may be empty: a transaction that
 * changed nothing. RC_NOMEM. */
int update_list_close(struct update_list *l) MUST_CHECK;
int update_list_add(struct update_list *l, struct span update) MUST_CHECK;
/* Borrowed until the list changes. */
struct span update_list_at(const struct update_list *l, size_t i);

/* From and to the form of files. RC_FORMAT, RC_NOMEM. */
int update_list_parse(struct span file, struct update_list *out) MUST_CHECK;
void update_list_write(const struct update_list *l, struct buf *out);
/* Each update in another format. */
int update_list_convert(const struct update_list *from, enum crdt_format format, enum crdt_format to,
                        struct update_list *out) MUST_CHECK;

#endif
