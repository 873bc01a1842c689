/* cahier-bench: measurements of Cahier's parts, each a subcommand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "bench/editors/editors_bench.h"
#include "bench/editors/relay.h"
#include "bench/engine/engine_bench.h"
#include "bench/render/render_bench.h"

static const struct {
    const char *name, *about;
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand; returns the exit code */
} commands[] = {
    {"engine", "the engine against yjs and ywasm", engine_bench},
    {"render", "notes as Markdown, HTML, text and JSON, beside the editors' own converters", render_bench},
    {"editors", "servers with many editors at work, side by side", editors_bench},
    {"relay", "the floor of `editors`: a server that understands nothing", relay_main},
};

static int usage(FILE *out, int code)
{
    fputs("usage: cahier-bench COMMAND [OPTION]… (cahier-bench COMMAND --help tells more)\n\n", out);
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].about);
    }
    return code;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        return usage(stderr, 2);
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (strcmp(argv[1], "--help") == 0) {
        return usage(stdout, EXIT_SUCCESS);
    }
    fprintf(stderr, "cahier-bench: no command '%s'\n", argv[1]);
    return usage(stderr, 2);
}
