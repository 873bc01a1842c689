#include "server/net/outq.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/rng.h"

static struct frame *frame_of(size_t len, uint8_t fill)
{
    uint8_t *bytes = calloc(1, len + 1);
    struct span part = span_of(bytes, len);
    struct frame *f;

    assert_non_null(bytes);
    memset(bytes, fill, len);
    assert_int_equal(frame_create(&part, 1, &f), RC_OK);
    free(bytes);
    return f;
}

/* Pushes a new frame; the queue alone holds it then. */
static int push(struct outq *q, size_t len, enum outq_kind kind)
{
    struct frame *f = frame_of(len, (uint8_t)len);
    int rc = outq_push(q, f, kind);

    frame_unref(f);
    assert_true(outq_check(q));
    return rc;
}

static void frames_leave_in_order(void **state)
{
    uint8_t room[4096];
    struct outq q;
    size_t len;

    (void)state;
    outq_init(&q, &(const struct outq_limits){1 << 20, 1 << 21});
    assert_int_equal(outq_gather(&q, room, sizeof room), 0);
    for (size_t i = 1; i <= 100; i++) {
        assert_int_equal(push(&q, i % 5 + 1, OUTQ_REPEATABLE), RC_OK);
    }
    len = outq_gather(&q, room, sizeof room);
    assert_int_equal(len, outq_bytes(&q));
    for (size_t i = 1, at = 0; i <= 100; i++) {
        size_t n = i % 5 + 1;

        assert_int_equal(room[at], 0x82);
        assert_int_equal(room[at + 1], n);
        assert_int_equal(room[at + 2], n);
        at += 2 + n;
    }
    outq_advance(&q, len);
    assert_true(outq_check(&q));
    assert_true(outq_is_empty(&q));
    assert_null(outq_peek(&q));
    outq_finish(&q);
}

static void above_the_soft_limit_only_what_must_is_taken(void **state)
{
    struct outq q;

    (void)state;
    outq_init(&q, &(const struct outq_limits){1000, 4000});
    assert_int_equal(push(&q, 996, OUTQ_REPEATABLE), RC_OK); /* exactly the limit */
    assert_int_equal(push(&q, 96, OUTQ_REPEATABLE), RC_OK);  /* not above it: taken */
    assert_int_equal(push(&q, 96, OUTQ_REPEATABLE), RC_BUSY);
    assert_int_equal(push(&q, 3000, OUTQ_ONCE), RC_OK); /* the hard limit counts what is behind the first two */
    assert_int_equal(push(&q, 1000, OUTQ_ONCE), RC_LIMIT);
    assert_int_equal(push(&q, 100000, OUTQ_REPEATABLE), RC_BUSY);
    assert_int_equal(push(&q, 992, OUTQ_ONCE), RC_OK); /* exactly the hard limit */
    assert_int_equal(push(&q, 0, OUTQ_ONCE), RC_LIMIT);
    assert_int_equal(outq_drop_repeatable(&q), 1000 + 98);
    assert_true(outq_check(&q));
    assert_int_equal(q.count, 2);
    outq_drop_all(&q);
    assert_true(outq_is_empty(&q));
    assert_int_equal(outq_bytes(&q), 0);
    outq_finish(&q);
}

static void a_large_message_passes_while_the_reader_keeps_up(void **state)
{
    struct outq q;

    (void)state;
    outq_init(&q, &(const struct outq_limits){1000, 4000});
    assert_int_equal(push(&q, 100000, OUTQ_REPEATABLE), RC_OK);
    assert_int_equal(push(&q, 1, OUTQ_REPEATABLE), RC_BUSY);
    assert_int_equal(push(&q, 1, OUTQ_ONCE), RC_OK); /* what only one message makes too much is no reason to close */
    outq_finish(&q);
}

static void what_is_begun_is_never_dropped(void **state)
{
    struct outq q;

    (void)state;
    outq_init(&q, &(const struct outq_limits){1 << 20, 1 << 21});
    assert_int_equal(push(&q, 100, OUTQ_REPEATABLE), RC_OK);
    assert_int_equal(push(&q, 100, OUTQ_REPEATABLE), RC_OK);
    outq_advance(&q, 1);
    assert_int_equal(outq_drop_repeatable(&q), 102);
    assert_true(outq_check(&q));
    assert_int_equal(outq_bytes(&q), 101);
    outq_drop_all(&q);
    assert_int_equal(outq_bytes(&q), 101);
    outq_finish(&q);
}

static void only_whole_pieces_are_gathered(void **state)
{
    static uint8_t room[4 * FRAME_PIECE];
    struct outq q;

    (void)state;
    outq_init(&q, &(const struct outq_limits){1 << 20, 1 << 21});
    assert_int_equal(push(&q, 3 * FRAME_PIECE, OUTQ_ONCE), RC_OK);
    assert_int_equal(push(&q, 10, OUTQ_ONCE), RC_OK);
    assert_int_equal(outq_gather(&q, room, FRAME_PIECE - 1), 0);
    assert_int_equal(outq_gather(&q, room, 2 * FRAME_PIECE + 5), 2 * FRAME_PIECE);
    outq_advance(&q, 2 * FRAME_PIECE);
    assert_true(outq_check(&q));
    assert_int_equal(outq_gather(&q, room, sizeof room), outq_bytes(&q));
    assert_int_equal(room[0], 0); /* a continuation, not the last */
    outq_advance(&q, outq_bytes(&q));
    assert_true(outq_is_empty(&q));
    outq_finish(&q);
}

/* Random pushes, drops and partial writes; the bytes that leave must be whole pieces of the frames pushed and kept. */
static void random_use_keeps_the_invariant(void **state)
{
    static uint8_t room[2 * FRAME_PIECE];
    struct rng r;
    struct outq q;
    size_t refused = 0, dropped = 0, grown = 0;

    (void)state;
    rng_init(&r, rng_test_seed(1));
    outq_init(&q, &(const struct outq_limits){20000, 60000});
    for (int i = 0; i < 20000; i++) {
        uint64_t what = rng_below(&r, 100);

        if (what < 60) {
            refused += push(&q, rng_below(&r, 300), rng_below(&r, 2) ? OUTQ_ONCE : OUTQ_REPEATABLE) != RC_OK;
        } else if (what < 98) {
            size_t n = outq_gather(&q, room, FRAME_PIECE + rng_below(&r, 2) * 700);

            outq_advance(&q, n ? rng_below(&r, n + 1) : 0);
        } else if (what < 99) {
            dropped += outq_drop_repeatable(&q) > 0;
        } else {
            for (int k = 0; k < 100; k++) {
                refused += push(&q, 400, OUTQ_ONCE) != RC_OK;
            }
        }
        grown += q.cap > 64;
        assert_true(outq_check(&q));
    }
    assert_true(refused > 0 && dropped > 0 && grown > 0);
    outq_finish(&q);
    outq_finish(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_leave_in_order),
        cmocka_unit_test(above_the_soft_limit_only_what_must_is_taken),
        cmocka_unit_test(a_large_message_passes_while_the_reader_keeps_up),
        cmocka_unit_test(what_is_begun_is_never_dropped),
        cmocka_unit_test(only_whole_pieces_are_gathered),
        cmocka_unit_test(random_use_keeps_the_invariant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
