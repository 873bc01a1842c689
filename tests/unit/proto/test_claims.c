/* What updates of yjs 13.6.33 claim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/proto.h"
#include "tests/support/bytes.h"

/* Every kind of content: text with formats and an embed, any values, bytes, XML element, hook and text, a subdocument,
 * deleted content (recorded from Y.encodeStateAsUpdate of client 5). */
static const char everything[] =
    "010f0500010101740284050102626386050304626f6c64046e756c6cc10501050201c505050502097b22696d67223a317dc60506050204626f"
    "6c640474727565010101610188050802770374776f7e43050801090701017803017087050c0502686b2800050c016b017701760700050c0604"
    "00050f0268692901016d016401677600010503000205010801";

struct expected {
    uint64_t client, clock, end;
    bool deletes;
};

static const struct {
    const char *what, *hex;
    int rc;
    struct expected claim[5];
} cases[] = {
    {"an empty update", "0000", RC_OK, {{0}}},
    {"a keystroke", "01010c00440b00017800", RC_OK, {{12, 0, 1, false}}},
    {"text counts UTF-16 units", "01011500040101740768c3a9f09f988000", RC_OK, {{21, 0, 4, false}}},
    {"a delete", "000115010001", RC_OK, {{21, 0, 1, true}}},
    {"nested any values",
     "010115042801016d016b0175037d01760201617e01627503787c402000007701787402010200",
     RC_OK,
     {{21, 4, 5, false}}},
    {"every content", everything, RC_OK, {{5, 0, 19, false}, {5, 0, 2, true}, {5, 5, 6, true}, {5, 8, 9, true}}},
    {"two clients and a skip",
     "02 0307 00 8407 00 0161 0a05 8407 00 0162 0105 03 0002 00",
     RC_OK,
     {{7, 0, 1, false}, {7, 6, 7, false}, {5, 3, 5, false}}},
    {"the delete of a million to come", "00 01 15 01 05 c0843d", RC_OK, {{21, 5, 1000005, true}}},
    {"no delete set", "01010c00440b000178", RC_FORMAT, {{12, 0, 1, false}}},
    {"cut in a struct", "01010c00440b0001", RC_FORMAT, {{0}}},
    {"unknown content", "01010c000b0101740100", RC_FORMAT, {{0}}},
    {"clocks beyond 2^53", "0101 0c ffffffffffffff0f 00 01 00", RC_RANGE, {{0}}},
    {"nothing", "", RC_FORMAT, {{0}}},
};

static void updates_claim_what_they_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span update = bytes_from_hex(cases[i].hex);
        struct proto_claims walk;
        struct proto_claim c;
        size_t n = 0;

        proto_claims_init(&walk, update);
        while (proto_claims_next(&walk, &c)) {
            const struct expected *e = &cases[i].claim[n++];

            if (n > 4 || e->client != c.client || e->clock != c.clock || e->end != c.end || e->deletes != c.deletes) {
                fail_msg("%s: claim %zu is %d %d-%d %d", cases[i].what, n, (int)c.client, (int)c.clock, (int)c.end,
                         c.deletes);
            }
        }
        if (walk.rc != cases[i].rc || cases[i].claim[n].end != 0) {
            fail_msg("%s: %zu claims, rc %d", cases[i].what, n, walk.rc);
        }
        bytes_free(update);
    }
}

static void every_cut_ends_within_its_bounds(void **state)
{
    struct span update = bytes_from_hex(everything);

    (void)state;
    for (size_t len = 0; len < update.len; len++) {
        struct span cut = bytes_copy(update.data, len);
        struct proto_claims walk;
        struct proto_claim c;

        proto_claims_init(&walk, cut);
        while (proto_claims_next(&walk, &c)) {
            assert_true(c.end > c.clock);
        }
        assert_int_not_equal(walk.rc, RC_OK);
        bytes_free(cut);
    }
    bytes_free(update);
}

static void arrays_nested_too_deep_are_refused(void **state)
{
    struct buf b = {0};
    struct proto_claims walk;
    struct proto_claim c;

    (void)state;
    buf_put(&b, "\1\1\5\0\x08\1\1a\1", 9);
    for (int i = 0; i < 600; i++) {
        buf_put(&b, "\x75\1", 2);
    }
    buf_put(&b, "\x7e\0", 2);
    proto_claims_init(&walk, buf_span(&b));
    assert_false(proto_claims_next(&walk, &c));
    assert_int_equal(walk.rc, RC_LIMIT);
    buf_finish(&b);
}

static void state_vectors_tell_clocks(void **state)
{
    struct span sv = bytes_from_hex("02 16 8101 15 05"), cut = bytes_from_hex("02 16 8101 15");

    (void)state;
    assert_true(proto_state_vector_valid(sv));
    assert_false(proto_state_vector_valid(cut));
    assert_int_equal(proto_state_vector_get(sv, 22), 129);
    assert_int_equal(proto_state_vector_get(sv, 21), 5);
    assert_int_equal(proto_state_vector_get(sv, 20), 0);
    assert_int_equal(proto_state_vector_get(cut, 21), 0);
    bytes_free(sv);
    bytes_free(cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_claim_what_they_hold),
        cmocka_unit_test(every_cut_ends_within_its_bounds),
        cmocka_unit_test(arrays_nested_too_deep_are_refused),
        cmocka_unit_test(state_vectors_tell_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
