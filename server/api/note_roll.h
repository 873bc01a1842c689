#ifndef SERVER_API_NOTE_ROLL_H
#define SERVER_API_NOTE_ROLL_H

/* The names of all notes, for who goes through them one by one: gathered from the store's list, page by page.
 *
 * Edits meanwhile move notes to the front of that list, behind the one who reads it. So when the last page has come the
 * front is read again, and who has moved there unseen is added. (Missed would be only a note that moves so while a
 * thousand others do.) Memory: 32 bytes a note, and its name.
 *
 * Event loop thread only. */
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "server/store/store.h"

struct note_roll_entry {
    uint64_t id;
    int64_t changed_ms;
    size_t at, len; /* of its name */
};

/* Zeroed is empty; members are to be read by note_roll_name and note_roll_changed_ms alone, but for `count`. */
struct note_roll {
    struct note_roll_entry *entry;
    size_t count, room;
    struct buf names;
    struct store *store;
    int64_t newest_ms; /* when the newest change was as the list was first read */
    bool again;        /* the front is being read again */
    void (*done)(void *ctx, int rc);
    void *ctx;
};

/* Fills an empty roll; `done` is called once, later, unless a code is returned. The roll must stay where it is until
 * then; the store is borrowed. Codes as of store_list; RC_NOMEM. */
int note_roll_gather(struct note_roll *roll, struct store *store, void (*done)(void *ctx, int rc),
                     void *ctx) MUST_CHECK;
/* Borrowed until finish. */
struct span note_roll_name(const struct note_roll *roll, size_t i);
int64_t note_roll_changed_ms(const struct note_roll *roll, size_t i);
void note_roll_finish(struct note_roll *roll);

#endif
