/* Markdown is read back as the tree that was written: for random trees, cmark-gfm's HTML of our Markdown is our HTML,
 * up to what html_normal.h forgives. Arguments: number of trees, then optionally blocks per tree. $CAHIER_TREES is a
 * number of trees that wins over the argument. Seed: $CAHIER_SEED.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "crdt/base/arena.h"
#include "render/html.h"
#include "render/markdown.h"
#include "tests/render/html_normal.h"
#include "tests/render/random_tree.h"
#include "tests/support/files.h"

#define BATCH  200 /* trees for one run of the reader */
#define SKIP   77
#define READER "cmark-gfm --unsafe -e table -e strikethrough -e tasklist -e autolink"

struct batch {
    struct buf markdown; /* all of them, apart by comments */
    struct buf html[BATCH], source[BATCH];
    uint64_t seeds[BATCH];
    unsigned count;
};

static int as_html(void *context, const struct note_node *block, struct buf *out)
{
    struct html_options options = {.compact = true};

    (void)context;
    return html_write(block, &options, out);
}

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static void add_tree(struct batch *b, uint64_t seed, unsigned blocks, struct random_counts *counts)
{
    struct markdown_options md = {.html = as_html};
    struct html_options html = {0};
    struct arena arena;
    struct note_tree t;
    struct rng rng;
    unsigned i = b->count++;

    rng_init(&rng, seed);
    arena_init(&arena, 0);
    if (note_tree_init(&t, &arena, false) != RC_OK) {
        die("out of memory");
    }
    random_tree_gfm(&t, &rng, blocks, counts);
    buf_clear(&b->html[i]);
    buf_clear(&b->source[i]);
    b->seeds[i] = seed;
    if (note_tree_finish(&t) != RC_OK || markdown_write(t.doc, &md, &b->source[i]) != RC_OK ||
        html_write(t.doc, &html, &b->html[i]) != RC_OK) {
        die("not written");
    }
    buf_put_span(&b->markdown, buf_span(&b->source[i]));
    buf_printf(&b->markdown, "\n<!-- END %u -->\n\n", i);
    arena_finish(&arena);
}

static void read_back(const char *dir, const struct batch *b, struct buf *out)
{
    char path[512], command[1024];
    FILE *pipe = NULL;
    size_t got;

    snprintf(path, sizeof(path), "%s/trees.md", dir);
    snprintf(command, sizeof(command), READER " %s", path);
    if (files_write(path, buf_span(&b->markdown)) != RC_OK) {
        die("cannot write the trees");
    }
    pipe = popen(command, "r");
    if (pipe == NULL) {
        die("cannot run cmark-gfm");
    }
    do {
        if (buf_reserve(out, 65536) != RC_OK) {
            die("out of memory");
        }
        got = fread(out->data + out->len, 1, 65536, pipe);
        out->len += got;
    } while (got > 0);
    if (pclose(pipe) != 0) {
        die("cmark-gfm failed");
    }
}

static void show_difference(struct span ours, struct span theirs)
{
    size_t at = 0, from;

    while (at < ours.len && at < theirs.len && ours.data[at] == theirs.data[at]) {
        at++;
    }
    from = at < 60 ? 0 : at - 60;
    printf("---- ours, around the first difference\n%.*s\n---- read back\n%.*s\n\n",
           (int)(ours.len - from < 160 ? ours.len - from : 160), (const char *)ours.data + from,
           (int)(theirs.len - from < 160 ? theirs.len - from : 160), (const char *)theirs.data + from);
}

static bool compare(const struct batch *b, unsigned i, struct span theirs)
{
    struct buf ours_normal = {0}, theirs_normal = {0};
    bool same;

    html_normal(buf_span(&b->html[i]), &ours_normal);
    html_normal(theirs, &theirs_normal);
    same = span_equal(buf_span(&ours_normal), buf_span(&theirs_normal));
    if (!same) {
        printf("seed %llu\n---- markdown\n%.*s\n", (unsigned long long)b->seeds[i], (int)b->source[i].len,
               (char *)b->source[i].data);
        show_difference(buf_span(&ours_normal), buf_span(&theirs_normal));
    }
    buf_finish(&ours_normal);
    buf_finish(&theirs_normal);
    return same;
}

static unsigned run_batch(const char *dir, struct batch *b)
{
    struct buf out = {0};
    unsigned failures = 0;
    char *at;

    read_back(dir, b, &out);
    buf_put_u8(&out, 0);
    at = (char *)out.data;
    for (unsigned i = 0; i < b->count; i++) {
        char mark[64], *end;

        snprintf(mark, sizeof(mark), "<!-- END %u -->\n", i);
        end = strstr(at, mark);
        if (end == NULL) {
            die("the reader swallowed a border");
        }
        failures += compare(b, i, span_of(at, (size_t)(end - at))) ? 0 : 1;
        at = end + strlen(mark);
    }
    buf_finish(&out);
    return failures;
}

static void report(const struct random_counts *counts, unsigned failures)
{
    printf("%lu trees, %u differ;", counts->trees, failures);
    for (int kind = 1; kind < NOTE_KIND_COUNT; kind++) {
        if (counts->kinds[kind] > 0) {
            printf(" %s %lu", note_kind_name((enum note_kind)kind), counts->kinds[kind]);
        }
    }
    printf("; marks");
    for (int step = 0; step < NOTE_STEPS; step++) {
        printf(" %lu", counts->steps[step]);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    const char *wanted = getenv("CAHIER_TREES");
    unsigned long total = strtoul(wanted != NULL ? wanted : argc > 1 ? argv[1] : "2000", NULL, 10);
    unsigned blocks = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 6, failures = 0;
    struct random_counts counts = {0};
    static struct batch b;
    char *dir = NULL;
    uint64_t seed = rng_test_seed(20260601);

    if (system("cmark-gfm --version > /dev/null 2>&1") != 0) {
        printf("cmark-gfm is not installed\n");
        return SKIP;
    }
    dir = files_create_dir();
    for (unsigned long done = 0; done < total && failures < 5; done += b.count) {
        b.count = 0;
        buf_clear(&b.markdown);
        while (b.count < BATCH && done + b.count < total) {
            add_tree(&b, seed + done + b.count, blocks, &counts);
        }
        failures += run_batch(dir, &b);
    }
    for (unsigned i = 0; i < BATCH; i++) {
        buf_finish(&b.html[i]);
        buf_finish(&b.source[i]);
    }
    buf_finish(&b.markdown);
    files_remove_dir(dir);
    report(&counts, failures);
    return failures > 0 || counts.trees == 0 ? 1 : 0;
}
