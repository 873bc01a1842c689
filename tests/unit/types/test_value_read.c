#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/unit/lib0/lib0_check.h"

static void values_are_read_as_what_they_are(void **state)
{
    static const struct {
        const char *hex;
        enum crdt_value_kind kind;
        bool boolean;
        double number;
        int64_t bigint;
        const char *bytes;
        uint64_t count;
    } table[] = {
        {"7f", CRDT_UNDEFINED, false, 0, 0, "", 0},
        {"7e", CRDT_NULL, false, 0, 0, "", 0},
        {"78", CRDT_BOOL, true, 0, 0, "", 0},
        {"79", CRDT_BOOL, false, 0, 0, "", 0},
        {"7d 3f", CRDT_NUMBER, false, 63, 0, "", 0},
        {"7d 41", CRDT_NUMBER, false, -1, 0, "", 0},
        {"7d 8001", CRDT_NUMBER, false, 64, 0, "", 0},
        {"7c 3f000000", CRDT_NUMBER, false, 0.5, 0, "", 0},
        {"7b 3fb999999999999a", CRDT_NUMBER, false, 0.1, 0, "", 0},
        {"7a ffffffffffffffff", CRDT_BIGINT, false, 0, -1, "", 0},
        {"77 02 c3a9", CRDT_STRING, false, 0, 0, "c3a9", 0},
        {"77 00", CRDT_STRING, false, 0, 0, "", 0},
        {"76 00", CRDT_OBJECT, false, 0, 0, "", 0},
        {"74 02 00ff", CRDT_BYTES, false, 0, 0, "00ff", 0},
        {"75 02 7e 7501 78", CRDT_VALUES, false, 0, 0, "7e 7501 78", 2},
        {"76 01 0161 7501 78", CRDT_OBJECT, false, 0, 0, "0161 7501 78", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct span whole = bytes_from_hex(table[i].hex), cursor = whole;
        struct crdt_value v;

        assert_true(crdt_value_read(&cursor, &v));
        assert_int_equal(cursor.len, 0);
        assert_int_equal(v.kind, table[i].kind);
        assert_int_equal(v.boolean, table[i].boolean);
        assert_true(v.number >= table[i].number && v.number <= table[i].number);
        assert_int_equal(v.bigint, table[i].bigint);
        assert_int_equal(v.count, table[i].count);
        check_hex(table[i].hex, v.bytes, table[i].bytes);
        bytes_free(whole);
    }
}

static void broken_values_are_not_read(void **state)
{
    static const char *const table[] = {"",   "00", "7d",       "7c 00",    "7b 00", "7a",      "77 05 61",
                                        "77", "76", "74 02 00", "75 02 7e", "76 01", "76 01 01"};

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct span whole = bytes_from_hex(table[i]), cursor = whole;
        struct crdt_value v = {.kind = CRDT_BYTES};

        assert_false(crdt_value_read(&cursor, &v));
        assert_int_equal(cursor.len, whole.len);
        assert_int_equal(v.kind, CRDT_BYTES);
        bytes_free(whole);
    }
}

static void members_are_found_by_key(void **state)
{
    struct buf value = {0};
    struct crdt_value object, member;

    (void)state;
    assert_int_equal(crdt_value_from_json(span_str("{\"a\":{\"b\":1},\"b\":2,\"c\":null}"), &value), RC_OK);
    struct span cursor = buf_span(&value);
    assert_true(crdt_value_read(&cursor, &object));
    assert_true(crdt_value_member(&object, "b", &member));
    assert_true(member.kind == CRDT_NUMBER && member.number > 1);
    assert_true(crdt_value_member(&object, "c", &member));
    assert_int_equal(member.kind, CRDT_NULL);
    assert_false(crdt_value_member(&object, "d", &member));
    assert_false(crdt_value_member(&member, "b", &member));
    buf_finish(&value);
}

static void values_become_text(void **state)
{
    static const struct {
        const char *json, *again, *string;
    } table[] = {
        {"[1,[2,null],\"x\"]", "[1,[2,null],\"x\"]", "1,2,,x"},
        {"{\"b\":1,\"2\":2}", "{\"2\":2,\"b\":1}", "[object Object]"},
        {"1e400", "null", "Infinity"},
        {"undefined", "{\"$undefined\":true}", "undefined"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct buf value = {0}, out = {0};

        assert_int_equal(crdt_value_from_json(span_str(table[i].json), &value), RC_OK);
        assert_int_equal(crdt_value_to_json(buf_span(&value), &out), RC_OK);
        check_text(table[i].json, buf_span(&out), table[i].again);
        buf_clear(&out);
        assert_int_equal(crdt_value_to_string(buf_span(&value), &out), RC_OK);
        check_text(table[i].json, buf_span(&out), table[i].string);
        buf_finish(&value);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_as_what_they_are),
        cmocka_unit_test(broken_values_are_not_read),
        cmocka_unit_test(members_are_found_by_key),
        cmocka_unit_test(values_become_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
