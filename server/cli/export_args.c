#include "server/cli/export_args.h"

#include <stdio.h>
#include <string.h>
#include "render/render.h"
#include "server/export/note_format.h"
#include "server/export/pdf.h"

#define DATA_DEFAULT "cahier.db" /* as of `cahier serve` */
#define LANG_MAX     35

enum export_option { DATA, TO, ZIP, FORMAT, LANG, PYTHON, WITH, OVERWRITE, OPTIONS };

static const char *const names[OPTIONS] = {"--data", "--to",         "--zip",  "--format",
                                           "--lang", "--pdf-python", "--with", "--overwrite"};

static int wrong(const char *what, const char *which)
{
    fprintf(stderr, "cahier export: %s%s%s (cahier help export)\n", what, which ? ": " : "", which ? which : "");
    return RC_ARG;
}

static enum export_option find_option(const char *name, size_t len)
{
    unsigned i = 0;

    while (i < OPTIONS && (strlen(names[i]) != len || memcmp(names[i], name, len) != 0)) {
        i++;
    }
    return (enum export_option)i;
}

static int parse_formats(const char *value, unsigned *out)
{
    return note_format_list(span_str(value), out) == RC_OK
               ? RC_OK
               : wrong("not formats (md, html, txt, json, pdf, ynote; several with commas between)", value);
}

static int parse_lang(const char *value, const char **out)
{
    size_t len = strlen(value);

    if (len == 0 || len > LANG_MAX ||
        strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != len) {
        return wrong("not a language (fr, en)", value);
    }
    *out = value;
    return RC_OK;
}

static int parse_with(const char *value, const char **out)
{
    struct render_options ignored = {0};

    if (render_options_read(&ignored, span_str(value)) != RC_OK) {
        return wrong("not a list of images, comments, nodes, flat, align=plain, panels=cozy, tz=+HH:MM", value);
    }
    *out = value;
    return RC_OK;
}

static int set_option(struct export_args *a, enum export_option option, const char *value)
{
    switch (option) {
    case DATA:
        a->data = value;
        return RC_OK;
    case TO:
        a->folder = value;
        return RC_OK;
    case ZIP:
        a->zip = value;
        return RC_OK;
    case FORMAT:
        return parse_formats(value, &a->formats);
    case LANG:
        return parse_lang(value, &a->lang);
    case PYTHON:
        a->pdf_python = value;
        return RC_OK;
    case WITH:
        return parse_with(value, &a->with);
    case OVERWRITE:
        a->overwrite = true;
        return RC_OK;
    case OPTIONS:
        break;
    }
    return RC_ARG;
}

/* One option at argv[*i], with its value there or in the next argument. */
static int take_option(struct export_args *a, int argc, char **argv, int *i)
{
    const char *arg = argv[*i], *equals = strchr(arg, '='), *value = equals ? equals + 1 : NULL;
    enum export_option option = find_option(arg, equals ? (size_t)(equals - arg) : strlen(arg));

    if (option == OPTIONS || (option == OVERWRITE && value)) {
        return wrong("no such option", arg);
    }
    if (!value && option != OVERWRITE) {
        if (*i + 1 >= argc) {
            return wrong("needs a value", arg);
        }
        value = argv[++*i];
    }
    return set_option(a, option, value);
}

static bool is_one_bit(unsigned bits)
{
    return bits && (bits & (bits - 1)) == 0;
}

static int check(const struct export_args *a)
{
    if (!a->folder == !a->zip) {
        return wrong("say where to: one of --to FOLDER and --zip FILE", NULL);
    }
    if (a->folder && strcmp(a->folder, "-") == 0 && (a->notes != 1 || !is_one_bit(a->formats))) {
        return wrong("--to - writes one NOTE in one --format", NULL);
    }
    return RC_OK;
}

int export_args_parse(int argc, char **argv, const char *(*env)(const char *name), struct export_args *out)
{
    const char *data = env("CAHIER_DATA"), *python = env("CAHIER_PDF_PYTHON");
    struct export_args a = {.data = data && *data ? data : DATA_DEFAULT,
                            .pdf_python = python && *python ? python : PDF_PYTHON_DEFAULT,
                            .formats = 1u << NOTE_MARKDOWN | 1u << NOTE_HTML,
                            .note = argv + 1};
    bool options = true;
    int rc = RC_OK;

    for (int i = 1; i < argc && rc == RC_OK; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            rc = take_option(&a, argc, argv, &i);
        } else {
            a.note[a.notes++] = argv[i]; /* never behind i: places already read */
        }
    }
    rc = rc ? rc : check(&a);
    if (rc == RC_OK) {
        *out = a;
    }
    return rc;
}
