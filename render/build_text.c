#include "render/builders.h"
#include <string.h>

/* Plain text: lines are lines, empty lines stand between paragraphs. And text that is Markdown source, kept as it is.
 */

static void end_paragraph(struct builder *b, bool *open)
{
    if (*open) {
        note_tree_close(b->tree);
        *open = false;
    }
}

static void put_line(struct builder *b, struct span line, bool *open, size_t *feeds)
{
    if (*feeds >= 2) {
        end_paragraph(b, open);
    }
    if (!*open) {
        note_tree_open(b->tree, note_tree_node(b->tree, NOTE_PARAGRAPH));
        *open = true;
    } else if (*feeds == 1) {
        note_tree_add(b->tree, note_tree_node(b->tree, NOTE_BREAK));
    }
    *feeds = 0;
    note_tree_text(b->tree, line, NULL);
}

static void put_text(struct builder *b, struct span text, bool *open, size_t *feeds)
{
    while (text.len > 0) {
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);
        size_t shown = feed != NULL && len > 0 && text.data[len - 1] == '\r' ? len - 1 : len;

        if (shown > 0) {
            put_line(b, span_of(text.data, shown), open, feeds);
        }
        *feeds += feed == NULL ? 0 : 1;
        len += feed == NULL ? 0 : 1;
        text = span_of(text.data + len, text.len - len);
    }
}

int builder_text(struct builder *b, struct crdt_type root)
{
    struct crdt_iter it;
    struct crdt_run run;
    bool open = false;
    size_t feeds = 0;

    crdt_iter_init(&it, b->doc, root);
    while (b->tree->rc == RC_OK && crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_STRING) {
            put_text(b, run.bytes, &open, &feeds);
        } else if (run.content == CRDT_CONTENT_EMBED) {
            builder_value(b, run.bytes, NULL);
        }
    }
    end_paragraph(b, &open);
    return b->tree->rc;
}

int builder_markdown(struct builder *b, struct crdt_type root)
{
    struct crdt_iter it;
    struct crdt_run run;

    note_tree_open(b->tree, note_tree_node(b->tree, NOTE_MARKDOWN));
    crdt_iter_init(&it, b->doc, root);
    while (b->tree->rc == RC_OK && crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_STRING) {
            note_tree_text(b->tree, run.bytes, NULL);
        }
    }
    note_tree_close(b->tree);
    return b->tree->rc;
}
