#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/snapshot.h"
#include "tests/unit/lib0/lib0_check.h"

struct snapshot_case {
    const char *what, *bytes;
    int rc;
    size_t ranges, clients;
};

static const struct snapshot_case cases[] = {
    {"empty", "00 00", RC_OK, 0, 0},
    {"deletes and state", "01 05 02 0101 0602 02 0709 0508", RC_OK, 2, 2},
    {"no state", "01 05 01 0101", RC_FORMAT, 0, 0},
    {"nothing", "", RC_FORMAT, 0, 0},
    {"cut", "00 02 0101", RC_FORMAT, 0, 0},
};

static void snapshots_are_read_and_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct span bytes = bytes_from_hex(cases[i].bytes);
        struct snapshot s = {0};
        struct buf out = {0};

        check_rc(cases[i].what, snapshot_decode(CRDT_V1, bytes, &s), cases[i].rc);
        assert_int_equal(s.deletes.count, cases[i].ranges);
        assert_int_equal(s.state.count, cases[i].clients);
        if (cases[i].rc == RC_OK) {
            snapshot_write(CRDT_V1, &s, &out);
            check_hex(cases[i].what, buf_span(&out), cases[i].bytes);
        }
        buf_finish(&out);
        snapshot_finish(&s);
        bytes_free(bytes);
    }
    snapshot_finish(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snapshots_are_read_and_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
