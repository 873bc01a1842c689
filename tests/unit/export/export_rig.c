#include "tests/unit/export/export_rig.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <setjmp.h>
#include <cmocka.h>

struct crdt_doc *rig_note(const char *block, const char *words)
{
    struct crdt_type root, element, text;
    struct crdt_doc *doc;

    assert_int_equal(crdt_doc_create(NULL, &doc), RC_OK);
    assert_int_equal(crdt_txn_begin(doc), RC_OK);
    assert_int_equal(crdt_root_declare(doc, span_str("default"), CRDT_XML_FRAGMENT, &root), RC_OK);
    assert_int_equal(crdt_list_insert_type(doc, root, 0, CRDT_XML_ELEMENT, span_str(block), &element), RC_OK);
    assert_int_equal(crdt_list_insert_type(doc, element, 0, CRDT_XML_TEXT, span_of(NULL, 0), &text), RC_OK);
    assert_int_equal(crdt_text_insert(doc, text, 0, span_str(words), NULL, 0), RC_OK);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    return doc;
}

char *rig_script(const char *folder, const char *name, const char *script)
{
    size_t size = strlen(folder) + strlen(name) + 2;
    char *path = malloc(size);
    FILE *f;

    assert_non_null(path);
    snprintf(path, size, "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fprintf(f, "#!/bin/sh\n%s\n", script) > 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}
