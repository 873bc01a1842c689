#include "server/base/gzip.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/bytes.h"
#include "tests/support/rng.h"

static struct span text_of(size_t len, bool random)
{
    uint8_t *bytes = malloc(len + 1);
    struct span copy;
    struct rng rng;

    assert_non_null(bytes);
    rng_init(&rng, 7);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = random ? (uint8_t)rng_below(&rng, 256) : (uint8_t)("une phrase "[i % 11]);
    }
    copy = bytes_copy(bytes, len);
    free(bytes);
    return copy;
}

/* As any client unpacks it: header and check sum of gzip included. */
static void expect_unpacked(struct span packed, struct span wanted)
{
    uint8_t *to = malloc(wanted.len + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)packed.data, .avail_in = (uInt)packed.len, .next_out = to};

    assert_non_null(to);
    z.avail_out = (uInt)wanted.len + 1;
    assert_int_equal(inflateInit2(&z, 31), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    assert_int_equal(z.total_out, wanted.len);
    assert_memory_equal(to, wanted.data, wanted.len);
    inflateEnd(&z);
    free(to);
}

static void what_is_packed_comes_out_again(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 100, 16384, 65536, 1 << 20};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        struct span in = text_of(sizes[i / 2], i % 2);
        struct buf out = {0}, again = {0};

        buf_put_str(&out, "before");
        assert_int_equal(gzip_pack(in, &out), RC_OK);
        assert_memory_equal(out.data, "before", 6);
        expect_unpacked(span_of(out.data + 6, out.len - 6), in);
        assert_true(i % 2 || in.len < 1000 || out.len < in.len / 20);
        assert_int_equal(gzip_pack(in, &again), RC_OK);
        assert_true(span_equal(buf_span(&again), span_of(out.data + 6, out.len - 6)));
        buf_finish(&out);
        buf_finish(&again);
        bytes_free(in);
    }
}

static void what_is_too_long_is_refused(void **state)
{
    struct buf out = {0};

    (void)state;
    assert_int_equal(gzip_pack(span_of("x", (size_t)1 << 33), &out), RC_LIMIT);
    assert_int_equal(out.len, 0);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_comes_out_again),
        cmocka_unit_test(what_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
