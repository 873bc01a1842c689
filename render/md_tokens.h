#ifndef RENDER_MD_TOKENS_H
#define RENDER_MD_TOKENS_H

/* From words, breaks and finished pieces to the block's literal text, escaped, and the places in it where marks open
 * and close. `steps` are the marks that show. Errors show in m->rc and in the buffers' own. */
#include "render/md_inline.h"

/* Words with these marks, borrowed until the block ends. */
void md_tokens_words(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps);
/* The same for words that do not last. */
void md_tokens_copy(struct md_inline *m, struct span text, const struct note_marks *marks, unsigned steps);
void md_tokens_break(struct md_inline *m, const struct note_marks *marks, unsigned steps);
/* Something that is finished: the caller appends it to m->literal. */
void md_tokens_piece(struct md_inline *m, const struct note_marks *marks, unsigned steps);
/* Ends the block: nothing waits any more and all marks are closed. */
void md_tokens_end(struct md_inline *m);

#endif
