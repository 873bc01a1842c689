#ifndef SERVER_CLI_EXPORT_CLI_H
#define SERVER_CLI_EXPORT_CLI_H

/* `cahier export`: notes of a data file as files, in a folder or a zip, also while the server runs. */

/* argv[0] is "export". Returns an exit code of server/base/exit_code.h. */
int cli_export(int argc, char **argv);
void cli_export_help(void);

#endif
