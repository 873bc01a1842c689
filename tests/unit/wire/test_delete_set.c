#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/delete_set.h"
#include "tests/unit/lib0/lib0_check.h"

struct set_case {
    const char *what;
    enum crdt_format format;
    const char *bytes;
    int rc;
    const char *v1, *v2; /* as they are written */
};

static const struct set_case cases[] = {
    {"empty", CRDT_V1, "00", RC_OK, "00", "00"},
    {"one range", CRDT_V1, "01 05 01 0302", RC_OK, "01 05 01 0302", "01 05 01 0301"},
    {"v2 counts from the end before", CRDT_V2, "01 05 02 0301 0400", RC_OK, "01 05 02 0302 0901", "01 05 02 0301 0400"},
    {"clients descend", CRDT_V1, "02 05 01 0302 07 01 0001", RC_OK, "02 07 01 0001 05 01 0302",
     "02 07 01 0000 05 01 0301"},
    {"ranges stay as they were", CRDT_V1, "01 05 02 0302 0501", RC_OK, "01 05 02 0302 0501", "01 05 02 0301 0000"},
    {"a client twice is one", CRDT_V1, "02 05 01 0001 05 01 0401", RC_OK, "01 05 02 0001 0401", "01 05 02 0000 0300"},
    {"v2 cannot go backwards", CRDT_V1, "01 05 02 0902 0302", RC_OK, "01 05 02 0902 0302", "01 05 02 0301 0401"},
    {"clients and ranges of nothing", CRDT_V1, "02 05 00 07 02 0300 0401", RC_OK, "01 07 01 0401", "01 07 01 0400"},
    {"up to 2^53 - 1", CRDT_V1, "01 05 01 feffffffffffff0f 01", RC_OK, "01 05 01 feffffffffffff0f 01",
     "01 05 01 feffffffffffff0f 00"},
    {"beyond 2^53 - 1", CRDT_V1, "01 05 01 feffffffffffff0f 02", RC_RANGE, NULL, NULL},
    {"v2 beyond by adding up", CRDT_V2, "01 05 02 feffffffffffff0f 00 0100", RC_RANGE, NULL, NULL},
    {"cut", CRDT_V1, "01 05 02 0302", RC_FORMAT, NULL, NULL},
    {"claims many clients", CRDT_V1, "ffffffffffffff0f", RC_FORMAT, NULL, NULL},
    {"claims many ranges", CRDT_V2, "01 05 ffffffffffffff0f 0000", RC_FORMAT, NULL, NULL},
};

static void sets_are_read_and_written_as_yjs_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct set_case *c = &cases[i];
        struct span bytes = bytes_from_hex(c->bytes);
        struct lib0_dec in = lib0_dec_of(bytes);
        struct buf out = {0};
        struct idset set;

        idset_init(&set);
        check_rc(c->what, delete_set_read(c->format, &in, &set), c->rc);
        if (c->rc == RC_OK) {
            assert_int_equal(idset_group(&set), RC_OK);
            delete_set_write(CRDT_V1, &set, &out);
            check_hex(c->what, buf_span(&out), c->v1);
            buf_clear(&out);
            delete_set_write(CRDT_V2, &set, &out);
            check_hex(c->what, buf_span(&out), c->v2);
        }
        buf_finish(&out);
        idset_finish(&set);
        bytes_free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_read_and_written_as_yjs_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
