#include "bench/editors/editors_options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PREFIX_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const char help[] =
    "usage: cahier-bench editors [OPTION]… [SCENARIO]…\n"
    "\n"
    "Simulated editors type into notes on a server; measures how long each edit takes to everybody else, what it costs "
    "the\n"
    "server, and checks that all end with the same text. Without a scenario: all of --list.\n"
    "\n"
    "Against whom (each server is started on a free loopback port, afresh for every scenario):\n"
    "  --servers A,B…      some of --list (relay,cahier)\n"
    "  --peers             all of them; ./dev bench editors --peers installs what npm has\n"
    "  --url URL           a server that runs already: ws://HOST:PORT/PATH, the note's name is appended\n"
    "  --protocol P        of it: ywebsocket (default), hocuspocus, or bare (a relay)\n"
    "  --pid N             its process on this machine, whose CPU time and memory are measured\n"
    "  --token TOKEN       what it asks for\n"
    "  --prefix TEXT       what note names begin with there (bench-TIME-: it must not know the notes)\n"
    "\n"
    "What is done (they change the scenarios that are named):\n"
    "  --notes N, --editors N, --rate R, --seconds S\n"
    "                      notes, editors in each, keys a second of each editor, length of the measurement\n"
    "  --fill N            letters that stand in each note before\n"
    "  --scale F           all measurements last F times as long as --list means\n"
    "  --rows N            rows of other notes in the log (restart)\n"
    "  --warm-up S         typing before the measurement (2)\n"
    "  --ramp R            connections begun a second (no limit)\n"
    "  --acks              edits are acknowledged, and that is timed (y-websocket: message 102)\n"
    "  --no-presence       no cursors\n"
    "  --whole             each editor integrates all it hears and compares its text; costs the generator much\n"
    "  --trace FILE        an editing history (.json, .json.gz) is typed, by each editor for itself\n"
    "  --patience S        how long to wait for what is late (15)\n"
    "  --p99 MS            how late one in a hundred may be in the scenarios that search for the most (50)\n"
    "  --seed N            of all random choices (1)\n"
    "  --cores G,S         cores for generator and server (0,1); none: anywhere\n"
    "\n"
    "  --json FILE         also write everything there\n"
    "  --html FILE         and as a page with plots\n"
    "  --list              scenarios and servers\n"
    "\n"
    "Exit: 0 everything was measured and everybody agrees, 1 not, 2 wrong usage.\n";

enum {
    OPTION_SERVERS = 256,
    OPTION_PEERS,
    OPTION_URL,
    OPTION_PROTOCOL,
    OPTION_PID,
    OPTION_TOKEN,
    OPTION_PREFIX,
    OPTION_NOTES,
    OPTION_EDITORS,
    OPTION_RATE,
    OPTION_SECONDS,
    OPTION_FILL,
    OPTION_ROWS,
    OPTION_SCALE,
    OPTION_WARM_UP,
    OPTION_RAMP,
    OPTION_ACKS,
    OPTION_NO_PRESENCE,
    OPTION_WHOLE,
    OPTION_TRACE,
    OPTION_PATIENCE,
    OPTION_P99,
    OPTION_SEED,
    OPTION_CORES,
    OPTION_JSON,
    OPTION_HTML,
    OPTION_LIST,
    OPTION_HELP
};

static const struct option options[] = {
    {"servers", required_argument, NULL, OPTION_SERVERS},
    {"peers", no_argument, NULL, OPTION_PEERS},
    {"url", required_argument, NULL, OPTION_URL},
    {"protocol", required_argument, NULL, OPTION_PROTOCOL},
    {"pid", required_argument, NULL, OPTION_PID},
    {"token", required_argument, NULL, OPTION_TOKEN},
    {"prefix", required_argument, NULL, OPTION_PREFIX},
    {"notes", required_argument, NULL, OPTION_NOTES},
    {"editors", required_argument, NULL, OPTION_EDITORS},
    {"rate", required_argument, NULL, OPTION_RATE},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"fill", required_argument, NULL, OPTION_FILL},
    {"rows", required_argument, NULL, OPTION_ROWS},
    {"scale", required_argument, NULL, OPTION_SCALE},
    {"warm-up", required_argument, NULL, OPTION_WARM_UP},
    {"ramp", required_argument, NULL, OPTION_RAMP},
    {"acks", no_argument, NULL, OPTION_ACKS},
    {"no-presence", no_argument, NULL, OPTION_NO_PRESENCE},
    {"whole", no_argument, NULL, OPTION_WHOLE},
    {"trace", required_argument, NULL, OPTION_TRACE},
    {"patience", required_argument, NULL, OPTION_PATIENCE},
    {"p99", required_argument, NULL, OPTION_P99},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"cores", required_argument, NULL, OPTION_CORES},
    {"json", required_argument, NULL, OPTION_JSON},
    {"html", required_argument, NULL, OPTION_HTML},
    {"list", no_argument, NULL, OPTION_LIST},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

/* What was said of the scenarios before they were known; negative: nothing. */
struct changes {
    double notes, editors, rate, seconds, fill, rows, scale;
    bool acks;
    enum crowd_protocol protocol;
};

static void list(void)
{
    puts("scenarios:");
    for (size_t i = 0; i < scenario_count(); i++) {
        printf("  %-12s %s\n", scenario_at(i)->name, scenario_at(i)->about);
    }
    puts("servers:");
    for (size_t i = 0; i < target_count(); i++) {
        printf("  %-12s %s\n", target_at(i)->name, target_at(i)->about);
    }
}

static bool number(const char *what, double least, double most, double *out)
{
    char *end;
    double n = strtod(optarg, &end);

    if (end == optarg || *end != '\0' || !(n >= least && n <= most)) {
        fprintf(stderr, "cahier-bench: --%s wants a number from %g to %g, not '%s'\n", what, least, most, optarg);
        return false;
    }
    *out = n;
    return true;
}

static bool take_servers(struct editors_options *o)
{
    char names[256], *rest = NULL;

    (void)snprintf(names, sizeof(names), "%s", optarg);
    o->target_count = 0;
    for (char *name = strtok_r(names, ",", &rest); name != NULL; name = strtok_r(NULL, ",", &rest)) {
        const struct target *t = target_find(name);
        if (t == NULL || o->target_count == EDITORS_TARGETS_MAX) {
            fprintf(stderr, "cahier-bench: no server '%s' (--list shows them)\n", name);
            return false;
        }
        o->targets[o->target_count++] = t;
    }
    if (o->target_count == 0) {
        fputs("cahier-bench: --servers wants names (--list shows them)\n", stderr);
    }
    return o->target_count > 0;
}

static void take_all_servers(struct editors_options *o)
{
    o->all_peers = true;
    for (o->target_count = 0; o->target_count < target_count(); o->target_count++) {
        o->targets[o->target_count] = target_at(o->target_count);
    }
}

/* ws://host:port/path */
static bool take_url(struct editors_options *o)
{
    int end = 0;

    o->url = sscanf(optarg, "ws://%255[^:/]:%7[0-9]%n", o->host, o->port, &end) == 2 && end > 0 &&
             (optarg[end] == '\0' || optarg[end] == '/') && strlen(optarg + end) < sizeof(o->path);
    if (!o->url) {
        fprintf(stderr, "cahier-bench: --url wants ws://HOST:PORT/PATH, not '%s'\n", optarg);
        return false;
    }
    (void)snprintf(o->path, sizeof(o->path), "%s", optarg + end);
    size_t len = strlen(o->path);
    if (len > 0 && o->path[len - 1] == '/') {
        o->path[len - 1] = '\0';
    }
    return true;
}

static bool take_token(struct editors_options *o)
{
    if (strlen(optarg) > CROWD_TOKEN_MOST) {
        fprintf(stderr, "cahier-bench: --token wants at most %d bytes\n", CROWD_TOKEN_MOST);
        return false;
    }
    o->run.token = optarg;
    return true;
}

static bool take_prefix(struct editors_options *o)
{
    size_t len = strlen(optarg);

    if (len >= sizeof(o->prefix) || strspn(optarg, PREFIX_LETTERS) != len) {
        fprintf(stderr, "cahier-bench: --prefix wants at most %zu letters, digits, '-' and '_', not '%s'\n",
                sizeof(o->prefix) - 1, optarg);
        return false;
    }
    memcpy(o->prefix, optarg, len + 1);
    o->run.prefix = o->prefix;
    return true;
}

static bool take_protocol(struct changes *c)
{
    static const char *const names[] = {"ywebsocket", "hocuspocus", "bare"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strcmp(optarg, names[i]) == 0) {
            c->protocol = (enum crowd_protocol)i;
            return true;
        }
    }
    fprintf(stderr, "cahier-bench: no protocol '%s'\n", optarg);
    return false;
}

static bool is_core(int core)
{
    if (target_may_use(core)) {
        return true;
    }
    fprintf(stderr, "cahier-bench: this process may not use core %d\n", core);
    return false;
}

static bool take_cores(struct editors_options *o)
{
    if (strcmp(optarg, "none") == 0) {
        o->generator_core = o->server_core = -1;
        return true;
    }
    if (sscanf(optarg, "%d,%d", &o->generator_core, &o->server_core) == 2) {
        return is_core(o->generator_core) && is_core(o->server_core);
    }
    fprintf(stderr, "cahier-bench: --cores wants two numbers like 0,1, or none, not '%s'\n", optarg);
    return false;
}

static bool take_number(int option, struct editors_options *o, struct changes *c)
{
    double n = 0;
    bool ok;

    switch (option) {
    case OPTION_NOTES:
        return number("notes", 1, 100000, &c->notes);
    case OPTION_EDITORS:
        return number("editors", 1, 100000, &c->editors);
    case OPTION_RATE:
        return number("rate", 0, 100000, &c->rate);
    case OPTION_SECONDS:
        return number("seconds", 0.1, 86400, &c->seconds);
    case OPTION_FILL:
        return number("fill", 0, 1e7, &c->fill);
    case OPTION_ROWS:
        return number("rows", 0, 1e8, &c->rows);
    case OPTION_SCALE:
        return number("scale", 0.01, 1000, &c->scale);
    case OPTION_WARM_UP:
        return number("warm-up", 0, 3600, &o->run.warm_up);
    case OPTION_RAMP:
        return number("ramp", 0.1, 1e6, &o->run.ramp);
    case OPTION_PATIENCE:
        return number("patience", 0.1, 3600, &o->run.patience);
    case OPTION_P99:
        return number("p99", 0.001, 1e6, &o->run.p99_most);
    case OPTION_PID:
        ok = number("pid", 1, 1e9, &n);
        o->run.server = (pid_t)n;
        return ok;
    default:
        ok = number("seed", 0, 9e15, &n);
        o->run.seed = (uint64_t)n;
        return ok;
    }
}

static bool take(int option, struct editors_options *o, struct changes *c)
{
    switch (option) {
    case OPTION_SERVERS:
        return take_servers(o);
    case OPTION_PEERS:
        take_all_servers(o);
        return true;
    case OPTION_URL:
        return take_url(o);
    case OPTION_PROTOCOL:
        return take_protocol(c);
    case OPTION_TOKEN:
        return take_token(o);
    case OPTION_PREFIX:
        return take_prefix(o);
    case OPTION_ACKS:
        c->acks = true;
        return true;
    case OPTION_NO_PRESENCE:
        o->run.presence = false;
        return true;
    case OPTION_WHOLE:
        o->run.whole = true;
        return true;
    case OPTION_TRACE:
        o->trace = optarg;
        return true;
    case OPTION_CORES:
        return take_cores(o);
    case OPTION_JSON:
        o->json = optarg;
        return true;
    case OPTION_HTML:
        o->html = optarg;
        return true;
    case '?':
        fputs("cahier-bench: see cahier-bench editors --help\n", stderr);
        return false;
    default:
        return take_number(option, o, c);
    }
}

static void change(struct scenario *s, const struct changes *c)
{
    s->notes = c->notes >= 0 ? (size_t)c->notes : s->notes;
    s->editors = c->editors >= 0 ? (size_t)c->editors : s->editors;
    s->rate = c->rate >= 0 ? c->rate : s->rate;
    s->seconds = (c->seconds >= 0 ? c->seconds : s->seconds) * c->scale;
    s->fill = c->fill >= 0 ? (size_t)c->fill : s->fill;
    s->rows = c->rows >= 0 && s->kind == SCENARIO_RESTART ? (size_t)c->rows : s->rows;
    s->acks |= c->acks;
    s->changed = c->notes >= 0 || c->editors >= 0 || c->rate >= 0 || c->fill >= 0 || c->rows >= 0 || c->acks;
    s->deaf = s->deaf < s->editors * s->notes ? s->deaf : s->editors * s->notes / 2;
}

static bool add_scenario(struct editors_options *o, const struct scenario *s)
{
    if (o->scenario_count == EDITORS_SCENARIOS_MAX) {
        fputs("cahier-bench: too many scenarios\n", stderr);
        return false;
    }
    o->scenarios[o->scenario_count++] = *s;
    return true;
}

/* A scenario, or all of a group: `hostile` is hostile-authors, hostile-gaps … */
static bool add_word(struct editors_options *o, const char *word)
{
    const struct scenario *named = scenario_find(word);
    size_t before = o->scenario_count;
    bool ok = true;

    if (named != NULL) {
        return add_scenario(o, named);
    }
    for (size_t i = 0; ok && i < scenario_count(); i++) {
        ok = !scenario_is_of(scenario_at(i), word) || add_scenario(o, scenario_at(i));
    }
    if (o->scenario_count == before) {
        fprintf(stderr, "cahier-bench: no scenario '%s' (--list shows them)\n", word);
    }
    return ok && o->scenario_count > before;
}

static bool add_scenarios(int argc, char **argv, struct editors_options *o, const struct changes *c)
{
    for (int i = optind; i < argc; i++) {
        if (!add_word(o, argv[i])) {
            return false;
        }
    }
    for (size_t i = 0; optind == argc && i < scenario_count(); i++) {
        if (!add_scenario(o, scenario_at(i))) {
            return false;
        }
    }
    for (size_t i = 0; i < o->scenario_count; i++) {
        change(&o->scenarios[i], c);
    }
    return true;
}

/* The server at a URL stands in the table's place, with a name of its own. It may have met the bench before: editors
 * who began anew in the notes of then would repeat the clocks that it knows. */
static void aim_at_url(struct editors_options *o, const struct changes *c)
{
    static struct target there;

    there = (struct target){.name = "server", .about = "", .protocol = c->protocol, .path = o->path, .acks = true};
    o->targets[0] = &there;
    o->target_count = 1;
    o->run.host = o->host;
    o->run.port = o->port;
    if (o->run.prefix == NULL) {
        (void)snprintf(o->prefix, sizeof(o->prefix), "bench-%llx-", (unsigned long long)time(NULL));
        o->run.prefix = o->prefix;
    }
}

enum editors_parsed editors_options_parse(int argc, char **argv, struct editors_options *out)
{
    struct changes c = {-1, -1, -1, -1, -1, -1, 1, false, CROWD_YWEBSOCKET};
    int option;

    *out = (struct editors_options){
        .targets = {target_find("relay"), target_find("cahier")},
        .target_count = 2,
        .run = {.warm_up = 2, .patience = 15, .p99_most = 50, .presence = true, .seed = 1},
        .generator_core = 0,
        .server_core = 1,
    };
    if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
        out->generator_core = out->server_core = -1;
    }
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(help, stdout);
            return EDITORS_DONE;
        }
        if (option == OPTION_LIST) {
            list();
            return EDITORS_DONE;
        }
        if (!take(option, out, &c)) {
            return EDITORS_WRONG;
        }
    }
    if (out->url) {
        aim_at_url(out, &c);
    }
    return add_scenarios(argc, argv, out, &c) ? EDITORS_RUN : EDITORS_WRONG;
}
