#ifndef SERVER_STORE_RESERVE_H
#define SERVER_STORE_RESERVE_H

/* A file of blocks put aside (PATH.reserve), given back when the disk is full so that what was
 * already broadcast can still be committed. It can be made again only when there is room for it,
 * which is also the sign that writing may resume. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/rc.h"

/* Allocates the blocks; fine when they are there already. size 0: nothing. RC_FULL, RC_IO, RC_NOMEM. */
int reserve_make(const char *path, size_t size) MUST_CHECK;
/* False: there was none. */
bool reserve_drop(const char *path);
size_t reserve_size(const char *path);

#endif
