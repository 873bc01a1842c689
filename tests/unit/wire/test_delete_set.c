#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/wire/delete_set.h"
#include "tests/unit/lib0/alloc_fault.h"
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

/* Edges of one client after the other, cut where `cut` says, as runs of structs are. */
struct edges_case {
    const char *what;
    uint32_t edges[2][6];
    uint32_t count[2], cut;
    const char *v1, *v2;
};

static const struct edges_case edges_cases[] = {
    {"nothing", {{0}}, {0, 0}, 0, "00", "00"},
    {"one range", {{3, 5}}, {2, 0}, 0, "01 07 01 0302", "01 07 01 0301"},
    {"cut within a range", {{3, 5, 9, 10}}, {4, 0}, 3, "01 07 02 0302 0901", "01 07 02 0301 0400"},
    {"cut between ranges", {{3, 5, 9, 10}}, {4, 0}, 2, "01 07 02 0302 0901", "01 07 02 0301 0400"},
    {"two clients", {{0, 1}, {300, 500}}, {2, 2}, 1, "02 07 01 0001 05 01 ac02c801", "02 07 01 0000 05 01 ac02c701"},
    {"the second alone", {{0}, {4, 6}}, {0, 2}, 1, "01 05 01 0402", "01 05 01 0401"},
    {"large clocks", {{UINT32_MAX - 9, UINT32_MAX - 1}}, {2, 0}, 1, "01 07 01 f6ffffff0f 08", "01 07 01 f6ffffff0f 07"},
};

static void ranges_are_written_as_they_are_found(void **state)
{
    static const enum crdt_format formats[] = {CRDT_V1, CRDT_V2};

    (void)state;
    for (size_t i = 0; i < 2 * sizeof(edges_cases) / sizeof(edges_cases[0]); i++) {
        const struct edges_case *c = &edges_cases[i / 2];
        struct delete_set_enc e = {.format = formats[i % 2]};
        struct buf out = {0};

        for (unsigned client = 0; client < 2; client++) {
            uint32_t cut = c->cut < c->count[client] ? c->cut : c->count[client];

            delete_set_enc_edges(&e, c->edges[client], cut);
            delete_set_enc_edges(&e, c->edges[client] + cut, c->count[client] - cut);
            delete_set_enc_client(&e, client == 0 ? 7 : 5);
        }
        delete_set_enc_finish(&e, &out);
        check_hex(c->what, buf_span(&out), i % 2 == 0 ? c->v1 : c->v2);
        buf_finish(&out);
    }
}

static void a_failed_allocation_is_told(void **state)
{
    static const uint32_t edges[] = {3, 5};

    (void)state;
    for (unsigned n = 1; n <= 3; n++) {
        struct delete_set_enc e = {.format = CRDT_V1};
        struct buf out = {0};

        alloc_fault_at(n);
        delete_set_enc_edges(&e, edges, 2);
        delete_set_enc_client(&e, 7);
        delete_set_enc_finish(&e, &out);
        alloc_fault_at(0);
        check_rc("set", out.rc, RC_NOMEM);
        buf_finish(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_read_and_written_as_yjs_does),
        cmocka_unit_test(ranges_are_written_as_they_are_found),
        cmocka_unit_test(a_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
