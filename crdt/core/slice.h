#ifndef CRDT_CORE_SLICE_H
#define CRDT_CORE_SLICE_H

/* Cutting blocks (yjs: sliceStruct and the splice of each content). */
#include <stdbool.h>
#include "crdt/base/arena.h"
#include "crdt/base/rc.h"
#include "crdt/core/block.h"

/* Drops the first `offset` clocks of a block (0 < offset < len): the id moves on, the origin is the id before, the
 * parent is no longer told. The content stays borrowed, except when a surrogate pair is cut: then the text with
 * U+FFFD in place of its half goes into `scratch`. RC_NOMEM: the block is as it was. */
int block_slice(struct block *b, uint64_t offset, struct arena *scratch) MUST_CHECK;

#define PAIR_BYTES 4 /* a character beyond U+FFFF in UTF-8 */

/* Where the content of a struct of that kind and `len` clocks goes on behind the first `offset` of them. *inside: that
 * is within a surrogate pair, which begins there. */
size_t slice_offset(uint32_t ref, struct span content, uint64_t len, uint64_t offset, bool *inside);

/* A block's content without its first `offset` clocks. Returns the part that is kept, and in *replaced whether U+FFFD
 * goes before it. */
struct span block_content_behind(const struct block *b, uint64_t offset, bool *replaced); /* private: 0 < offset */
static inline struct span block_content_after(const struct block *b, uint64_t offset, bool *replaced)
{
    *replaced = false;
    return offset > 0 ? block_content_behind(b, offset, replaced) : b->content;
}

#endif
