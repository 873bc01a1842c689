#ifndef BENCH_EDITORS_VANDAL_H
#define BENCH_EDITORS_VANDAL_H

/* Somebody who means a server no good, in a process of its own: the others' editors must not notice.
 *
 *     half-open   200 connections that send nothing, half a handshake or half a frame, and then say no more
 *     flood       8 connections that send keystrokes into one note as fast as they are taken
 *     garbage     connections one after another that send bytes without sense before and after the handshake
 *     hostile     updates made to be slow: 10,000 authors at one place (at once and one by one), 2,000 gaps, a deletion
 * of 10^6 characters that do not exist yet, an awareness state of 60 KB; each into a note of its own, over and over
 *
 * It runs as an ordinary process even when its parent is in the real-time class, so that the generator goes first. */
#include <sys/types.h>
#include "bench/editors/crowd.h"

enum vandal_kind { VANDAL_NONE, VANDAL_HALF_OPEN, VANDAL_FLOOD, VANDAL_GARBAGE, VANDAL_HOSTILE };

/* Lets it loose on the server that the crowd is on. Gives its process; negative: there is none. */
pid_t vandal_start(enum vandal_kind kind, struct crowd *crowd);
void vandal_stop(pid_t pid);

#endif
