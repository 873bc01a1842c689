/* Prints an update as text: what it brings, and the document that it makes on its own.
 *
 *     cc print_update.c $(pkg-config --cflags --libs cahier-crdt) -o print_update
 *     print_update [--v2] <FILE
 *
 * Exit code 1, with a line on standard error, when it is no update. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cahier/crdt/crdt.h>
#include <cahier/crdt/proto.h>

static int read_all(FILE *in, struct buf *out)
{
    while (buf_reserve(out, 65536) == RC_OK) {
        size_t got = fread(out->data + out->len, 1, 65536, in);
        if (got == 0) {
            return ferror(in) ? RC_IO : RC_OK;
        }
        out->len += got;
    }
    return out->rc;
}

/* Which clocks it brings and deletes. This needs no document, and constant memory. */
static int print_claims(struct span v1)
{
    struct proto_claims claims;
    struct proto_claim claim;

    proto_claims_init(&claims, v1);
    while (proto_claims_next(&claims, &claim)) {
        printf("%s client %" PRIu64 ", clocks %" PRIu64 " to %" PRIu64 "\n", claim.deletes ? "deletes" : "brings ",
               claim.client, claim.clock, claim.end - 1);
    }
    return claims.rc;
}

static int print_roots(const struct crdt_doc *doc)
{
    struct buf json = {0};
    int rc = RC_OK;

    for (struct crdt_type root = crdt_root_next(doc, (struct crdt_type){0}); rc == RC_OK && !crdt_type_is_none(root);
         root = crdt_root_next(doc, root)) {
        struct span name = crdt_type_name(doc, root);
        buf_clear(&json);
        rc = crdt_type_to_json(doc, root, &json);
        if (rc == RC_OK) {
            printf("root %.*s: %.*s\n", (int)name.len, (const char *)name.data, (int)json.len, (const char *)json.data);
        }
    }
    buf_finish(&json);
    return rc;
}

static int print_document(struct span v1)
{
    struct crdt_doc *doc;
    int rc = crdt_doc_create(NULL, &doc);

    if (rc != RC_OK) {
        return rc;
    }
    rc = crdt_apply(doc, CRDT_V1, v1, NULL);
    rc = rc == RC_OK ? print_roots(doc) : rc;
    if (rc == RC_OK && crdt_has_pending(doc)) {
        puts("some of it waits for updates that are not here");
    }
    crdt_doc_destroy(doc);
    return rc;
}

int main(int argc, char **argv)
{
    enum crdt_format format = argc > 1 && strcmp(argv[1], "--v2") == 0 ? CRDT_V2 : CRDT_V1;
    struct buf update = {0}, v1 = {0};
    int rc = read_all(stdin, &update);

    rc = rc == RC_OK ? crdt_update_convert(format, CRDT_V1, buf_span(&update), &v1) : rc;
    rc = rc == RC_OK ? print_claims(buf_span(&v1)) : rc;
    rc = rc == RC_OK ? print_document(buf_span(&v1)) : rc;
    if (rc != RC_OK) {
        fprintf(stderr, "print_update: %s\n", rc_text(rc));
    }
    buf_finish(&update);
    buf_finish(&v1);
    return rc == RC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
