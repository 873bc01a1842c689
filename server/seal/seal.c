#include "server/seal/seal.h"

#include <sodium.h>
#include <string.h>

#define ID_BYTES_MAX 64

int seal_init(void)
{
    return sodium_init() < 0 ? RC_STATE : RC_OK;
}

void seal_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}

int seal_random_id(char *out, size_t size, size_t bytes)
{
    uint8_t raw[ID_BYTES_MAX];

    if (bytes < SEAL_ID_BYTES || bytes > ID_BYTES_MAX || size < SEAL_ID_CHARS(bytes) + 1) {
        return RC_ARG;
    }
    seal_random(raw, bytes);
    sodium_bin2base64(out, size, raw, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, sizeof(raw));
    return RC_OK;
}

void seal_hash(struct span data, uint8_t out[SEAL_HASH_BYTES])
{
    crypto_generichash(out, SEAL_HASH_BYTES, data.data, data.len, NULL, 0);
}

void seal_tag(const uint8_t key[SEAL_KEY_BYTES], const struct span *part, size_t count, uint8_t out[SEAL_TAG_BYTES])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, key, SEAL_KEY_BYTES, SEAL_TAG_BYTES);
    for (size_t i = 0; i < count; i++) {
        uint8_t len[8];

        for (int b = 0; b < 8; b++) {
            len[b] = (uint8_t)((uint64_t)part[i].len >> (8 * b));
        }
        crypto_generichash_update(&state, len, sizeof(len));
        crypto_generichash_update(&state, part[i].data, part[i].len);
    }
    crypto_generichash_final(&state, out, SEAL_TAG_BYTES);
}

bool seal_equal(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.data, b.data, a.len) == 0);
}
