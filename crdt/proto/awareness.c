/* The awareness table: a sorted array, searched by halving. A room has a few to a few thousand entries, so that
 * an insertion moves at most some tens of kilobytes.
 *
 * An update is read three times: it is checked, the room for it is reserved (entries and copies of the texts), and
 * then put in, which cannot fail any more. */
#include "crdt/proto.h"
#include <stdlib.h>
#include "crdt/lib0/dec.h"
#include "crdt/lib0/enc.h"
#include "crdt/proto/json.h"

static const struct span json_null = {(const uint8_t *)"null", 4};

static struct lib0_dec dec_of_iter(const struct awareness_iter *it)
{
    struct lib0_dec dec = lib0_dec_of(it->rest);

    dec.rc = it->rc;
    return dec;
}

static void dec_to_iter(const struct lib0_dec *dec, struct awareness_iter *it)
{
    it->rest = span_of(dec->pos, (size_t)(dec->end - dec->pos));
    it->rc = dec->rc;
}

void awareness_iter_init(struct awareness_iter *it, struct span update)
{
    struct lib0_dec dec = lib0_dec_of(update);

    *it = (struct awareness_iter){.left = lib0_dec_varuint(&dec)};
    /* An entry takes three bytes at least. */
    if (it->left > lib0_dec_left(&dec) / 3) {
        lib0_dec_fail(&dec, RC_FORMAT);
    }
    dec_to_iter(&dec, it);
}

static int check_json(struct span json)
{
    return json.len > AWARENESS_STATE_MOST ? RC_LIMIT : json_check(json);
}

bool awareness_iter_next(struct awareness_iter *it, struct awareness_item *out)
{
    struct lib0_dec dec = dec_of_iter(it);
    int rc;

    if (it->left == 0 || it->rc != RC_OK) {
        return false;
    }
    it->left--;
    out->client = lib0_dec_varuint(&dec);
    out->clock = lib0_dec_varuint(&dec);
    out->json = json_trim(lib0_dec_varstring(&dec));
    out->null = span_equal(out->json, json_null);
    rc = dec.rc == RC_OK ? check_json(out->json) : dec.rc;
    if (rc != RC_OK) {
        lib0_dec_fail(&dec, rc);
    }
    dec_to_iter(&dec, it);
    return rc == RC_OK;
}

void awareness_put_count(struct buf *b, uint64_t count)
{
    lib0_put_varuint(b, count);
}

void awareness_put(struct buf *b, uint64_t client, uint64_t clock, struct span json)
{
    lib0_put_varuint(b, client);
    lib0_put_varuint(b, clock);
    lib0_put_varstring(b, json);
}

void awareness_init(struct awareness *a)
{
    *a = (struct awareness){.state_max = AWARENESS_STATE_MAX};
}

void awareness_finish(struct awareness *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->entry[i].json);
    }
    free(a->entry);
    awareness_init(a);
}

/* Index of the first entry whose client is not below. */
static size_t lower_bound(const struct awareness *a, uint64_t client)
{
    size_t low = 0, high = a->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (a->entry[middle].client < client) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct awareness_entry *find(const struct awareness *a, uint64_t client)
{
    size_t i = lower_bound(a, client);

    return i < a->count && a->entry[i].client == client ? &a->entry[i] : NULL;
}

const struct awareness_entry *awareness_find(const struct awareness *a, uint64_t client)
{
    return find(a, client);
}

/* The rule of y-protocols. */
static bool counts(const struct awareness_entry *known, const struct awareness_item *item)
{
    uint64_t clock = known == NULL ? 0 : known->clock;

    return clock < item->clock || (clock == item->clock && item->null && known != NULL && known->json != NULL);
}

/* Checks the update and tells how many clients it would add. */
static int check_update(const struct awareness *a, struct span update, size_t *added)
{
    struct awareness_iter it;
    struct awareness_item item;

    *added = 0;
    awareness_iter_init(&it, update);
    while (awareness_iter_next(&it, &item)) {
        if (item.json.len > a->state_max) {
            return RC_LIMIT;
        }
        *added += find(a, item.client) == NULL && item.clock > 0;
    }
    return it.rc;
}

static size_t owned_by(const struct awareness *a, uint64_t owner)
{
    size_t owned = 0;

    for (size_t i = 0; i < a->count; i++) {
        owned += a->entry[i].json != NULL && a->entry[i].owner == owner;
    }
    return owned;
}

static void forget_removed(struct awareness *a)
{
    size_t kept = 0;

    for (size_t i = 0; i < a->count; i++) {
        if (a->entry[i].json != NULL) {
            a->entry[kept++] = a->entry[i];
        }
    }
    a->count = kept;
}

static int reserve_entries(struct awareness *a, size_t more)
{
    struct awareness_entry *entry;
    size_t cap = a->cap == 0 ? 8 : a->cap;

    if (more > AWARENESS_CLIENTS_MAX - a->count) {
        return RC_LIMIT;
    }
    while (cap < a->count + more) {
        cap *= 2;
    }
    if (cap == a->cap) {
        return RC_OK;
    }
    entry = realloc(a->entry, cap * sizeof *entry);
    if (entry == NULL) {
        return RC_NOMEM;
    }
    a->entry = entry;
    a->cap = cap;
    return RC_OK;
}

/* The entry of a client, new when needed; there is room. */
static struct awareness_entry *entry_of(struct awareness *a, uint64_t client)
{
    size_t i = lower_bound(a, client);

    if (i == a->count || a->entry[i].client != client) {
        memmove(&a->entry[i + 1], &a->entry[i], (a->count - i) * sizeof *a->entry);
        a->entry[i] = (struct awareness_entry){.client = client};
        a->count++;
    }
    return &a->entry[i];
}

static void set_state(struct awareness *a, struct awareness_entry *entry, char *json, size_t len)
{
    a->bytes = a->bytes - entry->json_len + len;
    a->live = a->live - (entry->json != NULL) + (json != NULL);
    free(entry->json);
    entry->json = json;
    entry->json_len = len;
}

/* Entries that count, as an awareness update without its count. Copies of their texts are laid out in `texts`, one
 * behind the other, so that nothing is left to fail. */
struct plan {
    struct buf body;
    char **text; /* one for each entry of the update; NULL where none is needed */
    uint64_t count, changed;
};

static char *copy_text(struct span s)
{
    char *copy = malloc(s.len + 1);

    if (copy != NULL) {
        memcpy(copy, s.data, s.len);
        copy[s.len] = 0;
    }
    return copy;
}

static void plan_finish(struct plan *p)
{
    for (uint64_t i = 0; p->text != NULL && i < p->count; i++) {
        free(p->text[i]);
    }
    free(p->text);
    buf_finish(&p->body);
}

static int plan_texts(struct plan *p, struct span update)
{
    struct awareness_iter it;
    struct awareness_item item;

    awareness_iter_init(&it, update);
    p->count = it.left;
    p->text = calloc(p->count == 0 ? 1 : (size_t)p->count, sizeof *p->text);
    if (p->text == NULL) {
        return RC_NOMEM;
    }
    for (uint64_t i = 0; awareness_iter_next(&it, &item); i++) {
        if (!item.null && (p->text[i] = copy_text(item.json)) == NULL) {
            return RC_NOMEM;
        }
    }
    /* What is passed on is never longer than what came. */
    return buf_reserve(&p->body, update.len);
}

static void put_in(struct awareness *a, struct plan *p, struct span update, uint64_t owner, int64_t time)
{
    struct awareness_iter it;
    struct awareness_item item;

    awareness_iter_init(&it, update);
    for (uint64_t i = 0; awareness_iter_next(&it, &item); i++) {
        struct awareness_entry *entry;
        bool tell;

        entry = find(a, item.client);
        if (!counts(entry, &item)) {
            continue;
        }
        /* y-protocols remembers that somebody unknown went, and tells nobody. */
        tell = entry != NULL || !item.null;
        entry = entry_of(a, item.client);
        set_state(a, entry, p->text[i], item.null ? 0 : item.json.len);
        p->text[i] = NULL;
        entry->clock = item.clock;
        entry->owner = owner;
        entry->time = time;
        if (tell) {
            awareness_put(&p->body, item.client, item.clock, item.json);
            p->changed++;
        }
    }
}

static int emit(const struct buf *body, uint64_t changed, struct buf *changes)
{
    int rc;

    if (changed == 0) {
        return RC_OK;
    }
    rc = buf_reserve(changes, body->len + 10);
    if (rc != RC_OK) {
        return rc;
    }
    lib0_put_varuint(changes, changed);
    buf_put_span(changes, buf_span(body));
    return changes->rc;
}

void awareness_claim(struct awareness *a, uint64_t client, uint64_t clock, uint64_t owner, int64_t time)
{
    struct awareness_entry *entry = find(a, client);

    if (entry != NULL && entry->json != NULL && entry->clock == clock) {
        entry->owner = owner;
        entry->time = time;
    }
}

int awareness_apply(struct awareness *a, struct span update, uint64_t owner, int64_t time, struct buf *changes)
{
    struct plan plan = {0};
    size_t added;
    int rc = check_update(a, update, &added);

    if (rc == RC_OK && added > AWARENESS_CLIENTS_MAX - a->count) {
        forget_removed(a);
        rc = check_update(a, update, &added);
    }
    if (rc == RC_OK && added > 0 && added + owned_by(a, owner) > AWARENESS_OWNED_MAX) {
        rc = RC_LIMIT;
    }
    if (rc == RC_OK) {
        rc = reserve_entries(a, added);
    }
    if (rc == RC_OK) {
        rc = plan_texts(&plan, update);
    }
    if (rc == RC_OK) {
        rc = buf_reserve(changes, update.len + 10);
    }
    if (rc == RC_OK) {
        put_in(a, &plan, update, owner, time);
        rc = emit(&plan.body, plan.changed, changes);
    }
    plan_finish(&plan);
    return rc;
}

/* Removes the states that `older` or `owner` selects. */
static int remove_states(struct awareness *a, bool by_owner, uint64_t owner, int64_t time, struct buf *changes)
{
    struct buf body = {0};
    uint64_t changed = 0;
    int rc = buf_reserve(&body, a->live * (8 + 8 + 5));

    if (rc == RC_OK) {
        rc = buf_reserve(changes, a->live * (8 + 8 + 5) + 10);
    }
    for (size_t i = 0; rc == RC_OK && i < a->count; i++) {
        struct awareness_entry *entry = &a->entry[i];

        if (entry->json == NULL || (by_owner ? entry->owner != owner : entry->time >= time)) {
            continue;
        }
        set_state(a, entry, NULL, 0);
        awareness_put(&body, entry->client, entry->clock, json_null);
        changed++;
    }
    if (rc == RC_OK) {
        rc = emit(&body, changed, changes);
    }
    buf_finish(&body);
    return rc;
}

int awareness_remove_owner(struct awareness *a, uint64_t owner, struct buf *changes)
{
    return remove_states(a, true, owner, 0, changes);
}

int awareness_remove_older(struct awareness *a, int64_t time, struct buf *changes)
{
    return remove_states(a, false, 0, time, changes);
}

static int encode(const struct awareness *a, bool removed, struct buf *out)
{
    size_t len = out->len;

    lib0_put_varuint(out, removed ? a->count : a->live);
    for (size_t i = 0; i < a->count; i++) {
        const struct awareness_entry *entry = &a->entry[i];

        if (entry->json != NULL) {
            awareness_put(out, entry->client, entry->clock, span_of(entry->json, entry->json_len));
        } else if (removed) {
            awareness_put(out, entry->client, entry->clock, json_null);
        }
    }
    if (out->rc != RC_OK) {
        out->len = len;
    }
    return out->rc;
}

int awareness_encode(const struct awareness *a, struct buf *out)
{
    return encode(a, false, out);
}

int awareness_encode_all(const struct awareness *a, struct buf *out)
{
    return encode(a, true, out);
}

bool awareness_check(const struct awareness *a)
{
    size_t live = 0, bytes = 0;

    for (size_t i = 0; i < a->count; i++) {
        if (i > 0 && a->entry[i - 1].client >= a->entry[i].client) {
            return false;
        }
        live += a->entry[i].json != NULL;
        bytes += a->entry[i].json_len;
    }
    return live == a->live && bytes == a->bytes && a->count <= a->cap && a->count <= AWARENESS_CLIENTS_MAX;
}
