#ifndef TESTS_RENDER_TREE_TEXT_H
#define TESTS_RENDER_TREE_TEXT_H

/* Canonical trees written by hand, for tests. One node a line, two spaces deeper than its parent:
 *
 *     heading level=2                     any editor's name of a node, attributes NAME=VALUE
 *       "Title"                           words
 *     paragraph textAlign=center
 *       "bold" bold                       words with marks NAME or NAME=VALUE
 *       "there" link={"href":"/x"}
 *       hardBreak
 *
 * A value is a word, a string in double quotes, or JSON that begins with { or [. Strings know \n \r \t \" \\ \u{hex}. A
 * line that begins with # is a comment. A text that breaks these rules ends the program: a test's own input is wrong.
 */
#include "crdt/base/span.h"
#include "render/note_tree.h"

void tree_text_read(struct note_tree *t, struct span text);

#endif
