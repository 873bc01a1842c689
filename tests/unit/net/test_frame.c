#include "server/net/frame.h"

#include <stdarg.h>
#include <stdlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"

/* Reads the frames as a peer would (RFC 6455, 5.2) and appends the payload; false when the bytes are not one message.
 */
static bool read_message(struct span wire, struct buf *payload, size_t *frames)
{
    bool final = false;
    size_t at = 0;

    for (*frames = 0; at < wire.len; ++*frames) {
        uint8_t first = wire.data[at], opcode = first & 15;
        size_t len = wire.data[at + 1];

        if (final || opcode != (*frames == 0 ? 2 : 0) || (first & 0x70) || len > 126) {
            return false;
        }
        at += 2;
        if (len == 126) {
            len = (size_t)wire.data[at] << 8 | wire.data[at + 1];
            at += 2;
            if (len < 126) {
                return false;
            }
        }
        buf_put(payload, wire.data + at, len);
        at += len;
        final = first & 0x80;
    }
    return final && at == wire.len;
}

static struct span pattern(size_t len)
{
    uint8_t *bytes = malloc(len + 1);
    struct span copy;

    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    }
    copy = bytes_copy(bytes, len);
    free(bytes);
    return copy;
}

static void a_frame_is_one_binary_message_of_any_size(void **state)
{
    static const size_t sizes[] = {0,     1,     124,   125,   126,   127,   1000,   32763,
                                   32764, 32765, 32766, 65528, 65529, 65530, 100000, 1 << 20};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct span bytes = pattern(sizes[i]);
        struct buf read = {0}, payload = {0};
        struct frame *f;
        size_t frames;

        assert_int_equal(frame_create(&bytes, 1, &f), RC_OK);
        assert_true(read_message(frame_wire(f), &read, &frames));
        assert_true(span_equal(buf_span(&read), bytes));
        assert_int_equal(frame_payload_len(f), sizes[i]);
        frame_payload(f, &payload);
        assert_true(span_equal(buf_span(&payload), bytes));
        assert_int_equal(frames, sizes[i] == 0 ? 1 : (sizes[i] + FRAME_PIECE - 5) / (FRAME_PIECE - 4));
        buf_finish(&read);
        buf_finish(&payload);
        frame_unref(f);
        bytes_free(bytes);
    }
}

static void a_boundary_stands_at_every_multiple_of_a_piece(void **state)
{
    struct span bytes = pattern(5 * FRAME_PIECE);
    struct span wire;
    struct frame *f;

    (void)state;
    assert_int_equal(frame_create(&bytes, 1, &f), RC_OK);
    wire = frame_wire(f);
    for (size_t at = 0; at < wire.len; at += FRAME_PIECE) {
        size_t left = wire.len - at;

        assert_int_equal(wire.data[at] & 0x7f, at == 0 ? 2 : 0);
        assert_int_equal(wire.data[at] & 0x80, left <= FRAME_PIECE ? 0x80 : 0);
    }
    frame_unref(f);
    bytes_free(bytes);
}

static void parts_are_joined_wherever_they_are_cut(void **state)
{
    struct span bytes = pattern(70000);
    struct span parts[4];
    struct frame *whole, *f;

    (void)state;
    assert_int_equal(frame_create(&bytes, 1, &whole), RC_OK);
    for (size_t cut = 0; cut < bytes.len; cut += 3271) {
        parts[0] = span_of(bytes.data, cut / 2);
        parts[1] = span_of(NULL, 0);
        parts[2] = span_of(bytes.data + cut / 2, cut - cut / 2);
        parts[3] = span_of(bytes.data + cut, bytes.len - cut);
        assert_int_equal(frame_create(parts, 4, &f), RC_OK);
        assert_true(span_equal(frame_wire(f), frame_wire(whole)));
        frame_unref(f);
    }
    frame_unref(whole);
    bytes_free(bytes);
}

static void any_part_of_a_message_can_be_copied(void **state)
{
    struct span bytes = pattern(3 * FRAME_PIECE);
    uint8_t *to = malloc(bytes.len);
    struct frame *f;
    size_t parts = 0;

    (void)state;
    assert_non_null(to);
    assert_int_equal(frame_create(&bytes, 1, &f), RC_OK);
    for (size_t from = 0; from < bytes.len; from += 4093) {
        for (size_t len = 0; from + len <= bytes.len; len = len * 2 + 1) {
            frame_copy(f, from, len, to);
            assert_memory_equal(to, bytes.data + from, len);
            parts++;
        }
        frame_copy(f, from, bytes.len - from, to);
        assert_memory_equal(to, bytes.data + from, bytes.len - from);
    }
    assert_true(parts > 200);
    frame_unref(f);
    free(to);
    bytes_free(bytes);
}

static void a_length_that_cannot_be_is_refused(void **state)
{
    struct span parts[2] = {span_of("a", SIZE_MAX / 8), span_of("a", SIZE_MAX / 2)};
    struct frame *f = NULL;

    (void)state;
    assert_int_equal(frame_create(parts, 2, &f), RC_LIMIT);
    assert_null(f);
}

static void the_last_reference_frees(void **state)
{
    struct span bytes = span_str("x");
    struct frame *f;

    (void)state;
    assert_int_equal(frame_create(&bytes, 1, &f), RC_OK);
    assert_ptr_equal(frame_ref(f), f);
    frame_unref(f);
    assert_int_equal(frame_payload_len(f), 1);
    frame_unref(f);
    frame_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_one_binary_message_of_any_size),
        cmocka_unit_test(a_boundary_stands_at_every_multiple_of_a_piece),
        cmocka_unit_test(parts_are_joined_wherever_they_are_cut),
        cmocka_unit_test(any_part_of_a_message_can_be_copied),
        cmocka_unit_test(a_length_that_cannot_be_is_refused),
        cmocka_unit_test(the_last_reference_frees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
