#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include <math.h>
#include "crdt/lib0/any.h"
#include "crdt/lib0/enc.h"
#include "tests/unit/lib0/alloc_fault.h"
#include "tests/unit/lib0/lib0_check.h"

struct parse_case {
    const char *what, *json, *hex; /* hex NULL: refused */
    int rc;
};

static const struct parse_case parses[] = {
    {"null", "null", "7e", RC_OK},
    {"true", "true", "78", RC_OK},
    {"false", "false", "79", RC_OK},
    {"undefined, as ContentJSON writes it", "undefined", "7f", RC_OK},
    {"integer", "12", "7d0c", RC_OK},
    {"negative", "-12", "7d4c", RC_OK},
    {"-0", "-0", "7d40", RC_OK},
    {"-0.0e5", "-0.0e5", "7d40", RC_OK},
    {"integer written as a fraction", "120.0e-1", "7d0c", RC_OK},
    {"float32", "1.5", "7c3fc00000", RC_OK},
    {"float64", "0.1", "7b3fb999999999999a", RC_OK},
    {"infinite", "1e999", "7c7f800000", RC_OK},
    {"empty string", "\"\"", "7700", RC_OK},
    {"string", "\"aé😀\"", "770761c3a9f09f9880", RC_OK},
    {"all short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "7708225c2f080c0a0d09", RC_OK},
    {"unicode escapes", "\"\\u0041\\u00e9\\u20AC\\u0000\"", "770741c3a9e282ac00", RC_OK},
    {"escaped surrogate pair", "\"\\ud83d\\uDE00\"", "7704f09f9880", RC_OK},
    {"lone surrogates become U+FFFD: high", "\"\\ud800\"", "7703efbfbd", RC_OK},
    {"lone surrogates become U+FFFD: low", "\"\\udc00x\"", "7704efbfbd78", RC_OK},
    {"lone surrogates become U+FFFD: high before a letter", "\"\\ud800\\u0041\"", "7704efbfbd41", RC_OK},
    {"lone surrogates become U+FFFD: high before a pair", "\"\\ud800\\ud83d\\ude00\"", "7707efbfbdf09f9880", RC_OK},
    {"lone surrogates become U+FFFD: high before an escape", "\"\\ud800\\n\"", "7704efbfbd0a", RC_OK},
    {"plain and escaped text mixed", "\"ab\\ncd\\tef\"", "770861620a6364096566", RC_OK},
    {"U+007F and U+2028 stand for themselves", "\"\x7f\xe2\x80\xa8\"", "77047fe280a8", RC_OK},
    {"empty array", "[]", "7500", RC_OK},
    {"array", "[1, null ,[true]]", "75037d017e750178", RC_OK},
    {"empty object", "{ }", "7600", RC_OK},
    {"object", "{\"a\":1,\"b\":{}}", "760201617d0101627600", RC_OK},
    {"repeated key: first place, last value", "{\"b\":1,\"a\":2,\"b\":3}", "760201627d0301617d02", RC_OK},
    {"array indexes first", "{\"b\":1,\"10\":2,\"9\":3,\"01\":4}", "7604 0139 7d03 023130 7d02 0162 7d01 023031 7d04",
     RC_OK},
    {"__proto__ is an ordinary key", "{\"__proto__\":1}", "7601095f5f70726f746f5f5f7d01", RC_OK},
    {"escaped keys are equal to plain ones", "{\"a\":1,\"\\u0061\":2}", "760101617d02", RC_OK},
    {"space of all kinds", " \t\r\n[ \t\r\n1 \t\r\n] \t\r\n", "75017d01", RC_OK},
    {"nothing", "", NULL, RC_FORMAT},
    {"space", "  ", NULL, RC_FORMAT},
    {"no other space", "\v1", NULL, RC_FORMAT},
    {"byte order mark",
     "\xef\xbb\xbf"
     "1",
     NULL, RC_FORMAT},
    {"space around undefined", " undefined", NULL, RC_FORMAT},
    {"undefined within", "[undefined]", NULL, RC_FORMAT},
    {"two values", "1 2", NULL, RC_FORMAT},
    {"word cut off", "tru", NULL, RC_FORMAT},
    {"word too long", "nulll", NULL, RC_FORMAT},
    {"upper case", "True", NULL, RC_FORMAT},
    {"NaN", "NaN", NULL, RC_FORMAT},
    {"leading zero", "01", NULL, RC_FORMAT},
    {"plus", "+1", NULL, RC_FORMAT},
    {"no digit before the point", ".5", NULL, RC_FORMAT},
    {"no digit behind the point", "1.", NULL, RC_FORMAT},
    {"no digit in the exponent", "1e+", NULL, RC_FORMAT},
    {"minus alone", "-", NULL, RC_FORMAT},
    {"hexadecimal", "0x1", NULL, RC_FORMAT},
    {"string cut off", "\"a", NULL, RC_FORMAT},
    {"string cut off in an escape", "\"\\", NULL, RC_FORMAT},
    {"string cut off in a unicode escape", "\"\\u00", NULL, RC_FORMAT},
    {"bad escape", "\"\\x41\"", NULL, RC_FORMAT},
    {"bad digit", "\"\\u00g0\"", NULL, RC_FORMAT},
    {"bad digit behind a high surrogate", "\"\\ud800\\u00g0\"", NULL, RC_FORMAT},
    {"control character", "\"\x01\"", NULL, RC_FORMAT},
    {"line end in a string", "\"\n\"", NULL, RC_FORMAT},
    {"single quotes", "'a'", NULL, RC_FORMAT},
    {"not UTF-8", "\"\xff\"", NULL, RC_FORMAT},
    {"trailing comma", "[1,]", NULL, RC_FORMAT},
    {"leading comma", "[,1]", NULL, RC_FORMAT},
    {"no comma", "[1 2]", NULL, RC_FORMAT},
    {"array cut off", "[1", NULL, RC_FORMAT},
    {"wrong bracket", "[1}", NULL, RC_FORMAT},
    {"object without a value", "{\"a\"}", NULL, RC_FORMAT},
    {"key without quotes", "{a:1}", NULL, RC_FORMAT},
    {"object cut off", "{\"a\":1", NULL, RC_FORMAT},
    {"trailing comma in an object", "{\"a\":1,}", NULL, RC_FORMAT},
};

static void texts_are_read_as_json_parse_reads_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(parses) / sizeof(parses[0]); i++) {
        const struct parse_case *c = &parses[i];
        struct span json = bytes_copy_str(c->json);
        struct buf out = {0};

        buf_put_str(&out, "kept");
        check_rc(c->what, lib0_any_from_json(json, &out), c->rc);
        check_hex(c->what, span_of(out.data + 4, out.len - 4), c->hex == NULL ? "" : c->hex);
        buf_finish(&out);
        bytes_free(json);
    }
}

struct print_case {
    const char *what, *hex;
    int rc; /* of to_json */
    const char *json, *tagged, *string;
};

static const struct print_case prints[] = {
    {"undefined", "7f", RC_NOTFOUND, "", "{\"$undefined\":true}", "undefined"},
    {"null", "7e", RC_OK, "null", "null", "null"},
    {"true", "78", RC_OK, "true", "true", "true"},
    {"false", "79", RC_OK, "false", "false", "false"},
    {"-0", "7d40", RC_OK, "0", "0", "0"},
    {"-5", "7d45", RC_OK, "-5", "-5", "-5"},
    {"2^31", "7c4f000000", RC_OK, "2147483648", "2147483648", "2147483648"},
    {"1e21", "7b444b1ae4d6e2ef50", RC_OK, "1e+21", "1e+21", "1e+21"},
    {"infinity", "7cff800000", RC_OK, "null", "null", "-Infinity"},
    {"NaN", "7b7ff8000000000000", RC_OK, "null", "null", "NaN"},
    {"bigint", "7a8000000000000000", RC_TYPE, "", "{\"$bigint\":\"-9223372036854775808\"}", "-9223372036854775808"},
    {"string", "7705610a22 5c01", RC_OK, "\"a\\n\\\"\\\\\\u0001\"", "\"a\\n\\\"\\\\\\u0001\"", "a\n\"\\\x01"},
    {"what is not escaped", "77097fe280a8f09f98802f", RC_OK, "\"\x7f\xe2\x80\xa8😀/\"", "\"\x7f\xe2\x80\xa8😀/\"",
     "\x7f\xe2\x80\xa8😀/"},
    {"other control characters", "7706080c0d09001f", RC_OK, "\"\\b\\f\\r\\t\\u0000\\u001f\"",
     "\"\\b\\f\\r\\t\\u0000\\u001f\"", NULL},
    {"bytes", "7403ff0001", RC_OK, "{\"0\":255,\"1\":0,\"2\":1}", "{\"$bytes\":\"/wAB\"}", "255,0,1"},
    {"two bytes", "7402ffef", RC_OK, "{\"0\":255,\"1\":239}", "{\"$bytes\":\"/+8=\"}", "255,239"},
    {"one byte", "740100", RC_OK, "{\"0\":0}", "{\"$bytes\":\"AA==\"}", "0"},
    {"no bytes", "7400", RC_OK, "{}", "{\"$bytes\":\"\"}", ""},
    {"empty array", "7500", RC_OK, "[]", "[]", ""},
    {"undefined in an array", "75037f7e7d01", RC_OK, "[null,null,1]", "[{\"$undefined\":true},null,1]", ",,1"},
    {"nested arrays", "750275027d017d02750175017601 0161 7e", RC_OK, "[[1,2],[[{\"a\":null}]]]",
     "[[1,2],[[{\"a\":null}]]]", "1,2,[object Object]"},
    {"undefined in an object", "7603 0161 7f 0162 7d01 0163 7f", RC_OK, "{\"b\":1}",
     "{\"a\":{\"$undefined\":true},\"b\":1,\"c\":{\"$undefined\":true}}", "[object Object]"},
    {"bigint within", "75017a0000000000000001", RC_TYPE, "", "[{\"$bigint\":\"1\"}]", "1"},
    {"keys are escaped", "76010122 7e", RC_OK, "{\"\\\"\":null}", "{\"\\\"\":null}", "[object Object]"},
};

static void values_print_as_javascript_prints_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(prints) / sizeof(prints[0]); i++) {
        const struct print_case *c = &prints[i];
        struct span any = bytes_from_hex(c->hex);
        struct buf out = {0};

        check_rc(c->what, lib0_any_to_json(any, &out), c->rc);
        check_text(c->what, buf_span(&out), c->json);
        buf_clear(&out);
        check_rc(c->what, lib0_any_to_json_tagged(any, &out), RC_OK);
        check_text(c->what, buf_span(&out), c->tagged);
        buf_clear(&out);
        check_rc(c->what, lib0_any_to_string(any, &out), RC_OK);
        if (c->string != NULL) {
            check_text(c->what, buf_span(&out), c->string);
        }
        buf_finish(&out);
        bytes_free(any);
    }
}

static const char *const broken[] = {"",     "73",     "7d",   "7501",    "7601", "760101",
                                     "7705", "7402ff", "7e7e", "7500 7e", "7b00"};

static void broken_values_print_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct span any = bytes_from_hex(broken[i]);
        struct buf out = {0};

        buf_put_str(&out, "kept");
        check_rc(broken[i], lib0_any_to_json(any, &out), RC_FORMAT);
        check_rc(broken[i], lib0_any_to_json_tagged(any, &out), RC_FORMAT);
        check_rc(broken[i], lib0_any_to_string(any, &out), RC_FORMAT);
        check_text(broken[i], buf_span(&out), "kept");
        buf_finish(&out);
        bytes_free(any);
    }
}

static void put_repeated(struct buf *b, const char *text, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        buf_put_str(b, text);
    }
}

static void nesting_is_bounded(void **state)
{
    struct buf json = {0}, out = {0};

    (void)state;
    put_repeated(&json, "[", LIB0_ANY_DEPTH);
    put_repeated(&json, "]", LIB0_ANY_DEPTH);
    check_rc("512", lib0_any_from_json(buf_span(&json), &out), RC_OK);
    buf_clear(&json);
    put_repeated(&json, "[", LIB0_ANY_DEPTH + 1);
    put_repeated(&json, "]", LIB0_ANY_DEPTH + 1);
    check_rc("513", lib0_any_from_json(buf_span(&json), &out), RC_LIMIT);
    buf_clear(&json);
    put_repeated(&json, "{\"a\":", 1000000);
    check_rc("a million, cut off", lib0_any_from_json(buf_span(&json), &out), RC_LIMIT);
    buf_finish(&json);
    buf_finish(&out);
}

/* Containers with more members than one byte counts, within each other, at the borders of the count's length. */
static void long_containers_get_their_count(void **state)
{
    static const unsigned counts[] = {126, 127, 128, 129, 16383, 16384};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        struct buf json = {0}, any = {0}, again = {0};
        struct lib0_dec in;

        buf_put_str(&json, "{\"k\":[");
        put_repeated(&json, "0,", counts[i] - 1);
        buf_put_str(&json, "0],\"l\":1}");
        check_rc("parse", lib0_any_from_json(buf_span(&json), &any), RC_OK);
        in = lib0_dec_of(span_of(any.data + 5, any.len - 5)); /* 118 2 1 k 117 */
        assert_int_equal(any.data[4], LIB0_ANY_ARRAY);
        assert_int_equal(lib0_dec_varuint(&in), counts[i]);
        check_rc("print", lib0_any_to_json(buf_span(&any), &again), RC_OK);
        assert_true(span_equal(buf_span(&json), buf_span(&again)));
        buf_finish(&json);
        buf_finish(&any);
        buf_finish(&again);
    }
}

/* 200,000 keys, each twice: a search of pairs would take minutes. */
static void many_repeated_keys_take_no_long_time(void **state)
{
    struct buf json = {0}, any = {0};
    struct lib0_dec in;

    (void)state;
    buf_put_u8(&json, '{');
    for (unsigned i = 0; i < 400000; i++) {
        buf_printf(&json, "%s\"key%u\":%u", i > 0 ? "," : "", i % 200000 * 7919 % 200000, i);
    }
    buf_put_u8(&json, '}');
    check_rc("parse", lib0_any_from_json(buf_span(&json), &any), RC_OK);
    in = lib0_dec_of(span_of(any.data + 1, any.len - 1));
    assert_int_equal(lib0_dec_varuint(&in), 200000);
    check_text("first key", lib0_dec_varstring(&in), "key0");
    assert_int_equal(lib0_dec_u8(&in), LIB0_ANY_INTEGER);
    assert_int_equal(lib0_dec_varint(&in, NULL), 200000);
    buf_finish(&json);
    buf_finish(&any);
}

static void a_failed_allocation_leaves_nothing(void **state)
{
    static const char json[] = "{\"b\\n\":[1,2,{\"z\":1,\"0\":2}],\"text that is long\":\"\\u00e9 and so on, until the "
                               "first block is full\",\"b\\n\":[[]]}";
    struct buf expected = {0};
    unsigned failures = 0;
    int rc = RC_NOMEM;

    (void)state;
    check_rc("parse", lib0_any_from_json(span_str(json), &expected), RC_OK);
    for (unsigned n = 1; rc != RC_OK; n++) {
        struct buf any = {0}, text = {0};

        alloc_fault_at(n);
        rc = lib0_any_from_json(span_str(json), &any);
        if (rc == RC_OK) {
            rc = lib0_any_to_json(buf_span(&any), &text);
        }
        if (rc == RC_OK) {
            buf_finish(&text);
            rc = lib0_any_to_string(span_str("\x75\x02\x7e\x7e"), &text);
        }
        alloc_fault_at(0);
        if (rc != RC_OK) {
            assert_int_equal(rc, RC_NOMEM);
            assert_true(any.len == 0 || span_equal(buf_span(&any), buf_span(&expected)));
            assert_int_equal(text.len, 0);
            failures++;
        }
        buf_finish(&any);
        buf_finish(&text);
    }
    print_message("failed allocations: %u\n", failures);
    assert_true(failures > 5);
    buf_finish(&expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_as_json_parse_reads_them),
        cmocka_unit_test(values_print_as_javascript_prints_them),
        cmocka_unit_test(broken_values_print_nothing),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(long_containers_get_their_count),
        cmocka_unit_test(many_repeated_keys_take_no_long_time),
        cmocka_unit_test(a_failed_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
