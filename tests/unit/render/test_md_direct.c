/* Blocks that need no tokens come out as they would with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include "render/md_direct.h"
#include "tests/support/rng.h"
#include "tests/unit/render/render_rig.h"

static void blocks_are_direct_when_no_two_marks_meet(void **state)
{
    static const struct {
        const char *block, *expected; /* NULL: not direct */
    } cases[] = {
        {"paragraph\n", ""},
        {"paragraph\n  \"a\"\n", "a"},
        {"paragraph\n  \"# a\"\n", "\\# a"},
        {"paragraph\n  \"a \"\n  \"b\" bold\n  \" c\"\n", "a **b** c"},
        {"paragraph\n  \"a\" italic\n  \" - b\"\n", "*a* - b"},
        {"paragraph\n  \"é\" bold\n  \"a\"\n  \"é\" bold\n", "**é**a**é**"},
        {"paragraph\n  \"a \" bold\n  \"b\"\n", NULL},
        {"paragraph\n  \"a.\" bold\n", NULL},
        {"paragraph\n  \"a\" bold\n  \"b\" italic\n", NULL},
        {"paragraph\n  \"a\" bold italic\n", NULL},
        {"paragraph\n  \"a\" strike\n", NULL},
        {"paragraph\n  \"a\" link=/b\n  \" c\"\n", "[a](/b) c"},
        {"paragraph\n  \"https://a.b\" link=https://a.b\n", NULL},
        {"paragraph\n  \"a\" link=javascript:b\n", "a"},
        {"paragraph\n  \"x\"\n  \"2\" superscript\n  \"a|b\"\n  \" `\" code\n", "x<sup>2</sup>a|b``  ` ``"},
        {"paragraph\n  \"a\"\n  hardBreak\n", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct md_inline m = {0};
        struct buf b = {0};
        struct sheet s;
        bool direct;

        sheet_init(&s, cases[i].block);
        direct = md_direct_write(&m, s.tree.doc->first, &b);
        if (direct != (cases[i].expected != NULL)) {
            fail_msg("%s is %s", cases[i].block, direct ? "direct" : "not direct");
        }
        sheet_expect(&b, direct ? cases[i].expected : "");
        md_inline_finish(&m);
        sheet_finish(&s);
    }
}

/* ---- Against tokens --------------------------------------------------------------------------------------- */

#define RUNS_MOST 6

struct block {
    struct note_node parent, runs[RUNS_MOST];
};

/* A paragraph of a few words and, most of the time, at most one mark for each. */
static void fill(struct block *block, struct rng *rng)
{
    static const char *const words[] = {"a",     "b c",
                                        " ",     "d ",
                                        " e",    "1",
                                        ". f",   "-",
                                        "# g",   "_h_",
                                        "*",     "i!",
                                        "[j]",   "é",
                                        "€",     "«",
                                        "\t",    "k:l",
                                        "//m",   "&n;",
                                        "\\",    "|",
                                        "<o>",   "`p",
                                        "~",     "=",
                                        "2)",    "q\r",
                                        "ß",     "+ r",
                                        "$s$",   "^t",
                                        "www.u", "une longue suite de mots"};
    static const struct note_marks marks[] = {
        {.steps = 1u << NOTE_BOLD},
        {.steps = 1u << NOTE_ITALIC},
        {.steps = 1u << NOTE_UNDERLINE},
        {.steps = 1u << NOTE_INLINE_CODE},
        {.steps = 1u << NOTE_COMMENT},
        {.steps = 1u << NOTE_LINK, .href = {(const uint8_t *)"/a b", 4}},
        {.steps = 1u << NOTE_LINK, .href = {(const uint8_t *)"é", 2}},
        {.steps = 1u << NOTE_STYLE, .color = {(const uint8_t *)"#c00", 4}},
        {.steps = 1u << NOTE_BACKGROUND, .background = {(const uint8_t *)"red", 3}},
        {.steps = 1u << NOTE_STRIKE},
        {.steps = 1u << NOTE_BOLD | 1u << NOTE_ITALIC},
    };
    size_t count = 1 + rng_below(rng, RUNS_MOST);
    bool marked = rng_chance(rng, 50);

    *block = (struct block){.parent = {.kind = NOTE_PARAGRAPH, .first = block->runs}};
    for (size_t i = 0; i < count; i++, marked = rng_chance(rng, 90) ? !marked : marked) {
        block->runs[i] = (struct note_node){
            .kind = NOTE_TEXT,
            .text = span_str(words[rng_below(rng, sizeof(words) / sizeof(words[0]))]),
            .marks = marked ? &marks[rng_below(rng, sizeof(marks) / sizeof(marks[0]))] : NULL,
            .next = i + 1 < count ? &block->runs[i + 1] : NULL,
        };
    }
}

static void direct_blocks_come_out_as_tokens_would_give_them(void **state)
{
    struct md_inline direct = {0}, tokens = {0};
    struct rng rng;
    size_t met = 0;

    (void)state;
    rng_init(&rng, 20261122);
    for (size_t i = 0; i < 60000; i++) {
        enum md_where where = (enum md_where)rng_below(&rng, 3);
        struct buf a = {0}, b = {0};
        struct block block;

        fill(&block, &rng);
        direct.where = where;
        if (md_direct_write(&direct, &block.parent, &a)) {
            md_inline_begin(&tokens, where, (struct span){0});
            md_inline_add(&tokens, &block.parent, 0);
            assert_int_equal(md_inline_end(&tokens, &b), RC_OK);
            if (!span_equal(buf_span(&a), buf_span(&b))) {
                fail_msg("%zu: \"%.*s\", tokens \"%.*s\"", i, (int)a.len, (char *)a.data, (int)b.len, (char *)b.data);
            }
            met++;
        }
        assert_int_equal(direct.rc, RC_OK);
        buf_finish(&a);
        buf_finish(&b);
    }
    print_message("%zu blocks\n", met);
    assert_true(met > 10000);
    md_inline_finish(&direct);
    md_inline_finish(&tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_direct_when_no_two_marks_meet),
        cmocka_unit_test(direct_blocks_come_out_as_tokens_would_give_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
