#ifndef SERVER_BASE_CONFIG_H
#define SERVER_BASE_CONFIG_H

/* Settings: one table of rows says everything about each, and feeds the file, the environment, the arguments and
 * --help.
 *
 *     static const struct config_row rows[] = {
 *         {"listen", CONFIG_TEXT, offsetof(struct settings, listen), "127.0.0.1:8080", 0, 0, "ADDR:PORT", "where to
 * …"},
 *         {"workers", CONFIG_NUMBER, offsetof(struct settings, workers), "2", 1, 64, "N", "threads that …"}, …
 *
 * Later sources win: the table's own value, the file (a JSON object, `{"listen": "…", "open": true}`), the environment
 * (CAHIER_LISTEN for "listen": upper case, '-' as '_'), the arguments (`--listen VALUE` or `--listen=VALUE`; flags
 * stand alone or take =true or =false). `--config FILE` or CAHIER_CONFIG names the file. Anything unknown or out of
 * range is an error. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "crdt/base/rc.h"

enum config_type {
    CONFIG_TEXT,   /* char *: owned by the settings */
    CONFIG_FLAG,   /* bool */
    CONFIG_NUMBER, /* uint64_t */
    CONFIG_SIZE    /* uint64_t: bytes, in arguments and environment also as 64k, 16M, 1G */
};

struct config_row {
    const char *name; /* as in --name */
    enum config_type type;
    size_t offset; /* of the member of that type in the settings */
    const char *fallback;
    uint64_t min, max; /* numbers and sizes; for text: least and most bytes, 0 and 0 for 0 to 4096 */
    const char *value; /* for --help: "N", "ADDR:PORT"; NULL for flags */
    const char *help;
};

struct config_sources {
    int argc; /* arguments behind the command's name */
    char *const *argv;
    const char *(*env)(const char *name); /* getenv, or a test's; NULL: no environment and no file from there */
};

#define CONFIG_ERROR_MAX 256

/* Fills `settings` (zeroed by the caller) from all sources. On RC_ARG (a source is wrong), RC_IO (the file cannot be
 * read) or RC_NOMEM `error` (CONFIG_ERROR_MAX bytes) holds a line for the user. Call config_finish in any case. */
int config_load(const struct config_row *rows, size_t count, const struct config_sources *from, void *settings,
                char *error) MUST_CHECK;
/* Frees the texts. */
void config_finish(const struct config_row *rows, size_t count, void *settings);
/* One or two lines a row: name, value, help, default, range. */
void config_help(const struct config_row *rows, size_t count, FILE *out);

#endif
