#ifndef SERVER_CLI_DOC_SHOW_H
#define SERVER_CLI_DOC_SHOW_H

/* A document as JSON for people and tests: `cahier doc show` and `stat`. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/crdt.h"
#include "server/cli/doc_args.h"

/* {"NAME": VALUE, …} for the roots asked for, or all, by name in UTF-16 order. A root that is not there shows empty.
 * RC_TYPE: a root is of another kind than asked for. */
int doc_show(struct crdt_doc *doc, const struct doc_args *a, struct buf *out) MUST_CHECK;
/* One JSON object of figures. */
int doc_show_stat(const struct crdt_doc *doc, struct buf *out) MUST_CHECK;

#endif
