#ifndef SERVER_ROOMS_COMPACT_H
#define SERVER_ROOMS_COMPACT_H

/* Compaction: the document, as v2, in place of the rows of the log.
 *
 *     compact_start ─► store: what is stored ─► worker: a document of its own, encoded ─► store: the new snapshot
 *
 * So it costs the loop nothing however large the note, and what replaces the rows was made of the rows. Rows that come
 * meanwhile stay. When what is stored turns out to be damaged, the room still has the document: that is written. */
struct room;

/* Nothing happens while one is under way, or too soon after a failure. */
void compact_start(struct room *room);

#endif
