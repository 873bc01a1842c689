#ifndef RENDER_MD_CLASS_H
#define RENDER_MD_CLASS_H

/* What a character is beside a delimiter run (CommonMark 0.30, 2.1 and 6.2): that decides whether the run opens or
 * closes there. */
#include <stdbool.h>
#include "crdt/base/span.h"

enum md_class { MD_LETTER, MD_SPACE, MD_PUNCTUATION, MD_SYMBOL /* punctuation for some readers only */ };
/* Class of the first (or last) character; MD_SPACE when there is none. */
enum md_class md_class_first(struct span text);
enum md_class md_class_last(struct span text);
/* An ASCII letter or digit. */
static inline bool md_class_is_word(uint8_t c)
{
    return (unsigned)(c | 0x20) - 'a' < 26 || (unsigned)c - '0' < 10;
}

/* What does not count at either end of a line. */
static inline bool md_class_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

#endif
