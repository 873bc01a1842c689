#include "server/export/bundle.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/export/export_rig.h"

/* Paths one a line, and what was put last. */
struct shelf {
    struct buf paths, last;
    int refuse; /* what the next put returns */
};

static int put(void *ctx, const char *path, struct span bytes, int64_t changed_ms)
{
    struct shelf *shelf = ctx;

    (void)changed_ms;
    if (shelf->refuse != RC_OK) {
        return shelf->refuse;
    }
    buf_printf(&shelf->paths, "%s\n", path);
    buf_clear(&shelf->last);
    buf_put_span(&shelf->last, bytes);
    return RC_OK;
}

static void shelf_finish(struct shelf *shelf)
{
    buf_finish(&shelf->paths);
    buf_finish(&shelf->last);
}

static struct bundle *bundle_for(struct shelf *shelf, unsigned formats)
{
    struct bundle_options options = {.formats = formats, .make = {.lang = "en"}};
    struct bundle *b;

    assert_int_equal(bundle_create(&options, (struct file_sink){put, shelf}, &b), RC_OK);
    return b;
}

static void add(struct bundle *b, const char *title)
{
    struct crdt_doc *doc = rig_note("heading", title);
    int note_rc = -1;

    assert_int_equal(bundle_add(b, doc, INT64_C(1767225600000), &note_rc), RC_OK);
    assert_int_equal(note_rc, RC_OK);
    crdt_doc_destroy(doc);
}

static void expect(struct buf *b, const char *text)
{
    buf_put_u8(b, '\0');
    assert_string_equal((char *)b->data, text);
}

static void several_formats_have_folders_and_an_index(void **state)
{
    struct shelf shelf = {0};
    struct bundle *b = bundle_for(&shelf, 1u << NOTE_MARKDOWN | 1u << NOTE_HTML);

    (void)state;
    add(b, "Lac");
    add(b, "lac");
    add(b, "index");
    add(b, "<b>&\"50%\"");
    assert_true(span_equal(bundle_last_name(b), span_str("b & 50%")));
    assert_int_equal(bundle_end(b), RC_OK);
    bundle_destroy(b);
    expect(&shelf.paths, "md/Lac.md\nhtml/Lac.html\nmd/lac (2).md\nhtml/lac (2).html\nmd/index (2).md\n"
                         "html/index (2).html\nmd/b & 50%.md\nhtml/b & 50%.html\nindex.html\n");
    buf_put_u8(&shelf.last, '\0');
    assert_non_null(
        strstr((char *)shelf.last.data,
               "<tr><td>&lt;b>&amp;\"50%\"</td><td><time datetime=\"2026-01-01\">2026-01-01</time></td><td> "
               "<a href=\"md/b%20%26%2050%25.md\">md</a> <a href=\"html/b%20%26%2050%25.html\">html</a></td>"));
    shelf_finish(&shelf);
}

static void one_format_lies_flat(void **state)
{
    struct shelf shelf = {0};
    struct bundle *b = bundle_for(&shelf, 1u << NOTE_TEXT);

    (void)state;
    add(b, "Lac");
    assert_int_equal(bundle_end(b), RC_OK);
    bundle_destroy(b);
    expect(&shelf.paths, "Lac.txt\n");
    shelf_finish(&shelf);
}

static void a_format_that_cannot_be_made_leaves_the_others(void **state)
{
    struct shelf shelf = {0};
    struct bundle *b = bundle_for(&shelf, 1u << NOTE_PDF | 1u << NOTE_TEXT);
    struct crdt_doc *doc = rig_note("heading", "Lac");
    int note_rc = RC_OK;

    (void)state;
    assert_int_equal(bundle_add(b, doc, 0, &note_rc), RC_OK);
    assert_int_equal(note_rc, RC_UNSUPPORTED);
    assert_int_equal(bundle_end(b), RC_OK);
    bundle_destroy(b);
    expect(&shelf.paths, "txt/Lac.txt\nindex.html\n");
    buf_put_u8(&shelf.last, '\0');
    assert_null(strstr((char *)shelf.last.data, "pdf"));
    shelf_finish(&shelf);
    crdt_doc_destroy(doc);
}

static void a_sink_that_fails_ends_it(void **state)
{
    struct shelf shelf = {.refuse = RC_FULL};
    struct bundle *b = bundle_for(&shelf, 1u << NOTE_TEXT | 1u << NOTE_HTML);
    struct crdt_doc *doc = rig_note("heading", "Lac");
    int note_rc = RC_OK;

    (void)state;
    assert_int_equal(bundle_add(b, doc, 0, &note_rc), RC_FULL);
    assert_int_equal(bundle_end(b), RC_FULL);
    bundle_destroy(b);
    bundle_destroy(NULL);
    shelf_finish(&shelf);
    crdt_doc_destroy(doc);
}

static void a_zip_of_one_note_is_all_or_nothing(void **state)
{
    struct bundle_options good = {.formats = 1u << NOTE_TEXT}, bad = {.formats = 1u << NOTE_TEXT | 1u << NOTE_PDF};
    struct crdt_doc *doc = rig_note("heading", "Lac");
    struct buf out = {0};

    (void)state;
    assert_int_equal(bundle_zip_note(doc, &bad, 0, &out), RC_UNSUPPORTED);
    assert_int_equal(out.len, 0);
    assert_int_equal(bundle_zip_note(doc, &good, 0, &out), RC_OK);
    assert_memory_equal(out.data, "PK\3\4", 4);
    assert_memory_equal(out.data + 30, "Lac.txt", 7);
    buf_finish(&out);
    crdt_doc_destroy(doc);
}

static void a_note_without_words_has_a_name(void **state)
{
    struct crdt_doc *doc = rig_note("paragraph", "");
    struct note_format_options french = {0}, english = {.lang = "en-GB"}, nowhere = {.root = span_str("nowhere")};
    struct buf name = {0};

    (void)state;
    assert_int_equal(bundle_note_name(doc, &french, &name), RC_OK);
    buf_put_u8(&name, '/');
    assert_int_equal(bundle_note_name(doc, &english, &name), RC_OK);
    buf_put_u8(&name, '/');
    assert_int_equal(bundle_note_name(doc, &nowhere, &name), RC_OK);
    expect(&name, "Sans titre/Untitled/Sans titre");
    buf_finish(&name);
    crdt_doc_destroy(doc);
}

static int put_together(void *ctx, const char *path, struct span bytes, int64_t changed_ms)
{
    (void)path;
    (void)changed_ms;
    buf_put_span(ctx, bytes);
    return RC_OK;
}

static void what_is_missing_stands_in_a_file_of_its_own(void **state)
{
    struct shelf shelf = {0};
    struct bundle *b = bundle_for(&shelf, 1u << NOTE_TEXT);

    (void)state;
    add(b, "missing");
    assert_int_equal(bundle_miss(b, span_str("salle 12"), RC_CORRUPT), RC_OK);
    assert_int_equal(bundle_miss(b, span_str("lac"), RC_BUSY), RC_OK);
    assert_int_equal(bundle_end(b), RC_OK);
    bundle_destroy(b);
    expect(&shelf.paths, "missing (2).txt\nmissing.txt\n");
    expect(&shelf.last, "salle 12: the stored note is damaged\nlac: the server was busy, try again\n");
    shelf_finish(&shelf);
}

static void the_index_leads_to_what_is_missing(void **state)
{
    struct bundle_options options = {.formats = 1u << NOTE_HTML};
    struct buf all = {0};
    struct bundle *b;

    (void)state;
    assert_int_equal(bundle_create(&options, (struct file_sink){put_together, &all}, &b), RC_OK);
    assert_int_equal(bundle_miss(b, span_str("lac"), RC_CORRUPT), RC_OK);
    assert_int_equal(bundle_end(b), RC_OK);
    bundle_destroy(b);
    buf_put_u8(&all, '\0');
    assert_non_null(strstr((char *)all.data, "<p><a href=\"manquantes.txt\">Ce qui manque ici</a></p>"));
    assert_non_null(strstr((char *)all.data, "lac : la note enregistrée est endommagée\n"));
    buf_finish(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_formats_have_folders_and_an_index),
        cmocka_unit_test(one_format_lies_flat),
        cmocka_unit_test(a_format_that_cannot_be_made_leaves_the_others),
        cmocka_unit_test(a_sink_that_fails_ends_it),
        cmocka_unit_test(a_zip_of_one_note_is_all_or_nothing),
        cmocka_unit_test(a_note_without_words_has_a_name),
        cmocka_unit_test(what_is_missing_stands_in_a_file_of_its_own),
        cmocka_unit_test(the_index_leads_to_what_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
