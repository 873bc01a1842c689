#ifndef RENDER_DIRECTION_H
#define RENDER_DIRECTION_H

/* Which way a block is read: from right to left when its first letter is of a script that is (Arabic, Hebrew, …), as
 * browsers decide for dir=auto (Unicode Bidirectional Algorithm, rules P2 and P3). Outputs say it in so many words,
 * because what makes PDF of them does not look. */
#include <stdbool.h>
#include "render/note_tree.h"

/* The words looked at are the block's own, or those at the beginning of its first children, DIRECTION_DEPTH deep: the
 * work for all blocks of a tree together is linear in it. */
bool direction_is_rtl(const struct note_node *block);
#define DIRECTION_DEPTH 4

#endif
