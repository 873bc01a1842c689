/* What yjs made of updates, state vectors and snapshots, recorded by record_vectors.mjs in vectors.txt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/state_vector.h"
#include "tests/support/files.h"
#include "tests/unit/lib0/lib0_check.h"

#define PARTS_MAX 32

struct vector {
    char op;
    enum crdt_format format;
    struct span expected, parts[PARTS_MAX];
    size_t count;
};

static void free_vector(struct vector *v)
{
    bytes_free(v->expected);
    for (size_t i = 0; i < v->count; i++) {
        bytes_free(v->parts[i]);
    }
}

static struct span part_of(const char *word)
{
    return bytes_from_hex(strcmp(word, "-") == 0 ? "" : word);
}

/* `line` is cut up. */
static void read_vector(char *line, struct vector *v)
{
    char *rest = NULL;
    char *word = strtok_r(line, " ", &rest);

    v->op = word[0];
    v->format = strtok_r(NULL, " ", &rest)[0] == '2' ? CRDT_V2 : CRDT_V1;
    v->expected = part_of(strtok_r(NULL, " ", &rest));
    for (v->count = 0; (word = strtok_r(NULL, " ", &rest)) != NULL; v->count++) {
        assert_true(v->count < PARTS_MAX);
        v->parts[v->count] = part_of(word);
    }
}

static int rewrite_vector(struct span bytes, struct buf *out)
{
    struct state_vector sv = {0};
    int rc = state_vector_decode(bytes, &sv);

    state_vector_write(&sv, out);
    state_vector_finish(&sv);
    return rc;
}

static int rewrite_snapshot(enum crdt_format format, struct span bytes, struct buf *out)
{
    struct snapshot s = {0};
    int rc = snapshot_decode(format, bytes, &s);

    snapshot_write(format, &s, out);
    snapshot_finish(&s);
    return rc;
}

static int run(const struct vector *v, struct buf *out)
{
    switch (v->op) {
    case 'm':
        return crdt_update_merge(v->format, v->parts, v->count, out);
    case 'd':
        return crdt_update_diff(v->format, v->parts[0], v->parts[1], out);
    case 's':
        return crdt_update_state_vector(v->format, v->parts[0], out);
    case 'c':
        return crdt_update_convert(v->format, v->format == CRDT_V1 ? CRDT_V2 : CRDT_V1, v->parts[0], out);
    case 'n':
        return rewrite_snapshot(v->format, v->parts[0], out);
    case 'v':
        return rewrite_vector(v->parts[0], out);
    default:
        return RC_ARG;
    }
}

static void yjs_gives_the_same_bytes(void **state)
{
    unsigned met[128] = {0};
    struct buf file = {0};
    char *rest = NULL;

    (void)state;
    assert_int_equal(files_read(VECTORS, &file), RC_OK);
    buf_put_u8(&file, 0);
    for (char *line = strtok_r((char *)file.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        struct vector v = {0};
        struct buf out = {0};
        char *expected;

        read_vector(line, &v);
        met[v.op & 0x7f]++;
        expected = bytes_to_hex(v.expected);
        assert_int_equal(run(&v, &out), RC_OK);
        check_hex(line, buf_span(&out), expected);
        free(expected);
        buf_finish(&out);
        free_vector(&v);
    }
    buf_finish(&file);
    for (const char *op = "mdscnv"; *op != '\0'; op++) {
        print_message("%c: %u vectors\n", *op, met[(unsigned char)*op]);
        assert_true(met[(unsigned char)*op] >= 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yjs_gives_the_same_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
