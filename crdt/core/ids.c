#include "crdt/core/ids.h"

#include <assert.h>
#include <string.h>
#include "crdt/core/words.h"

#define CHUNK_HEAD      2
#define CHUNK_CLASS_MAX 6 /* IDS_RUN_MAX entries */

static uint32_t chunk_cap(uint32_t class)
{
    return (words_class_size(class) - CHUNK_HEAD) / 2;
}

static uint32_t dir_cap(uint32_t class)
{
    return words_class_size(class) / 2;
}

static uint32_t *chunk_clocks(uint32_t *chunk)
{
    return chunk + CHUNK_HEAD;
}

static uint32_t *chunk_items(uint32_t *chunk)
{
    return chunk + CHUNK_HEAD + chunk[1];
}

/* The smallest class that holds so many entries. */
static uint32_t chunk_class_for(uint32_t count)
{
    uint32_t class = 0;

    while (class < CHUNK_CLASS_MAX && chunk_cap(class) < count) {
        class ++;
    }
    return class;
}

static const uint32_t *dir_firsts(const struct crdt_doc *doc, const struct client *c)
{
    return words_at(doc, c->dir);
}

static uint32_t dir_chunk(const struct crdt_doc *doc, const struct client *c, uint32_t at)
{
    return c->dir_count == 1 ? c->dir : words_at(doc, c->dir)[dir_cap(c->dir_class) + at];
}

/* The last index whose value is at most `key`; values ascend and the first is at most `key`. */
static uint32_t last_at_most(const uint32_t *value, uint32_t count, uint32_t key)
{
    uint32_t at = 0;

    for (uint32_t step = count; step > 1;) {
        uint32_t half = step / 2;
        at += value[at + half] <= key ? half : 0;
        step -= half;
    }
    return at;
}

static bool dir_slot_holds(const struct crdt_doc *doc, const struct client *c, uint32_t at, uint32_t clock)
{
    const uint32_t *first = dir_firsts(doc, c);

    return at < c->dir_count && first[at] <= clock && (at + 1 == c->dir_count || clock < first[at + 1]);
}

static uint32_t dir_find(const struct crdt_doc *doc, const struct client *c, uint32_t clock)
{
    if (c->dir_count == 1) {
        return 0;
    }
    if (dir_slot_holds(doc, c, c->hint, clock)) {
        return c->hint;
    }
    return last_at_most(dir_firsts(doc, c), c->dir_count, clock);
}

/* Whether the clock is near the slot of a chunk that was found last, or at the end; its own slot, then. */
static bool chunk_guess(uint32_t *chunk, uint32_t clock, uint32_t hint, uint32_t *out)
{
    const uint32_t *clocks = chunk_clocks(chunk);
    uint32_t count = chunk[0];

    if (hint + 1 < count && clocks[hint] <= clock) {
        if (clock < clocks[hint + 1]) {
            *out = hint;
            return true;
        }
        if (hint + 2 < count && clock < clocks[hint + 2]) {
            *out = hint + 1;
            return true;
        }
    }
    *out = count - 1;
    return clocks[count - 1] <= clock;
}

#define WINDOW 32

/* Where the clock is in its chunk. Structs are about equally long, mostly, so the WINDOW entries around the place where
 * it would stand then are searched first: that touches fewer lines of memory, and asks for the first two at once. */
static uint32_t chunk_find(const struct crdt_doc *doc, const struct client *c, uint32_t at, uint32_t *chunk,
                           uint32_t clock)
{
    const uint32_t *clocks = chunk_clocks(chunk), *first = dir_firsts(doc, c);
    uint32_t count = chunk[0];

    if (count > WINDOW && at + 1 < c->dir_count) {
        uint32_t guess = (uint32_t)((uint64_t)(clock - first[at]) * (count - WINDOW) / (first[at + 1] - first[at]));
        if (clocks[guess] <= clock && clock < clocks[guess + WINDOW - 1]) {
            return guess + last_at_most(clocks + guess, WINDOW - 1, clock);
        }
    }
    return last_at_most(clocks, count, clock);
}

/* Where a clock is: the slots in the directory and in the chunk. It comes back in one register; a struct id_pos in two,
 * which the caller would write to memory and read from there as a whole, before the halves have arrived. */
struct place {
    uint32_t at, slot;
};

__attribute__((noinline)) static struct place search(const struct crdt_doc *doc, const struct client *c, uint32_t clock)
{
    assert(clock < c->state);
    uint32_t at = dir_find(doc, c, clock), slot;
    uint32_t *chunk = words_at(doc, dir_chunk(doc, c, at));

    if (at != c->hint || !chunk_guess(chunk, clock, c->hint_slot, &slot)) {
        slot = chunk_find(doc, c, at, chunk, clock);
    }
    return (struct place){at, slot};
}

inline struct id_pos ids_peek(const struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    const struct client *c = &doc->clients[client];
    struct place found = search(doc, c, clock);

    return (struct id_pos){client, found.at, dir_chunk(doc, c, found.at), found.slot};
}

inline struct id_pos ids_find(struct crdt_doc *doc, uint32_t client, uint32_t clock)
{
    struct id_pos pos = ids_peek(doc, client, clock);

    doc->clients[client].hint = pos.at;
    doc->clients[client].hint_slot = pos.slot;
    return pos;
}

struct id_pos ids_first(const struct crdt_doc *doc, uint32_t client)
{
    return (struct id_pos){client, 0, dir_chunk(doc, &doc->clients[client], 0), 0};
}

struct id_pos ids_last(const struct crdt_doc *doc, uint32_t client)
{
    const struct client *c = &doc->clients[client];
    uint32_t ref = dir_chunk(doc, c, c->dir_count - 1);

    return (struct id_pos){client, c->dir_count - 1, ref, words_at(doc, ref)[0] - 1};
}

bool ids_next(const struct crdt_doc *doc, struct id_pos *pos)
{
    const struct client *c = &doc->clients[pos->client];

    if (pos->slot + 1 < words_at(doc, pos->chunk)[0]) {
        pos->slot++;
        return true;
    }
    if (pos->at + 1 == c->dir_count) {
        return false;
    }
    pos->at++;
    pos->chunk = dir_chunk(doc, c, pos->at);
    pos->slot = 0;
    return true;
}

bool ids_prev(const struct crdt_doc *doc, struct id_pos *pos)
{
    if (pos->slot > 0) {
        pos->slot--;
        return true;
    }
    if (pos->at == 0) {
        return false;
    }
    pos->at--;
    pos->chunk = dir_chunk(doc, &doc->clients[pos->client], pos->at);
    pos->slot = words_at(doc, pos->chunk)[0] - 1;
    return true;
}

uint32_t ids_clock(const struct crdt_doc *doc, const struct id_pos *pos)
{
    return chunk_clocks(words_at(doc, pos->chunk))[pos->slot];
}

uint32_t ids_item(const struct crdt_doc *doc, const struct id_pos *pos)
{
    return chunk_items(words_at(doc, pos->chunk))[pos->slot];
}

uint32_t ids_len(const struct crdt_doc *doc, const struct id_pos *pos)
{
    struct id_pos next = *pos;
    uint32_t end = ids_next(doc, &next) ? ids_clock(doc, &next) : doc->clients[pos->client].state;

    return end - ids_clock(doc, pos);
}

uint64_t ids_count_from(const struct crdt_doc *doc, const struct id_pos *pos)
{
    const struct client *c = &doc->clients[pos->client];
    uint64_t count = words_at(doc, pos->chunk)[0] - pos->slot;

    for (uint32_t at = pos->at + 1; at < c->dir_count; at++) {
        count += words_at(doc, dir_chunk(doc, c, at))[0];
    }
    return count;
}

bool ids_run(const struct crdt_doc *doc, struct id_pos *pos, struct id_run *out)
{
    uint32_t *chunk = words_at(doc, pos->chunk);

    out->clock = chunk_clocks(chunk) + pos->slot;
    out->item = chunk_items(chunk) + pos->slot;
    out->count = chunk[0] - pos->slot;
    pos->slot = chunk[0] - 1;
    bool more = ids_next(doc, pos);
    out->end = more ? ids_clock(doc, pos) : doc->clients[pos->client].state;
    return more;
}

void ids_set_item(struct crdt_doc *doc, const struct id_pos *pos, uint32_t item)
{
    chunk_items(words_at(doc, pos->chunk))[pos->slot] = item;
}

void ids_set_clock(struct crdt_doc *doc, const struct id_pos *pos, uint32_t clock)
{
    const struct client *c = &doc->clients[pos->client];

    chunk_clocks(words_at(doc, pos->chunk))[pos->slot] = clock;
    if (pos->slot == 0 && c->dir_count > 1) {
        words_at(doc, c->dir)[pos->at] = clock;
    }
}

static uint32_t chunk_new(struct crdt_doc *doc, uint32_t class)
{
    uint32_t ref = words_alloc(doc, class);
    uint32_t *chunk = words_at(doc, ref);

    chunk[0] = 0;
    chunk[1] = chunk_cap(class);
    return ref;
}

/* The same chunk, one class larger. */
static uint32_t chunk_grow(struct crdt_doc *doc, uint32_t ref)
{
    uint32_t class = chunk_class_for(words_at(doc, ref)[1]);
    uint32_t grown = chunk_new(doc, class + 1);
    uint32_t *from = words_at(doc, ref), *to = words_at(doc, grown);

    to[0] = from[0];
    memcpy(chunk_clocks(to), chunk_clocks(from), from[0] * sizeof(uint32_t));
    memcpy(chunk_items(to), chunk_items(from), from[0] * sizeof(uint32_t));
    words_release(doc, ref, class);
    return grown;
}

/* Where the directory keeps its reference to the chunk in slot `at`. */
static void dir_set_chunk(struct crdt_doc *doc, struct client *c, uint32_t at, uint32_t ref)
{
    if (c->dir_count == 1) {
        c->dir = ref;
    } else {
        words_at(doc, c->dir)[dir_cap(c->dir_class) + at] = ref;
    }
}

static void dir_release(struct crdt_doc *doc, const struct client *c)
{
    words_release(doc, c->dir, c->dir_class);
    doc->dir_words -= words_class_size(c->dir_class);
}

static void dir_make(struct crdt_doc *doc, struct client *c, uint32_t class)
{
    uint32_t dir = words_alloc(doc, class);
    uint32_t *to = words_at(doc, dir), *from = words_at(doc, c->dir);

    doc->dir_words += words_class_size(class);

    if (c->dir_count == 1) {
        to[0] = chunk_clocks(from)[0];
        to[dir_cap(class)] = c->dir;
    } else {
        memcpy(to, from, c->dir_count * sizeof(uint32_t));
        memcpy(to + dir_cap(class), from + dir_cap(c->dir_class), c->dir_count * sizeof(uint32_t));
        dir_release(doc, c);
    }
    c->dir = dir;
    c->dir_class = class;
}

/* A chunk enters the directory at slot `at`, which is at least 1. */
static void dir_insert(struct crdt_doc *doc, struct client *c, uint32_t at, uint32_t first, uint32_t ref)
{
    if (c->dir_count == 1) {
        dir_make(doc, c, 0);
    } else if (c->dir_count == dir_cap(c->dir_class)) {
        dir_make(doc, c, c->dir_class + 1);
    }
    uint32_t *firsts = words_at(doc, c->dir), *refs = firsts + dir_cap(c->dir_class);
    memmove(firsts + at + 1, firsts + at, (c->dir_count - at) * sizeof(uint32_t));
    memmove(refs + at + 1, refs + at, (c->dir_count - at) * sizeof(uint32_t));
    firsts[at] = first;
    refs[at] = ref;
    c->dir_count++;
}

static void dir_remove(struct crdt_doc *doc, struct client *c, uint32_t at)
{
    uint32_t *firsts = words_at(doc, c->dir), *refs = firsts + dir_cap(c->dir_class);

    memmove(firsts + at, firsts + at + 1, (c->dir_count - at - 1) * sizeof(uint32_t));
    memmove(refs + at, refs + at + 1, (c->dir_count - at - 1) * sizeof(uint32_t));
    c->dir_count--;
    if (c->dir_count == 1) {
        uint32_t only = refs[0];
        dir_release(doc, c);
        c->dir = only;
    }
}

/* Splits the full chunk of *pos in two, for an entry of that clock, and moves *pos to the half that it goes to. Entries
 * appended in order leave full chunks behind. */
static void chunk_split(struct crdt_doc *doc, struct id_pos *pos, uint32_t clock)
{
    struct client *c = &doc->clients[pos->client];
    uint32_t count = words_at(doc, pos->chunk)[0];
    bool append = pos->slot == count && pos->at + 1 == c->dir_count;
    uint32_t keep = append ? count : count / 2;
    uint32_t ref = chunk_new(doc, append ? 0 : CHUNK_CLASS_MAX);
    uint32_t *from = words_at(doc, pos->chunk), *to = words_at(doc, ref);

    to[0] = count - keep;
    memcpy(chunk_clocks(to), chunk_clocks(from) + keep, to[0] * sizeof(uint32_t));
    memcpy(chunk_items(to), chunk_items(from) + keep, to[0] * sizeof(uint32_t));
    from[0] = keep;
    dir_insert(doc, c, pos->at + 1, append ? clock : chunk_clocks(to)[0], ref);
    if (append || pos->slot > keep) {
        pos->at++;
        pos->chunk = ref;
        pos->slot -= keep;
    }
}

/* An entry at pos->slot of its chunk, where it may be one past the last. *pos moves to where it stands. */
static void chunk_insert(struct crdt_doc *doc, struct id_pos *pos, uint32_t clock, uint32_t item)
{
    uint32_t *chunk = words_at(doc, pos->chunk);

    if (chunk[0] == chunk[1]) {
        if (chunk[1] < IDS_RUN_MAX) {
            pos->chunk = chunk_grow(doc, pos->chunk);
            dir_set_chunk(doc, &doc->clients[pos->client], pos->at, pos->chunk);
        } else {
            chunk_split(doc, pos, clock);
        }
        chunk = words_at(doc, pos->chunk);
    }
    uint32_t *clocks = chunk_clocks(chunk) + pos->slot, *items = chunk_items(chunk) + pos->slot;
    uint32_t tail = chunk[0] - pos->slot;
    if (tail > 0) {
        memmove(clocks + 1, clocks, tail * sizeof(uint32_t));
        memmove(items + 1, items, tail * sizeof(uint32_t));
    }
    *clocks = clock;
    *items = item;
    chunk[0]++;
    doc->struct_count++;
    doc->changes++;
}

void ids_append(struct crdt_doc *doc, uint32_t client, uint32_t item, uint32_t len)
{
    struct client *c = &doc->clients[client];

    if (c->dir_count == 0) {
        c->dir = chunk_new(doc, 0);
        c->dir_count = 1;
        c->hint = 0;
        chunk_insert(doc, &(struct id_pos){client, 0, c->dir, 0}, c->state, item);
    } else {
        struct id_pos pos = ids_last(doc, client);
        pos.slot++;
        chunk_insert(doc, &pos, c->state, item);
    }
    c->state += len;
}

static uint32_t dir_class_for(uint32_t chunks)
{
    uint32_t class = 0;

    while (dir_cap(class) < chunks) {
        class ++;
    }
    return class;
}

uint64_t ids_fill_words(uint32_t count)
{
    uint32_t full = count / IDS_RUN_MAX, rest = count % IDS_RUN_MAX;
    uint64_t words = (uint64_t)full * words_class_size(CHUNK_CLASS_MAX);

    words += rest > 0 ? words_class_size(chunk_class_for(rest)) : 0;
    return words + (full + (rest > 0) > 1 ? words_class_size(dir_class_for(full + 1)) : 0);
}

static uint32_t chunk_filled(struct crdt_doc *doc, const struct id_entry *entries, uint32_t count)
{
    uint32_t ref = chunk_new(doc, chunk_class_for(count));
    uint32_t *chunk = words_at(doc, ref), *clocks = chunk_clocks(chunk), *items = chunk_items(chunk);

    chunk[0] = count;
    for (uint32_t i = 0; i < count; i++) {
        clocks[i] = entries[i].clock;
        items[i] = entries[i].item;
    }
    return ref;
}

void ids_fill(struct crdt_doc *doc, uint32_t client, const struct id_entry *entries, uint32_t count)
{
    struct client *c = &doc->clients[client];

    doc->struct_count += count;
    if (count <= IDS_RUN_MAX) {
        c->dir = count > 0 ? chunk_filled(doc, entries, count) : 0;
        c->dir_count = count > 0;
        return;
    }
    uint32_t chunks = count / IDS_RUN_MAX + (count % IDS_RUN_MAX > 0), class = dir_class_for(chunks);
    c->dir = words_alloc(doc, class);
    c->dir_class = class;
    c->dir_count = chunks;
    doc->dir_words += words_class_size(class);
    for (uint32_t i = 0; i < chunks; i++) {
        uint32_t from = i * IDS_RUN_MAX, rest = count - from;
        words_at(doc, c->dir)[i] = entries[from].clock;
        words_at(doc, c->dir)[dir_cap(class) + i] =
            chunk_filled(doc, entries + from, rest < IDS_RUN_MAX ? rest : IDS_RUN_MAX);
    }
}

void ids_insert_after(struct crdt_doc *doc, struct id_pos *pos, uint32_t clock, uint32_t item)
{
    pos->slot++;
    chunk_insert(doc, pos, clock, item);
}

void ids_remove(struct crdt_doc *doc, struct id_pos *pos)
{
    struct client *c = &doc->clients[pos->client];
    uint32_t *chunk = words_at(doc, pos->chunk);
    uint32_t *clocks = chunk_clocks(chunk), *items = chunk_items(chunk), tail = chunk[0] - pos->slot - 1;
    struct id_pos removed = *pos;

    bool found = ids_prev(doc, pos);
    assert(found);
    (void)found;
    memmove(clocks + removed.slot, clocks + removed.slot + 1, tail * sizeof(uint32_t));
    memmove(items + removed.slot, items + removed.slot + 1, tail * sizeof(uint32_t));
    chunk[0]--;
    doc->struct_count--;
    doc->changes++;
    if (chunk[0] == 0) {
        words_release(doc, removed.chunk, chunk_class_for(chunk[1]));
        dir_remove(doc, c, removed.at);
    } else if (removed.slot == 0 && c->dir_count > 1) {
        words_at(doc, c->dir)[removed.at] = clocks[0];
    }
}
