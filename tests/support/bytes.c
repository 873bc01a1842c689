#include "tests/support/bytes.h"

#include <stdio.h>
#include <stdlib.h>

static void *allocate(size_t len)
{
    void *block = malloc(len);

    if (block == NULL && len > 0) {
        fprintf(stderr, "out of memory for %zu bytes of test data\n", len);
        abort();
    }
    return block;
}

struct span bytes_copy(const void *data, size_t len)
{
    uint8_t *copy = allocate(len);

    if (len > 0) {
        memcpy(copy, data, len);
    }
    return span_of(copy, len);
}

struct span bytes_copy_str(const char *s)
{
    return bytes_copy(s, strlen(s));
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

/* Writes into `out` unless it is NULL; returns the number of bytes. */
static size_t parse_hex(const char *hex, uint8_t *out)
{
    size_t len = 0;

    for (const char *c = hex; *c != '\0';) {
        if (*c == ' ' || *c == '\n' || *c == '\t') {
            c++;
            continue;
        }
        if (digit(c[0]) < 0 || digit(c[1]) < 0) {
            fprintf(stderr, "not pairs of hexadecimal digits: \"%s\" at \"%s\"\n", hex, c);
            abort();
        }
        if (out != NULL) {
            out[len] = (uint8_t)(digit(c[0]) * 16 + digit(c[1]));
        }
        len++;
        c += 2;
    }
    return len;
}

struct span bytes_from_hex(const char *hex)
{
    size_t len = parse_hex(hex, NULL);
    uint8_t *out = allocate(len);

    parse_hex(hex, out);
    return span_of(out, len);
}

char *bytes_to_hex(struct span bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *out = allocate(2 * bytes.len + 1);

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
    return out;
}

void bytes_free(struct span copy)
{
    free((void *)(uintptr_t)copy.data);
}
