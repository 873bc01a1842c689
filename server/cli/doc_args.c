#include "server/cli/doc_args.h"

#include <stdio.h>
#include <string.h>

const char *const doc_command_names[DOC_COMMANDS] = {"apply",    "merge", "diff", "sv",
                                                     "snapshot", "show",  "stat", "render"};

enum doc_option { OPT_FROM, OPT_TO, OPT_NO_GC, OPT_SV, OPT_ROOT, OPT_AT, OPT_WITH, OPT_NONE };

static const char *const option_names[] = {"--from", "--to", "--no-gc", "--sv", "--root", "--at", "--with"};

#define BIT(o) (1u << (o))

/* What a command accepts, and how many updates. */
static const struct {
    unsigned accepts, needs;
    size_t files_max;
} rules[DOC_COMMANDS] = {
    [DOC_APPLY] = {BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_NO_GC), 0, SIZE_MAX},
    [DOC_MERGE] = {BIT(OPT_FROM) | BIT(OPT_TO), 0, SIZE_MAX},
    [DOC_DIFF] = {BIT(OPT_FROM) | BIT(OPT_TO) | BIT(OPT_SV), BIT(OPT_SV), 1},
    [DOC_SV] = {BIT(OPT_FROM), 0, 1},
    [DOC_SNAPSHOT] = {BIT(OPT_FROM), 0, SIZE_MAX},
    [DOC_SHOW] = {BIT(OPT_FROM) | BIT(OPT_ROOT) | BIT(OPT_AT), 0, SIZE_MAX},
    [DOC_STAT] = {BIT(OPT_FROM), 0, SIZE_MAX},
    [DOC_RENDER] = {BIT(OPT_FROM) | BIT(OPT_ROOT) | BIT(OPT_TO) | BIT(OPT_WITH), BIT(OPT_TO), SIZE_MAX},
};

static int wrong(const char *what, const char *which)
{
    fprintf(stderr, "cahier doc: %s%s%s (cahier help doc)\n", what, which ? ": " : "", which ? which : "");
    return RC_ARG;
}

static bool find_command(const char *word, enum doc_command *out)
{
    for (size_t i = 0; i < DOC_COMMANDS; i++) {
        if (strcmp(word, doc_command_names[i]) == 0) {
            *out = (enum doc_command)i;
            return true;
        }
    }
    return false;
}

static enum doc_option find_option(const char *name, size_t len)
{
    for (size_t i = 0; i < OPT_NONE; i++) {
        if (strlen(option_names[i]) == len && memcmp(option_names[i], name, len) == 0) {
            return (enum doc_option)i;
        }
    }
    return OPT_NONE;
}

static int parse_format(const char *value, enum crdt_format *out)
{
    if (strcmp(value, "v1") != 0 && strcmp(value, "v2") != 0) {
        return wrong("not a format (v1 or v2)", value);
    }
    *out = value[1] == '1' ? CRDT_V1 : CRDT_V2;
    return RC_OK;
}

/* NAME:KIND; a name may hold colons. For render, NAME alone. */
static int parse_root(const char *value, struct doc_args *a)
{
    static const char *const kinds[] = {"text", "string", "array", "map", "xml"};
    struct doc_root *root = &a->root[a->roots];
    const char *colon = strrchr(value, ':');

    if (a->roots == (a->command == DOC_RENDER ? 1 : DOC_ROOTS_MAX)) {
        return wrong("too many roots", NULL);
    }
    a->roots++;
    *root = (struct doc_root){span_str(value), DOC_KIND_INFER};
    if (a->command == DOC_RENDER) {
        return RC_OK;
    }
    for (size_t i = 0; colon && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(colon + 1, kinds[i]) == 0) {
            *root = (struct doc_root){span_of(value, (size_t)(colon - value)), (enum doc_kind)i};
            return RC_OK;
        }
    }
    return wrong("not NAME:KIND, with text, string, array, map or xml as KIND", value);
}

static int parse_output(const char *value)
{
    static const char *const names[] = {"md", "html", "text", "json"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(value, names[i]) == 0) {
            return RC_OK;
        }
    }
    return wrong("not an output (md, html, text or json)", value);
}

static int set_option(struct doc_args *a, enum doc_option option, const char *value)
{
    switch (option) {
    case OPT_FROM:
        return parse_format(value, &a->from);
    case OPT_TO:
        a->output = value;
        return a->command == DOC_RENDER ? parse_output(value) : parse_format(value, &a->to);
    case OPT_NO_GC:
        a->no_gc = true;
        return RC_OK;
    case OPT_SV:
        a->sv = value;
        return RC_OK;
    case OPT_ROOT:
        return parse_root(value, a);
    case OPT_AT:
        a->at = value;
        a->no_gc = true;
        return RC_OK;
    case OPT_WITH:
        a->with = span_str(value);
        return RC_OK;
    case OPT_NONE:
        break;
    }
    return RC_ARG;
}

/* One option at argv[*i], with its value there or in the next argument. */
static int take_option(struct doc_args *a, int argc, char **argv, int *i, unsigned *seen)
{
    const char *arg = argv[*i], *equals = strchr(arg, '='), *value = equals ? equals + 1 : NULL;
    enum doc_option option = find_option(arg, equals ? (size_t)(equals - arg) : strlen(arg));

    if (option == OPT_NONE || !(rules[a->command].accepts & BIT(option)) || (option == OPT_NO_GC && value)) {
        return wrong("no such option here", arg);
    }
    if (!value && option != OPT_NO_GC) {
        if (*i + 1 >= argc) {
            return wrong("needs a value", arg);
        }
        value = argv[++*i];
    }
    *seen |= BIT(option);
    return set_option(a, option, value);
}

int doc_args_parse(int argc, char **argv, struct doc_args *out)
{
    struct doc_args a = {.from = CRDT_V1};
    unsigned seen = 0;
    bool options = true;

    if (argc < 2 || !find_command(argv[1], &a.command)) {
        return wrong(argc < 2 ? "which command?" : "no such command", argc < 2 ? NULL : argv[1]);
    }
    a.file = argv + 2;
    for (int i = 2; i < argc; i++) {
        int rc = RC_OK;

        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            rc = take_option(&a, argc, argv, &i, &seen);
        } else {
            a.file[a.files++] = argv[i]; /* never behind i: places already read */
        }
        if (rc != RC_OK) {
            return rc;
        }
    }
    if ((seen & rules[a.command].needs) != rules[a.command].needs) {
        return wrong("an option is missing", doc_command_names[a.command]);
    }
    if (a.files == 0 || a.files > rules[a.command].files_max) {
        return wrong(a.files == 0 ? "which UPDATE?" : "one UPDATE only", doc_command_names[a.command]);
    }
    if (!(seen & BIT(OPT_TO)) || a.command == DOC_RENDER) {
        a.to = a.from;
    }
    *out = a;
    return RC_OK;
}
