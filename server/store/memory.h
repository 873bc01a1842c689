#ifndef SERVER_STORE_MEMORY_H
#define SERVER_STORE_MEMORY_H

/* The store whose database is in memory: the same table, rules and rows, for tests of what stands on it.
 *
 * It has no thread. Requests queue up; each step carries out what had queued, as one commit.
 * While automatic (as opened) store_drain steps by itself; otherwise nothing happens until the
 * test calls store_memory_step, so that a test decides what is durable when. */
#include "server/store/store.h"

int store_memory_open(const struct store_host *host, struct store **out) MUST_CHECK;

/* Whether store_drain steps by itself. */
void store_memory_auto(struct store *s, bool on);
/* One commit (or one retry of kept appends). Returns the number of requests it answered. */
size_t store_memory_step(struct store *s);
/* The next `count` commits fail with RC_FULL or RC_IO. */
void store_memory_fail(struct store *s, int rc, unsigned count);
/* The next load of any note answers `rc`. */
void store_memory_fail_load(struct store *s, int rc);
/* Marks what is stored of the note: its newest snapshot, or (rows) its rows. RC_NOTFOUND. */
int store_memory_damage(struct store *s, struct span note, bool rows) MUST_CHECK;

#endif
