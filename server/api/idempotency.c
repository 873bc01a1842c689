#include "server/api/idempotency.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include "server/api/respond.h"

#define LIFE_US (UINT64_C(24) * 3600 * 1000000)

struct idempotency_slot {
    uint8_t *name; /* sender, then key; NULL: free */
    size_t sender_len, name_len;
    uint64_t body, since_us;
    char id[IDEMPOTENCY_ID_MAX + 1]; /* empty: under way */
};

struct idempotency {
    const struct clock *clock;
    struct idempotency_slot slot[IDEMPOTENCY_SLOTS];
};

int idempotency_create(const struct clock *clock, struct idempotency **out)
{
    struct idempotency *t = calloc(1, sizeof *t);

    if (!t) {
        return RC_NOMEM;
    }
    t->clock = clock;
    *out = t;
    return RC_OK;
}

void idempotency_destroy(struct idempotency *t)
{
    for (size_t i = 0; t && i < IDEMPOTENCY_SLOTS; i++) {
        free(t->slot[i].name);
    }
    free(t);
}

static bool is_of(const struct idempotency_slot *s, struct span sender, struct span key)
{
    return s->name && s->sender_len == sender.len && span_equal(span_of(s->name, s->sender_len), sender) &&
           span_equal(span_of(s->name + s->sender_len, s->name_len - s->sender_len), key);
}

static bool is_made(const struct idempotency_slot *s)
{
    return s->id[0] != '\0';
}

/* The slot of a key, NULL when there is none; *room is where a new one may go: free, too old, or the oldest that is
 * made (NULL: all are under way). */
static struct idempotency_slot *find(struct idempotency *t, struct span sender, struct span key,
                                     struct idempotency_slot **room)
{
    uint64_t now = clock_monotonic_us(t->clock);

    *room = NULL;
    for (size_t i = 0; i < IDEMPOTENCY_SLOTS; i++) {
        struct idempotency_slot *s = &t->slot[i];

        if (s->name && is_made(s) && now - s->since_us > LIFE_US) {
            idempotency_forget(s);
        }
        if (is_of(s, sender, key)) {
            return s;
        }
        if (!s->name) {
            *room = *room && !(*room)->name ? *room : s;
        } else if (is_made(s) && (!*room || ((*room)->name && s->since_us < (*room)->since_us))) {
            *room = s;
        }
    }
    return NULL;
}

static int occupy(struct idempotency *t, struct idempotency_slot *s, struct span sender, struct span key, uint64_t body)
{
    uint8_t *name = malloc(sender.len + key.len);

    if (!name) {
        return RC_NOMEM;
    }
    if (sender.len > 0) {
        memcpy(name, sender.data, sender.len);
    }
    memcpy(name + sender.len, key.data, key.len);
    free(s->name);
    *s = (struct idempotency_slot){name, sender.len, sender.len + key.len, body, clock_monotonic_us(t->clock), ""};
    return RC_OK;
}

int idempotency_begin(struct idempotency *t, struct span sender, struct span key, struct span body,
                      struct idempotency_slot **out)
{
    uint64_t hash = respond_hash(RESPOND_HASH_SEED, body);
    struct idempotency_slot *room, *known;
    int rc;

    if (key.len == 0 || key.len > IDEMPOTENCY_KEY_MAX) {
        return RC_RANGE;
    }
    known = find(t, sender, key, &room);
    if (known && known->body != hash) {
        return RC_STATE;
    }
    if (known && is_made(known)) {
        *out = known;
        return RC_EXISTS;
    }
    if (known || !room) {
        return RC_BUSY;
    }
    rc = occupy(t, room, sender, key, hash);
    if (rc == RC_OK) {
        *out = room;
    }
    return rc;
}

const char *idempotency_id(const struct idempotency_slot *slot)
{
    return slot->id;
}

void idempotency_done(struct idempotency_slot *slot, const char *id)
{
    size_t len = strlen(id);

    assert(len > 0 && len <= IDEMPOTENCY_ID_MAX);
    if (slot) {
        memcpy(slot->id, id, len + 1);
    }
}

void idempotency_forget(struct idempotency_slot *slot)
{
    if (slot) {
        free(slot->name);
        *slot = (struct idempotency_slot){0};
    }
}
