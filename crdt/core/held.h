#ifndef CRDT_CORE_HELD_H
#define CRDT_CORE_HELD_H

/* A struct that the document keeps for later, with its content.
 *
 * Letters typed one behind the other are kept as one block, up to HELD_LETTERS_MAX of them (BLOCK_LETTERS): so a letter
 * that must wait costs a byte, and what was typed goes in as a whole. Each is still a struct of its own, which hangs on
 * the letter before it, has the same right origin, and is encoded as such; whoever needs them apart asks for them.
 *
 *     as they came    "c" after 7:3, before 9:1 · "a" after 7:4, before 9:1 · "t" after 7:5, before 9:1
 *     kept as         "cat" after 7:3, before 9:1, BLOCK_LETTERS */
#include "crdt/core/doc.h"

#define HELD_LETTERS_MAX 128

struct held {
    struct block block;      /* its spans point into `bytes` */
    uint32_t room, room_cap; /* bytes in use, and those there are */
    uint8_t bytes[];
};

/* Copies a block. RC_NOMEM, RC_LIMIT. */
int held_create(struct crdt_doc *doc, const struct block *b, struct held **out) MUST_CHECK;
void held_destroy(struct crdt_doc *doc, struct held *h);

/* The structs in it, and the one at `i` of them, which borrows the content. */
uint32_t held_count(const struct held *h);
struct block held_struct(const struct held *h, uint32_t i);
/* Whether `b` is a letter right behind what may be kept with it. */
bool held_goes_on(const struct held *h, const struct block *b);
/* Adds that letter; *h may move. False: it has to be kept for itself (it is full, no memory); nothing has changed. */
bool held_add_letter(struct crdt_doc *doc, struct held **h, uint8_t letter);

#endif
