/* Trees and what they must become, side by side in files: see cases/README.md for the form of a case. The expected
 * texts were written by hand. Arguments: the case files. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/base/arena.h"
#include "crdt/base/buf.h"
#include "render/html.h"
#include "render/markdown.h"
#include "render/note_json.h"
#include "render/plain_text.h"
#include "tests/render/tree_text.h"
#include "tests/support/files.h"

struct part {
    struct span name, text;
};

static int as_html(void *context, const struct note_node *block, struct buf *out)
{
    struct html_options options = {.compact = true};

    (void)context;
    return html_write(block, &options, out);
}

static int write_as(struct span form, const struct note_node *doc, struct buf *out)
{
    struct markdown_options md = {.html = as_html,
                                  .flat_tables = span_equal(form, span_str("md flat")),
                                  .plain_align = span_equal(form, span_str("md align=plain")),
                                  .cozy = span_equal(form, span_str("md panels=cozy")),
                                  .nodes = span_equal(form, span_str("md nodes"))};
    struct html_options html = {.comments = span_equal(form, span_str("html comments")),
                                .offline = span_equal(form, span_str("html offline"))};

    if (span_equal(form, span_str("md")) || md.flat_tables || md.plain_align || md.cozy || md.nodes) {
        return markdown_write(doc, &md, out);
    }
    if (span_equal(form, span_str("html")) || html.comments || html.offline) {
        return html_write(doc, &html, out);
    }
    if (span_equal(form, span_str("html french"))) {
        html.french = true;
        return html_write(doc, &html, out);
    }
    if (span_equal(form, span_str("text")) || span_equal(form, span_str("search"))) {
        return plain_text_write(doc, form.data[0] == 's', out);
    }
    if (span_equal(form, span_str("json"))) {
        return note_json_write(doc, false, out);
    }
    fprintf(stderr, "unknown form: %.*s\n", (int)form.len, (const char *)form.data);
    exit(1);
}

/* The text up to the next line that begins with `---` or `===`; *text moves behind that line, whose rest is *next. */
static struct span read_part(struct span *text, struct span *next, bool *is_case)
{
    struct span part = {text->data, 0};

    next->len = 0;
    while (text->len > 0) {
        const uint8_t *feed = memchr(text->data, '\n', text->len);
        size_t len = feed == NULL ? text->len : (size_t)(feed - text->data) + 1;
        bool border = len > 4 && (memcmp(text->data, "--- ", 4) == 0 || memcmp(text->data, "=== ", 4) == 0);

        if (border) {
            *is_case = text->data[0] == '=';
            *next = span_of(text->data + 4, len - 4 - (feed != NULL ? 1 : 0));
        }
        *text = span_of(text->data + len, text->len - len);
        if (border) {
            return part;
        }
        part.len += len;
    }
    return part;
}

/* Text outputs end with one line feed, the parts of a file with an empty line. */
static struct span trim(struct span s)
{
    while (s.len > 0 && s.data[s.len - 1] == '\n') {
        s.len--;
    }
    return s;
}

static bool check(const char *file, struct span name, struct span tree, struct span form, struct span expected)
{
    struct arena arena;
    struct note_tree t;
    struct buf out = {0};
    bool good = false;

    arena_init(&arena, 0);
    if (note_tree_init(&t, &arena, false) == RC_OK) {
        tree_text_read(&t, tree);
        good = note_tree_finish(&t) == RC_OK && write_as(form, t.doc, &out) == RC_OK &&
               span_equal(trim(buf_span(&out)), trim(expected));
    }
    if (!good) {
        printf("%s: %.*s: %.*s\n---- expected\n%.*s\n---- got\n%.*s\n\n", file, (int)name.len, (const char *)name.data,
               (int)form.len, (const char *)form.data, (int)expected.len, (const char *)expected.data, (int)out.len,
               out.len > 0 ? (const char *)out.data : "");
    }
    buf_finish(&out);
    arena_finish(&arena);
    return good;
}

static void run_file(const char *path, unsigned *cases, unsigned *checks, unsigned *failures)
{
    struct buf file = {0};
    struct span text, next, name = {0}, tree = {0};
    bool is_case = false;

    if (files_read(path, &file) != RC_OK) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    text = buf_span(&file);
    (void)read_part(&text, &next, &is_case);
    while (next.len > 0) {
        struct span title = next;
        bool starts_case = is_case;
        struct span part = read_part(&text, &next, &is_case);

        if (starts_case) {
            name = title;
            tree = part;
            ++*cases;
        } else {
            ++*checks;
            *failures += check(path, name, tree, title, part) ? 0 : 1;
        }
    }
    buf_finish(&file);
}

int main(int argc, char **argv)
{
    unsigned cases = 0, checks = 0, failures = 0;

    for (int i = 1; i < argc; i++) {
        run_file(argv[i], &cases, &checks, &failures);
    }
    printf("%u cases, %u outputs, %u wrong\n", cases, checks, failures);
    return failures > 0 || checks == 0 ? 1 : 0;
}
