#ifndef BENCH_RENDER_SAMPLE_NOTE_H
#define BENCH_RENDER_SAMPLE_NOTE_H

/* School notes to measure the renderer with: the same words and the same mixture of blocks (headings, paragraphs with
 * marks and links, lists, tasks, a quote, code, a table) for each family of editors. The same arguments give the same
 * note on every machine. */
#include "crdt/crdt.h"

enum sample_family {
    SAMPLE_TIPTAP,   /* an XML fragment `default`, as Tiptap's binding writes it */
    SAMPLE_BLOCKNOTE /* an XML fragment `document-store`, as BlockNote's binding writes it */
};

/* A note of whole sections with at least `bytes` bytes of text. The caller destroys *out. */
int sample_note_create(enum sample_family family, size_t bytes, struct crdt_doc **out) MUST_CHECK;

#endif
