/* What strangers may send in a few bytes to break a document or to make it large or slow: all of it must be refused, or
 * done in no time, and every invariant must hold. Attacks that take many bytes are in engine_growth.c. */
#include <time.h>
#include "crdt/lib0/enc.h"
#include "tests/model/attacks.h"
#include "tests/support/bytes.h"

static void clients_that_wait_for_each_other(void)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};
    struct crdt_stat stat;

    for (uint64_t i = 0; i < 3; i++) {
        put_letter(&update, 10 + i, 0, ORIGIN, 10 + (i + 1) % 3, 0);
        attack(doc, &update, RC_OK);
    }
    put_letter(&update, 20, 0, RIGHT, 10, 0);
    attack(doc, &update, RC_OK);
    crdt_doc_stat(doc, &stat);
    CHECK(stat.structs == 0 && stat.pending_structs == 4);
    put_root_text(&update, 7, "still alive");
    attack(doc, &update, RC_OK);
    CHECK(crdt_state(doc, 7) == 11);
    buf_finish(&update);
    attacked_destroy(doc);
}

/* A struct that can never be integrated must not wait, or it would spoil the update that reaches it. */
static void a_waiting_struct_spoils_nothing(void)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    put_letter(&update, 7, 3, ORIGIN, 7, 9);
    attack(doc, &update, RC_FORMAT);
    put_root_text(&update, 7, "abc");
    attack(doc, &update, RC_OK);
    put_letter(&update, 7, 3, ORIGIN, 7, 2);
    attack(doc, &update, RC_OK);
    CHECK(crdt_state(doc, 7) == 4 && !crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

static void huge_delete_ranges(void)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};
    uint64_t most = ((uint64_t)1 << 53) - 1;

    put_root_text(&update, 7, "abc");
    attack(doc, &update, RC_OK);
    put_delete(&update, 7, 1, most - 1);
    attack(doc, &update, RC_OK);
    put_delete(&update, 8, 0, most);
    attack(doc, &update, RC_OK);
    put_delete(&update, 8, 1, most);
    attack(doc, &update, RC_RANGE);
    CHECK(crdt_has_pending(doc));
    buf_finish(&update);
    attacked_destroy(doc);
}

static void huge_garbage(void)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (int i = 0; i < 2; i++) {
        put_head(&update, 7, (uint64_t)i * UINT32_MAX, 1);
        buf_put_u8(&update, GC);
        lib0_put_varuint(&update, UINT32_MAX);
        lib0_put_varuint(&update, 0);
        attack(doc, &update, i == 0 ? RC_OK : RC_LIMIT);
    }
    CHECK(crdt_state(doc, 7) == UINT32_MAX);
    buf_finish(&update);
    attacked_destroy(doc);
}

/* Runs in v2 columns that unfold to far more than was sent. */
static void run_length_bombs(void)
{
    static const char *const bombs[] = {
        /* the update that hangs mergeUpdatesV2: 2^31 structs from one run */
        "00 00 05 07 ff ff ff ff 07 00 00 05 04 ff ff ff ff 0f 00 00 00 00 01 ff ff ff ff 07 00 00",
        "00 00 02 41 00 00 00 04 00 fe ff 3f 00 00 00 04 41 fe ff 3f 01 ff ff ff 7f 00 00",
        "00 00 01 07 00 00 05 00 ff ff ff 1f 00 00 00 05 41 ff ff ff 1f 01 ff ff ff 1f 00 00",
    };
    struct crdt_doc *doc = attacked_doc(false);

    for (size_t i = 0; i < sizeof(bombs) / sizeof(bombs[0]); i++) {
        struct span bomb = bytes_from_hex(bombs[i]);
        clock_t start = clock();

        CHECK(crdt_apply(doc, CRDT_V2, bomb, NULL) != RC_NOMEM);
        CHECK(clock() - start < 2 * CLOCKS_PER_SEC);
        bytes_free(bomb);
    }
    attacked_destroy(doc);
}

int main(void)
{
    clients_that_wait_for_each_other();
    a_waiting_struct_spoils_nothing();
    huge_delete_ranges();
    huge_garbage();
    run_length_bombs();
    return EXIT_SUCCESS;
}
