#ifndef CRDT_CORE_BLOCK_H
#define CRDT_CORE_BLOCK_H

/* A struct as it travels: decoded from an update and not yet in a document, or about to be encoded.
 * ("Block" because `struct` is taken.) The codecs of wire/ and the integration of core/ meet here.
 *
 * Content is kept in canonical bytes, the same in both formats:
 *
 *   ref              len counts        content                                  extra
 *   0  GC            clocks            –
 *   1  Deleted       clocks            –
 *   2  JSON          values            `len` canonical any values
 *   3  Binary        1                 bytes
 *   4  String        UTF-16 units      UTF-8
 *   5  Embed         1                 one canonical any value
 *   6  Format        1                 varstring key, then one canonical any value
 *   7  Type          1                 node name (XmlElement, XmlHook), else empty   `type`
 *   8  Any           values            `len` canonical any values
 *   9  Doc           1                 varstring guid, then its options as one any object
 *   10 Skip          clocks            –                                        (updates only)
 */
#include <stdbool.h>
#include <stdint.h>
#include "crdt/base/span.h"

enum block_ref {
    BLOCK_GC = 0,
    BLOCK_DELETED = 1,
    BLOCK_JSON = 2,
    BLOCK_BINARY = 3,
    BLOCK_STRING = 4,
    BLOCK_EMBED = 5,
    BLOCK_FORMAT = 6,
    BLOCK_TYPE = 7,
    BLOCK_ANY = 8,
    BLOCK_DOC = 9,
    BLOCK_SKIP = 10
};

struct id {
    uint64_t client, clock; /* both at most 2^53 - 1 */
};

enum block_flag {
    BLOCK_HAS_ORIGIN = 1,
    BLOCK_HAS_RIGHT_ORIGIN = 2,
    BLOCK_HAS_PARENT_SUB = 4, /* parent_sub is known: read with a parent, or written from a document */
    BLOCK_PARENT_ROOT = 8,    /* parent_name is set; only when there is no origin and no right origin */
    BLOCK_PARENT_ID = 16,     /* parent is set; likewise */
    BLOCK_LETTERS = 32        /* `len` structs of an ASCII letter each; only of what waits, see held.h */
};

struct block {
    struct id id;
    uint64_t len; /* at least 1; id.clock + len is at most 2^53 - 1 */
    uint8_t ref;  /* enum block_ref */
    uint8_t flags;
    uint8_t type; /* wire number of the shared type, 0 to 6, for BLOCK_TYPE */
    union {       /* which of these there are is said by `flags` */
        struct {
            struct id origin, right_origin;
        };
        struct { /* only a block without origin and right origin tells its parent */
            union {
                struct id parent;
                struct span parent_name; /* UTF-8 */
            };
            struct span parent_sub; /* UTF-8 */
        };
    };
    struct span content;
};

/* Decoded blocks of one client whose clocks follow each other. A client may have several pieces. */
struct piece {
    const struct block *blocks;
    uint32_t count; /* at least 1 */
};

#endif
