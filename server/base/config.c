#include "server/base/config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ENV_PREFIX   "CAHIER_"
#define ENV_NAME_MAX 64
#define TEXT_MAX     4096

struct loader {
    const struct config_row *rows;
    size_t count;
    void *settings;
    char *error;
};

static const struct config_row *find_row(const struct loader *l, const char *name, size_t len)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strlen(l->rows[i].name) == len && memcmp(l->rows[i].name, name, len) == 0) {
            return &l->rows[i];
        }
    }
    return NULL;
}

static void *member_of(const struct loader *l, const struct config_row *row)
{
    return (char *)l->settings + row->offset;
}

static int fail(const struct loader *l, const char *where, const char *name, const char *what)
{
    snprintf(l->error, CONFIG_ERROR_MAX, "%s%s: %s", where, name, what);
    return RC_ARG;
}

static int set_text(const struct loader *l, const struct config_row *row, const char *where, const char *value)
{
    uint64_t max = row->max ? row->max : TEXT_MAX;
    char **to = member_of(l, row), *copy;

    if (strlen(value) < row->min || strlen(value) > max) {
        return fail(l, where, row->name, row->min && !*value ? "must not be empty" : "is too long");
    }
    copy = strdup(value);
    if (!copy) {
        return RC_NOMEM;
    }
    free(*to);
    *to = copy;
    return RC_OK;
}

static int set_number(const struct loader *l, const struct config_row *row, const char *where, uint64_t value)
{
    uint64_t *to = member_of(l, row);
    char what[96];

    if (value < row->min || value > row->max) {
        snprintf(what, sizeof what, "must be from %llu to %llu", (unsigned long long)row->min,
                 (unsigned long long)row->max);
        return fail(l, where, row->name, what);
    }
    *to = value;
    return RC_OK;
}

/* Digits, for sizes with one of k, M and G behind them. */
static bool parse_number(const char *text, bool size, uint64_t *out)
{
    unsigned shift = 0;
    char *end;
    unsigned long long n;

    if (!isdigit((unsigned char)*text)) {
        return false;
    }
    errno = 0;
    n = strtoull(text, &end, 10);
    if (size && *end) {
        shift = *end == 'k' || *end == 'K' ? 10 : *end == 'M' || *end == 'm' ? 20 : *end == 'G' || *end == 'g' ? 30 : 0;
        end += shift > 0;
    }
    if (errno || *end || n > UINT64_MAX >> shift) {
        return false;
    }
    *out = (uint64_t)n << shift;
    return true;
}

static int set_from_string(const struct loader *l, const struct config_row *row, const char *where, const char *value)
{
    bool *flag = member_of(l, row);
    uint64_t n;

    switch (row->type) {
    case CONFIG_TEXT:
        return set_text(l, row, where, value);
    case CONFIG_FLAG:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0) {
            return fail(l, where, row->name, "must be true or false");
        }
        *flag = strcmp(value, "true") == 0;
        return RC_OK;
    case CONFIG_NUMBER:
    case CONFIG_SIZE:
        if (!parse_number(value, row->type == CONFIG_SIZE, &n)) {
            return fail(l, where, row->name,
                        row->type == CONFIG_SIZE ? "must be a size, like 64k or 16M" : "must be a number");
        }
        return set_number(l, row, where, n);
    }
    return RC_ARG;
}

static int set_from_json(const struct loader *l, const struct config_row *row, const json_t *value)
{
    static const char where[] = "configuration file: ";

    if (json_is_string(value) && row->type != CONFIG_FLAG) {
        return set_from_string(l, row, where, json_string_value(value));
    }
    if (json_is_boolean(value) && row->type == CONFIG_FLAG) {
        *(bool *)member_of(l, row) = json_is_true(value);
        return RC_OK;
    }
    if (json_is_integer(value) && json_integer_value(value) >= 0 &&
        (row->type == CONFIG_NUMBER || row->type == CONFIG_SIZE)) {
        return set_number(l, row, where, (uint64_t)json_integer_value(value));
    }
    return fail(l, where, row->name, "is of the wrong type");
}

static int load_file(const struct loader *l, const char *path)
{
    json_error_t at;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &at), *value;
    const char *name;
    int rc = RC_OK;

    if (!root) {
        snprintf(l->error, CONFIG_ERROR_MAX, "configuration file %s: %s", path, at.text);
        return at.line < 0 ? RC_IO : RC_ARG;
    }
    if (!json_is_object(root)) {
        json_decref(root);
        return fail(l, "configuration file ", path, "not a JSON object");
    }
    json_object_foreach(root, name, value)
    {
        const struct config_row *row = find_row(l, name, strlen(name));

        rc = row ? set_from_json(l, row, value) : fail(l, "configuration file: ", name, "no such option");
        if (rc != RC_OK) {
            break;
        }
    }
    json_decref(root);
    return rc;
}

static int load_environment(const struct loader *l, const struct config_sources *from)
{
    for (size_t i = 0; i < l->count; i++) {
        char name[ENV_NAME_MAX] = ENV_PREFIX;
        size_t len = sizeof ENV_PREFIX - 1;
        const char *value;

        for (const char *c = l->rows[i].name; *c && len + 1 < sizeof name; c++) {
            name[len++] = (char)(*c == '-' ? '_' : toupper((unsigned char)*c));
        }
        name[len] = '\0';
        value = from->env(name);
        if (value) {
            int rc = set_from_string(l, &l->rows[i], ENV_PREFIX "…: ", value);

            if (rc != RC_OK) {
                return rc;
            }
        }
    }
    return RC_OK;
}

/* The option at argv[*at] and its value, NULL when it has none behind '='. *row is NULL for --config. Moves *at on when
 * the value is the next argument. */
static int take_argument(const struct loader *l, const struct config_sources *from, int *at,
                         const struct config_row **row, const char **value)
{
    const char *arg = from->argv[*at], *name = arg + 2, *equals;
    size_t len;
    bool config;

    if (strncmp(arg, "--", 2) != 0 || !*name) {
        return fail(l, "", arg, "not an option");
    }
    equals = strchr(name, '=');
    len = equals ? (size_t)(equals - name) : strlen(name);
    config = len == 6 && memcmp(name, "config", 6) == 0;
    *row = config ? NULL : find_row(l, name, len);
    if (!config && !*row) {
        return fail(l, "", arg, "no such option");
    }
    *value = equals ? equals + 1 : NULL;
    if (!*value && (config || (*row)->type != CONFIG_FLAG)) {
        if (*at + 1 >= from->argc) {
            return fail(l, "", arg, "needs a value");
        }
        *value = from->argv[++*at];
    }
    return RC_OK;
}

/* Applies all options, or with `path` only looks for --config. */
static int load_arguments(const struct loader *l, const struct config_sources *from, const char **path)
{
    for (int i = 0; i < from->argc; i++) {
        const struct config_row *row;
        const char *value;
        int rc = take_argument(l, from, &i, &row, &value);

        if (rc == RC_OK && path && !row) {
            *path = value;
        } else if (rc == RC_OK && !path && row) {
            rc = set_from_string(l, row, "--", value ? value : "true");
        }
        if (rc != RC_OK) {
            return rc;
        }
    }
    return RC_OK;
}

int config_load(const struct config_row *rows, size_t count, const struct config_sources *from, void *settings,
                char *error)
{
    struct loader l = {rows, count, settings, error};
    const char *path = from->env ? from->env(ENV_PREFIX "CONFIG") : NULL;
    int rc = RC_OK;

    snprintf(error, CONFIG_ERROR_MAX, "out of memory");
    for (size_t i = 0; i < count && rc == RC_OK; i++) {
        rc = set_from_string(&l, &rows[i], "", rows[i].fallback);
    }
    if (rc == RC_OK) {
        rc = load_arguments(&l, from, &path);
    }
    if (rc == RC_OK && path) {
        rc = load_file(&l, path);
    }
    if (rc == RC_OK && from->env) {
        rc = load_environment(&l, from);
    }
    return rc == RC_OK ? load_arguments(&l, from, NULL) : rc;
}

void config_finish(const struct config_row *rows, size_t count, void *settings)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].type == CONFIG_TEXT) {
            char **text = (void *)((char *)settings + rows[i].offset);

            free(*text);
            *text = NULL;
        }
    }
}

static void print_bound(FILE *out, enum config_type type, uint64_t n)
{
    unsigned shift = type != CONFIG_SIZE       ? 0
                     : n && n % (1 << 30) == 0 ? 30
                     : n && n % (1 << 20) == 0 ? 20
                     : n && n % 1024 == 0      ? 10
                                               : 0;

    fprintf(out, "%llu%s", (unsigned long long)(n >> shift),
            shift == 30   ? "G"
            : shift == 20 ? "M"
            : shift == 10 ? "k"
                          : "");
}

void config_help(const struct config_row *rows, size_t count, FILE *out)
{
    fprintf(out, "  --config FILE\n      read options from a JSON object, {\"listen\": \"…\", …}\n");
    for (size_t i = 0; i < count; i++) {
        const struct config_row *r = &rows[i];

        fprintf(out, "  --%s%s%s\n      %s", r->name, r->value ? " " : "", r->value ? r->value : "", r->help);
        if (r->type != CONFIG_FLAG && *r->fallback) {
            fprintf(out, " (default %s", r->fallback);
            if (r->type != CONFIG_TEXT) {
                fprintf(out, ", from ");
                print_bound(out, r->type, r->min);
                fprintf(out, " to ");
                print_bound(out, r->type, r->max);
            }
            fprintf(out, ")");
        }
        fprintf(out, "\n");
    }
}
