#include "crdt/wire/doc_usual.h"

#include <string.h>
#include "crdt/wire/info.h"

#define SHORT_TEXT 32 /* copied without looking at its length */

/* ---- items ---------------------------------------------------------------------------------------- */

static inline bool is_usual(const struct item *it)
{
    enum { KINDS = 1 << BLOCK_STRING | 1 << BLOCK_DELETED };

    return (KINDS >> item_kind(it) & 1) != 0 && (it->origin_client & it->right_client) != NONE32;
}

/* Without the ids' bits. */
static inline uint8_t info_of(const struct item *it)
{
    return (uint8_t)(item_kind(it) | (it->flags & ITEM_KEYED ? INFO_PARENT_SUB : 0u));
}

static inline uint32_t is_text(const struct item *it)
{
    return item_kind(it) / BLOCK_STRING; /* of a usual one: 1 or 0 */
}

/* Bytes of text, or clocks of deleted text. Nobody can foresee which it is, so there is no branch for it. */
static inline uint32_t length_of(const struct item *it)
{
    return it->len ^ ((it->len ^ it->bytes) & -is_text(it));
}

/* Where all texts stand. */
struct texts {
    const uint8_t *pool;
    int64_t wide; /* of those up to here SHORT_TEXT bytes may be read, however short they are */
};

static struct texts texts_of(const struct crdt_doc *doc)
{
    return (struct texts){doc->pool, (int64_t)doc->pool_len - SHORT_TEXT};
}

/* Writes a text of up to SHORT_TEXT bytes into room for so many, or a longer one into its own. */
static inline uint8_t *text_at(const struct texts *t, uint8_t *to, const struct item *it)
{
    const uint8_t *text = t->pool + it->off;

    if (it->bytes <= SHORT_TEXT && it->off <= t->wide) {
        memcpy(to, text, SHORT_TEXT);
    } else if (it->bytes > 0) { /* deleted text has no bytes */
        memcpy(to, text, it->bytes);
    }
    return to + it->bytes;
}

/* A long text needs more than is made sure of: whether it is there. `left`: structs, this one among them. */
static inline bool has_room(const struct item *it, const uint8_t *to, const uint8_t *end, uint32_t left, uint32_t each)
{
    return it->bytes <= SHORT_TEXT || it->bytes <= (size_t)(end - to) - (size_t)left * each;
}

/* ---- v1 ---------------------------------------------------------------------------------------------- */

/* Info, two ids of 8 bytes and 5, a length, a text. What is written beyond a number's end is within the next one's
 * room. */
#define V1_MAX (1 + 2 * 13 + 5 + SHORT_TEXT)

static inline uint8_t *id_at(const struct client *clients, uint8_t *to, uint32_t client, uint32_t clock)
{
    const struct client *c = &clients[client];

    memcpy(to, c->id_bytes, sizeof(c->id_bytes));
    return lib0_clock_at(to + c->id_len, clock);
}

static inline uint8_t *usual_at(const struct client *clients, const struct texts *texts, uint8_t *to,
                                const struct item *it)
{
    uint8_t *head = to++, info = info_of(it);

    if (it->origin_client != NONE32) {
        info |= INFO_ORIGIN;
        to = id_at(clients, to, it->origin_client, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        info |= INFO_RIGHT_ORIGIN;
        to = id_at(clients, to, it->right_client, it->right_clock);
    }
    *head = info;
    to = lib0_varuint_at(to, length_of(it));
    return text_at(texts, to, it);
}

/* Neither this nor put_v2 is inlined: each needs the registers for itself. */
__attribute__((noinline)) static uint32_t put_v1(const struct crdt_doc *doc, struct buf *out, const struct id_run *run,
                                                 uint32_t at, struct doc_edges *edges)
{
    const struct texts texts = texts_of(doc);
    const struct item *items = doc->items;
    const struct client *clients = doc->clients;
    const uint32_t *item = run->item, count = run->count;

    if (buf_reserve(out, (size_t)(count - at) * V1_MAX) != RC_OK) {
        return at;
    }
    uint8_t *to = out->data + out->len, *end = out->data + out->cap;
    for (; at < count; at++) {
        const struct item *it = &items[item[at]];
        if (!is_usual(it) || !has_room(it, to, end, count - at, V1_MAX)) {
            break;
        }
        doc_edges_note(edges, run->clock[at], item_deleted(it));
        to = usual_at(clients, &texts, to, it);
    }
    out->len = (size_t)(to - out->data);
    return at;
}

/* ---- v2 ---------------------------------------------------------------------------------------------- */

/* What a struct takes in the columns, on average of a run: a value that stands alone needs no count. */
#define CLOCK_MAX   5  /* also of lengths */
#define CLIENTS_MAX 18 /* two */
#define INFO_MAX    2

/* The columns that usual structs use, with the places to write at. */
struct columns {
    uint8_t *left_to, *right_to, *client_to, *info_to, *len_to, *units_to, *text_to;
    struct diff_run left, right;
    struct uint_run client, len, units;
    struct rle_run info;
};

static uint8_t *end_of(const struct buf *b)
{
    return b->data + b->len;
}

static bool open_columns(struct update_enc *e, size_t count, struct columns *c)
{
    if (buf_reserve(&e->left_clock.out, count * CLOCK_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->right_clock.out, count * CLOCK_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->client.out, count * CLIENTS_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->info.out, count * INFO_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->len.out, count * CLOCK_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->string.lengths.out, count * CLOCK_MAX + COLUMN_ROOM) != RC_OK ||
        buf_reserve(&e->string.text, count * SHORT_TEXT) != RC_OK) {
        return false;
    }
    *c = (struct columns){.left_to = end_of(&e->left_clock.out),
                          .right_to = end_of(&e->right_clock.out),
                          .client_to = end_of(&e->client.out),
                          .info_to = end_of(&e->info.out),
                          .len_to = end_of(&e->len.out),
                          .units_to = end_of(&e->string.lengths.out),
                          .text_to = end_of(&e->string.text),
                          .left = e->left_clock.run,
                          .right = e->right_clock.run,
                          .client = e->client.run,
                          .len = e->len.run,
                          .units = e->string.lengths.run,
                          .info = e->info.run};
    return true;
}

static void close_columns(struct update_enc *e, const struct columns *c)
{
    e->left_clock.out.len = (size_t)(c->left_to - e->left_clock.out.data);
    e->right_clock.out.len = (size_t)(c->right_to - e->right_clock.out.data);
    e->client.out.len = (size_t)(c->client_to - e->client.out.data);
    e->info.out.len = (size_t)(c->info_to - e->info.out.data);
    e->len.out.len = (size_t)(c->len_to - e->len.out.data);
    e->string.lengths.out.len = (size_t)(c->units_to - e->string.lengths.out.data);
    e->string.text.len = (size_t)(c->text_to - e->string.text.data);
    e->left_clock.run = c->left;
    e->right_clock.run = c->right;
    e->client.run = c->client;
    e->len.run = c->len;
    e->string.lengths.run = c->units;
    e->info.run = c->info;
}

static inline void usual_in_columns(const struct client *clients, const struct texts *texts, struct columns *c,
                                    const struct item *it)
{
    uint8_t info = info_of(it);

    if (it->origin_client != NONE32) {
        info |= INFO_ORIGIN;
        c->client_to = uint_run_put(&c->client, c->client_to, clients[it->origin_client].id);
        c->left_to = diff_run_put(&c->left, c->left_to, it->origin_clock);
    }
    if (it->right_client != NONE32) {
        info |= INFO_RIGHT_ORIGIN;
        c->client_to = uint_run_put(&c->client, c->client_to, clients[it->right_client].id);
        c->right_to = diff_run_put(&c->right, c->right_to, it->right_clock);
    }
    c->info_to = rle_run_put(&c->info, c->info_to, info);
    if (item_kind(it) == BLOCK_STRING) {
        c->text_to = text_at(texts, c->text_to, it);
        c->units_to = uint_run_put(&c->units, c->units_to, it->len);
    } else {
        c->len_to = uint_run_put(&c->len, c->len_to, it->len);
    }
}

__attribute__((noinline)) static uint32_t put_v2(const struct crdt_doc *doc, struct update_enc *e,
                                                 const struct id_run *run, uint32_t at, struct doc_edges *edges)
{
    const struct texts texts = texts_of(doc);
    struct columns c;

    if (!open_columns(e, run->count - at, &c)) {
        return at;
    }
    const uint8_t *text_end = e->string.text.data + e->string.text.cap;
    for (; at < run->count; at++) {
        const struct item *it = item_at(doc, run->item[at]);
        if (!is_usual(it) || !has_room(it, c.text_to, text_end, run->count - at, SHORT_TEXT)) {
            break;
        }
        doc_edges_note(edges, run->clock[at], item_deleted(it));
        usual_in_columns(doc->clients, &texts, &c, it);
    }
    close_columns(e, &c);
    return at;
}

/* ---- both ------------------------------------------------------------------------------------------ */

static void expect(struct buf *b, size_t bytes)
{
    int rc = buf_reserve(b, bytes);

    (void)rc; /* kept in the buffer */
}

/* Bytes beside the content: what most structs take, and what is made sure of for the last run. */
void doc_usual_expect(struct update_enc *enc, size_t structs, size_t content)
{
    enum { V1_USUAL = 16, CLOCK_USUAL = 3 };
    size_t run = structs < IDS_RUN_MAX ? structs : IDS_RUN_MAX;

    if (enc->format == CRDT_V1) {
        expect(enc->rest, content + structs * V1_USUAL + run * V1_MAX);
        return;
    }
    expect(&enc->left_clock.out, structs * CLOCK_USUAL + run * CLOCK_MAX + COLUMN_ROOM);
    expect(&enc->right_clock.out, structs * CLOCK_USUAL + run * CLOCK_MAX + COLUMN_ROOM);
    expect(&enc->info.out, structs + run * INFO_MAX + COLUMN_ROOM);
    expect(&enc->string.text, content + run * SHORT_TEXT);
}

uint32_t doc_usual_put(const struct crdt_doc *doc, struct update_enc *enc, const struct id_run *run, uint32_t at,
                       struct doc_edges *edges)
{
    return enc->format == CRDT_V1 ? put_v1(doc, enc->rest, run, at, edges) : put_v2(doc, enc, run, at, edges);
}
