#ifndef BENCH_EDITORS_VANDAL_H
#define BENCH_EDITORS_VANDAL_H

/* Somebody who means a server no good, in a process of its own: the others' editors must not notice.
 *
 *     half-open   200 connections that send nothing, half a handshake or half a frame, and then say no more
 *     flood       8 connections that send keystrokes into one note as fast as they are taken
 *     garbage     connections one after another that send bytes without sense before and after the handshake
 *     authors     10,000 authors' letters at one place, in one update
 *     letters     the same one by one
 *     gaps        an update with 2,000 gaps
 *     claim       the deletion of 10^6 characters that the crowd's editors have yet to write, in their own notes
 *     state       an awareness state of 60 KB
 *     size        messages of 17 MiB; and 1 MiB in small ones before saying who it is
 *     bomb        update format v2: 31 bytes that stand for 2^31 characters, by our HTTP interface
 *     stopped     10 readers of the crowd's first note whose process is stopped (SIGSTOP) once they have read it
 *     readers     honest ones: of a note of 90,000 structs that is written in, one asks for all that it holds, by HTTP
 * where the server has ours, and one opens it, again and again
 *
 * From `authors` to `bomb`, but for `claim`, each goes into a note of its own, once a second.
 *
 * It takes what the generator leaves of its core (SCHED_IDLE), so that the generator goes first. */
#include <stdint.h>
#include <sys/types.h>
#include "crdt/base/rc.h"

enum vandal_kind {
    VANDAL_NONE,
    VANDAL_HALF_OPEN,
    VANDAL_FLOOD,
    VANDAL_GARBAGE,
    VANDAL_AUTHORS,
    VANDAL_LETTERS,
    VANDAL_GAPS,
    VANDAL_CLAIM,
    VANDAL_STATE,
    VANDAL_SIZE,
    VANDAL_BOMB,
    VANDAL_STOPPED,
    VANDAL_READERS
};

struct crowd;

/* What it did to the server so far. */
struct vandal_deeds {
    uint64_t connections, entered; /* made; through the handshake */
    uint64_t bytes;                /* taken by its sockets */
};
struct vandal_process {
    pid_t pid;
    struct vandal_deeds *deeds; /* shared with it */
};
/* Lets it loose on the server that the crowd is on. RC_IO: there is no process for it. */
int vandal_start(enum vandal_kind kind, struct crowd *crowd, struct vandal_process *out) MUST_CHECK;
/* Ends it; gives what it did. */
struct vandal_deeds vandal_stop(struct vandal_process *p);

#endif
