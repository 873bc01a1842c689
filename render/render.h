#ifndef RENDER_RENDER_H
#define RENDER_RENDER_H

/* Notes as people read them: any Yjs document of any known editor as Markdown, HTML, plain text or JSON, without losing
 * a word. README.md shows what each form carries.
 *
 *     rc = render_note(doc, &(struct render_options){.page = true, .lang = "fr"}, RENDER_HTML, &out);
 *
 * Nothing here changes the document, does I/O or keeps anything after it returns. The time and the memory taken are
 * linear in the document's size; no input makes a walk recurse. A document belongs to one thread at a time. */
#include <stdbool.h>
#include "crdt/crdt.h"

enum render_format {
    RENDER_MARKDOWN, /* CommonMark + GFM */
    RENDER_HTML,
    RENDER_TEXT, /* for people; a note that is plain text comes out as it is */
    RENDER_JSON  /* ProseMirror's form */
};

/* Zeroed is a good default. Spans and strings are borrowed for the call. */
struct render_options {
    /* The root type that holds the note; empty: found by DOCUMENT_MODEL's rule: all XML fragments in name order, else a
     * text root by the names that editors use, else the only root with content. */
    struct span root;
    bool page;           /* HTML: a standalone document with a style for screen and print, instead of a fragment */
    bool images;         /* data: URLs of raster images are kept */
    bool offline;        /* HTML: pictures, sound and film that stand elsewhere become links to them */
    bool comments;       /* HTML: commented text is marked with <span data-comment> */
    bool nodes;          /* Markdown: blocks of unknown kinds are named in comments */
    bool flat;           /* Markdown: every table with pipes; what spans several places is repeated */
    bool plain_align;    /* Markdown: no HTML for the alignment and colours of a block */
    bool cozy;           /* Markdown: panels as ":info: ", as Cozy Notes writes them */
    int zone;            /* minutes by which the reader's clock is ahead of UTC, for dates */
    const char *lang;    /* labels and the page's language: "fr" (also when NULL), else English */
    struct span title;   /* HTML page; empty: the note's own (render_title) */
    size_t memory_limit; /* bytes for the tree; 0: RENDER_MEMORY_DEFAULT */
};
#define RENDER_MEMORY_DEFAULT ((size_t)1 << 30)

/* Sets those that users choose, from a list such as "flat,align=plain,tz=+02:00":
 *
 *     images  comments  nodes  flat     as above
 *     align=plain                       plain_align
 *     panels=cozy                       cozy
 *     tz=+HH:MM  tz=-HH:MM  tz=Z        zone, up to 14 hours
 *
 * RC_ARG: anything else is in the list; `o` is unchanged. */
int render_options_read(struct render_options *o, struct span list) MUST_CHECK;

/* Appends the note. An empty document gives an empty note.
 * RC_NOTFOUND: no root of that name. RC_TYPE: that root is a map or an array. RC_STATE: several roots could be the note
 * and none has a known name: ask for one. RC_LIMIT: memory_limit. RC_NOMEM. On failure `out` has its former length. */
int render_note(const struct crdt_doc *doc, const struct render_options *options, enum render_format format,
                struct buf *out) MUST_CHECK;
/* Appends the note's title: the words of its first heading, else its first words, one line of at most
 * RENDER_TITLE_MAX characters; nothing when it has no words. `options` may be NULL. */
int render_title(const struct crdt_doc *doc, const struct render_options *options, struct buf *out) MUST_CHECK;
#define RENDER_TITLE_MAX 80
/* Appends every word of the note for a search index: one line a block, no markers. `options` may be NULL. */
int render_text(const struct crdt_doc *doc, const struct render_options *options, struct buf *out) MUST_CHECK;

#endif
