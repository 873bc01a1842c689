#ifndef SERVER_CLI_EXPORT_ARGS_H
#define SERVER_CLI_EXPORT_ARGS_H

/* The command line of `cahier export`, taken apart. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/rc.h"

/* Everything is borrowed from argv and the environment. */
struct export_args {
    const char *data;       /* the data file: --data, else CAHIER_DATA, else cahier.db */
    const char *folder;     /* --to: where files go, … */
    const char *zip;        /* … or --zip: the archive; "-" is standard output for both */
    const char *lang;       /* NULL: as the renderer's default */
    const char *pdf_python; /* for PDF */
    const char *with;       /* how notes are to look, as render_options_read takes it; NULL: nothing chosen */
    unsigned formats;       /* bits 1 << enum note_format */
    bool overwrite;
    char **note; /* names; none: all notes */
    size_t notes;
};

/* argv[0] is "export". `env` is getenv or a test's. RC_ARG: wrong; one line is on standard error. Moves the names of
 * notes in argv to its front. */
int export_args_parse(int argc, char **argv, const char *(*env)(const char *name), struct export_args *out) MUST_CHECK;

#endif
