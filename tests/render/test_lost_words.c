/* No word is lost: random XML documents, of every known name and of unknown ones put together without any sense, are
 * rendered in all forms, and each word of theirs must be among the words of the HTML, of the text, of the JSON, and of
 * the Markdown as cmark-gfm reads it. Argument: number of documents; $CAHIER_TREES wins over it.
 * Seed: $CAHIER_SEED. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"
#include "tests/support/files.h"
#include "tests/support/rng.h"

#define SKIP        77
#define BATCH       100
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const char *const names[] = {
    "paragraph",
    "heading",
    "blockquote",
    "quote",
    "horizontalRule",
    "hardBreak",
    "bulletList",
    "orderedList",
    "taskList",
    "decisionList",
    "listItem",
    "taskItem",
    "decisionItem",
    "list_item",
    "codeBlock",
    "code_block",
    "panel",
    "callout",
    "container_notice",
    "details",
    "detailsSummary",
    "detailsContent",
    "expand",
    "table",
    "tableRow",
    "tableHeader",
    "tableCell",
    "td",
    "image",
    "media",
    "mediaSingle",
    "caption",
    "file",
    "audio",
    "video",
    "youtube",
    "mention",
    "inlineMath",
    "blockMath",
    "math_inline",
    "emoji",
    "date",
    "status",
    "pageBreak",
    "columns",
    "column",
    "columnList",
    "blockGroup",
    "blockContainer",
    "bulletListItem",
    "numberedListItem",
    "checkListItem",
    "toggleListItem",
    "tableParagraph",
    "link",
    "list",
    "listitem",
    "doc",
    "zork",
    "x-y",
    "Zork_2",
    "é",
    "script",
    "a b",
};
static const char *const marks[] = {
    "bold",      "italic",    "strike",          "underline",         "code",    "subscript", "link",  "textStyle",
    "highlight", "textColor", "backgroundColor", "comment--Afz55Xrl", "ychange", "zork",      "color", "subsup",
    "script",    "font",      "annotation",
};
static const char *const mark_values[] = {
    "{}",
    "true",
    "\"red\"",
    "3",
    "[1,2]",
    "{\"href\":\"/x\"}",
    "{\"href\":\"javascript:x\"}",
    "{\"color\":\"#f00\"}",
    "{\"stringValue\":\"red\"}",
    "{\"type\":\"sub\"}",
    "{\"color\":null}",
    "null",
    "false",
};
static const char *const attr_names[] = {
    "level",     "checked",      "colspan",  "rowspan",    "textAlign", "start", "language", "src",   "url",    "title",
    "panelType", "isToggleable", "colwidth", "background", "tight",     "state", "zork",     "width", "indent",
};
static const char *const attr_values[] = {
    "1",    "2",    "99",         "-1",         "true",  "\"center\"", "\"x\"",
    "\"\"", "null", "[100,null]", "{\"a\":[]}", "1e300", "\"/a.png\"",
};

struct sheet {
    struct crdt_doc *doc;
    struct rng *rng;
    unsigned words, budget;
};

struct batch {
    struct buf markdown;
    unsigned words[BATCH], count;
};

static void must(int rc, const char *what)
{
    if (rc != RC_OK) {
        fprintf(stderr, "%s: %s\n", what, rc_text(rc));
        exit(1);
    }
}

static void json_value(const char *json, struct buf *out)
{
    buf_clear(out);
    must(crdt_value_from_json(span_str(json), out), "a value");
}

/* ---- Documents -------------------------------------------------------------------------------------------- */

static void add_words(struct sheet *s, struct crdt_type text)
{
    size_t runs = 1 + rng_below(s->rng, 3);

    for (size_t i = 0; i < runs; i++) {
        char words[64];
        struct buf value = {0};
        struct crdt_attr attr = {span_str(marks[rng_below(s->rng, COUNT(marks))]), {0}};
        const char *gap = rng_chance(s->rng, 20) ? "\n" : rng_chance(s->rng, 40) ? "*" : " ";

        snprintf(words, sizeof(words), "w%uw%s", s->words++, gap);
        json_value(mark_values[rng_below(s->rng, COUNT(mark_values))], &value);
        attr.value = buf_span(&value);
        must(crdt_text_insert(s->doc, text, crdt_type_length(s->doc, text), span_str(words), &attr,
                              rng_chance(s->rng, 70) ? 1 : 0),
             "words");
        buf_finish(&value);
    }
}

static void add_attrs(struct sheet *s, struct crdt_type element)
{
    struct buf value = {0};

    for (size_t i = rng_below(s->rng, 3); i > 0; i--) {
        json_value(attr_values[rng_below(s->rng, COUNT(attr_values))], &value);
        must(
            crdt_map_set(s->doc, element, span_str(attr_names[rng_below(s->rng, COUNT(attr_names))]), buf_span(&value)),
            "an attribute");
    }
    buf_finish(&value);
}

/* Adds children, depth first; at most 12 levels. */
static void add_children(struct sheet *s, struct crdt_type parent, unsigned depth)
{
    size_t count = 1 + rng_below(s->rng, 4);

    for (size_t i = 0; i < count && s->budget > 0; i++) {
        uint64_t at = crdt_type_length(s->doc, parent);
        struct crdt_type child;

        s->budget--;
        if (rng_chance(s->rng, 40)) {
            must(crdt_list_insert_type(s->doc, parent, at, CRDT_XML_TEXT, (struct span){0}, &child), "a text");
            add_words(s, child);
            continue;
        }
        must(crdt_list_insert_type(s->doc, parent, at, CRDT_XML_ELEMENT,
                                   span_str(names[rng_below(s->rng, COUNT(names))]), &child),
             "an element");
        add_attrs(s, child);
        if (depth < 12 && !rng_chance(s->rng, 10)) {
            add_children(s, child, depth + 1);
        }
    }
}

static struct crdt_doc *make_doc(struct rng *rng, unsigned *words)
{
    struct sheet s = {.rng = rng, .budget = 60};
    struct crdt_type root;

    must(crdt_doc_create(NULL, &s.doc), "a document");
    must(crdt_txn_begin(s.doc), "a transaction");
    must(crdt_root_declare(s.doc, span_str("default"), CRDT_XML_FRAGMENT, &root), "a root");
    while (s.budget > 0) {
        add_children(&s, root, 0);
    }
    must(crdt_txn_commit(s.doc, CRDT_V1, NULL), "a commit");
    *words = s.words;
    return s.doc;
}

/* ---- Looking for words ---------------------------------------------------------------------------------------- */

/* What is left of HTML when the tags are taken out. */
static void strip_tags(struct span html, struct buf *out)
{
    bool tag = false;

    for (size_t i = 0; i < html.len; i++) {
        tag = tag || html.data[i] == '<';
        if (!tag) {
            buf_put_u8(out, html.data[i]);
        }
        tag = tag && html.data[i] != '>';
    }
}

static unsigned count_missing(const char *form, struct span text, unsigned words, uint64_t seed)
{
    unsigned missing = 0, next = 0;
    bool *seen = calloc(words + 1, sizeof(*seen));

    for (size_t i = 0; i + 2 < text.len; i++) {
        if (text.data[i] == 'w' && text.data[i + 1] >= '0' && text.data[i + 1] <= '9') {
            next = 0;
            for (i++; i < text.len && text.data[i] >= '0' && text.data[i] <= '9'; i++) {
                next = next * 10 + (text.data[i] - '0');
            }
            seen[next < words && i < text.len && text.data[i] == 'w' ? next : words] = true;
        }
    }
    for (unsigned i = 0; i < words; i++) {
        missing += seen[i] ? 0 : 1;
    }
    if (missing > 0) {
        printf("seed %llu: %u of %u words missing in %s:\n%.*s\n", (unsigned long long)seed, missing, words, form,
               (int)text.len, (const char *)text.data);
    }
    free(seen);
    return missing;
}

static unsigned check_form(const struct crdt_doc *doc, enum render_format format, unsigned words, uint64_t seed)
{
    static const char *const forms[] = {"Markdown", "HTML", "text", "JSON"};
    struct buf out = {0}, text = {0};
    unsigned missing;

    must(render_note(doc, NULL, format, &out), forms[format]);
    if (format == RENDER_HTML) {
        strip_tags(buf_span(&out), &text);
    }
    missing = count_missing(forms[format], buf_span(format == RENDER_HTML ? &text : &out), words, seed);
    buf_finish(&out);
    buf_finish(&text);
    return missing;
}

static unsigned check_doc(struct batch *b, uint64_t seed)
{
    struct rng rng;
    struct crdt_doc *doc = NULL;
    struct buf search = {0};
    unsigned words = 0, missing = 0;

    rng_init(&rng, seed);
    doc = make_doc(&rng, &words);
    for (enum render_format format = RENDER_HTML; format <= RENDER_JSON; format = (enum render_format)(format + 1)) {
        missing += check_form(doc, format, words, seed);
    }
    must(render_text(doc, NULL, &search), "search");
    missing += count_missing("search", buf_span(&search), words, seed);
    must(render_note(doc, NULL, RENDER_MARKDOWN, &b->markdown), "Markdown");
    buf_printf(&b->markdown, "\n\n<!-- END %u -->\n\n", b->count);
    b->words[b->count++] = words;
    buf_finish(&search);
    crdt_doc_destroy(doc);
    return missing;
}

/* ---- Markdown, as it is read ------------------------------------------------------------------------------------ */

static void read_back(const char *dir, const struct batch *b, struct buf *out)
{
    char path[512], command[1024];
    FILE *pipe = NULL;
    size_t got;

    snprintf(path, sizeof(path), "%s/notes.md", dir);
    snprintf(command, sizeof(command), "cmark-gfm --unsafe -e table -e strikethrough -e tasklist %s", path);
    must(files_write(path, buf_span(&b->markdown)), "writing the notes");
    pipe = popen(command, "r");
    must(pipe == NULL ? RC_IO : RC_OK, "cmark-gfm");
    do {
        must(buf_reserve(out, 65536), "memory");
        got = fread(out->data + out->len, 1, 65536, pipe);
        out->len += got;
    } while (got > 0);
    must(pclose(pipe) != 0 ? RC_IO : RC_OK, "cmark-gfm");
}

static unsigned check_batch(const char *dir, struct batch *b, uint64_t seed)
{
    struct buf html = {0};
    unsigned missing = 0;
    char *at;

    read_back(dir, b, &html);
    buf_put_u8(&html, 0);
    at = (char *)html.data;
    for (unsigned i = 0; i < b->count; i++) {
        char mark[64], *end;
        struct buf text = {0};

        snprintf(mark, sizeof(mark), "<!-- END %u -->", i);
        end = strstr(at, mark);
        must(end == NULL ? RC_CORRUPT : RC_OK, "the reader swallowed a border");
        strip_tags(span_of(at, (size_t)(end - at)), &text);
        missing += count_missing("Markdown", buf_span(&text), b->words[i], seed + i);
        buf_finish(&text);
        at = end + strlen(mark);
    }
    buf_finish(&html);
    b->count = 0;
    buf_clear(&b->markdown);
    return missing;
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("CAHIER_TREES");
    unsigned long total = strtoul(wanted != NULL ? wanted : argc > 1 ? argv[1] : "1000", NULL, 10), words = 0;
    uint64_t seed = rng_test_seed(4711);
    static struct batch b;
    unsigned missing = 0;
    char *dir = NULL;

    if (system("cmark-gfm --version > /dev/null 2>&1") != 0) {
        printf("cmark-gfm is not installed\n");
        return SKIP;
    }
    dir = files_create_dir();
    for (unsigned long done = 0; done < total && missing == 0; done++) {
        missing += check_doc(&b, seed + done);
        words += b.words[b.count - 1];
        if (b.count == BATCH || done + 1 == total) {
            missing += check_batch(dir, &b, seed + done + 1 - b.count);
        }
    }
    buf_finish(&b.markdown);
    files_remove_dir(dir);
    printf("%lu documents, %lu words, %u missing\n", total, words, missing);
    return missing > 0 || words == 0 ? 1 : 0;
}
