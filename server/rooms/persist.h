#ifndef SERVER_ROOMS_PERSIST_H
#define SERVER_ROOMS_PERSIST_H

/* What a room keeps on the disk: each edit as a row of the log (compact.h: now and then the document in place of them).
 *
 * Appends of a room are answered in their order, so that two counters suffice:
 *     appended   rows given to the store     ─┐ an acknowledgement that needs row n is due
 *     committed  rows that are on the disk   ─┘ when committed >= n
 *
 * An append that the store cannot take after all (no memory) leaves the room `dirty`: the next row is then the whole
 * document. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/span.h"

struct room;

struct persist {
    uint64_t appended, committed;
    size_t requests; /* not answered yet, of any kind */
    bool exists;     /* the store has the note */
    bool dirty;      /* the document holds edits that no row holds */
    bool lost;       /* the store closed before a row was written: nothing more will be acknowledged */
    bool compacting;
    size_t rows, bytes;                 /* since the newest snapshot */
    size_t compact_rows, compact_bytes; /* of them, covered by the snapshot under way */
    uint64_t compact_after_us;          /* not before, after a failure */
    uint64_t described_version, described_us;
    struct buf title, excerpt; /* as last stored */
};

/* Appends a row. `foreign`: its sender wrote under somebody else's client id. Returns the number of commits that make
 * it durable. */
uint64_t persist_row(struct room *room, struct span update, struct span sender, bool foreign);
/* What an edit without anything new needs: all before it. */
uint64_t persist_need(const struct room *room);
/* Somebody waits for rows that were appended: the loop shall be woken when they are durable. */
void persist_await(struct room *room);
/* Time passes: dirty documents, compaction, title and excerpt. False: something is due that could not be done yet. */
bool persist_tick(struct room *room);
/* Title and excerpt are those of an older document, and will be made of it. */
bool persist_describes(const struct room *room);
bool persist_is_quiet(const struct room *room); /* all is durable and nothing is under way */
void persist_finish(struct persist *p);

#endif
