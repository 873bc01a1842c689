/* Documents recorded from yjs (documents.txt, record_documents.mjs): the same updates lead to the same bytes and
 * values, without node. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/crdt.h"
#include "tests/support/bytes.h"
#include "tests/support/files.h"

struct replay {
    struct crdt_doc *doc;
    struct buf changes; /* of the last update */
    unsigned line, documents, comparisons;
};

static struct span read_hex(const char *text)
{
    return strcmp(text, "-") == 0 ? bytes_copy("", 0) : bytes_from_hex(text);
}

static void compare(struct replay *r, const char *what, struct span got, const char *expected_hex)
{
    struct span expected = read_hex(expected_hex);

    if (!span_equal(got, expected)) {
        char *hex = bytes_to_hex(got);
        print_error("line %u, %s:\nexpected %s\ngot      %s\n", r->line, what, expected_hex, hex);
        free(hex);
        fail();
    }
    bytes_free(expected);
    r->comparisons++;
}

static void new_doc(struct replay *r, bool keep)
{
    crdt_doc_destroy(r->doc);
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = 1, .keep_deleted = keep}, &r->doc), RC_OK);
    r->documents++;
}

static void apply(struct replay *r, const char *format, const char *update)
{
    struct span bytes = read_hex(update);

    buf_clear(&r->changes);
    assert_int_equal(crdt_apply(r->doc, format[0] == '2' ? CRDT_V2 : CRDT_V1, bytes, &r->changes), RC_OK);
    assert_null(crdt_check(r->doc));
    bytes_free(bytes);
}

static void show(struct replay *r, const char *name, const char *kind_text, const char *expected)
{
    enum crdt_kind kind = (enum crdt_kind)atoi(kind_text);
    struct crdt_type root;
    struct buf out = {0};
    int rc = crdt_root_declare(r->doc, span_str(name), kind, &root);

    if (rc == RC_OK && kind == CRDT_TEXT) {
        rc = crdt_text_to_delta(r->doc, root, &out);
    } else if (rc == RC_OK && kind == CRDT_XML_FRAGMENT) {
        rc = crdt_xml_to_string(r->doc, root, &out);
    } else if (rc == RC_OK) {
        rc = crdt_type_to_json(r->doc, root, &out);
    }
    assert_int_equal(rc, RC_OK);
    compare(r, name, buf_span(&out), expected);
    buf_finish(&out);
}

static void compare_encoded(struct replay *r, const char *what, const char *format, const char *expected)
{
    struct buf out = {0};
    int rc = RC_ARG;

    if (strcmp(what, "state") == 0) {
        rc = crdt_encode_state(r->doc, format[0] == '2' ? CRDT_V2 : CRDT_V1, span_of(NULL, 0), &out);
    } else if (strcmp(what, "vector") == 0) {
        rc = crdt_encode_state_vector(r->doc, &out);
    } else if (strcmp(what, "snapshot") == 0) {
        rc = crdt_encode_snapshot(r->doc, &out);
    }
    assert_int_equal(rc, RC_OK);
    compare(r, what, buf_span(&out), expected);
    buf_finish(&out);
}

static void replay_line(struct replay *r, char *line)
{
    const char *what = strtok(line, " "), *a = strtok(NULL, " "), *b = strtok(NULL, " "), *c = strtok(NULL, " ");

    r->line++;
    assert_non_null(a);
    if (strcmp(what, "doc") == 0) {
        new_doc(r, a[0] == '1');
    } else if (strcmp(what, "apply") == 0) {
        apply(r, a, b);
    } else if (strcmp(what, "changes") == 0) {
        compare(r, what, buf_span(&r->changes), a);
    } else if (strcmp(what, "show") == 0) {
        show(r, a, b, c);
    } else {
        compare_encoded(r, what, a, b != NULL ? b : a);
    }
}

static void recorded_documents_have_yjs_s_bytes_and_values(void **state)
{
    struct replay r = {0};
    struct buf file = {0};
    char *line, *end;

    (void)state;
    assert_int_equal(files_read(DOCUMENTS, &file), RC_OK);
    buf_put_u8(&file, '\0');
    assert_int_equal(file.rc, RC_OK);
    for (line = (char *)file.data; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        replay_line(&r, line);
    }
    print_message("%u documents, %u comparisons\n", r.documents, r.comparisons);
    assert_true(r.documents >= 20 && r.comparisons >= 300);
    crdt_doc_destroy(r.doc);
    buf_finish(&r.changes);
    buf_finish(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_documents_have_yjs_s_bytes_and_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
