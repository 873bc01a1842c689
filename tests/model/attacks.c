#include "tests/model/attacks.h"

#include "crdt/lib0/enc.h"

struct crdt_doc *attacked_doc(bool keep_deleted)
{
    struct crdt_doc *doc;

    CHECK(crdt_doc_create(&(struct crdt_doc_options){.client = 1, .keep_deleted = keep_deleted}, &doc) == RC_OK);
    return doc;
}

/* The update lies in a block of its size, so that reading beyond it is seen. */
void attack(struct crdt_doc *doc, const struct buf *update, int expected)
{
    uint8_t *copy = malloc(update->len);

    CHECK(update->rc == RC_OK && copy != NULL);
    memcpy(copy, update->data, update->len);
    CHECK(crdt_apply(doc, CRDT_V1, span_of(copy, update->len), NULL) == expected);
    free(copy);
}

void attacked_destroy(struct crdt_doc *doc)
{
    const char *broken = crdt_check(doc);

    if (broken != NULL) {
        (void)fprintf(stderr, "%s\n", broken);
        abort();
    }
    crdt_doc_destroy(doc);
}

void put_id(struct buf *b, uint64_t client, uint64_t clock)
{
    lib0_put_varuint(b, client);
    lib0_put_varuint(b, clock);
}

void put_head(struct buf *b, uint64_t client, uint64_t clock, uint64_t structs)
{
    buf_clear(b);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, structs);
    put_id(b, client, clock);
}

void put_no_deletes(struct buf *b)
{
    lib0_put_varuint(b, 0);
}

void put_root_text(struct buf *b, uint64_t client, const char *text)
{
    put_head(b, client, 0, 1);
    buf_put_u8(b, TEXT);
    lib0_put_varuint(b, 1);
    lib0_put_varstring(b, span_str("t"));
    lib0_put_varstring(b, span_str(text));
    put_no_deletes(b);
}

void put_letter(struct buf *b, uint64_t client, uint64_t clock, uint8_t flag, uint64_t other, uint64_t other_clock)
{
    put_head(b, client, clock, 1);
    buf_put_u8(b, (uint8_t)(TEXT | flag));
    put_id(b, other, other_clock);
    lib0_put_varstring(b, span_str("x"));
    put_no_deletes(b);
}

void put_between(struct buf *b, uint64_t client, uint64_t clock, uint64_t left, uint64_t left_clock, uint64_t right,
                 uint64_t right_clock)
{
    put_head(b, client, clock, 1);
    buf_put_u8(b, TEXT | ORIGIN | RIGHT);
    put_id(b, left, left_clock);
    put_id(b, right, right_clock);
    lib0_put_varstring(b, span_str("x"));
    put_no_deletes(b);
}

void put_delete(struct buf *b, uint64_t client, uint64_t clock, uint64_t len)
{
    buf_clear(b);
    lib0_put_varuint(b, 0);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, client);
    lib0_put_varuint(b, 1);
    lib0_put_varuint(b, clock);
    lib0_put_varuint(b, len);
}
