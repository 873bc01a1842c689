/* The command line: `cahier COMMAND …`. Each command has its own arguments and help. */
#include <stdio.h>
#include <string.h>
#include "server/app.h"
#include "server/base/exit_code.h"
#include "server/cli/doc_cli.h"
#include "server/cli/export_cli.h"
#include "server/settings.h"

static void help(void)
{
    puts("Cahier: collaborative notes, on your own machine.\n\n"
         "  cahier serve --open      serve notes at http://127.0.0.1:8080/ (cahier help serve)\n"
         "  cahier export …          notes as files: Markdown, HTML, PDF, … (cahier help export)\n"
         "  cahier doc COMMAND …     the document engine on files (cahier help doc)\n"
         "  cahier help [COMMAND]\n"
         "  cahier --version\n\n"
         "Exit codes: 0 done; 1 failed (all that `doc` says); 2 wrong command line; 3 cannot listen; 4 the data file\n"
         "is in use; 5 it is of a newer version, damaged or not one of Cahier's.");
}

static void help_serve(void)
{
    puts("cahier serve [OPTION]...\n\n"
         "Serves notes to browsers and Yjs editors until SIGTERM or SIGINT. Options come from a file, then the\n"
         "environment (CAHIER_LISTEN for --listen), then the command line; the last one wins.\n");
    settings_help(stdout);
}

static int help_on(const char *topic)
{
    if (!topic) {
        help();
    } else if (strcmp(topic, "serve") == 0) {
        help_serve();
    } else if (strcmp(topic, "doc") == 0) {
        cli_doc_help();
    } else if (strcmp(topic, "export") == 0) {
        cli_export_help();
    } else {
        fprintf(stderr, "cahier: no such command: %s\n", topic);
        return APP_USAGE;
    }
    return APP_OK;
}

/* `cahier serve --help`, and `cahier doc apply --help`. */
static int wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc && i < 4; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";

    if (strcmp(command, "--help") == 0 || strcmp(command, "-h") == 0 || strcmp(command, "help") == 0) {
        return help_on(argc > 2 ? argv[2] : NULL);
    }
    if (strcmp(command, "--version") == 0) {
        puts("cahier " CAHIER_VERSION);
        return APP_OK;
    }
    if (wants_help(argc, argv)) {
        return help_on(command);
    }
    if (strcmp(command, "serve") == 0) {
        return app_serve(argc - 2, argv + 2, CAHIER_VERSION);
    }
    if (strcmp(command, "doc") == 0) {
        return cli_doc(argc - 1, argv + 1);
    }
    if (strcmp(command, "export") == 0) {
        return cli_export(argc - 1, argv + 1);
    }
    if (*command) {
        fprintf(stderr, "cahier: no such command: %s\n", command);
    }
    fputs("Try `cahier help`.\n", stderr);
    return APP_USAGE;
}
