/* Updates from outside into a document: whatever comes, every invariant holds, and what is refused changes nothing.
 *
 * The input: one byte, 1 to keep deleted content; then updates, each a byte (its format), a length of two bytes
 * (little-endian) and its bytes. */
#include "crdt/crdt.h"
#include "tests/fuzz/target.h"

#define MEMORY ((size_t)4 << 20)

static struct span take(struct span *rest, size_t len)
{
    struct span taken = span_of(rest->data, len < rest->len ? len : rest->len);

    *rest = span_of(rest->data + taken.len, rest->len - taken.len);
    return taken;
}

static void apply(struct crdt_doc *doc, enum crdt_format format, struct span update)
{
    struct buf before = {0}, after = {0}, changes = {0};

    FUZZ_CHECK(crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &before) == RC_OK);
    int rc = crdt_apply(doc, format, update, &changes);
    const char *broken = crdt_check(doc);
    if (broken != NULL) {
        (void)fprintf(stderr, "crdt_check: %s\n", broken);
        abort();
    }
    FUZZ_CHECK(crdt_encode_state(doc, CRDT_V2, span_of(NULL, 0), &after) == RC_OK);
    if (rc != RC_OK) {
        FUZZ_CHECK(changes.len == 0 && span_equal(buf_span(&before), buf_span(&after)));
    }
    buf_finish(&before);
    buf_finish(&after);
    buf_finish(&changes);
}

/* Alone in an empty document, in bulk and, as when changes are asked for, struct by struct: the same comes of it. */
static void load(enum crdt_format format, struct span update, const struct crdt_doc_options *options)
{
    struct crdt_doc *bulk, *plain;
    struct buf a = {0}, b = {0}, changes = {0};

    FUZZ_CHECK(crdt_doc_create(options, &bulk) == RC_OK && crdt_doc_create(options, &plain) == RC_OK);
    int rc = crdt_apply(bulk, format, update, NULL), other = crdt_apply(plain, format, update, &changes);
    FUZZ_CHECK(crdt_check(bulk) == NULL);
    FUZZ_CHECK(rc == other || rc == RC_LIMIT || other == RC_LIMIT); /* they need not take the same memory */
    FUZZ_CHECK(crdt_encode_state(bulk, CRDT_V1, span_of(NULL, 0), &a) == RC_OK);
    FUZZ_CHECK(crdt_encode_state(plain, CRDT_V1, span_of(NULL, 0), &b) == RC_OK);
    FUZZ_CHECK(rc != other || span_equal(buf_span(&a), buf_span(&b)));
    buf_finish(&a);
    buf_finish(&b);
    buf_finish(&changes);
    crdt_doc_destroy(bulk);
    crdt_doc_destroy(plain);
}

/* What a document writes, an empty one accepts; twice is once. */
static void reload(const struct crdt_doc *doc, enum crdt_format format)
{
    struct crdt_doc *copy;
    struct buf state = {0}, changes = {0};

    FUZZ_CHECK(crdt_doc_create(NULL, &copy) == RC_OK);
    FUZZ_CHECK(crdt_encode_state(doc, format, span_of(NULL, 0), &state) == RC_OK);
    FUZZ_CHECK(crdt_apply(copy, format, buf_span(&state), NULL) == RC_OK);
    FUZZ_CHECK(crdt_check(copy) == NULL);
    FUZZ_CHECK(crdt_apply(copy, format, buf_span(&state), &changes) == RC_OK && changes.len == 0);
    FUZZ_CHECK(crdt_check(copy) == NULL);
    buf_finish(&state);
    buf_finish(&changes);
    crdt_doc_destroy(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_of(data, size);
    struct span flags = take(&rest, 1);
    struct crdt_doc_options options = {.keep_deleted = flags.len > 0 && flags.data[0] == 1, .memory_limit = MEMORY};
    struct crdt_doc *doc;

    FUZZ_CHECK(crdt_doc_create(&options, &doc) == RC_OK);
    while (rest.len >= 3) {
        struct span head = take(&rest, 3);
        struct span update = take(&rest, head.data[1] | (size_t)head.data[2] << 8);
        enum crdt_format format = head.data[0] == 2 ? CRDT_V2 : CRDT_V1;
        apply(doc, format, update);
        load(format, update, &options);
    }
    reload(doc, CRDT_V1);
    reload(doc, CRDT_V2);
    crdt_doc_destroy(doc);
    return 0;
}
