#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/base/buf.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

static void what_is_appended_is_there_in_order(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_put_str(&b, "ab");
    buf_put_u8(&b, 'c');
    buf_put(&b, "def", 2);
    buf_put(&b, NULL, 0);
    buf_put_span(&b, span_str("f"));
    buf_put_span(&b, (struct span){0});
    buf_printf(&b, "%d-%s", 12, "x");
    buf_fill(&b, '=', 3);
    buf_fill(&b, '+', 0);
    check_text("all", buf_span(&b), "abcdef12-x===");
    assert_int_equal(b.rc, RC_OK);
    buf_finish(&b);
    assert_null(b.data);
    buf_finish(&b);
    buf_finish(NULL);
}

static void many_bytes_keep_their_place(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b);
    for (unsigned i = 0; i < 100000; i++) {
        buf_put_u8(&b, (uint8_t)(i * 7));
    }
    assert_int_equal(b.len, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        assert_int_equal(b.data[i], (uint8_t)(i * 7));
    }
    assert_true(b.cap < 300000);
    buf_finish(&b);
}

static void reserved_room_can_be_written(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_put_str(&b, "x");
    assert_int_equal(buf_reserve(&b, 1000), RC_OK);
    assert_int_equal(b.len, 1);
    assert_true(b.cap >= 1001);
    memset(b.data + b.len, 'y', 1000);
    b.len += 1000;
    assert_int_equal(b.data[1000], 'y');
    buf_finish(&b);
}

static void an_error_stops_appending_until_cleared(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_put_str(&b, "kept");
    assert_int_equal(buf_reserve(&b, SIZE_MAX), RC_NOMEM);
    buf_put_u8(&b, 'x');
    buf_put_str(&b, "x");
    buf_printf(&b, "x");
    buf_fill(&b, 'x', 1);
    assert_int_equal(buf_reserve(&b, 0), RC_NOMEM);
    check_text("after the error", buf_span(&b), "kept");
    buf_clear(&b);
    assert_int_equal(b.len, 0);
    buf_put_str(&b, "again");
    check_text("after clearing", buf_span(&b), "again");
    assert_int_equal(b.rc, RC_OK);
    buf_finish(&b);
}

static void a_failed_allocation_leaves_the_bytes(void **state)
{
    static const char text[200] = "more than the first block has room for";
    struct buf b = {0};

    (void)state;
    buf_put_str(&b, "kept");
    alloc_fault_at(1);
    buf_put(&b, text, sizeof(text));
    alloc_fault_at(0);
    assert_int_equal(b.rc, RC_NOMEM);
    check_text("after the error", buf_span(&b), "kept");
    buf_finish(&b);
}

static void the_memory_can_be_taken(void **state)
{
    struct buf b = {0};
    size_t len = 1;
    uint8_t *data;

    (void)state;
    assert_null(buf_take(&b, &len));
    assert_int_equal(len, 0);
    buf_put_str(&b, "mine");
    data = buf_take(&b, &len);
    assert_null(b.data);
    assert_int_equal(b.cap, 0);
    check_text("taken", span_of(data, len), "mine");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_appended_is_there_in_order),
        cmocka_unit_test(many_bytes_keep_their_place),
        cmocka_unit_test(reserved_room_can_be_written),
        cmocka_unit_test(an_error_stops_appending_until_cleared),
        cmocka_unit_test(a_failed_allocation_leaves_the_bytes),
        cmocka_unit_test(the_memory_can_be_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
