#ifndef SERVER_CLI_DOC_ARGS_H
#define SERVER_CLI_DOC_ARGS_H

/* The command line of `cahier doc`, taken apart by one table of what each command accepts. */
#include <stdbool.h>
#include <stddef.h>
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

#define DOC_ROOTS_MAX 64

enum doc_command { DOC_APPLY, DOC_MERGE, DOC_DIFF, DOC_SV, DOC_SNAPSHOT, DOC_SHOW, DOC_STAT, DOC_RENDER, DOC_COMMANDS };

/* How a root is shown. */
enum doc_kind { DOC_KIND_TEXT, DOC_KIND_STRING, DOC_KIND_ARRAY, DOC_KIND_MAP, DOC_KIND_XML, DOC_KIND_INFER };

struct doc_root {
    struct span name;
    enum doc_kind kind;
};

/* Everything is borrowed from argv. */
struct doc_args {
    enum doc_command command;
    enum crdt_format from, to;
    const char *output; /* --to of render */
    bool no_gc;
    const char *sv, *at; /* files, NULL when not given */
    struct span with;    /* of render, as render_options_read takes it */
    struct doc_root root[DOC_ROOTS_MAX];
    size_t roots;
    char **file; /* the UPDATEs */
    size_t files;
};

extern const char *const doc_command_names[DOC_COMMANDS];

/* argv[0] is "doc". RC_ARG: wrong; one line is on standard error. Moves the names of files in argv to its end. */
int doc_args_parse(int argc, char **argv, struct doc_args *out) MUST_CHECK;

#endif
