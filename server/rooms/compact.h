#ifndef SERVER_ROOMS_COMPACT_H
#define SERVER_ROOMS_COMPACT_H

/* Compaction: the document, as v2, in place of the rows of the log.
 *
 *     compact_start ─► the document, encoded (reading.h: a large one on a worker) ─► store: the new snapshot
 *     at rest: the bytes that it rests as ──────────────────────────────────────────┘
 *
 * The document holds every row that was ever appended here, so the rows need not be read back for it: that took the
 * store four milliseconds a note, in which nobody's edit was committed, and a worker as long to build a second
 * document. What is damaged on the disk is healed by the way. Rows that come after the snapshot stay.
 *
 * Notes take turns, two at a time: a class that writes in two hundred notes fills all their logs at the same moment,
 * and the store and the loop have other things to do. */
#include <stdbool.h>

struct room;

/* READY only; the document may be away (ROOM_AWAY) when it returns. Nothing happens while one is under way, or too soon
 * after a failure. False: the turn of others; to be tried again. */
bool compact_start(struct room *room);

#endif
