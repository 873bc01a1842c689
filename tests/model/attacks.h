#ifndef TESTS_MODEL_ATTACKS_H
#define TESTS_MODEL_ATTACKS_H

/* Updates (v1) as strangers may send them, and the checks around their use. The first failure ends the program. */
#include <stdio.h>
#include <stdlib.h>
#include "crdt/crdt.h"

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            (void)fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition);                            \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

enum { GC = 0, TEXT = 4, EMBED = 5, TYPE = 7, ANY = 8, KEY = 0x20, RIGHT = 0x40, ORIGIN = 0x80 };

struct crdt_doc *attacked_doc(bool keep_deleted);
void attack(struct crdt_doc *doc, const struct buf *update, int expected);
/* crdt_check must find nothing. */
void attacked_destroy(struct crdt_doc *doc);

void put_id(struct buf *b, uint64_t client, uint64_t clock);
/* Empties the buffer: an update with one group of so many structs, which follow, and a delete set behind them. */
void put_head(struct buf *b, uint64_t client, uint64_t clock, uint64_t structs);
void put_no_deletes(struct buf *b);
/* Whole updates of one struct each, or of one delete. */
void put_root_text(struct buf *b, uint64_t client, const char *text);
/* One letter behind (ORIGIN) or before (RIGHT) another. */
void put_letter(struct buf *b, uint64_t client, uint64_t clock, uint8_t flag, uint64_t other, uint64_t other_clock);
void put_between(struct buf *b, uint64_t client, uint64_t clock, uint64_t left, uint64_t left_clock, uint64_t right,
                 uint64_t right_clock);
void put_delete(struct buf *b, uint64_t client, uint64_t clock, uint64_t len);

#endif
