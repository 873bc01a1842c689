/* Two people write one text, each in a document of their own, and exchange what the other has not seen.
 *
 *     cc two_writers.c $(pkg-config --cflags --libs cahier-crdt) -o two_writers
 *
 * Exit code 0 when both have the same text at the end. */
#include <stdio.h>
#include <stdlib.h>
#include <cahier/crdt/crdt.h>

struct writer {
    struct crdt_doc *doc;
    struct crdt_type text;
};

/* An example may end where a program would handle the error. */
static void must(int rc)
{
    if (rc != RC_OK) {
        fprintf(stderr, "two_writers: %s\n", rc_text(rc));
        exit(EXIT_FAILURE);
    }
}

static void open_writer(struct writer *w, uint64_t client)
{
    must(crdt_doc_create(&(struct crdt_doc_options){.client = client}, &w->doc));
    must(crdt_root_declare(w->doc, span_str("note"), CRDT_TEXT, &w->text));
}

/* One edit is one transaction; its update could be sent at once. Here the writers are offline. */
static void write_at(struct writer *w, uint64_t index, const char *words)
{
    must(crdt_txn_begin(w->doc));
    must(crdt_text_insert(w->doc, w->text, index, span_str(words), NULL, 0));
    must(crdt_txn_commit(w->doc, CRDT_V1, NULL));
}

/* What `from` has and `to` does not know of: `to` tells its state vector, `from` answers with an update. */
static void send_missing(const struct writer *from, struct writer *to)
{
    struct buf state_vector = {0}, update = {0};

    must(crdt_encode_state_vector(to->doc, &state_vector));
    must(crdt_encode_state(from->doc, CRDT_V1, buf_span(&state_vector), &update));
    must(crdt_apply(to->doc, CRDT_V1, buf_span(&update), NULL));
    buf_finish(&state_vector);
    buf_finish(&update);
}

static void print_text(const char *who, const struct writer *w, struct buf *out)
{
    must(crdt_text_to_string(w->doc, w->text, out));
    printf("%s: %.*s\n", who, (int)out->len, (const char *)out->data);
}

int main(void)
{
    struct writer anna, ben;
    struct buf annas = {0}, bens = {0};

    open_writer(&anna, 1);
    open_writer(&ben, 2);
    write_at(&anna, 0, "We meet on Monday.");
    send_missing(&anna, &ben);
    /* Now both write at the same time, */
    write_at(&anna, 11, "early ");
    write_at(&ben, 18, " Bring cake!");
    /* … and then hear of each other. */
    send_missing(&anna, &ben);
    send_missing(&ben, &anna);
    print_text("Anna", &anna, &annas);
    print_text("Ben", &ben, &bens);

    int code = span_equal(buf_span(&annas), buf_span(&bens)) ? EXIT_SUCCESS : EXIT_FAILURE;
    buf_finish(&annas);
    buf_finish(&bens);
    crdt_doc_destroy(anna.doc);
    crdt_doc_destroy(ben.doc);
    return code;
}
