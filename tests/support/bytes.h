#ifndef TESTS_SUPPORT_BYTES_H
#define TESTS_SUPPORT_BYTES_H

/* Test inputs in heap blocks of exactly their size, so that a sanitizer or valgrind sees the first
 * byte read or written beyond. Out of memory ends the test program. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"

/* A copy; the caller frees it with bytes_free. A copy of nothing is a block of no bytes, not NULL. */
struct span bytes_copy(const void *data, size_t len);
struct span bytes_copy_str(const char *s); /* without the terminator */
/* "01 ff c0": pairs of hexadecimal digits, white space between pairs is passed over. Anything else ends
 * the program: a test's own table is wrong then. */
struct span bytes_from_hex(const char *hex);
/* Lower-case digits without spaces; the caller frees it with free. */
char *bytes_to_hex(struct span bytes);
void bytes_free(struct span copy); /* an empty span that is no copy is fine */

#endif
