#ifndef BENCH_EDITORS_DISK_H
#define BENCH_EDITORS_DISK_H

/* The disk of a server, as bad as a measurement wants it: full, or slow.
 *
 *      the server                        the kernel                        a thread here
 *      pwrite64, fallocate ────────► seccomp filter ── notification ──► goes on | ENOSPC
 *      fsync, fdatasync    ◄── result ──────────◄──────────────────────  goes on | goes on a while later
 *
 * The server is an ordinary process with an ordinary file; it runs under a filter that asks this program about each
 * write and synchronisation of a file (SECCOMP_RET_USER_NOTIF, Linux 5.5). No privilege is needed, nothing is loaded
 * into the server, and the file system does not matter. One thing at a time is done, as by a disk. A full disk takes no
 * write at all, not even in place: the worst that there is. Sockets are not concerned: they are written by other calls.
 *
 *     disk_create ─► { fork: disk_enter in the child ─► disk_attach in the parent }* ─► disk_destroy
 *
 * Any thread may set it and count. */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/rc.h"

enum disk_state { DISK_GOOD, DISK_SLOW, DISK_FULL };

struct disk_counts {
    uint64_t writes, syncs;
    uint64_t refused, delayed; /* of these */
};

struct disk;

/* RC_UNSUPPORTED: this system cannot ask about calls. */
int disk_create(struct disk **out) MUST_CHECK;
/* Ends when the processes on it have; takes NULL. */
void disk_destroy(struct disk *d);
/* In a child that will become the server: from now on its files are on this disk. */
bool disk_enter(struct disk *d);
/* In the parent, once for each child: answers for it until it ends. An earlier child must have ended. RC_IO: the child
 * did not enter. */
int disk_attach(struct disk *d) MUST_CHECK;
/* `delay_ms`: what a synchronisation takes longer when it is slow. */
void disk_set(struct disk *d, enum disk_state state, unsigned delay_ms);
struct disk_counts disk_count(const struct disk *d);

#endif
