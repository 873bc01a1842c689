/* Attacks on the order of concurrent items. */
#include "crdt/lib0/enc.h"
#include "tests/model/attacks.h"
#include "tests/model/growth.h"

/* ---- many at one place --------------------------------------------------------------------------- */

/* Clients insert behind "a" without knowing of each other, in an order of their ids. */
static void one_place(size_t n, uint64_t (*client)(size_t i, size_t n))
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    put_root_text(&update, 1, "ab");
    attack(doc, &update, RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 2 + client(i, n), 0, ORIGIN, 1, 0);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

static uint64_t ascending(size_t i, size_t n)
{
    (void)n;
    return i;
}

static uint64_t descending(size_t i, size_t n)
{
    return n - i;
}

static uint64_t from_both_ends(size_t i, size_t n)
{
    return i % 2 == 0 ? i : 2 * n - i;
}

static void clients_ascending(size_t n)
{
    one_place(n, ascending);
}

static void clients_descending(size_t n)
{
    one_place(n, descending);
}

static void clients_from_both_ends(size_t n)
{
    one_place(n, from_both_ends);
}

/* The same, with one of two right origins in turn. */
static void right_origins_in_turn(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    put_root_text(&update, 1, "abc");
    attack(doc, &update, RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_between(&update, 2 + i * 7919 % n, 0, 1, 0, 1, 1 + i % 2);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

/* One client's embeds, each behind the last, then another's: each behind one of these, the deepest first. */
static void deep_inside(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    put_root_text(&update, 1, "a");
    attack(doc, &update, RC_OK);
    put_head(&update, 2, 0, n);
    for (size_t i = 0; i < n; i++) {
        buf_put_u8(&update, EMBED | ORIGIN);
        put_id(&update, i == 0 ? 1 : 2, i == 0 ? 0 : i - 1);
        lib0_put_varstring(&update, span_str("1"));
    }
    put_no_deletes(&update);
    attack(doc, &update, RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 3, i, ORIGIN, 2, i);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Siblings are laid between letters and their origins, so that each covers the next one; then small clients come. */
static void strays(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    put_root_text(&update, 1, "a");
    attack(doc, &update, RC_OK);
    put_letter(&update, 2, 0, ORIGIN, 1, 0);
    attack(doc, &update, RC_OK);
    for (size_t i = 0; i < n; i++) { /* letters behind client 2's, the last first */
        put_letter(&update, 10 + n - i, 0, ORIGIN, 2, 0);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_between(&update, 10 + 2 * n + i, 0, 1, 0, 11 + i, 0);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_letter(&update, 10 + 2 * n - 1 - i, 0, ORIGIN, 1, 0);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Clients set the same key without knowing of each other. */
static void one_key(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_head(&update, 2 + i, 0, 1);
        buf_put_u8(&update, ANY | KEY);
        lib0_put_varuint(&update, 1);
        lib0_put_varstring(&update, span_str("m"));
        lib0_put_varstring(&update, span_str("key"));
        lib0_put_varuint(&update, 1);
        buf_put_u8(&update, 126); /* null */
        put_no_deletes(&update);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

const struct growth growth_places[] = {
    {"clients ascending", clients_ascending, 2000},
    {"clients descending", clients_descending, 2000},
    {"clients from both ends", clients_from_both_ends, 2000},
    {"right origins in turn", right_origins_in_turn, 2000},
    {"deep inside", deep_inside, 2000},
    {"strays", strays, 1000},
    {"one key", one_key, 2000},
    {NULL, NULL, 0},
};
