/* Attacks by cuts, deletes, types, formats, and on what is read and written as a whole. */
#include "crdt/lib0/enc.h"
#include "tests/model/attacks.h"
#include "tests/model/growth.h"

/* ---- cuts and deletes --------------------------------------------------------------------------------- */

static struct crdt_doc *long_text(size_t n, const char *letter)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0}, text = {0};

    for (size_t i = 0; i < n; i++) {
        buf_put_str(&text, letter);
    }
    put_head(&update, 7, 0, 1);
    buf_put_u8(&update, TEXT);
    lib0_put_varuint(&update, 1);
    lib0_put_varstring(&update, span_str("t"));
    lib0_put_varstring(&update, buf_span(&text));
    put_no_deletes(&update);
    attack(doc, &update, RC_OK);
    buf_finish(&text);
    buf_finish(&update);
    return doc;
}

static void cuts(size_t n, const char *letter, size_t (*where)(size_t i, size_t n))
{
    struct crdt_doc *doc = long_text(2 * n, letter);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, 2 * where(i, n), 1);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

static size_t from_the_end(size_t i, size_t n)
{
    return n - 1 - i;
}

static size_t outwards(size_t i, size_t n)
{
    return i % 2 == 0 ? n / 2 + i / 2 : n / 2 - 1 - i / 2;
}

static void cuts_from_the_end(size_t n)
{
    cuts(n, "a", from_the_end);
}

static void cuts_outwards(size_t n)
{
    cuts(n, "a", outwards);
}

static void cuts_of_long_letters(size_t n)
{
    cuts(n, "\xe2\x82\xac", outwards);
}

/* Typing and taking away at one spot in a long text. */
static void typing_and_erasing(size_t n)
{
    struct crdt_doc *doc = long_text(n, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_insert(doc, text, n / 2, span_str("xy"), NULL, 0) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_delete(doc, text, n / 2 + i % 2, 1) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    attacked_destroy(doc);
}

/* ---- types ------------------------------------------------------------------------------------------------- */

/* Types in types, in one update, deleted and (unless kept) collected; read before, too. */
static void nested(size_t n, bool keep)
{
    struct crdt_doc *doc = attacked_doc(keep);
    struct buf update = {0}, out = {0};
    struct crdt_stat stat;

    put_head(&update, 7, 0, n);
    for (size_t i = 0; i < n; i++) {
        buf_put_u8(&update, TYPE);
        if (i == 0) {
            lib0_put_varuint(&update, 1);
            lib0_put_varstring(&update, span_str("t"));
        } else {
            lib0_put_varuint(&update, 0);
            put_id(&update, 7, i - 1);
        }
        lib0_put_varuint(&update, i == 0 ? 2 : 0); /* a text, then arrays */
    }
    put_no_deletes(&update);
    attack(doc, &update, RC_OK);
    CHECK(crdt_type_to_json(doc, crdt_root(doc, span_str("t")), &out) != RC_NOMEM);
    put_delete(&update, 7, 0, 1);
    attack(doc, &update, RC_OK);
    crdt_doc_stat(doc, &stat);
    CHECK(keep ? stat.items == n : stat.items == 1 && stat.structs == 2);
    buf_finish(&update);
    buf_finish(&out);
    attacked_destroy(doc);
}

static void nested_collected(size_t n)
{
    nested(n, false);
}

static void nested_kept(size_t n)
{
    nested(n, true);
}

/* Types beside each other, one an update, each deleted by the next update. */
static void types_come_and_go(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        put_head(&update, 7, i, 1);
        buf_put_u8(&update, TYPE | (i > 0 ? ORIGIN : 0));
        if (i > 0) {
            put_id(&update, 7, i - 1);
        } else {
            lib0_put_varuint(&update, 1);
            lib0_put_varstring(&update, span_str("t"));
        }
        lib0_put_varuint(&update, 0);
        put_no_deletes(&update);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, i * 7919 % n, 1);
        attack(doc, &update, RC_OK);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

static void many_roots(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct buf update = {0};

    for (size_t i = 0; i < n; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "root %zu", i * 7919 % n);
        put_head(&update, 7, i, 1);
        buf_put_u8(&update, TEXT);
        lib0_put_varuint(&update, 1);
        lib0_put_varstring(&update, span_str(name));
        lib0_put_varstring(&update, span_str("x"));
        put_no_deletes(&update);
        attack(doc, &update, RC_OK);
    }
    for (struct crdt_type root = {0}; !crdt_type_is_none(root = crdt_root_next(doc, root));) {
        CHECK(crdt_type_length(doc, root) == 1);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

static void many_keys(size_t n)
{
    struct crdt_doc *doc = attacked_doc(false);
    struct crdt_type map;
    struct buf json = {0};

    CHECK(crdt_root_declare(doc, span_str("m"), CRDT_MAP, &map) == RC_OK);
    for (size_t i = 0; i < 2 * n; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "key %zu", i * 7919 % n);
        static const uint8_t null = 126;
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_map_set(doc, map, span_str(name), span_of(&null, 1)) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    CHECK(crdt_type_to_json(doc, map, &json) == RC_OK);
    buf_finish(&json);
    attacked_destroy(doc);
}

/* ---- formats -------------------------------------------------------------------------------------------------- */

static void make_bold(struct crdt_doc *doc, struct crdt_type text, uint64_t at, bool bold)
{
    static const uint8_t values[] = {126, 120}; /* null, true */
    struct crdt_attr attr = {.key = span_str("bold"), .value = span_of(&values[bold], 1)};

    CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_format(doc, text, at, 1, &attr, 1) == RC_OK &&
          crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
}

/* Every other letter is bold; then letters are typed at any place, each of which asks what it is in. */
static void typing_among_marks(size_t n)
{
    struct crdt_doc *doc = long_text(2 * n, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        make_bold(doc, text, 2 * i, true);
    }
    for (size_t i = 0; i < n; i++) {
        CHECK(crdt_txn_begin(doc) == RC_OK &&
              crdt_text_insert(doc, text, i * 7919 % (2 * n), span_str("x"), NULL, 0) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    attacked_destroy(doc);
}

/* The same letter becomes bold and not, again and again: what is deleted there grows. */
static void marks_at_one_spot(size_t n)
{
    struct crdt_doc *doc = long_text(10, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        make_bold(doc, text, 5, i % 2 == 0);
    }
    attacked_destroy(doc);
}

/* The same at the head, with letters that come and go before and behind it. */
static void edits_around_dead_marks(size_t n)
{
    static const uint8_t yes[] = {120}; /* true */
    struct crdt_attr italic = {.key = span_str("italic"), .value = span_of(yes, 1)};
    struct crdt_doc *doc = long_text(10, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        make_bold(doc, text, 0, i % 2 == 0);
        CHECK(crdt_txn_begin(doc) == RC_OK &&
              crdt_text_insert(doc, text, i % 2, span_str("xy"), i % 3 == 0 ? &italic : NULL, i % 3 == 0) == RC_OK &&
              crdt_text_delete(doc, text, i % 2, 2) == RC_OK && crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    attacked_destroy(doc);
}

/* Two letters with more and more that is deleted between them go at once. */
static void deletes_across_the_dead(size_t n)
{
    struct crdt_doc *doc = long_text(10, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_delete(doc, text, 4, 2) == RC_OK &&
              crdt_text_insert(doc, text, 4, span_str("x"), NULL, 0) == RC_OK &&
              crdt_text_insert(doc, text, 4, span_str("y"), NULL, 0) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    attacked_destroy(doc);
}

/* Behind many bold letters, letters come that are italic and nothing else: all formats at that place are asked for. */
static void formats_behind_marks(size_t n)
{
    static const uint8_t yes[] = {120}; /* true */
    struct crdt_attr italic = {.key = span_str("italic"), .value = span_of(yes, 1)};
    struct crdt_doc *doc = long_text(2 * n, "a");
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        make_bold(doc, text, 2 * i, true);
    }
    for (size_t i = 0; i < n; i++) {
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_insert(doc, text, 2 * n, span_str("x"), &italic, 1) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
    }
    attacked_destroy(doc);
}

/* One letter at the head is bold and not, in turn; each time the end of a text of many pieces asks what is in force. */
static void a_mark_comes_and_goes(size_t n)
{
    static const uint8_t yes[] = {120}; /* true */
    struct crdt_attr italic = {.key = span_str("italic"), .value = span_of(yes, 1)};
    struct crdt_doc *doc = long_text(2 * n, "a");
    struct buf update = {0};
    struct crdt_type text;

    CHECK(crdt_root_declare(doc, span_str("t"), CRDT_TEXT, &text) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 7, 2 * i + 1, 1);
        attack(doc, &update, RC_OK);
    }
    for (size_t i = 0; i < n / 8; i++) {
        make_bold(doc, text, 8 * i % n, true);
        CHECK(crdt_txn_begin(doc) == RC_OK && crdt_text_insert(doc, text, n + i, span_str("x"), &italic, 1) == RC_OK &&
              crdt_txn_commit(doc, CRDT_V1, NULL) == RC_OK);
        make_bold(doc, text, 8 * i % n, false);
    }
    buf_finish(&update);
    attacked_destroy(doc);
}

/* ---- reading and writing as a whole ------------------------------------------------------------------------- */

static struct buf *letters_of_many(size_t n)
{
    struct buf *updates = calloc(n, sizeof(*updates));

    CHECK(updates != NULL);
    for (size_t i = 0; i < n; i++) {
        put_root_text(&updates[i], 2 + i, "x");
    }
    return updates;
}

static void free_updates(struct buf *updates, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_finish(&updates[i]);
    }
    free(updates);
}

/* Merging what many clients wrote, what of it is new to somebody, its state vector, and all in the other format. */
static void merge_and_diff(size_t n)
{
    struct buf *updates = letters_of_many(n), merged = {0}, vector = {0}, diff = {0}, other = {0};
    struct span *spans = malloc(n * sizeof(*spans));

    CHECK(spans != NULL);
    for (size_t i = 0; i < n; i++) {
        spans[i * 7919 % n] = buf_span(&updates[i]);
    }
    CHECK(crdt_update_merge(CRDT_V1, spans, n, &merged) == RC_OK);
    CHECK(crdt_update_state_vector(CRDT_V1, buf_span(&merged), &vector) == RC_OK);
    CHECK(crdt_update_diff(CRDT_V1, buf_span(&merged), buf_span(&vector), &diff) == RC_OK);
    CHECK(crdt_update_convert(CRDT_V1, CRDT_V2, buf_span(&merged), &other) == RC_OK);
    free(spans);
    free_updates(updates, n);
    buf_finish(&merged);
    buf_finish(&vector);
    buf_finish(&diff);
    buf_finish(&other);
}

/* A document by many clients is written, loaded, deleted in part, and looked at as it was. */
static void whole_states(size_t n)
{
    struct crdt_doc *doc = attacked_doc(true), *copy = attacked_doc(false), *then;
    struct buf update = {0}, snapshot = {0}, state = {0}, vector = {0};

    for (size_t i = 0; i < n; i++) {
        put_root_text(&update, 2 + i, "xyz");
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_encode_snapshot(doc, &snapshot) == RC_OK);
    for (size_t i = 0; i < n; i++) {
        put_delete(&update, 2 + i * 7919 % n, 1, 1);
        attack(doc, &update, RC_OK);
    }
    CHECK(crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &state) == RC_OK);
    CHECK(crdt_load(copy, CRDT_V2, buf_span(&state)) == RC_OK);
    CHECK(crdt_encode_state_vector(copy, &vector) == RC_OK);
    buf_clear(&state);
    CHECK(crdt_encode_state(doc, CRDT_V1, buf_span(&vector), &state) == RC_OK);
    CHECK(crdt_doc_at(doc, buf_span(&snapshot), &then) == RC_OK);
    attacked_destroy(then);
    attacked_destroy(copy);
    attacked_destroy(doc);
    buf_finish(&update);
    buf_finish(&snapshot);
    buf_finish(&state);
    buf_finish(&vector);
}

const struct growth growth_content[] = {
    {"cuts from the end", cuts_from_the_end, 4000},
    {"cuts outwards", cuts_outwards, 4000},
    {"cuts of long letters", cuts_of_long_letters, 4000},
    {"typing and erasing", typing_and_erasing, 4000},
    {"nested types, collected", nested_collected, 4000},
    {"nested types, kept", nested_kept, 4000},
    {"types come and go", types_come_and_go, 4000},
    {"many roots", many_roots, 2000},
    {"many keys", many_keys, 2000},
    {"typing among marks", typing_among_marks, 1000},
    {"formats behind marks", formats_behind_marks, 1000},
    {"a mark comes and goes", a_mark_comes_and_goes, 2000},
    {"marks at one spot", marks_at_one_spot, 2000},
    {"edits around dead marks", edits_around_dead_marks, 1000},
    {"deletes across the dead", deletes_across_the_dead, 2000},
    {"merge and diff", merge_and_diff, 2000},
    {"whole states", whole_states, 2000},
    {NULL, NULL, 0},
};
