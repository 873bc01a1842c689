#ifndef SERVER_CLI_DOC_CLI_H
#define SERVER_CLI_DOC_CLI_H

/* `cahier doc …`: the engine on files. `-` is standard input or output.
 *
 *     apply     [--from v1|v2] [--to v1|v2] [--no-gc] UPDATE...
 *     merge     [--from v1|v2] [--to v1|v2] UPDATE...
 *     diff      [--from v1|v2] [--to v1|v2] --sv STATEVECTOR UPDATE
 *     sv        [--from v1|v2] UPDATE
 *     snapshot  [--from v1|v2] UPDATE...
 *     show      [--from v1|v2] [--root NAME:KIND]... [--at SNAPSHOT] UPDATE...
 *     stat      [--from v1|v2] UPDATE...
 *     render    [--from v1|v2] [--root NAME] --to md|html|text|json UPDATE...
 *
 * Results go to standard output in one piece, or, when anything fails, not at all. Returns the exit code: 0, or 1 with
 * one line on standard error, for a wrong command line too. */
int cli_doc(int argc, char **argv); /* argv[0] is "doc" */
void cli_doc_help(void);            /* to standard output */

#endif
