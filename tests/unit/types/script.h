#ifndef TESTS_UNIT_TYPES_SCRIPT_H
#define TESTS_UNIT_TYPES_SCRIPT_H

/* Edits written as text, one a line, so that a test is a table of scripts and what they lead to:
 *
 *     text 0 hello              insert; rest of the line is the text
 *     text+ 0 hello {"b":true}  insert with these attributes; the text has no blanks
 *     embed 0 {"i":1} {"b":1}   embed without blanks; attributes may be missing
 *     type 0 2                  insert a type of that number, into a text
 *     format 0 5 {"b":true}
 *     delete 0 5
 *     list 0 [1,"a"]            elements
 *     node 0 3 p                insert a type, with its name, into a list
 *     remove 0 2                elements
 *     set key {"any":1}         map entry or attribute
 *     put key 1                 … of that type
 *     unset key
 *     enter 0, enter key        go on with the type at that place, or under that key
 *     leave                     back to the type around
 *     commit                    what follows is another transaction
 *
 * A script runs in a transaction of its own, which is committed at its end. */
#include "crdt/crdt.h"

/* RC of the first edit that fails. RC_ARG when the script is wrong. The update of the last transaction is appended to
 * `update` (may be NULL). */
int script_run(struct crdt_doc *doc, struct crdt_type type, const char *script, struct buf *update);
/* A document of client 1 with one root "r" of that kind, on which the script has run; fails the test otherwise. */
struct crdt_doc *script_doc(enum crdt_kind kind, const char *script, struct crdt_type *root);

#endif
