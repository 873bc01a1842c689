#ifndef SERVER_BASE_UTF8_H
#define SERVER_BASE_UTF8_H

/* UTF-8 as the server needs it: names and titles, not documents (those are the engine's, crdt/lib0/utf.h, which
 * the server's lower layers do not know). */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/span.h"

/* Well-formed UTF-8 (Unicode 15, table 3-7): no surrogates, no over-long forms. */
bool text_is_utf8(struct span s);
/* No control characters: neither C0 (tabs and line breaks too) nor DEL nor C1. `s` is well-formed. */
bool text_is_plain(struct span s);
/* The longest beginning of well-formed `s` that has at most `max` bytes and does not cut a character. */
struct span text_prefix(struct span s, size_t max);

#endif
