#ifndef SERVER_API_SCHEMAS_H
#define SERVER_API_SCHEMAS_H

/* What the bodies and parameters of the API look like, as JSON Schema (2020-12) for the OpenAPI description: one table
 * of named schemas, which the routes name, and one of parameters. All is static text. */
#include "crdt/base/buf.h"
#include "crdt/base/span.h"

/* Appends the object `schemas` of the description's components. */
void schemas_put(struct buf *out);
/* The schema of a parameter of that name, as JSON: a plain string when nothing more is known. */
const char *schemas_of_parameter(struct span name);

#endif
