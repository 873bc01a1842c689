#ifndef TESTS_SUPPORT_FRAMES_H
#define TESTS_SUPPORT_FRAMES_H

/* How drivers of the engine talk with the node scripts that drive them: on standard input and output, each frame with
 * its length before it (32 bits, little-endian). */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/span.h"

/* The next frame, the caller's to free; NULL at the end of the input. */
uint8_t *frame_read(size_t *len);
/* An answer: a status, then bytes. */
void frame_write(uint8_t status, struct span bytes);

#endif
