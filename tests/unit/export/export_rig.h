#ifndef TESTS_UNIT_EXPORT_EXPORT_RIG_H
#define TESTS_UNIT_EXPORT_EXPORT_RIG_H

/* What the tests of server/export share: small documents, and programs written for the occasion. */
#include "crdt/crdt.h"

/* A document of one block of that name with these words, in the fragment `default`; the caller destroys it. */
struct crdt_doc *rig_note(const char *block, const char *words);
/* An executable shell script in the folder; the caller frees its path. */
char *rig_script(const char *folder, const char *name, const char *script);

#endif
