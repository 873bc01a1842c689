/* Documents of each layout, made by local edits, as the renderer shows them; real editors are in tests/render. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "crdt/crdt.h"
#include "render/builders.h"
#include "render/plain_text.h"
#include "render/render.h"
#include "tests/unit/render/render_rig.h"

static void expect(struct crdt_doc *doc, enum render_format format, const char *expected)
{
    struct buf b = {0};

    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(render_note(doc, &(struct render_options){.lang = "en"}, format, &b), RC_OK);
    if (b.len != strlen(expected) || memcmp(b.data, expected, b.len) != 0) {
        fail_msg("got\n%.*s\nexpected\n%s", (int)b.len, (const char *)b.data, expected);
    }
    buf_finish(&b);
    crdt_doc_destroy(doc);
}

static void elements_texts_and_hooks_are_read(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
    struct crdt_type p = add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), text, inner, hook;

    (void)state;
    text = add_child(doc, p, CRDT_XML_TEXT, "");
    add_text(doc, text, "a", "bold--Afz55Xrl", "{}");
    add_text(doc, text, "b", "zork", "{}");
    add_text(doc, text, "c", NULL, NULL);
    inner = add_child(doc, p, CRDT_XML_ELEMENT, "mention");
    set_attr(doc, inner, "label", "\"Léa\"");
    hook = add_child(doc, root, CRDT_XML_HOOK, "zork");
    set_attr(doc, hook, "title", "\"hook\"");
    expect(doc, RENDER_MARKDOWN, "**a**bc@Léa\n\nhook\n");
}

static struct crdt_type add_in_text(struct crdt_doc *doc, struct crdt_type text, enum crdt_kind kind, const char *name)
{
    struct crdt_type child;

    assert_int_equal(crdt_text_insert_type(doc, text, crdt_type_length(doc, text), kind, span_str(name), &child),
                     RC_OK);
    return child;
}

/* Alone in their paragraphs, too. */
static void texts_wait_for_what_stands_in_them(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT), text, inner;

    (void)state;
    text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_TEXT, "");
    add_text(doc, text, "a", "bold", "{}");
    set_attr(doc, add_in_text(doc, text, CRDT_XML_ELEMENT, "mention"), "label", "\"Léa\"");
    add_text(doc, text, " fin", NULL, NULL);
    text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_TEXT, "");
    add_text(doc, text, "x", NULL, NULL);
    inner = add_in_text(doc, text, CRDT_XML_TEXT, "");
    add_text(doc, inner, "y", NULL, NULL);
    add_text(doc, add_in_text(doc, inner, CRDT_XML_TEXT, ""), "z", NULL, NULL);
    add_text(doc, text, "w", NULL, NULL);
    expect(doc, RENDER_MARKDOWN, "**a**@Léa fin\n\nxyzw\n");
}

/* Texts in elements in texts: nothing recurses. */
static void texts_may_wait_in_thousands(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type text = add_child(doc, root_of(doc, "default", CRDT_XML_FRAGMENT), CRDT_XML_TEXT, "");

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        text = add_child(doc, add_in_text(doc, text, CRDT_XML_ELEMENT, "detailsContent"), CRDT_XML_TEXT, "");
    }
    add_text(doc, text, "fin", NULL, NULL);
    expect(doc, RENDER_TEXT, "fin\n");
}

/* Formats that come again, alone and with others, replaced before they end, and of several values. */
static void formats_mean_the_same_each_time(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
    struct crdt_attr both[2] = {{.key = span_str("bold")}, {.key = span_str("italic")}};
    struct buf yes = {0};

    (void)state;
    assert_int_equal(crdt_value_from_json(span_str("{}"), &yes), RC_OK);
    both[0].value = both[1].value = buf_span(&yes);
    for (size_t i = 0; i < 3; i++) {
        struct crdt_type text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_TEXT, "");

        add_text(doc, text, "a", "bold", "{}");
        add_text(doc, text, " b ", NULL, NULL);
        add_text(doc, text, "c", "link", "{\"href\":\"/1\"}");
        add_text(doc, text, "d", "link", "{\"href\":\"/2\"}");
        add_text(doc, text, " e ", NULL, NULL);
        assert_int_equal(crdt_text_insert(doc, text, crdt_type_length(doc, text), span_str("f"), both, 2), RC_OK);
        add_text(doc, text, " g ", NULL, NULL);
        add_text(doc, text, "h", "italic", "{}");
    }
    buf_finish(&yes);
    expect(doc, RENDER_MARKDOWN,
           "**a** b [c](/1)[d](/2) e **_f_** g *h*\n\n"
           "**a** b [c](/1)[d](/2) e **_f_** g *h*\n\n"
           "**a** b [c](/1)[d](/2) e **_f_** g *h*\n");
}

static void values_among_children_keep_their_words(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
    struct crdt_type p = add_child(doc, root, CRDT_XML_ELEMENT, "paragraph");
    struct crdt_type text = add_child(doc, p, CRDT_XML_TEXT, "");
    struct buf value = {0};

    (void)state;
    add_text(doc, text, "a", NULL, NULL);
    assert_int_equal(crdt_value_from_json(span_str("{\"label\":\"b\"}"), &value), RC_OK);
    assert_int_equal(crdt_text_insert_embed(doc, text, 1, buf_span(&value), NULL, 0), RC_OK);
    buf_finish(&value);
    expect(doc, RENDER_TEXT, "ab\n");
}

static void json_keeps_what_the_editor_wrote(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
    struct crdt_type zork = add_child(doc, root, CRDT_XML_ELEMENT, "zork");
    struct crdt_type text = add_child(doc, zork, CRDT_XML_TEXT, "");

    (void)state;
    set_attr(doc, zork, "k", "[1,null]");
    set_attr(doc, zork, "ychange", "{}");
    add_text(doc, text, "a", "comment--Afz55Xrl", "{\"id\":1}");
    add_text(doc, text, "b", "ychange", "{}");
    expect(
        doc, RENDER_JSON,
        "{\"type\":\"doc\",\"content\":[{\"type\":\"zork\",\"attrs\":{\"k\":[1,null]},\"content\":[{\"type\":\"text\","
        "\"text\":\"a\",\"marks\":[{\"type\":\"comment\",\"attrs\":{\"id\":1}}]},{\"type\":\"text\",\"text\":\"b\"}]}]"
        "}");
}

static void blocknote_lists_are_made_of_neighbours(void **state)
{
    static const struct {
        const char *block, *key, *json, *words;
    } blocks[] = {
        {"bulletListItem", NULL, NULL, "un"},         {"bulletListItem", NULL, NULL, "deux"},
        {"numberedListItem", "start", "4", "quatre"}, {"numberedListItem", NULL, NULL, "cinq"},
        {"checkListItem", "checked", "true", "fait"}, {"paragraph", "textColor", "\"default\"", "fin"},
    };
    struct crdt_doc *doc = new_doc();
    struct crdt_type group =
        add_child(doc, root_of(doc, "document-store", CRDT_XML_FRAGMENT), CRDT_XML_ELEMENT, "blockGroup");

    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        struct crdt_type container = add_child(doc, group, CRDT_XML_ELEMENT, "blockContainer");
        struct crdt_type block = add_child(doc, container, CRDT_XML_ELEMENT, blocks[i].block);

        if (blocks[i].key != NULL) {
            set_attr(doc, block, blocks[i].key, blocks[i].json);
        }
        add_text(doc, add_child(doc, block, CRDT_XML_TEXT, ""), blocks[i].words, NULL, NULL);
    }
    expect(doc, RENDER_MARKDOWN, "- un\n- deux\n\n4. quatre\n5. cinq\n\n- [x] fait\n\nfin\n");
}

static void quill_levels_open_and_close(void **state)
{
    static const struct {
        const char *words, *list;
        const char *indent;
    } lines[] = {
        {"a", "\"bullet\"", NULL}, {"b", "\"bullet\"", "3"},  {"c", "\"ordered\"", "3"},
        {"d", "\"bullet\"", "1"},  {"e", "\"bullet\"", NULL}, {"f", "\"ordered\"", NULL},
    };
    struct crdt_doc *doc = new_doc();
    struct crdt_type text = root_of(doc, "quill", CRDT_TEXT);

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct buf list = {0}, indent = {0};
        struct crdt_attr attrs[2] = {{span_str("list"), {0}}, {span_str("indent"), {0}}};

        add_text(doc, text, lines[i].words, NULL, NULL);
        assert_int_equal(crdt_value_from_json(span_str(lines[i].list), &list), RC_OK);
        attrs[0].value = buf_span(&list);
        assert_int_equal(crdt_value_from_json(span_str(lines[i].indent != NULL ? lines[i].indent : "0"), &indent),
                         RC_OK);
        attrs[1].value = buf_span(&indent);
        assert_int_equal(crdt_text_insert(doc, text, crdt_type_length(doc, text), span_str("\n"), attrs,
                                          lines[i].indent != NULL ? 2 : 1),
                         RC_OK);
        buf_finish(&list);
        buf_finish(&indent);
    }
    expect(doc, RENDER_MARKDOWN, "- a\n  - b\n  1. c\n  - d\n- e\n\n1. f\n");
}

static void a_film_of_quill_is_a_line_of_its_own(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type text = root_of(doc, "quill", CRDT_TEXT);
    struct buf film = {0};

    (void)state;
    add_text(doc, text, "a", NULL, NULL);
    add_text(doc, text, "\n", "list", "\"bullet\"");
    assert_int_equal(crdt_value_from_json(span_str("{\"video\":\"/v\"}"), &film), RC_OK);
    assert_int_equal(crdt_text_insert_embed(doc, text, crdt_type_length(doc, text), buf_span(&film), NULL, 0), RC_OK);
    buf_finish(&film);
    add_text(doc, text, "b", NULL, NULL);
    add_text(doc, text, "\n", "list", "\"bullet\"");
    expect(doc, RENDER_MARKDOWN, "- a\n\n[/v](/v)\n\n- b\n");
}

static void code_of_another_language_is_another_block(void **state)
{
    static const char *const languages[] = {"\"c\"", "\"c\"", "\"js\"", "true"};
    struct crdt_doc *doc = new_doc();
    struct crdt_type text = root_of(doc, "quill", CRDT_TEXT);

    (void)state;
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        add_text(doc, text, "x", NULL, NULL);
        add_text(doc, text, "\n", "code-block", languages[i]);
    }
    expect(doc, RENDER_MARKDOWN, "```c\nx\nx\n```\n\n```js\nx\n```\n\n```\nx\n```\n");
}

static struct crdt_type add_lexical(struct crdt_doc *doc, struct crdt_type parent, const char *type)
{
    struct crdt_type child;

    assert_int_equal(
        crdt_text_insert_type(doc, parent, crdt_type_length(doc, parent), CRDT_XML_TEXT, (struct span){0}, &child),
        RC_OK);
    set_attr(doc, child, "__type", type);
    return child;
}

/* A link and a comment that begin an item do not cut it in two. */
static void links_and_comments_of_lexical_are_words_of_their_block(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "root", CRDT_XML_TEXT), item, link, mark;
    struct render_options options = {.lang = "en", .comments = true};
    struct buf out = {0};

    (void)state;
    item = add_lexical(doc, add_lexical(doc, root, "\"list\""), "\"listitem\"");
    link = add_lexical(doc, item, "\"link\"");
    set_attr(doc, link, "__url", "\"/n/1\"");
    mark = add_lexical(doc, link, "\"mark\"");
    set_attr(doc, mark, "__ids", "[\"7\",\"8\"]");
    add_text(doc, mark, "un", NULL, NULL);
    add_text(doc, link, " lien", NULL, NULL);
    add_text(doc, item, " suite", NULL, NULL);
    assert_int_equal(crdt_txn_commit(doc, CRDT_V1, NULL), RC_OK);
    assert_int_equal(render_note(doc, &options, RENDER_HTML, &out), RC_OK);
    sheet_expect(&out, "<ul>\n<li><a href=\"/n/1\"><span data-comment=\"7\">un</span> lien</a> suite</li>\n</ul>\n");
    crdt_doc_destroy(doc);
}

static void plain_text_is_paragraphs_and_lines(void **state)
{
    struct crdt_doc *doc = new_doc();

    (void)state;
    add_text(doc, root_of(doc, "codemirror", CRDT_TEXT), "\n\na\nb\r\n\n\n\nc <d>\n", NULL, NULL);
    expect(doc, RENDER_HTML, "<p>a<br>b</p>\n<p>c &lt;d&gt;</p>\n");
}

static void markdown_source_passes_through(void **state)
{
    struct crdt_doc *doc = new_doc();

    (void)state;
    add_text(doc, root_of(doc, "markdownContent", CRDT_TEXT), "# a\n\n* b  \n", NULL, NULL);
    expect(doc, RENDER_MARKDOWN, "# a\n\n* b  \n");
}

static void marks_at_one_place_are_bounded(void **state)
{
    struct crdt_doc *doc = new_doc();
    struct crdt_type root = root_of(doc, "default", CRDT_XML_FRAGMENT);
    struct crdt_type text = add_child(doc, add_child(doc, root, CRDT_XML_ELEMENT, "paragraph"), CRDT_XML_TEXT, "");

    (void)state;
    add_text(doc, text, "mot", NULL, NULL);
    for (int i = 0; i < 100; i++) {
        char name[32];
        struct crdt_attr attr = {{0}, {0}};
        struct buf value = {0};

        snprintf(name, sizeof(name), "mark%d", i);
        attr.key = span_str(name);
        assert_int_equal(crdt_value_from_json(span_str("{}"), &value), RC_OK);
        attr.value = buf_span(&value);
        assert_int_equal(crdt_text_format(doc, text, 0, 3, &attr, 1), RC_OK);
        buf_finish(&value);
    }
    add_text(doc, text, " fin", NULL, NULL);
    expect(doc, RENDER_MARKDOWN, "mot fin\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_texts_and_hooks_are_read),
        cmocka_unit_test(texts_wait_for_what_stands_in_them),
        cmocka_unit_test(texts_may_wait_in_thousands),
        cmocka_unit_test(formats_mean_the_same_each_time),
        cmocka_unit_test(values_among_children_keep_their_words),
        cmocka_unit_test(json_keeps_what_the_editor_wrote),
        cmocka_unit_test(blocknote_lists_are_made_of_neighbours),
        cmocka_unit_test(a_film_of_quill_is_a_line_of_its_own),
        cmocka_unit_test(code_of_another_language_is_another_block),
        cmocka_unit_test(links_and_comments_of_lexical_are_words_of_their_block),
        cmocka_unit_test(quill_levels_open_and_close),
        cmocka_unit_test(plain_text_is_paragraphs_and_lines),
        cmocka_unit_test(markdown_source_passes_through),
        cmocka_unit_test(marks_at_one_place_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
