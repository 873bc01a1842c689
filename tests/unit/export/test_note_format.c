#include "server/export/note_format.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/export/export_rig.h"

static void every_format_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NOTE_FILES; i++) {
        const char *name = note_format_name((enum note_format)i);
        enum note_format found = NOTE_FILES;

        assert_int_equal(note_format_of(span_str(name), &found), RC_OK);
        assert_int_equal(found, i);
        assert_memory_equal(note_format_content_type((enum note_format)i), note_format_types[i],
                            strlen(note_format_types[i]));
    }
    assert_int_equal(note_format_of(span_str("docx"), &(enum note_format){0}), RC_NOTFOUND);
    assert_int_equal(note_format_of(span_of(NULL, 0), &(enum note_format){0}), RC_NOTFOUND);
}

static void formats_come_as_a_list(void **state)
{
    static const char *const none[] = {"", ",", "md,", ",md", "md,,html", "md html", "zip", "md,docx"};
    unsigned formats = 0;

    (void)state;
    assert_int_equal(note_format_list(span_str("md"), &formats), RC_OK);
    assert_int_equal(formats, 1u << NOTE_MARKDOWN);
    assert_int_equal(note_format_list(span_str("html,ynote,html"), &formats), RC_OK);
    assert_int_equal(formats, 1u << NOTE_HTML | 1u << NOTE_YJS);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(note_format_list(span_str(none[i]), &formats), RC_NOTFOUND);
    }
    assert_int_equal(formats, 1u << NOTE_HTML | 1u << NOTE_YJS);
}

static void each_format_is_made(void **state)
{
    static const struct {
        enum note_format format;
        const char *holds;
    } cases[] = {
        {NOTE_MARKDOWN, "# Le lac\n"},
        {NOTE_HTML, "<html lang=\"de\">"},
        {NOTE_TEXT, "Le lac\n"},
        {NOTE_JSON, "\"heading\""},
    };
    struct crdt_doc *doc = rig_note("heading", "Le lac");
    struct note_format_options options = {.lang = "de"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = {0};

        assert_int_equal(note_format_make(doc, cases[i].format, &options, &out), RC_OK);
        buf_put_u8(&out, '\0');
        assert_non_null(strstr((char *)out.data, cases[i].holds));
        buf_finish(&out);
    }
    crdt_doc_destroy(doc);
}

static void an_update_is_the_whole_note(void **state)
{
    struct crdt_doc *doc = rig_note("heading", "Le lac"), *copy;
    struct note_format_options options = {0};
    struct buf update = {0}, text = {0};

    (void)state;
    assert_int_equal(note_format_make(doc, NOTE_YJS, &options, &update), RC_OK);
    assert_int_equal(crdt_doc_create(NULL, &copy), RC_OK);
    assert_int_equal(crdt_load(copy, CRDT_V2, buf_span(&update)), RC_OK);
    assert_int_equal(note_format_make(copy, NOTE_TEXT, &options, &text), RC_OK);
    assert_true(span_equal(buf_span(&text), span_str("Le lac\n")));
    buf_finish(&update);
    buf_finish(&text);
    crdt_doc_destroy(copy);
    crdt_doc_destroy(doc);
}

static void what_cannot_be_made_is_said(void **state)
{
    struct crdt_doc *doc = rig_note("heading", "Le lac");
    struct note_format_options nowhere = {.root = span_str("nowhere")}, plain = {0};
    struct buf out = {0};

    (void)state;
    assert_int_equal(note_format_make(doc, NOTE_PDF, &plain, &out), RC_UNSUPPORTED);
    assert_int_equal(note_format_make(doc, NOTE_ZIP, &plain, &out), RC_ARG);
    assert_int_equal(note_format_make(doc, NOTE_TEXT, &nowhere, &out), RC_NOTFOUND);
    assert_int_equal(out.len, 0);
    buf_finish(&out);
    crdt_doc_destroy(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_has_a_name_of_its_own),
        cmocka_unit_test(formats_come_as_a_list),
        cmocka_unit_test(each_format_is_made),
        cmocka_unit_test(an_update_is_the_whole_note),
        cmocka_unit_test(what_cannot_be_made_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
