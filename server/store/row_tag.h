#ifndef SERVER_STORE_ROW_TAG_H
#define SERVER_STORE_ROW_TAG_H

/* The integrity tag of every kind of row: BLAKE2b-128, keyed per file, over the table's letter,
 * the row's numbers as 64-bit little-endian, and its bytes.
 *
 * A tag covers the place as well as the content, so that a row that turns up under another note or
 * number is as wrong as a changed one. A log row's tag also covers the number of the row before it
 * in the same note: a row missing in the middle spoils its successor. A row missing at the end is
 * found because `notes` knows the newest one's number.
 *
 * The key makes rows of another file (a page restored from elsewhere, recycled blocks) wrong too.
 * It stands in the file: the tag tells damage, not an attacker who can write the file; that is
 * what sealing at rest will be for. A key kept elsewhere could be lost, and with it the proof that
 * undamaged notes are undamaged. */
#include <stdint.h>
#include "server/seal/seal.h"
#include "server/store/note_index.h"
#include "server/store/store.h"

void tag_log(const uint8_t *key, uint64_t note, uint64_t before, const struct store_row *row,
             uint8_t out[SEAL_TAG_BYTES]);
void tag_snap(const uint8_t *key, uint64_t note, const struct index_snap *snap, struct span data,
              uint8_t out[SEAL_TAG_BYTES]);
void tag_name(const uint8_t *key, uint64_t note, int64_t created_ms, struct span name, uint8_t out[SEAL_TAG_BYTES]);
/* Over all that the row in `notes` holds of the note. */
void tag_note(const uint8_t *key, const struct index_note *note, uint8_t out[SEAL_TAG_BYTES]);
void tag_title(const uint8_t *key, uint64_t note, const struct store_meta *meta, uint8_t out[SEAL_TAG_BYTES]);

#endif
