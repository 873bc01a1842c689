#include "crdt/wire/doc_deletes.h"

void doc_edges_find(const struct crdt_doc *doc, const struct id_run *run, struct doc_edges *edges)
{
    edges->count = 0;
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t item = run->item[i];
        doc_edges_note(edges, run->clock[i], (item == 0) | item_deleted(item_at(doc, item)));
    }
}

void doc_edges_end(const struct id_run *run, struct doc_edges *edges)
{
    doc_edges_note(edges, run->end, false);
}

int doc_deletes(const struct crdt_doc *doc, uint32_t client, struct idset *deletes)
{
    struct id_pos pos = ids_first(doc, client);
    struct doc_edges edges = {.deleted = false};
    uint32_t start = 0;
    bool inside = false, more = true;
    int rc = RC_OK;

    while (more && rc == RC_OK) {
        struct id_run run;
        more = ids_run(doc, &pos, &run);
        doc_edges_find(doc, &run, &edges);
        if (!more) {
            doc_edges_end(&run, &edges);
        }
        for (uint32_t i = 0; i < edges.count && rc == RC_OK; i++, inside = !inside) {
            if (inside) {
                rc = idset_push(deletes, doc->clients[client].id, start, edges.clock[i] - start);
            }
            start = edges.clock[i];
        }
    }
    return rc;
}
