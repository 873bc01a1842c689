#include "tests/support/frames.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *frame_read(size_t *len)
{
    uint8_t head[4];

    if (fread(head, 1, sizeof(head), stdin) != sizeof(head)) {
        return NULL;
    }
    *len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    uint8_t *frame = malloc(*len > 0 ? *len : 1);
    if (frame != NULL && fread(frame, 1, *len, stdin) != *len) {
        free(frame);
        return NULL;
    }
    return frame;
}

void frame_write(uint8_t status, struct span bytes)
{
    size_t len = bytes.len + 1;
    uint8_t head[5] = {(uint8_t)len, (uint8_t)(len >> 8), (uint8_t)(len >> 16), (uint8_t)(len >> 24), status};

    (void)fwrite(head, 1, sizeof(head), stdout);
    if (bytes.len > 0) {
        (void)fwrite(bytes.data, 1, bytes.len, stdout);
    }
    (void)fflush(stdout);
}
