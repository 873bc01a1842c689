#ifndef SERVER_SEAL_SEAL_H
#define SERVER_SEAL_SEAL_H

/* Everything that needs cryptography; libsodium is included in this folder only.
 *
 * Thread: any, after seal_init returned once. Nothing here keeps state. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#define SEAL_KEY_BYTES  32 /* of a key for seal_tag */
#define SEAL_TAG_BYTES  16 /* of an integrity tag */
#define SEAL_HASH_BYTES 32 /* of seal_hash */
#define SEAL_ID_BYTES   16 /* fewest random bytes in an id */
/* Characters of an id of n random bytes: URL-safe base64 without padding (RFC 4648, 5). */
#define SEAL_ID_CHARS(n) (((n)*4 + 2) / 3)

/* Call once before anything else; again is fine. RC_STATE: no randomness on this system. */
int seal_init(void) MUST_CHECK;

/* Unpredictable bytes from the system. */
void seal_random(void *out, size_t len);

/* A name nobody can guess: `bytes` random bytes (at least SEAL_ID_BYTES, at most 64) as URL-safe
 * base64 in out, SEAL_ID_CHARS(bytes) characters and a terminator. RC_ARG: out of these bounds or
 * `size` is too small. */
int seal_random_id(char *out, size_t size, size_t bytes) MUST_CHECK;

/* BLAKE2b-256 (RFC 7693), no key. */
void seal_hash(struct span data, uint8_t out[SEAL_HASH_BYTES]);

/* Integrity tag: BLAKE2b-128 with a key over `count` parts. Each part is preceded by its length
 * (64 bits, little-endian), so that no two different lists of parts are the same bytes. */
void seal_tag(const uint8_t key[SEAL_KEY_BYTES], const struct span *part, size_t count, uint8_t out[SEAL_TAG_BYTES]);

/* Same length and same bytes? Takes the same time wherever they differ. */
bool seal_equal(struct span a, struct span b);

#endif
