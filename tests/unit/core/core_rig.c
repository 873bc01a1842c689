#include "tests/unit/core/core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "crdt/core/branch.h"
#include "crdt/core/client.h"
#include "crdt/core/ids.h"
#include "crdt/core/pending.h"
#include "crdt/core/plan.h"
#include "crdt/core/pool.h"
#include "crdt/core/seq.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/enc.h"
#include "crdt/lib0/utf.h"
#include "tests/unit/lib0/alloc_fault.h"

#define BLOCKS 64

/* An update being read: blocks borrow from `content`. */
struct script {
    struct block block[BLOCKS];
    struct buf content[BLOCKS];
    size_t count;
    struct idset deletes;
    char *words; /* a copy of the text, cut into words */
    char *at;
};

static struct buf shown;

struct crdt_doc *rig_doc(bool keep_deleted)
{
    struct crdt_doc *doc = NULL;

    assert_int_equal(crdt_doc_create(&(struct crdt_doc_options){.client = 1, .keep_deleted = keep_deleted}, &doc),
                     RC_OK);
    return doc;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

/* The next word, NULL at the end of the struct or of the text. */
static char *word(struct script *s)
{
    char *start;

    while (*s->at == ' ') {
        s->at++;
    }
    if (*s->at == '\0' || *s->at == ';') {
        return NULL;
    }
    start = s->at;
    s->at += strcspn(s->at, " ;");
    if (*s->at == ' ') {
        *s->at++ = '\0';
    } else if (*s->at == ';') {
        memmove(s->at + 1, s->at, strlen(s->at) + 1);
        *s->at++ = '\0';
    }
    return start;
}

static char *must_word(struct script *s)
{
    char *w = word(s);

    if (w == NULL) {
        fail_msg("a word is missing");
    }
    return w;
}

static struct id read_id(const char *text)
{
    unsigned long long client, clock;

    assert_int_equal(sscanf(text, "%llu:%llu", &client, &clock), 2);
    return (struct id){client, clock};
}

static uint64_t read_values(char *json, struct buf *out)
{
    uint64_t count = 0;

    for (char *one = strtok(json, ","); one != NULL; one = strtok(NULL, ",")) {
        assert_int_equal(lib0_any_from_json(span_str(one), out), RC_OK);
        count++;
    }
    return count;
}

static void read_content(struct script *s, struct block *b, struct buf *out)
{
    const char *kind = must_word(s);
    char *operand = must_word(s);

    b->len = 1;
    if (strcmp(kind, "text") == 0) {
        b->ref = BLOCK_STRING;
        buf_put_str(out, operand);
        b->len = utf16_length(buf_span(out));
    } else if (strcmp(kind, "any") == 0) {
        b->ref = BLOCK_ANY;
        b->len = read_values(operand, out);
    } else if (strcmp(kind, "format") == 0) {
        b->ref = BLOCK_FORMAT;
        lib0_put_varstring(out, span_str(operand));
        (void)read_values(must_word(s), out);
    } else if (strcmp(kind, "type") == 0) {
        b->ref = BLOCK_TYPE;
        b->type = (uint8_t)atoi(operand);
    } else {
        b->ref = strcmp(kind, "gc") == 0 ? BLOCK_GC : strcmp(kind, "del") == 0 ? BLOCK_DELETED : BLOCK_SKIP;
        b->len = strtoull(operand, NULL, 10);
    }
    b->content = buf_span(out);
}

static void read_place(struct script *s, struct block *b, const char *what)
{
    char *operand = must_word(s);

    if (strcmp(what, "after") == 0) {
        b->flags |= BLOCK_HAS_ORIGIN;
        b->origin = read_id(operand);
    } else if (strcmp(what, "before") == 0) {
        b->flags |= BLOCK_HAS_RIGHT_ORIGIN;
        b->right_origin = read_id(operand);
    } else if (strcmp(what, "root") == 0) {
        b->flags |= BLOCK_PARENT_ROOT;
        b->parent_name = span_str(operand);
    } else if (strcmp(what, "in") == 0) {
        b->flags |= BLOCK_PARENT_ID;
        b->parent = read_id(operand);
    } else if (strcmp(what, "key") == 0) {
        b->flags |= BLOCK_HAS_PARENT_SUB;
        b->parent_sub = span_str(operand);
    } else {
        fail_msg("no place is called %s", what);
    }
}

static void read_one(struct script *s)
{
    char *first = must_word(s), *place;
    unsigned long long client, clock, len;

    if (strcmp(first, "delete") == 0) {
        assert_int_equal(sscanf(must_word(s), "%llu:%llu+%llu", &client, &clock, &len), 3);
        assert_int_equal(idset_push(&s->deletes, client, clock, len), RC_OK);
        return;
    }
    assert_in_range(s->count, 0, BLOCKS - 1);
    struct block *b = &s->block[s->count];
    b->id = read_id(first);
    read_content(s, b, &s->content[s->count]);
    while ((place = word(s)) != NULL) {
        read_place(s, b, place);
    }
    s->count++;
}

static void read_script(const char *text, struct script *s)
{
    *s = (struct script){0};
    s->words = malloc(2 * strlen(text) + 2);
    assert_non_null(s->words);
    memcpy(s->words, text, strlen(text) + 1);
    s->at = s->words;
    while (*s->at != '\0') {
        read_one(s);
        s->at += strspn(s->at, "; ");
    }
    assert_int_equal(idset_normalize(&s->deletes), RC_OK);
}

static void free_script(struct script *s)
{
    for (size_t i = 0; i < BLOCKS; i++) {
        buf_finish(&s->content[i]);
    }
    idset_finish(&s->deletes);
    free(s->words);
}

/* Blocks of one client whose clocks follow each other are one piece, as decoding makes them. */
static size_t make_pieces(const struct script *s, struct piece *pieces)
{
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct block *b = &s->block[i];
        if (i > 0 && b->id.client == b[-1].id.client && b->id.clock == b[-1].id.clock + b[-1].len) {
            pieces[count - 1].count++;
        } else {
            pieces[count++] = (struct piece){b, 1};
        }
    }
    return count;
}

int rig_apply(struct crdt_doc *doc, const char *update)
{
    return rig_apply_failing(doc, update, 0);
}

int rig_apply_failing(struct crdt_doc *doc, const char *update, unsigned n)
{
    struct script *s = malloc(sizeof(*s));
    struct piece pieces[BLOCKS + 1];
    struct arena scratch;
    int rc;

    assert_non_null(s);
    read_script(update, s);
    size_t count = make_pieces(s, pieces);
    arena_init(&scratch, 0);
    alloc_fault_at(n);
    rc = apply_pieces(doc, pieces, count, &s->deletes, &scratch);
    alloc_fault_at(0);
    arena_finish(&scratch);
    free_script(s);
    free(s);
    return rc;
}

void rig_must(struct crdt_doc *doc, const char *update)
{
    int rc = rig_apply(doc, update);
    const char *broken = crdt_check(doc);

    if (rc != RC_OK || broken != NULL) {
        fail_msg("%s: %s, %s", update, rc_text(rc), broken != NULL ? broken : "all invariants hold");
    }
}

/* ---- showing --------------------------------------------------------------------------------------------- */

static const char *finish_shown(void)
{
    if (shown.len > 0) {
        shown.len--; /* the last blank */
    }
    buf_put_u8(&shown, '\0');
    assert_int_equal(shown.rc, RC_OK);
    return (const char *)shown.data;
}

static void show_struct(const struct crdt_doc *doc, uint64_t client, uint32_t clock, uint32_t len, uint32_t item)
{
    const char *mark = item == 0 ? "gc" : item_deleted(item_at(doc, item)) ? "~" : "";

    buf_printf(&shown, "%llu:%u+%u%s ", (unsigned long long)client, clock, len, mark);
}

const char *rig_structs(const struct crdt_doc *doc)
{
    uint32_t *order = malloc((doc->client_count + 1) * sizeof(*order));
    uint32_t count;

    assert_non_null(order);
    count = client_order(doc, order);
    buf_clear(&shown);
    for (uint32_t i = 0; i < count; i++) {
        struct id_pos pos = ids_first(doc, order[i]);
        do {
            show_struct(doc, doc->clients[order[i]].id, ids_clock(doc, &pos), ids_len(doc, &pos), ids_item(doc, &pos));
        } while (ids_next(doc, &pos));
    }
    free(order);
    return finish_shown();
}

static uint32_t seq_named(const struct crdt_doc *doc, const char *root, const char *key)
{
    uint32_t branch = branch_root_find(doc, span_str(root));

    if (branch == 0) {
        return 0;
    }
    return key != NULL ? branch_key_find(doc, branch, span_str(key)) : doc->branches[branch].list;
}

const char *rig_list(const struct crdt_doc *doc, const char *root, const char *key)
{
    uint32_t seq = seq_named(doc, root, key);

    buf_clear(&shown);
    for (uint32_t item = seq != 0 ? seq_first(doc, seq) : 0; item != 0; item = seq_next(doc, item)) {
        const struct item *it = item_at(doc, item);
        show_struct(doc, doc->clients[it->client].id, it->clock, it->len, item);
    }
    return finish_shown();
}

const char *rig_waiting(const struct crdt_doc *doc)
{
    static const char *const kinds[] = {"gc", "del", "json", "binary", "text", "embed", "format", "type", "any", "doc"};

    buf_clear(&shown);
    for (uint32_t i = 1; doc->pending != NULL && i < doc->pending->count; i++) {
        const struct pending_queue *q = &doc->pending->queues[i];
        for (uint32_t k = 0; k < q->count; k++) {
            const struct held *h = pending_held(q, k);
            for (uint32_t n = 0; n < held_count(h); n++) {
                struct block b = held_struct(h, n);
                buf_printf(&shown, "%llu:%llu+%llu%s ", (unsigned long long)b.id.client, (unsigned long long)b.id.clock,
                           (unsigned long long)b.len, kinds[b.ref]);
            }
        }
    }
    return finish_shown();
}

const char *rig_text(const struct crdt_doc *doc, const char *root)
{
    uint32_t seq = seq_named(doc, root, NULL);

    buf_clear(&shown);
    for (uint32_t item = seq != 0 ? seq_first(doc, seq) : 0; item != 0; item = seq_next(doc, item)) {
        const struct item *it = item_at(doc, item);
        if (item_kind(it) == BLOCK_STRING && !item_deleted(it)) {
            buf_put_span(&shown, pool_span(doc, it->off, it->bytes));
        }
    }
    buf_put_u8(&shown, ' ');
    return finish_shown();
}

struct buf rig_state(const struct crdt_doc *doc)
{
    struct buf state = {0};

    assert_int_equal(crdt_encode_state(doc, CRDT_V1, span_of(NULL, 0), &state), RC_OK);
    return state;
}
