#include "server/export/bundle.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "render/render.h"
#include "server/export/file_name.h"
#include "server/export/zip_stream.h"

#define INDEX "index"

/* The file that says what is missing. */
static const char *const missing_name[2] = {"missing", "manquantes"};

struct bundle {
    struct bundle_options options;
    struct file_sink sink;
    struct file_names names;
    struct buf title, name, path, file; /* of the note at hand */
    struct buf index, missing;          /* their lines so far */
    int64_t newest_ms;
    bool folders; /* one for each format */
};

static bool is_french(const struct note_format_options *o)
{
    return !o->lang || strncmp(o->lang, "fr", 2) == 0;
}

static const char *untitled(const struct note_format_options *o)
{
    return is_french(o) ? "Sans titre" : "Untitled";
}

static int note_title(const struct crdt_doc *doc, const struct note_format_options *options, struct buf *out)
{
    struct render_options render = {.root = options->root, .lang = options->lang};
    int rc = render_title(doc, &render, out);

    /* Several roots could be the note: none of them is its title. */
    return rc == RC_STATE || rc == RC_NOTFOUND || rc == RC_TYPE ? RC_OK : rc;
}

int bundle_note_name(const struct crdt_doc *doc, const struct note_format_options *options, struct buf *out)
{
    struct buf title = {0};
    int rc = note_title(doc, options, &title);

    if (rc == RC_OK) {
        file_name_put(out, buf_span(&title), untitled(options));
        rc = out->rc;
    }
    buf_finish(&title);
    return rc;
}

/* A name that no note gets. */
static int claim(struct bundle *b, const char *name)
{
    buf_clear(&b->name);
    buf_put_str(&b->name, name);
    return file_names_claim(&b->names, &b->name);
}

int bundle_create(const struct bundle_options *options, struct file_sink sink, struct bundle **out)
{
    struct bundle *b = calloc(1, sizeof *b);
    int rc;

    if (!b) {
        return RC_NOMEM;
    }
    b->options = *options;
    b->sink = sink;
    b->folders = (options->formats & (options->formats - 1)) != 0;
    rc = claim(b, INDEX);
    rc = rc ? rc : claim(b, missing_name[is_french(&options->make)]);
    if (rc != RC_OK) {
        bundle_destroy(b);
        return rc;
    }
    *out = b;
    return RC_OK;
}

void bundle_destroy(struct bundle *b)
{
    if (!b) {
        return;
    }
    file_names_finish(&b->names);
    buf_finish(&b->title);
    buf_finish(&b->name);
    buf_finish(&b->path);
    buf_finish(&b->file);
    buf_finish(&b->index);
    buf_finish(&b->missing);
    free(b);
}

/* ---- The index ------------------------------------------------------------------------------------ */

static void put_escaped(struct buf *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.data[i]) {
        case '<':
            buf_put_str(out, "&lt;");
            break;
        case '&':
            buf_put_str(out, "&amp;");
            break;
        default:
            buf_put_u8(out, text.data[i]);
        }
    }
}

/* A relative URL of the path: every byte that is no plain letter, digit or sign is %XX (RFC 3986, 2.1). */
static void put_url(struct buf *out, struct span path)
{
    for (size_t i = 0; i < path.len; i++) {
        uint8_t c = path.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != 0 && strchr("-._~/", c) != NULL);

        if (plain) {
            buf_put_u8(out, c);
        } else {
            buf_printf(out, "%%%02X", c);
        }
    }
}

static void put_day(struct buf *out, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    char day[16];
    struct tm tm;

    if (wall_ms > 0 && gmtime_r(&seconds, &tm) && strftime(day, sizeof day, "%Y-%m-%d", &tm) > 0) {
        buf_printf(out, "<time datetime=\"%s\">%s</time>", day, day);
    }
}

/* ---- One note ------------------------------------------------------------------------------------- */

static int put_file(struct bundle *b, const struct crdt_doc *doc, enum note_format format, int64_t changed_ms,
                    int *note_rc)
{
    const char *ending = note_format_name(format);
    int rc;

    buf_clear(&b->file);
    *note_rc = note_format_make(doc, format, &b->options.make, &b->file);
    if (*note_rc != RC_OK) {
        return RC_OK;
    }
    buf_clear(&b->path);
    if (b->folders) {
        buf_printf(&b->path, "%s/", ending);
    }
    buf_put_span(&b->path, buf_span(&b->name));
    buf_printf(&b->path, ".%s", ending);
    buf_put_str(&b->index, " <a href=\"");
    put_url(&b->index, buf_span(&b->path));
    buf_printf(&b->index, "\">%s</a>", ending);
    buf_put_u8(&b->path, '\0');
    rc = b->path.rc ? b->path.rc : b->index.rc;
    return rc ? rc : b->sink.put(b->sink.ctx, (const char *)b->path.data, buf_span(&b->file), changed_ms);
}

/* b->title, and b->name as no other note has it. */
static int name_note(struct bundle *b, const struct crdt_doc *doc)
{
    int rc;

    buf_clear(&b->title);
    buf_clear(&b->name);
    rc = note_title(doc, &b->options.make, &b->title);
    if (rc != RC_OK) {
        return rc;
    }
    file_name_put(&b->name, buf_span(&b->title), untitled(&b->options.make));
    return file_names_claim(&b->names, &b->name);
}

int bundle_add(struct bundle *b, const struct crdt_doc *doc, int64_t changed_ms, int *note_rc)
{
    int rc = name_note(b, doc);

    *note_rc = RC_OK;
    if (rc != RC_OK) {
        return rc;
    }
    buf_put_str(&b->index, "<tr><td>");
    put_escaped(&b->index, b->title.len > 0 ? buf_span(&b->title) : buf_span(&b->name));
    buf_put_str(&b->index, "</td><td>");
    put_day(&b->index, changed_ms);
    buf_put_str(&b->index, "</td><td>");
    for (unsigned format = 0; format < NOTE_FORMATS && rc == RC_OK; format++) {
        int format_rc = RC_OK;

        if (b->options.formats & 1u << format) {
            rc = put_file(b, doc, (enum note_format)format, changed_ms, &format_rc);
            *note_rc = *note_rc ? *note_rc : format_rc;
        }
    }
    buf_put_str(&b->index, "</td></tr>\n");
    b->newest_ms = changed_ms > b->newest_ms ? changed_ms : b->newest_ms;
    return rc ? rc : b->index.rc;
}

struct span bundle_last_name(const struct bundle *b)
{
    return buf_span(&b->name);
}

static const char index_style[] =
    ":root{color-scheme:light}body{margin:2rem auto;max-width:46rem;padding:0 1rem;color:#1b1b1f;background:#fff;"
    "font:1rem/1.55 system-ui,\"Liberation Sans\",sans-serif;overflow-wrap:anywhere}h1{font-size:1.9rem}"
    "table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #c9ccd3;padding:.35em .6em;"
    "text-align:start;vertical-align:top}td:nth-child(2){white-space:nowrap}a{color:#0b57d0}"
    "thead{display:table-header-group}tr{break-inside:avoid}@page{size:A4;margin:2cm}";

static int put_index(struct bundle *b)
{
    bool french = is_french(&b->options.make);

    buf_clear(&b->file);
    buf_printf(&b->file,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
               "'unsafe-inline'\">\n<title>Notes</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n"
               "<h1>Notes</h1>\n",
               french ? "fr" : "en", index_style);
    if (b->missing.len > 0) {
        buf_printf(&b->file, "<p><a href=\"%s.txt\">%s</a></p>\n", missing_name[french],
                   french ? "Ce qui manque ici" : "What is missing here");
    }
    buf_printf(&b->file,
               "<table>\n<thead><tr><th scope=\"col\">%s</th><th scope=\"col\">%s</th>"
               "<th scope=\"col\">%s</th></tr></thead>\n<tbody>\n",
               french ? "Titre" : "Title", french ? "Modifiée" : "Changed", french ? "Fichiers" : "Files");
    buf_put_span(&b->file, buf_span(&b->index));
    buf_put_str(&b->file, "</tbody>\n</table>\n</main>\n</body>\n</html>\n");
    return b->file.rc ? b->file.rc : b->sink.put(b->sink.ctx, INDEX ".html", buf_span(&b->file), b->newest_ms);
}

static int put_missing(struct bundle *b)
{
    buf_clear(&b->path);
    buf_printf(&b->path, "%s.txt%c", missing_name[is_french(&b->options.make)], 0);
    return b->path.rc ? b->path.rc
                      : b->sink.put(b->sink.ctx, (const char *)b->path.data, buf_span(&b->missing), b->newest_ms);
}

int bundle_end(struct bundle *b)
{
    bool index = b->folders || b->options.formats == 1u << NOTE_HTML;
    int rc = index ? put_index(b) : RC_OK;

    return rc == RC_OK && b->missing.len > 0 ? put_missing(b) : rc;
}

/* ---- What is missing ------------------------------------------------------------------------------- */

static const char *reason(int rc, bool french)
{
    switch (rc) {
    case RC_CORRUPT:
        return french ? "la note enregistrée est endommagée" : "the stored note is damaged";
    case RC_LIMIT:
        return french ? "elle demande plus de mémoire que permis" : "it takes more memory than allowed";
    case RC_STATE:
        return french ? "plusieurs parties pourraient être la note" : "several parts could be the note";
    case RC_TYPE:
        return french ? "elle contient des données, pas du texte" : "it holds data, not a note";
    case RC_NOMEM:
    case RC_BUSY:
        return french ? "le serveur était occupé, réessayez" : "the server was busy, try again";
    default:
        return french ? "une erreur s’est produite" : "something went wrong";
    }
}

int bundle_miss(struct bundle *b, struct span what, int rc)
{
    bool french = is_french(&b->options.make);

    buf_put_span(&b->missing, what);
    buf_printf(&b->missing, "%s%s\n", french ? " : " : ": ", reason(rc, french));
    return b->missing.rc;
}

/* ---- A zip of one note ---------------------------------------------------------------------------- */

static int append(void *ctx, struct span bytes)
{
    struct buf *out = ctx;

    buf_put_span(out, bytes);
    return out->rc;
}

/* All formats or nothing. */
static int zip_note(struct bundle *b, const struct crdt_doc *doc, int64_t changed_ms)
{
    int rc, note_rc = RC_OK;

    b->folders = false;
    rc = bundle_add(b, doc, changed_ms, &note_rc);
    bundle_destroy(b);
    return rc ? rc : note_rc;
}

int bundle_zip_note(const struct crdt_doc *doc, const struct bundle_options *options, int64_t changed_ms,
                    struct buf *out)
{
    struct zip_stream *zip;
    struct bundle *b;
    size_t before = out->len;
    int rc = zip_stream_create(append, out, &zip);

    if (rc != RC_OK) {
        return rc;
    }
    rc = bundle_create(options, zip_stream_sink(zip), &b);
    rc = rc ? rc : zip_note(b, doc, changed_ms);
    rc = rc ? rc : zip_stream_end(zip);
    zip_stream_destroy(zip);
    if (rc != RC_OK) {
        out->len = before;
    }
    return rc;
}
