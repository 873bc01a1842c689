#include "server/cli/export_cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "server/base/exit_code.h"
#include "server/base/log.h"
#include "server/base/utf8.h"
#include "server/cli/export_args.h"
#include "server/cli/folder_sink.h"
#include "server/export/bundle.h"
#include "server/export/zip_stream.h"
#include "server/rooms/load.h"
#include "server/store/reader.h"

/* One note at a time: content ─► document ─► bundle ─► a file for each format. */

#define PROGRESS_NAME 60 /* bytes of a name that fit on a line with the rest */
/* Nobody waits for this program: PDF may take more than from the server. */
#define PDF_SECONDS 600
#define PDF_MEMORY  ((size_t)2 << 30)

struct export_run {
    struct export_args args;
    struct store_reader *reader;
    size_t *place; /* of the notes to export, in the reader */
    size_t count;
    struct pdf *pdf;
    struct pdf_failure failure; /* of the note under way */
    size_t failed;              /* notes of which something is missing */
    bool terminal;              /* standard error is one */
};

/* ---- What people see ----------------------------------------------------------------------------------- */

static void clear_line(const struct export_run *e)
{
    if (e->terminal) {
        fputs("\r\033[K", stderr);
    }
}

static int complain(const struct export_run *e, const char *what, const char *why, int code)
{
    clear_line(e);
    fprintf(stderr, "cahier export: %s%s%s\n", what, why ? ": " : "", why ? why : "");
    return code;
}

/* What a code of a sink means; for some, errno tells more. */
static const char *why(int rc)
{
    return rc == RC_IO && errno ? strerror(errno) : rc_text(rc);
}

static void show_progress(const struct export_run *e, size_t done, struct span name)
{
    struct span shown = text_prefix(name, PROGRESS_NAME);

    if (e->terminal) {
        fprintf(stderr, "\r\033[K%zu/%zu %.*s", done, e->count, (int)shown.len, (const char *)shown.data);
    }
}

static const char *note_reason(int rc)
{
    switch (rc) {
    case RC_CORRUPT:
        return "the stored note is damaged";
    case RC_LIMIT:
        return "it takes more time or memory than allowed";
    case RC_IO:
        return "what makes PDF failed";
    case RC_STATE:
        return "several parts could be the note";
    default:
        return rc_text(rc);
    }
}

static void complain_of_note(struct export_run *e, struct span name, int rc)
{
    const struct pdf_failure *f = &e->failure;

    clear_line(e);
    fprintf(stderr, "cahier export: %.*s: %s", (int)name.len, (const char *)name.data, note_reason(rc));
    fprintf(stderr, "%s%s%s%s\n", f->reason[0] ? ": " : "", f->reason, f->line[0] ? "; its last words: " : "", f->line);
    e->failed++;
}

static int complain_of_pdf(const struct export_run *e)
{
    return complain(e, "PDF needs WeasyPrint (Debian's package weasyprint), and there is none for", e->args.pdf_python,
                    APP_FAILED);
}

/* ---- Notes ----------------------------------------------------------------------------------------------- */

static int open_note(struct export_run *e, size_t place, struct crdt_doc **out)
{
    struct store_content *content;
    int rc = store_reader_load(e->reader, place, &content);

    if (rc != RC_OK) {
        return rc;
    }
    rc = load_document(content, 0, out);
    store_content_unref(content);
    return rc;
}

static struct note_format_options make_options(struct export_run *e)
{
    return (struct note_format_options){.lang = e->args.lang,
                                        .with = span_str(e->args.with ? e->args.with : ""),
                                        .pdf = e->pdf,
                                        .failure = &e->failure};
}

/* An exit code: other than APP_OK ends the export. */
static int export_note(struct export_run *e, struct bundle *b, size_t i)
{
    struct store_info info = store_reader_info(e->reader, e->place[i]);
    struct crdt_doc *doc;
    int note_rc = RC_OK, rc = open_note(e, e->place[i], &doc);

    e->failure = (struct pdf_failure){0};
    if (rc != RC_OK) {
        complain_of_note(e, info.name, rc);
        return APP_OK;
    }
    errno = 0;
    rc = bundle_add(b, doc, info.updated_ms, &note_rc);
    crdt_doc_destroy(doc);
    if (rc != RC_OK) {
        return complain(e, "cannot write", why(rc), APP_FAILED);
    }
    if (note_rc == RC_UNSUPPORTED) {
        return complain_of_pdf(e);
    }
    if (note_rc != RC_OK) {
        complain_of_note(e, info.name, note_rc);
    }
    show_progress(e, i + 1, bundle_last_name(b));
    return APP_OK;
}

static int export_to(struct export_run *e, struct file_sink sink)
{
    struct bundle_options options = {.formats = e->args.formats, .make = make_options(e)};
    struct bundle *b;
    int code = APP_OK, rc = bundle_create(&options, sink, &b);

    if (rc != RC_OK) {
        return complain(e, rc_text(rc), NULL, APP_FAILED);
    }
    for (size_t i = 0; i < e->count && code == APP_OK; i++) {
        code = export_note(e, b, i);
    }
    if (code == APP_OK) {
        errno = 0;
        rc = bundle_end(b);
        code = rc == RC_OK ? APP_OK : complain(e, "cannot write", why(rc), APP_FAILED);
    }
    bundle_destroy(b);
    return code;
}

/* ---- Where to -------------------------------------------------------------------------------------------- */

static int to_folder(struct export_run *e)
{
    struct folder_sink folder;
    int code, rc = folder_sink_open(&folder, e->args.folder, e->args.overwrite);

    if (rc == RC_EXISTS) {
        return complain(e, e->args.folder, "has files in it; --overwrite replaces those of the same name", APP_FAILED);
    }
    if (rc != RC_OK) {
        return complain(e, e->args.folder, strerror(errno), APP_FAILED);
    }
    code = export_to(e, folder_sink_of(&folder));
    folder_sink_close(&folder);
    if (folder.made && (code != APP_OK || e->failed > 0)) {
        (void)rmdir(e->args.folder); /* unless something is in it */
    }
    return code;
}

static int write_to_fd(void *ctx, struct span bytes)
{
    return folder_write(*(int *)ctx, bytes);
}

static int zip_to_fd(struct export_run *e, int fd)
{
    struct zip_stream *zip;
    int code, rc = zip_stream_create(write_to_fd, &fd, &zip);

    if (rc != RC_OK) {
        return complain(e, rc_text(rc), NULL, APP_FAILED);
    }
    code = export_to(e, zip_stream_sink(zip));
    if (code == APP_OK) {
        errno = 0;
        rc = zip_stream_end(zip);
        code = rc == RC_OK ? APP_OK : complain(e, "cannot write", why(rc), APP_FAILED);
    }
    zip_stream_destroy(zip);
    return code;
}

/* Into a pipe or a device, which must not be replaced. */
static int zip_to_device(struct export_run *e)
{
    int code, fd = open(e->args.zip, O_WRONLY | O_CLOEXEC);

    if (fd < 0) {
        return complain(e, e->args.zip, strerror(errno), APP_FAILED);
    }
    code = zip_to_fd(e, fd);
    close(fd);
    return code;
}

/* The archive takes its name when it is whole. */
static int zip_to_file(struct export_run *e, const char *part)
{
    int code, fd;

    unlink(part);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return complain(e, part, strerror(errno), APP_FAILED);
    }
    code = zip_to_fd(e, fd);
    if (close(fd) != 0 && code == APP_OK) {
        code = complain(e, part, strerror(errno), APP_FAILED);
    }
    if (code == APP_OK && rename(part, e->args.zip) != 0) {
        code = complain(e, e->args.zip, strerror(errno), APP_FAILED);
    }
    if (code != APP_OK) {
        unlink(part);
    }
    return code;
}

static int zip_to_path(struct export_run *e)
{
    struct buf part = {0};
    struct stat there;
    int code;

    if (stat(e->args.zip, &there) == 0) {
        if (!S_ISREG(there.st_mode)) {
            return zip_to_device(e);
        }
        if (!e->args.overwrite) {
            return complain(e, e->args.zip, "is there already; --overwrite replaces it", APP_FAILED);
        }
    }
    buf_printf(&part, "%s.part", e->args.zip);
    buf_put_u8(&part, '\0');
    code =
        part.rc == RC_OK ? zip_to_file(e, (const char *)part.data) : complain(e, rc_text(RC_NOMEM), NULL, APP_FAILED);
    buf_finish(&part);
    return code;
}

static int to_zip(struct export_run *e)
{
    if (strcmp(e->args.zip, "-") != 0) {
        return zip_to_path(e);
    }
    return isatty(STDOUT_FILENO) ? complain(e, "a zip is nothing for a terminal", NULL, APP_USAGE)
                                 : zip_to_fd(e, STDOUT_FILENO);
}

/* One note in one format. */
static int to_output(struct export_run *e)
{
    struct note_format_options options = make_options(e);
    enum note_format format = NOTE_MARKDOWN;
    struct crdt_doc *doc;
    struct buf out = {0};
    int code = APP_OK, rc = open_note(e, e->place[0], &doc);

    while (!(e->args.formats & 1u << format)) {
        format++;
    }
    if (rc == RC_OK) {
        rc = note_format_make(doc, format, &options, &out);
        crdt_doc_destroy(doc);
    }
    if (rc == RC_UNSUPPORTED) {
        code = complain_of_pdf(e);
    } else if (rc != RC_OK) {
        complain_of_note(e, store_reader_info(e->reader, e->place[0]).name, rc);
    } else if (folder_write(STDOUT_FILENO, buf_span(&out)) != RC_OK) {
        code = complain(e, "cannot write", strerror(errno), APP_FAILED);
    }
    buf_finish(&out);
    return code;
}

/* ---- The command ------------------------------------------------------------------------------------------- */

static int choose_notes(struct export_run *e)
{
    size_t all = store_reader_count(e->reader);

    e->count = e->args.notes > 0 ? e->args.notes : all;
    e->place = calloc(e->count + 1, sizeof *e->place);
    if (!e->place) {
        return complain(e, rc_text(RC_NOMEM), NULL, APP_FAILED);
    }
    for (size_t i = 0; i < e->count; i++) {
        if (e->args.notes == 0) {
            e->place[i] = i;
        } else if (store_reader_find(e->reader, span_str(e->args.note[i]), &e->place[i]) != RC_OK) {
            return complain(e, e->args.note[i], "no such note", APP_FAILED);
        }
    }
    return APP_OK;
}

static int open_all(struct export_run *e)
{
    struct pdf_config pdf = {e->args.pdf_python, PDF_SECONDS, PDF_MEMORY, .errors = true};
    char error[256];
    int rc = store_reader_open(e->args.data, error, sizeof error, &e->reader);

    if (rc != RC_OK) {
        return complain(e, e->args.data, *error ? error : rc_text(rc),
                        rc == RC_UNSUPPORTED || rc == RC_CORRUPT ? APP_DATA : APP_FAILED);
    }
    rc = pdf_create(&pdf, &e->pdf);
    return rc == RC_OK ? choose_notes(e) : complain(e, rc_text(rc), NULL, APP_FAILED);
}

static int run(struct export_run *e)
{
    int code = open_all(e);

    if (code == APP_OK) {
        code = e->args.zip ? to_zip(e) : strcmp(e->args.folder, "-") == 0 ? to_output(e) : to_folder(e);
    }
    clear_line(e);
    if (code == APP_OK && e->terminal) {
        fprintf(stderr, "%zu notes\n", e->count - e->failed);
    }
    return code == APP_OK && e->failed > 0 ? APP_FAILED : code;
}

int cli_export(int argc, char **argv)
{
    struct export_run e = {.terminal = isatty(STDERR_FILENO) == 1};
    int code;

    if (export_args_parse(argc, argv, (const char *(*)(const char *))getenv, &e.args) != RC_OK) {
        return APP_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    log_set_level(LOG_LEVEL_SILENT);
    code = run(&e);
    pdf_destroy(e.pdf);
    store_reader_close(e.reader);
    free(e.place);
    return code;
}

void cli_export_help(void)
{
    puts(
        "cahier export [OPTION]... (--to FOLDER | --zip FILE) [NOTE]...\n\n"
        "Writes notes as files named by their titles, all of them or those named, with an index.html that links them.\n"
        "Reads the data file as it is now, also while the server runs.\n\n"
        "  --to FOLDER          made when it is not there; `-` writes one NOTE in one format to standard output\n"
        "  --zip FILE           an archive; `-` is standard output\n"
        "  --format FORMATS     md, html, txt, json (ProseMirror), pdf, ynote (a Yjs update, v2); several with commas\n"
        "                       between, each in a folder of its own (md,html)\n"
        "  --data FILE          the data file (CAHIER_DATA, else cahier.db)\n"
        "  --lang LANG          language of labels: fr, en (fr)\n"
        "  --with LIST          how notes are to look, with commas between (tz=+02:00,flat): as for `cahier doc "
        "render`\n"
        "  --overwrite          write into a folder that has files, replace a zip\n"
        "  --pdf-python FILE    the Python that has WeasyPrint (CAHIER_PDF_PYTHON, else /usr/bin/python3)\n\n"
        "Exit codes: 0 all is written; 1 something is not, and standard error says what; 2 wrong command line; 5 the "
        "data\n"
        "file is of another version, damaged or not one of Cahier's.");
}
