#ifndef CRDT_CORE_IDS_H
#define CRDT_CORE_IDS_H

/* Structs by id: for every client the clocks at which its structs begin, in ascending order, and the item that begins
 * there (0 for garbage). Structs of a client follow each other without gaps, so a struct reaches to the next entry or
 * to the client's state.
 *
 * A client with few structs has one chunk; with many, chunks of up to 256 entries under a directory of first clocks.
 * Clocks and items stand apart, so that a search touches one kilobyte.
 *
 *   chunk      [0] count  [1] cap  clock[cap]  item[cap]
 *   directory  first clock[cap]  chunk[cap]               (client.dir is the chunk itself while dir_count is 1) */
#include "crdt/core/doc.h"

/* The struct that holds `clock`, which must be below the client's state. */
struct id_pos ids_find(struct crdt_doc *doc, uint32_t client, uint32_t clock);
struct id_pos ids_peek(const struct crdt_doc *doc, uint32_t client, uint32_t clock); /* the same, leaves no hint */
struct id_pos ids_first(const struct crdt_doc *doc, uint32_t client);                /* the client must have structs */
struct id_pos ids_last(const struct crdt_doc *doc, uint32_t client);
bool ids_next(const struct crdt_doc *doc, struct id_pos *pos); /* false, unchanged, at the end */
bool ids_prev(const struct crdt_doc *doc, struct id_pos *pos);
uint32_t ids_clock(const struct crdt_doc *doc, const struct id_pos *pos);
uint32_t ids_item(const struct crdt_doc *doc, const struct id_pos *pos);
uint32_t ids_len(const struct crdt_doc *doc, const struct id_pos *pos); /* clocks */
/* Number of entries from pos to the client's end, pos included. */
uint64_t ids_count_from(const struct crdt_doc *doc, const struct id_pos *pos);

#define IDS_RUN_MAX 256
/* Entries that stand together in memory, from pos to the end of its chunk. */
struct id_run {
    const uint32_t *clock, *item;
    uint32_t count; /* at most IDS_RUN_MAX */
    uint32_t end;   /* where the last of these structs ends */
};
/* For walks over very many: cheaper than ids_next. Moves *pos to the client's last entry or to the next run's first;
 * false when the run was the last. Valid until the document changes. */
bool ids_run(const struct crdt_doc *doc, struct id_pos *pos, struct id_run *out);

/* Changes: room has been made by doc_reserve. */
/* One struct, as ids_fill takes them. */
struct id_entry {
    uint32_t clock, item;
};
/* All structs of a client that has none, whose state is set. Takes ids_fill_words(count) words at most, which the
 * caller has made sure of. */
void ids_fill(struct crdt_doc *doc, uint32_t client, const struct id_entry *entries, uint32_t count);
uint64_t ids_fill_words(uint32_t count);
/* A new last struct of `len` clocks; the client's state advances. */
void ids_append(struct crdt_doc *doc, uint32_t client, uint32_t item, uint32_t len);
/* A new entry right behind pos: the struct at pos now ends where this one begins. Moves *pos to it. */
void ids_insert_after(struct crdt_doc *doc, struct id_pos *pos, uint32_t clock, uint32_t item);
/* The struct before pos (there must be one) takes over the clocks. Moves *pos to it. */
void ids_remove(struct crdt_doc *doc, struct id_pos *pos);
/* Moves the border between the struct at pos and the one before it (there is one). */
void ids_set_clock(struct crdt_doc *doc, const struct id_pos *pos, uint32_t clock);
void ids_set_item(struct crdt_doc *doc, const struct id_pos *pos, uint32_t item);

#endif
