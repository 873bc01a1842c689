#ifndef SERVER_ROOMS_COMPACT_H
#define SERVER_ROOMS_COMPACT_H

/* Compaction: the document, as v2, in place of the rows of the log.
 *
 *     compact_start ─► store: what is stored ─► worker: a document of its own, encoded ─► store: the new snapshot
 *
 * So it costs the loop nothing however large the note, and what replaces the rows was made of the rows. Rows that come
 * meanwhile stay. When what is stored turns out to be damaged, the room still has the document: that is written.
 *
 * Notes take turns, two at a time: a class that writes in two hundred notes fills all their logs at the same moment,
 * and the store and the loop have other things to do. */
#include <stdbool.h>

struct room;

/* Nothing happens while one is under way, or too soon after a failure. False: the turn of others; to be tried again. */
bool compact_start(struct room *room);

#endif
