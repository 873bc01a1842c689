#include "server/cli/doc_cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/crdt.h"
#include "render/render.h"
#include "server/cli/doc_args.h"
#include "server/cli/doc_show.h"

#define READ_CHUNK 65536

/* One line on standard error. `file` may be NULL. */
static int complain(const struct doc_args *a, const char *file, const char *why)
{
    fprintf(stderr, "cahier doc %s: %s%s%s\n", doc_command_names[a->command], file ? file : "", file ? ": " : "", why);
    return 1;
}

static int read_stream(FILE *f, struct buf *out)
{
    size_t n;

    do {
        if (buf_reserve(out, READ_CHUNK) != RC_OK) {
            return RC_NOMEM;
        }
        n = fread(out->data + out->len, 1, READ_CHUNK, f);
        out->len += n;
    } while (n > 0);
    return ferror(f) ? RC_IO : RC_OK;
}

static int read_file(const struct doc_args *a, const char *name, struct buf *out)
{
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    int rc;

    if (!f) {
        complain(a, name, strerror(errno));
        return RC_IO;
    }
    rc = read_stream(f, out);
    if (rc != RC_OK) {
        complain(a, name, rc == RC_IO ? strerror(errno) : rc_text(rc));
    }
    if (f != stdin) {
        fclose(f);
    }
    return rc;
}

/* Says why and passes the code on. */
static int check(const struct doc_args *a, const char *file, int rc)
{
    if (rc != RC_OK) {
        complain(a, file, rc_text(rc));
    }
    return rc;
}

static int apply_file(const struct doc_args *a, const char *file, struct crdt_doc *doc)
{
    struct buf bytes = {0};
    int rc = read_file(a, file, &bytes);

    if (rc == RC_OK) {
        rc = check(a, file, crdt_apply(doc, a->from, buf_span(&bytes), NULL));
    }
    buf_finish(&bytes);
    return rc;
}

/* A document with all UPDATEs in it, each a transaction. */
static int load(const struct doc_args *a, struct crdt_doc **out)
{
    struct crdt_doc_options options = {.keep_deleted = a->no_gc};
    struct crdt_doc *doc;
    int rc = check(a, NULL, crdt_doc_create(&options, &doc));

    if (rc != RC_OK) {
        return rc;
    }
    for (size_t i = 0; i < a->files && rc == RC_OK; i++) {
        rc = apply_file(a, a->file[i], doc);
    }
    if (rc != RC_OK) {
        crdt_doc_destroy(doc);
        return rc;
    }
    *out = doc;
    return RC_OK;
}

static int show(const struct doc_args *a, struct crdt_doc *doc, struct buf *out)
{
    struct buf snapshot = {0};
    struct crdt_doc *at = NULL;
    int rc;

    if (!a->at) {
        return check(a, NULL, doc_show(doc, a, out));
    }
    rc = read_file(a, a->at, &snapshot);
    if (rc == RC_OK) {
        rc = check(a, a->at, crdt_doc_at(doc, buf_span(&snapshot), &at));
    }
    if (rc == RC_OK) {
        rc = check(a, NULL, doc_show(at, a, out));
    }
    crdt_doc_destroy(at);
    buf_finish(&snapshot);
    return rc;
}

static int render(const struct doc_args *a, const struct crdt_doc *doc, struct buf *out)
{
    static const char *const names[] = {"md", "html", "text", "json"};
    static const enum render_format formats[] = {RENDER_MARKDOWN, RENDER_HTML, RENDER_TEXT, RENDER_JSON};
    struct render_options options = {.root = a->roots > 0 ? a->root[0].name : span_of(NULL, 0)};

    if (render_options_read(&options, a->with) != RC_OK) {
        fputs("cahier doc: --with wants a list of images, comments, nodes, flat, align=plain, panels=cozy, tz=+HH:MM\n",
              stderr);
        return RC_ARG;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(a->output, names[i]) == 0) {
            return check(a, NULL, render_note(doc, &options, formats[i], out));
        }
    }
    return check(a, NULL, RC_UNSUPPORTED); /* doc_args knows the same four */
}

/* The commands that need a document. */
static int run_on_doc(const struct doc_args *a, struct buf *out)
{
    struct crdt_doc *doc;
    int rc = load(a, &doc);

    if (rc != RC_OK) {
        return rc;
    }
    switch (a->command) {
    case DOC_APPLY:
        rc = check(a, NULL, crdt_encode_state(doc, a->to, span_of(NULL, 0), out));
        break;
    case DOC_SNAPSHOT:
        rc = check(a, NULL, crdt_encode_snapshot(doc, out));
        break;
    case DOC_SHOW:
        rc = show(a, doc, out);
        break;
    case DOC_STAT:
        rc = check(a, NULL, doc_show_stat(doc, out));
        break;
    default:
        rc = render(a, doc, out);
        break;
    }
    crdt_doc_destroy(doc);
    return rc;
}

static int convert(const struct doc_args *a, struct buf *bytes, struct buf *out)
{
    if (a->from == a->to) {
        struct buf empty = *out;

        *out = *bytes;
        *bytes = empty;
        return RC_OK;
    }
    return crdt_update_convert(a->from, a->to, buf_span(bytes), out);
}

static int merge(const struct doc_args *a, const struct buf *input, struct buf *out)
{
    struct span *updates = malloc(a->files * sizeof *updates);
    int rc;

    if (!updates) {
        return RC_NOMEM;
    }
    for (size_t i = 0; i < a->files; i++) {
        updates[i] = buf_span(&input[i]);
    }
    rc = crdt_update_merge(a->from, updates, a->files, out);
    free(updates);
    return rc;
}

static int work_on_bytes(const struct doc_args *a, const struct buf *input, struct buf *out)
{
    struct buf sv = {0}, result = {0};
    int rc;

    switch (a->command) {
    case DOC_MERGE:
        rc = check(a, NULL, merge(a, input, &result));
        break;
    case DOC_DIFF:
        rc = read_file(a, a->sv, &sv);
        if (rc == RC_OK) {
            rc = check(a, NULL, crdt_update_diff(a->from, buf_span(input), buf_span(&sv), &result));
        }
        break;
    default:
        rc = check(a, NULL, crdt_update_state_vector(a->from, buf_span(input), &result));
        break;
    }
    if (rc == RC_OK) {
        rc = check(a, NULL, convert(a, &result, out));
    }
    buf_finish(&sv);
    buf_finish(&result);
    return rc;
}

/* The commands that work on bytes, without a document. */
static int run_on_bytes(const struct doc_args *a, struct buf *out)
{
    struct buf *input = calloc(a->files, sizeof *input);
    int rc = input ? RC_OK : check(a, NULL, RC_NOMEM);

    for (size_t i = 0; i < a->files && rc == RC_OK; i++) {
        rc = read_file(a, a->file[i], &input[i]);
    }
    if (rc == RC_OK) {
        rc = work_on_bytes(a, input, out);
    }
    for (size_t i = 0; input && i < a->files; i++) {
        buf_finish(&input[i]);
    }
    free(input);
    return rc;
}

void cli_doc_help(void)
{
    puts("The engine on files; `-` is standard input. Results go to standard output.\n\n"
         "  cahier doc apply    [--from v1|v2] [--to v1|v2] [--no-gc] UPDATE...\n"
         "      apply in order to a new document and write its whole state\n"
         "  cahier doc merge    [--from v1|v2] [--to v1|v2] UPDATE...\n"
         "      merge updates without a document\n"
         "  cahier doc diff     [--from v1|v2] [--to v1|v2] --sv STATEVECTOR UPDATE\n"
         "      what UPDATE has beyond the state vector\n"
         "  cahier doc sv       [--from v1|v2] UPDATE\n"
         "      its state vector\n"
         "  cahier doc snapshot [--from v1|v2] UPDATE...\n"
         "      its snapshot: delete set and state vector\n"
         "  cahier doc show     [--from v1|v2] [--root NAME:KIND]... [--at SNAPSHOT] UPDATE...\n"
         "      its roots as JSON; KIND is text, string, array, map or xml\n"
         "  cahier doc stat     [--from v1|v2] UPDATE...\n"
         "      structs, clients, pending, bytes, text length\n"
         "  cahier doc render   [--from v1|v2] [--root NAME] [--with LIST] --to md|html|text|json UPDATE...\n"
         "      the note for people; LIST, with commas between:\n"
         "      images       pictures in the note itself stay (html, md)\n"
         "      comments     commented text is marked (html)\n"
         "      flat         every table with pipes, spans repeated (md)\n"
         "      align=plain  alignment and colours of blocks are left out (md)\n"
         "      panels=cozy  panels as :info: (md)\n"
         "      nodes        blocks of unknown kinds are named in comments (md)\n"
         "      tz=+HH:MM    dates as they are there\n\n"
         "--from is v1 by default, --to the same as --from.");
}

int cli_doc(int argc, char **argv)
{
    struct doc_args a;
    struct buf out = {0};
    bool bytes;
    int rc;

    if (doc_args_parse(argc, argv, &a) != RC_OK) {
        return 1;
    }
    bytes = a.command == DOC_MERGE || a.command == DOC_DIFF || a.command == DOC_SV;
    rc = bytes ? run_on_bytes(&a, &out) : run_on_doc(&a, &out);
    if (rc == RC_OK && (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0)) {
        complain(&a, NULL, strerror(errno));
        rc = RC_IO;
    }
    buf_finish(&out);
    return rc == RC_OK ? 0 : 1;
}
