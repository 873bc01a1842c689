#include "bench/render/render_bench.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include "bench/machine.h"
#include "bench/render/render_peers.h"
#include "bench/render/sample_note.h"
#include "render/render.h"

#define BUDGET_DEFAULT 1000
#define BUDGET_MOST    60000
#define SAMPLE_MS      2.0 /* a measurement repeats the work for so long, at least: the clock is not finer */

static const char help[] =
    "usage: cahier-bench render [OPTION]… [NOTE]…\n"
    "\n"
    "Writes notes in every form and, in the same run, has the editors' own converters do so under node. Without a "
    "note:\n"
    "all of --list. Times are CPU microseconds for one note that is in memory: the median, and the least.\n"
    "\n"
    "  --budget MS      milliseconds for each converter and form (1000)\n"
    "  --peers none     ours alone\n"
    "  --list           notes\n"
    "\n"
    "Exit: 0 everything was measured and came out the same each time, 1 not, 2 wrong usage.\n";

static const struct note {
    const char *name, *about, *family;
    enum sample_family sample;
    size_t bytes;
} notes[] = {
    {"typical", "8 KB of text in Tiptap's form", "tiptap", SAMPLE_TIPTAP, 8000},
    {"blocknote", "8 KB of text in BlockNote's form", "blocknote", SAMPLE_BLOCKNOTE, 8000},
    {"long", "1 MB of text in Tiptap's form", "tiptap", SAMPLE_TIPTAP, 1000000},
};
#define NOTE_COUNT (sizeof(notes) / sizeof(notes[0]))

struct session {
    bool wanted[NOTE_COUNT];
    bool peers;
    double budget;
    size_t bad;
};

/* ---- Ours --------------------------------------------------------------------------------------------------- */

static int write_markdown(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_note(doc, NULL, RENDER_MARKDOWN, out);
}

static int write_html(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_note(doc, NULL, RENDER_HTML, out);
}

static int write_page(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_note(doc, &(struct render_options){.page = true}, RENDER_HTML, out);
}

static int write_text(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_note(doc, NULL, RENDER_TEXT, out);
}

static int write_search(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_text(doc, NULL, out);
}

static int write_json(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    (void)state;
    return render_note(doc, NULL, RENDER_JSON, out);
}

/* What an export does: bytes of the store in, HTML out. */
static int load_and_write(const struct crdt_doc *doc, struct span state, struct buf *out)
{
    struct crdt_doc *own = NULL;
    int rc = crdt_doc_create(NULL, &own);

    (void)doc;
    rc = rc == RC_OK ? crdt_load(own, CRDT_V1, state) : rc;
    rc = rc == RC_OK ? render_note(own, NULL, RENDER_HTML, out) : rc;
    crdt_doc_destroy(own);
    return rc;
}

static const struct work {
    const char *output;
    int (*write)(const struct crdt_doc *doc, struct span state, struct buf *out);
} works[] = {{"markdown", write_markdown}, {"html", write_html}, {"html page", write_page},      {"text", write_text},
             {"search", write_search},     {"json", write_json}, {"load + html", load_and_write}};

/* How often the work is repeated within one measurement. */
static unsigned long repetitions(double ms)
{
    return ms >= SAMPLE_MS ? 1 : (unsigned long)(SAMPLE_MS / (ms > 0.0001 ? ms : 0.0001)) + 1;
}

/* One measurement; false when the work fails or gives something else than before. */
static bool sample(const struct work *work, const struct crdt_doc *doc, struct span state, unsigned long times,
                   struct conversion *c, struct buf *out)
{
    struct measure_clock start = measure_now();

    for (unsigned long i = 0; i < times; i++) {
        buf_clear(out);
        if (work->write(doc, state, out) != RC_OK) {
            return false;
        }
    }
    measure_add_value(&c->times, measure_since(start).cpu / (double)times);
    c->bytes = c->times.count == 1 ? out->len : c->bytes;
    c->crc = c->times.count == 1 ? (uint32_t)crc32(0, out->data, (uInt)out->len) : c->crc;
    return c->bytes == out->len && c->crc == (uint32_t)crc32(0, out->data, (uInt)out->len);
}

static bool measure_ours(const struct work *work, const struct crdt_doc *doc, struct span state, double budget,
                         struct conversion *c)
{
    struct buf out = {0};
    struct measure_clock start = measure_now();
    bool good;

    *c = (struct conversion){.by = "cahier"};
    (void)snprintf(c->output, sizeof(c->output), "%s", work->output);
    good = sample(work, doc, state, 1, c, &out);
    unsigned long times = repetitions(good ? c->times.cpu[0] : 1);
    c->times.count = 0;
    while (good && c->times.count < MEASURE_MAX && (c->times.count < 5 || measure_since(start).cpu < budget)) {
        good = sample(work, doc, state, times, c, &out);
    }
    buf_finish(&out);
    return good;
}

/* ---- The report ---------------------------------------------------------------------------------------------- */

static void print_conversion(const struct conversion *c, double ours)
{
    struct measure_summary ms = measure_summarize(c->times.cpu, c->times.count);
    char ratio[32] = "";

    if (ours > 0 && ms.median > 0) {
        (void)snprintf(ratio, sizeof(ratio), "%.1f", ms.median / ours);
    }
    printf("  %-12s %-34s %10.1f %10.1f %9.1f %8s %9zu  %08lx\n", c->output, c->by, ms.median * 1e3, ms.min * 1e3,
           ms.median > 0 ? (double)c->bytes / ms.median / 1e3 : 0, ratio, c->bytes, (unsigned long)c->crc);
}

/* Our row of an output and, below, those of the peers that write the same; ratio: how much longer they take. */
static void print_output(const struct conversion *ours, const struct conversion *peers, size_t count)
{
    double median = measure_summarize(ours->times.cpu, ours->times.count).median;

    print_conversion(ours, 0);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(peers[i].output, ours->output) == 0) {
            print_conversion(&peers[i], median);
        }
    }
    (void)fflush(stdout);
}

/* ---- The session ------------------------------------------------------------------------------------------------ */

static void measure_note(struct session *s, const struct note *note, const struct crdt_doc *doc, struct span state)
{
    struct conversion *peers = calloc(CONVERSIONS_MAX + 1, sizeof(*peers)), *ours = peers + CONVERSIONS_MAX;
    size_t count = 0;

    if (peers == NULL) {
        s->bad++;
        return;
    }
    if (s->peers && render_peers_run(note->family, state, s->budget, peers, &count) != RC_OK) {
        fprintf(stderr, "cahier-bench: %s: the peers failed\n", note->name);
        s->bad++;
    }
    for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
        if (measure_ours(&works[i], doc, state, s->budget, ours)) {
            print_output(ours, peers, count);
        } else {
            printf("  %-12s FAILED, or not the same each time\n", works[i].output);
            s->bad++;
        }
    }
    free(peers);
}

static int run_note(struct session *s, const struct note *note)
{
    struct crdt_doc *written = NULL, *doc = NULL;
    struct crdt_stat stat = {0};
    struct buf state = {0};
    int rc = sample_note_create(note->sample, note->bytes, &written);

    rc = rc == RC_OK ? crdt_encode_state(written, CRDT_V1, (struct span){0}, &state) : rc;
    rc = rc == RC_OK ? crdt_doc_create(NULL, &doc) : rc;
    rc = rc == RC_OK ? crdt_load(doc, CRDT_V1, buf_span(&state)) : rc;
    if (rc == RC_OK) {
        crdt_doc_stat(doc, &stat);
        printf("\n%s: %s · %llu letters, %llu types, %zu bytes of state\n", note->name, note->about,
               (unsigned long long)stat.text_units, (unsigned long long)stat.types, state.len);
        printf("  %-12s %-34s %10s %10s %9s %8s %9s  %s\n", "output", "by", "us", "least", "MB/s", "ratio", "bytes",
               "crc32");
        measure_note(s, note, doc, buf_span(&state));
    }
    crdt_doc_destroy(written);
    crdt_doc_destroy(doc);
    buf_finish(&state);
    return rc;
}

static bool choose(struct session *s, const char *name)
{
    for (size_t i = 0; i < NOTE_COUNT; i++) {
        if (strcmp(notes[i].name, name) == 0) {
            s->wanted[i] = true;
            return true;
        }
    }
    fprintf(stderr, "cahier-bench: no note '%s' (--list shows them)\n", name);
    return false;
}

static bool take_budget(struct session *s, const char *text)
{
    char *end;
    unsigned long ms = strtoul(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != 0 || ms == 0 || ms > BUDGET_MOST) {
        fprintf(stderr, "cahier-bench: --budget wants a number from 1 to %d, not '%s'\n", BUDGET_MOST, text);
        return false;
    }
    s->budget = (double)ms;
    return true;
}

static void list(void)
{
    for (size_t i = 0; i < NOTE_COUNT; i++) {
        printf("  %-12s %s\n", notes[i].name, notes[i].about);
    }
}

enum parsed { RUN, DONE, WRONG };

static enum parsed take_option(struct session *s, int option)
{
    switch (option) {
    case 'b':
        return take_budget(s, optarg) ? RUN : WRONG;
    case 'p':
        s->peers = false;
        if (strcmp(optarg, "none") != 0) {
            fprintf(stderr, "cahier-bench: --peers knows none, not '%s'\n", optarg);
            return WRONG;
        }
        return RUN;
    case 'l':
        list();
        return DONE;
    case 'h':
        fputs(help, stdout);
        return DONE;
    default:
        fputs("cahier-bench: see cahier-bench render --help\n", stderr);
        return WRONG;
    }
}

static enum parsed parse(int argc, char **argv, struct session *s)
{
    static const struct option options[] = {
        {"budget", required_argument, NULL, 'b'},
        {"peers", required_argument, NULL, 'p'},
        {"list", no_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    enum parsed parsed = RUN;
    int option;

    *s = (struct session){.peers = true, .budget = BUDGET_DEFAULT};
    while (parsed == RUN && (option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        parsed = take_option(s, option);
    }
    for (int i = optind; parsed == RUN && i < argc; i++) {
        parsed = choose(s, argv[i]) ? RUN : WRONG;
    }
    for (size_t i = 0; parsed == RUN && optind == argc && i < NOTE_COUNT; i++) {
        s->wanted[i] = true;
    }
    return parsed;
}

int render_bench(int argc, char **argv)
{
    struct session s;
    struct machine m;
    enum parsed parsed = parse(argc, argv, &s);

    if (parsed != RUN) {
        return parsed == DONE ? EXIT_SUCCESS : 2;
    }
    s.peers = s.peers && render_peers_are_here();
    machine_describe(&m);
    printf("%s · %s, %ld cores · %s\n", m.date, m.cpu, m.cores, m.compiler);
    printf("CPU microseconds for one note in memory; MB/s of output; ratio: how much longer than cahier\n");
    for (size_t i = 0; i < NOTE_COUNT; i++) {
        int rc = s.wanted[i] ? run_note(&s, &notes[i]) : RC_OK;

        if (rc != RC_OK) {
            fprintf(stderr, "cahier-bench: %s: %s\n", notes[i].name, rc_text(rc));
            s.bad++;
        }
    }
    return s.bad > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
