#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/doc.h"
#include "crdt/wire/ditto.h"
#include "crdt/wire/state.h"
#include "tests/unit/lib0/lib0_check.h"

#define AUTHOR 300 /* a client id of two bytes */

/* A writer, a reader that gets each of his updates, and how many of these the reader knew beforehand. */
struct pair {
    enum crdt_format format;
    struct crdt_doc *writer, *reader;
    struct crdt_type text;
    size_t foreseen;
};

static void pair_init(struct pair *p, enum crdt_format format, uint64_t author)
{
    *p = (struct pair){.format = format};
    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = author}, &p->writer), RC_OK);
    assert_int_equal(crdt_doc_create(NULL, &p->reader), RC_OK);
    assert_int_equal(crdt_root_declare(p->writer, span_str("t"), CRDT_TEXT, &p->text), RC_OK);
}

/* The reader gets an update that lies in a block of just its size. */
static void hand_over(struct pair *p, struct span update)
{
    struct span exact = bytes_copy(update.data, update.len);

    p->foreseen += ditto_letter(p->reader, p->format, exact).len;
    assert_int_equal(crdt_apply(p->reader, p->format, exact, NULL), RC_OK);
    bytes_free(exact);
}

static void type_at(struct pair *p, uint32_t index, const char *letters)
{
    struct buf update = {0};

    assert_int_equal(crdt_txn_begin(p->writer), RC_OK);
    assert_int_equal(crdt_text_insert(p->writer, p->text, index, span_str(letters), NULL, 0), RC_OK);
    assert_int_equal(crdt_txn_commit(p->writer, p->format, &update), RC_OK);
    hand_over(p, buf_span(&update));
    buf_finish(&update);
}

static void pair_agrees(const struct pair *p)
{
    struct buf ours = {0}, theirs = {0};

    assert_null(crdt_check(p->reader));
    assert_int_equal(crdt_encode_state(p->writer, CRDT_V1, span_of(NULL, 0), &ours), RC_OK);
    assert_int_equal(crdt_encode_state(p->reader, CRDT_V1, span_of(NULL, 0), &theirs), RC_OK);
    assert_true(span_equal(buf_span(&ours), buf_span(&theirs)));
    buf_finish(&ours);
    buf_finish(&theirs);
}

static void pair_finish(struct pair *p)
{
    pair_agrees(p);
    crdt_doc_destroy(p->writer);
    crdt_doc_destroy(p->reader);
}

static const enum crdt_format formats[] = {CRDT_V1, CRDT_V2};

static void letters_that_go_on_are_foreseen(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;

        pair_init(&p, formats[f], AUTHOR);
        /* Far enough for clocks of three bytes; where a number grows by a byte the update is decoded. */
        for (uint32_t i = 0; i < 20000; i++) {
            type_at(&p, i, i % 2 ? "a" : "b");
        }
        assert_in_range(p.foreseen, 20000 - 2 - 8, 20000 - 2 - 2);
        pair_finish(&p);
    }
}

static void letters_before_others_are_foreseen(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;

        pair_init(&p, formats[f], AUTHOR);
        type_at(&p, 0, "<>");
        for (uint32_t i = 0; i < 10; i++) {
            type_at(&p, 1 + i, "x");
        }
        assert_int_equal(p.foreseen, 8);
        pair_finish(&p);
    }
}

/* The second update comes last of all: what was typed behind it waits, and is foreseen all the same. */
static void letters_that_wait_are_foreseen(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;
        struct buf late = {0};

        pair_init(&p, formats[f], AUTHOR);
        type_at(&p, 0, "<>");
        assert_int_equal(crdt_txn_begin(p.writer), RC_OK);
        assert_int_equal(crdt_text_insert(p.writer, p.text, 1, span_str("x"), NULL, 0), RC_OK);
        assert_int_equal(crdt_txn_commit(p.writer, p.format, &late), RC_OK);
        for (uint32_t i = 0; i < 400; i++) {
            type_at(&p, 2 + i, i % 3 ? "a" : "b");
        }
        assert_in_range(p.foreseen, 400 - 3 - 2, 400 - 3);
        assert_true(crdt_has_pending(p.reader));
        assert_null(crdt_check(p.reader));
        hand_over(&p, buf_span(&late));
        pair_finish(&p);
        buf_finish(&late);
    }
}

static void anything_else_is_not(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;

        pair_init(&p, formats[f], AUTHOR);
        for (uint32_t i = 0; i < 5; i++) {
            type_at(&p, i, "x");
        }
        size_t before = p.foreseen;
        type_at(&p, 5, "\xc3\xa9");
        type_at(&p, 6, "yz");
        type_at(&p, 2, "w");
        assert_int_equal(p.foreseen, before);
        pair_finish(&p);
    }
}

/* A pair that has typed five letters and whose writer is in its next transaction. */
static void begin_behind_letters(struct pair *p, enum crdt_format format)
{
    pair_init(p, format, AUTHOR);
    for (uint32_t i = 0; i < 5; i++) {
        type_at(p, i, "x");
    }
    assert_int_equal(crdt_txn_begin(p->writer), RC_OK);
}

static void a_letter_that_comes_twice_goes_in_once(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;
        struct buf update = {0};

        begin_behind_letters(&p, formats[f]);
        assert_int_equal(crdt_text_insert(p.writer, p.text, 5, span_str("y"), NULL, 0), RC_OK);
        assert_int_equal(crdt_txn_commit(p.writer, p.format, &update), RC_OK);
        hand_over(&p, buf_span(&update));
        hand_over(&p, buf_span(&update));
        pair_finish(&p);
        buf_finish(&update);
    }
}

/* Two authors take turns: what the one sends is not what the other's next letter looks like. */
static void authors_in_turn_are_kept_apart(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p, q;
        struct buf all = {0};

        pair_init(&p, formats[f], AUTHOR);
        pair_init(&q, formats[f], AUTHOR + 1);
        crdt_doc_destroy(q.reader);
        q.reader = p.reader;
        for (uint32_t i = 0; i < 30; i++) {
            type_at(i / 3 % 2 ? &q : &p, 0 + i / 6 * 3 + i % 3, "x");
        }
        assert_int_equal(crdt_encode_state(p.reader, CRDT_V1, span_of(NULL, 0), &all), RC_OK);
        assert_int_equal(crdt_apply(p.writer, CRDT_V1, buf_span(&all), NULL), RC_OK);
        pair_finish(&p);
        crdt_doc_destroy(q.writer);
        buf_finish(&all);
    }
}

/* Written otherwise than by anybody known; the fourth is the third with each clock one more, in the same manner. */
static const struct {
    const char *what;
    enum crdt_format format;
    const char *first, *second, *third;
} odd[] = {
    {"plain", CRDT_V1, "0101070004010174016100",
     "010107018407000161"
     "00",
     "010107028407010161"
     "00"},
    {"a clock with a byte too many", CRDT_V1, "0101070004010174016100",
     "01010781008407000161"
     "00",
     "01010782008407010161"
     "00"},
    {"an origin's clock with a byte too many", CRDT_V1, "0101070004010174016100",
     "01010701840780000161"
     "00",
     "01010702840781000161"
     "00"},
};

static void only_plain_numbers_are_stepped_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        struct pair p;
        const char *const updates[] = {odd[i].first, odd[i].second, odd[i].third};

        pair_init(&p, odd[i].format, 1);
        print_message("%s\n", odd[i].what);
        for (size_t j = 0; j < 3; j++) {
            struct span update = bytes_from_hex(updates[j]);

            hand_over(&p, update);
            bytes_free(update);
        }
        assert_int_equal(p.foreseen, i == 0);
        assert_int_equal(crdt_state(p.reader, 7), 3);
        assert_null(crdt_check(p.reader));
        crdt_doc_destroy(p.writer);
        crdt_doc_destroy(p.reader);
    }
}

/* ---- going out ------------------------------------------------------------------------------------------ */

/* One transaction each. */
static const struct step {
    const char *letters; /* NULL: units are deleted */
    uint32_t index, len;
    bool silent; /* nobody asks for its update */
} steps[] = {
    {"a", 0, 0, false},  {"b", 1, 0, false},        {"c", 2, 0, false},   {"d", 3, 0, true},   {"e", 4, 0, false},
    {"f", 5, 0, false},  {"\xc3\xa9", 6, 0, false}, {"g", 7, 0, false},   {"h", 8, 0, false},  {"ij", 9, 0, false},
    {"k", 11, 0, false}, {"l", 12, 0, false},       {NULL, 12, 1, false}, {"m", 12, 0, false}, {"n", 13, 0, false},
    {"o", 3, 0, false},  {"p", 4, 0, false},        {"q", 5, 0, false},   {NULL, 0, 2, false}, {"r", 4, 0, false},
    {"s", 5, 0, false},  {"t", 6, 0, false},        {"u", 0, 0, false},   {"v", 1, 0, false},  {"w", 2, 0, false},
};

static void do_step(struct crdt_doc *doc, struct crdt_type text, const struct step *s)
{
    if (s->letters != NULL) {
        assert_int_equal(crdt_text_insert(doc, text, s->index, span_str(s->letters), NULL, 0), RC_OK);
    } else {
        assert_int_equal(crdt_text_delete(doc, text, s->index, s->len), RC_OK);
    }
}

/* What goes out is what anybody would write: the update that a document yields who has seen all that was before. */
static void letters_go_out_as_they_would_without(void **state)
{
    size_t known = 0;

    (void)state;
    for (size_t i = 0; i < 6 * sizeof(steps) / sizeof(steps[0]); i++) {
        struct pair p;
        struct buf update = {0}, plain = {0};
        size_t count = sizeof(steps) / sizeof(steps[0]), last = i / 2 % count;

        pair_init(&p, formats[i % 2], i / 2 < count ? AUTHOR : i / 2 < 2 * count ? 1 : UINT32_MAX);
        for (size_t j = 0; j <= last; j++) {
            update.len = 0;
            assert_int_equal(crdt_txn_begin(p.writer), RC_OK);
            do_step(p.writer, p.text, &steps[j]);
            known += j == last && p.writer->echo.known;
            assert_int_equal(crdt_txn_commit(p.writer, p.format, steps[j].silent ? NULL : &update), RC_OK);
        }
        if (!steps[last].silent) {
            assert_int_equal(state_encode_changes(p.writer, p.format, &plain), RC_OK);
            assert_true(plain.len > 0 && span_equal(buf_span(&update), buf_span(&plain)));
        }
        assert_null(crdt_check(p.writer));
        buf_finish(&update);
        buf_finish(&plain);
        crdt_doc_destroy(p.writer);
        crdt_doc_destroy(p.reader);
    }
    assert_in_range(known, 30, 100);
}

/* A value is one clock, too, and no letter. */
static void what_is_no_letter_is_no_echo(void **state)
{
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct pair p;
        struct buf update = {0};

        begin_behind_letters(&p, formats[f]);
        assert_int_equal(crdt_text_insert_embed(p.writer, p.text, 1, span_str("\x78"), NULL, 0), RC_OK);
        assert_int_equal(crdt_txn_commit(p.writer, p.format, &update), RC_OK);
        hand_over(&p, buf_span(&update));
        pair_finish(&p);
        buf_finish(&update);
    }
}

static void a_letter_without_memory_for_its_update_is_told(void **state)
{
    struct buf broken = {.rc = RC_NOMEM};
    struct pair p;

    (void)state;
    pair_init(&p, CRDT_V1, AUTHOR);
    for (uint32_t i = 0; i < 5; i++) {
        type_at(&p, i, "x");
    }
    assert_int_equal(crdt_txn_begin(p.writer), RC_OK);
    assert_int_equal(crdt_text_insert(p.writer, p.text, 5, span_str("y"), NULL, 0), RC_OK);
    assert_true(p.writer->echo.known);
    assert_int_equal(crdt_txn_commit(p.writer, CRDT_V1, &broken), RC_NOMEM);
    assert_int_equal(broken.len, 0);
    crdt_doc_destroy(p.writer);
    crdt_doc_destroy(p.reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_go_out_as_they_would_without),
        cmocka_unit_test(what_is_no_letter_is_no_echo),
        cmocka_unit_test(a_letter_without_memory_for_its_update_is_told),
        cmocka_unit_test(letters_that_go_on_are_foreseen),
        cmocka_unit_test(letters_before_others_are_foreseen),
        cmocka_unit_test(letters_that_wait_are_foreseen),
        cmocka_unit_test(anything_else_is_not),
        cmocka_unit_test(a_letter_that_comes_twice_goes_in_once),
        cmocka_unit_test(authors_in_turn_are_kept_apart),
        cmocka_unit_test(only_plain_numbers_are_stepped_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
