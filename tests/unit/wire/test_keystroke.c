#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/wire/keystroke.h"
#include "crdt/wire/update_dec.h"
#include "tests/support/rng.h"
#include "tests/unit/lib0/lib0_check.h"

/* What is read here is what the general reader reads: of updates as they are sent, and of the same with bytes changed,
 * put in and taken out, it may only refuse more. */
static const struct {
    enum crdt_format format;
    const char *what, *hex;
} updates[] = {
    {CRDT_V1, "a letter", "0101ac020584ac02040161 00"},
    {CRDT_V1, "a letter before others", "0101ac0205c4ac020407080161 00"},
    {CRDT_V1, "letters for others", "010107058407040361c3a9 01ac02010203"},
    {CRDT_V1, "a backspace", "0001ac02010401"},
    {CRDT_V2, "a letter", "0000 03ec0400 0108 00 0184 03016101 00 00 00 010105 00"},
    {CRDT_V2, "a letter before others", "0000 04ec040007 0108 0110 01c4 03016101 00 00 00 010105 00"},
    {CRDT_V2, "letters for others", "0000 024700 0108 00 0184 0503 61c3a9 02 00 00 00 010105 01ac02010202"},
    {CRDT_V2, "a backspace", "0000 00 00 00 00 0100 00 00 00 00 01ac02010400"},
};

#define UPDATES (sizeof(updates) / sizeof(updates[0]))

static bool same_id(const struct id *a, const struct id *b)
{
    return a->client == b->client && a->clock == b->clock;
}

static bool same_text(const struct block *a, const struct block *b)
{
    return same_id(&a->id, &b->id) && a->len == b->len && a->ref == b->ref && a->flags == b->flags &&
           same_id(&a->origin, &b->origin) &&
           (!(a->flags & BLOCK_HAS_RIGHT_ORIGIN) || same_id(&a->right_origin, &b->right_origin)) &&
           span_equal(a->content, b->content);
}

static bool same_deleted(const struct idset_range *a, const struct idset_range *b)
{
    return a->client == b->client && a->clock == b->clock && a->len == b->len;
}

static bool reads_the_same(enum crdt_format format, struct span update, const struct keystroke *k)
{
    struct arena scratch;
    struct update_dec dec;
    struct idset deleted;
    struct block text, none;

    arena_init(&scratch, 0);
    idset_init(&deleted);
    bool same = update_dec_init(&dec, format, update, &scratch) == RC_OK &&
                update_dec_next(&dec, &text) == (k->types ? 1 : 0) && (!k->types || same_text(&text, &k->text)) &&
                update_dec_next(&dec, &none) == 0 && update_dec_deletes(&dec, &deleted) == RC_OK &&
                deleted.count == (k->erases ? 1 : 0) &&
                (!k->erases || same_deleted(idset_ranges(&deleted), &k->deleted));
    update_dec_finish(&dec);
    idset_finish(&deleted);
    arena_finish(&scratch);
    return same;
}

static void keystrokes_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPDATES; i++) {
        struct span update = bytes_from_hex(updates[i].hex);
        struct keystroke k;

        print_message("%s, v%d\n", updates[i].what, (int)updates[i].format);
        assert_true(keystroke_decode(updates[i].format, update, &k));
        assert_true(reads_the_same(updates[i].format, update, &k));
        assert_ptr_equal(k.end, update.data + update.len);
        bytes_free(update);
    }
}

/* A copy with one to three bytes changed; a byte may be put in or taken out. */
static struct span damaged(struct rng *rng, struct span update)
{
    uint8_t bytes[64];
    size_t len = update.len;

    memcpy(bytes, update.data, len);
    for (uint64_t n = rng_below(rng, 3) + 1; n > 0; n--) {
        size_t at = (size_t)rng_below(rng, len);

        if (rng_chance(rng, 20)) {
            memmove(bytes + at + 1, bytes + at, len++ - at);
        } else if (rng_chance(rng, 20)) {
            memmove(bytes + at, bytes + at + 1, --len - at);
            continue;
        }
        bytes[at] = (uint8_t)(rng_chance(rng, 50) ? bytes[at] ^ 1u << rng_below(rng, 8) : rng_below(rng, 256));
    }
    return bytes_copy(bytes, len);
}

static void damaged_ones_are_read_alike_or_refused(void **state)
{
    enum { TIMES = 20000 };
    struct rng rng;
    size_t read = 0;

    (void)state;
    rng_init(&rng, 20240611);
    for (size_t i = 0; i < UPDATES; i++) {
        struct span update = bytes_from_hex(updates[i].hex);

        for (int n = 0; n < TIMES; n++) {
            struct span other = damaged(&rng, update);
            struct keystroke k;

            if (keystroke_decode(updates[i].format, other, &k)) {
                read++;
                assert_true(reads_the_same(updates[i].format, other, &k));
            }
            bytes_free(other);
        }
        bytes_free(update);
    }
    print_message("%zu of %zu read\n", read, UPDATES * TIMES);
    assert_true(read > UPDATES * TIMES / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keystrokes_are_read),
        cmocka_unit_test(damaged_ones_are_read_alike_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
