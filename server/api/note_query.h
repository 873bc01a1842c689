#ifndef SERVER_API_NOTE_QUERY_H
#define SERVER_API_NOTE_QUERY_H

/* What the query of a request says about how notes are to come. All of it may be absent: then what is appended is
 * nothing. */
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"
#include "crdt/crdt.h"

/* The parameter's value, decoded. RC_FORMAT: badly encoded. */
int note_query_text(struct span query, const char *name, struct buf *out) MUST_CHECK;
/* `v=1` or `v=2`; 1 when absent. RC_FORMAT: something else. */
int note_query_version(struct span query, enum crdt_format *out) MUST_CHECK;
/* `sv`: bytes in base64url. RC_FORMAT. */
int note_query_vector(struct span query, struct buf *out) MUST_CHECK;
/* `lang`: a language tag, with a zero behind it when there is one. RC_FORMAT. */
int note_query_lang(struct span query, struct buf *out) MUST_CHECK;
/* `with`: what render_options_read takes. RC_FORMAT or RC_ARG: it does not. */
int note_query_with(struct span query, struct buf *out) MUST_CHECK;

#endif
