#ifndef CRDT_WIRE_DOC_DELETES_H
#define CRDT_WIRE_DOC_DELETES_H

/* What a client has deleted, garbage included, found by going through its structs run by run (ids_run). */
#include "crdt/core/idset.h"
#include "crdt/core/ids.h"

/* The clocks at which being deleted begins and ends, by turns, within a run of one client. */
struct doc_edges {
    bool deleted; /* how the last struct was; false at first */
    uint32_t count;
    uint32_t clock[IDS_RUN_MAX + 1];
};

/* The next struct of the run. Without a branch, since nobody can foresee what is deleted. */
static inline void doc_edges_note(struct doc_edges *edges, uint32_t clock, bool deleted)
{
    edges->clock[edges->count] = clock;
    edges->count += deleted != edges->deleted;
    edges->deleted = deleted;
}

/* All of a run. */
void doc_edges_find(const struct crdt_doc *doc, const struct id_run *run, struct doc_edges *edges);
/* The client's last run has ended. */
void doc_edges_end(const struct id_run *run, struct doc_edges *edges);
/* Appends all of a client in normal form. RC_NOMEM. */
int doc_deletes(const struct crdt_doc *doc, uint32_t client, struct idset *deletes) MUST_CHECK;

#endif
