#ifndef TESTS_SERVER_STORE_VFS_FAULT_H
#define TESTS_SERVER_STORE_VFS_FAULT_H

/* A disk that misbehaves on demand: a SQLite VFS named "fault" over the system's own.
 *
 * Every write, truncation and removal goes through to the real file, and is remembered until the
 * file is synchronised. When the power is cut, what was not synchronised is lost sector by sector
 * (512 bytes) at random: also the last write is torn. fault_restore() then turns the real files
 * into what a machine would find after the restart. Removing a file is not synchronised either.
 *
 * One disk per process; any thread. The randomness comes from the seed alone, but which thread's
 * operation is the n-th does not. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"

#define FAULT_VFS "fault"

/* What the disk was busy with, told by what is written and not synchronised. */
struct fault_busy {
    bool commit;     /* the WAL */
    bool compaction; /* the WAL, with bytes of a snapshot (they contain the mark) */
    bool checkpoint; /* the data file */
};

/* A healthy, empty disk; registers the VFS the first time. `mark`: what snapshots contain; it must
 * stay valid, and may be empty. */
void fault_reset(uint64_t seed, struct span mark);
/* Changes to the disk so far. */
uint64_t fault_ops(void);
/* Cuts the power in the middle of the change that makes fault_ops() reach `op`. From then on
 * everything fails with SQLITE_IOERR. */
void fault_cut_at(uint64_t op);
/* Cuts it now. */
void fault_cut(void);
bool fault_is_cut(void);
/* At the moment of the cut. */
struct fault_busy fault_busy_at_cut(void);
/* After a cut, when nobody has the files open: they become what survived. Returns how many writes
 * were not synchronised and lost at least a sector. */
unsigned fault_restore(void);

/* All files together may have this many bytes (0: no limit), those of the file `reserve` counted
 * while it exists (NULL: none). Beyond that writes fail with SQLITE_FULL. */
void fault_space(uint64_t bytes, const char *reserve);
/* The next `count` writes or synchronisations fail: writes with this SQLite code, synchronisations with
 * SQLITE_IOERR_FSYNC, and what they should have synchronised never reaches the platter unless it is
 * written again. Every other opening of that file is told by its own next synchronisation. */
void fault_errors(unsigned count, int code);
/* The next `count` synchronisations of data files, not of WALs, fail like that. */
void fault_data_syncs(unsigned count);
/* Synchronisations wait until it is false again. */
void fault_hold(bool held);
/* Until one waits. */
void fault_wait_until_held(void);
/* Writes `busy` there (shared memory) whenever it changes, and synchronises the real files: for
 * processes that will be killed. Call it before files are opened. */
void fault_watch(volatile struct fault_busy *shared);
/* How many synchronisations there were. */
uint64_t fault_syncs(void);

#endif
