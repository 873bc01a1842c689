/* The shared fixtures, written by real editors, against texts written by hand: fixtures/NAME.FORM for the update
 * NAME.v1.bin and, where there is one, NAME.v2.bin. The JSON of tiptap-default is compared with the editor's. Argument:
 * the folder. */
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"
#include "tests/support/files.h"
#include "tests/support/shared_data.h"

static const struct {
    const char *fixture, *form;
    enum crdt_format format;
} cases[] = {
    {"tiptap-default", "md", CRDT_V1},    {"tiptap-default", "md", CRDT_V2},
    {"tiptap-default", "html", CRDT_V1},  {"tiptap-default", "title", CRDT_V1},
    {"prosemirror-basic", "md", CRDT_V1}, {"prosemirror-basic", "text", CRDT_V1},
    {"blocknote", "md", CRDT_V1},         {"blocknote", "md", CRDT_V2},
    {"blocknote", "search", CRDT_V2},     {"quill", "md", CRDT_V1},
    {"codemirror", "md", CRDT_V1},        {"codemirror", "text", CRDT_V1},
    {"codemirror", "title", CRDT_V1},
};

static void must(int rc, const char *what)
{
    if (rc != RC_OK) {
        fprintf(stderr, "%s: %s\n", what, rc_text(rc));
        exit(1);
    }
}

static struct crdt_doc *load(const char *fixture, enum crdt_format format)
{
    struct crdt_doc *doc = NULL;
    struct buf update = {0};
    char name[128];

    snprintf(name, sizeof(name), "%s.v%d.bin", fixture, format == CRDT_V1 ? 1 : 2);
    shared_data_read("fixtures", name, &update);
    must(crdt_doc_create(NULL, &doc), "a document");
    must(crdt_apply(doc, format, buf_span(&update), NULL), name);
    buf_finish(&update);
    return doc;
}

static int render_as(const struct crdt_doc *doc, const char *form, struct buf *out)
{
    struct render_options o = {.lang = "fr"};

    switch (form[0]) {
    case 'm':
        return render_note(doc, &o, RENDER_MARKDOWN, out);
    case 'h':
        return render_note(doc, &o, RENDER_HTML, out);
    case 's':
        return render_text(doc, &o, out);
    default:
        return strcmp(form, "title") == 0 ? render_title(doc, &o, out) : render_note(doc, &o, RENDER_TEXT, out);
    }
}

static struct span trim(struct span s)
{
    while (s.len > 0 && s.data[s.len - 1] == '\n') {
        s.len--;
    }
    return s;
}

static bool check(const char *folder, size_t i)
{
    struct crdt_doc *doc = load(cases[i].fixture, cases[i].format);
    struct buf out = {0}, expected = {0};
    char path[512];
    bool good;

    snprintf(path, sizeof(path), "%s/%s.%s", folder, cases[i].fixture, cases[i].form);
    must(files_read(path, &expected), path);
    must(render_as(doc, cases[i].form, &out), path);
    good = span_equal(trim(buf_span(&out)), trim(buf_span(&expected)));
    if (!good) {
        printf("%s (v%d): got\n%.*s\n", path, cases[i].format == CRDT_V1 ? 1 : 2, (int)out.len, (const char *)out.data);
    }
    buf_finish(&out);
    buf_finish(&expected);
    crdt_doc_destroy(doc);
    return good;
}

/* ---- JSON ----------------------------------------------------------------------------------------------------- */

/* Empty attributes are as none. */
static void drop_empty_attrs(json_t *value)
{
    const char *key;
    size_t i;
    json_t *member;

    if (json_is_object(value)) {
        if (json_object_size(json_object_get(value, "attrs")) == 0) {
            json_object_del(value, "attrs");
        }
        json_object_foreach(value, key, member)
        {
            drop_empty_attrs(member);
        }
    }
    json_array_foreach(value, i, member)
    {
        drop_empty_attrs(member);
    }
}

static bool check_json(void)
{
    struct crdt_doc *doc = load("tiptap-default", CRDT_V1);
    struct buf ours = {0}, theirs = {0};
    json_t *a, *b;
    bool good;

    shared_data_read("fixtures", "tiptap-default.json", &theirs);
    must(render_note(doc, NULL, RENDER_JSON, &ours), "JSON");
    a = json_loadb((const char *)ours.data, ours.len, 0, NULL);
    b = json_loadb((const char *)theirs.data, theirs.len, 0, NULL);
    drop_empty_attrs(a);
    drop_empty_attrs(b);
    good = a != NULL && json_equal(a, b);
    if (!good) {
        printf("tiptap-default as JSON: got\n%.*s\n", (int)ours.len, (const char *)ours.data);
    }
    json_decref(a);
    json_decref(b);
    buf_finish(&ours);
    buf_finish(&theirs);
    crdt_doc_destroy(doc);
    return good;
}

int main(int argc, char **argv)
{
    unsigned wrong = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: test_fixtures FOLDER\n");
        return 1;
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wrong += check(argv[1], i) ? 0 : 1;
    }
    wrong += check_json() ? 0 : 1;
    printf("%zu outputs of fixtures, %u wrong\n", sizeof(cases) / sizeof(cases[0]) + 1, wrong);
    return wrong > 0 ? 1 : 0;
}
