#include "render/builders.h"
#include "render/note_props.h"

/* BlockNote lays every block out as
 *
 *     blockContainer ─┬─ paragraph, bulletListItem, heading…   the block's own line
 *                     └─ blockGroup ── blockContainer …        the blocks indented below it
 *
 * and knows no lists: items stand beside other blocks. Here a container takes the shape that its line asks for: of an
 * item (the tree puts neighbours of one kind into one list), of a quote, of details; or it is no node at all, and the
 * blocks below it follow it. */

/* False: there is none. */
static bool first_element(const struct builder *b, struct crdt_type container, struct crdt_run *out)
{
    struct crdt_iter it;

    crdt_iter_init(&it, b->doc, container);
    while (crdt_iter_next(&it, out)) {
        if (out->content == CRDT_CONTENT_TYPE && out->kind == CRDT_XML_ELEMENT) {
            return true;
        }
    }
    return false;
}

/* A container node with the properties of the line in it. */
static struct note_node *container(struct builder *b, const struct note_node *line, enum note_kind kind,
                                   enum note_kind list)
{
    struct note_node *node = note_tree_node(b->tree, kind);

    node->props = line->props;
    node->wrap = (uint8_t)list;
    return node;
}

static bool is_toggle(const struct note_node *line, const struct note_name *row)
{
    return row->preset == NOTE_PRESET_TOGGLE || (row->kind == NOTE_HEADING && line->props->toggle);
}

/* What a blockContainer is, by the line in it; NULL: only its children. */
static struct note_node *shape_container(struct builder *b, struct crdt_type type)
{
    const struct note_name *row = NULL;
    const struct note_node *line = NULL;
    struct crdt_run first;

    if (first_element(b, type, &first)) {
        row = note_schema_node(b->schema, first.key);
    }
    if (row == NULL) {
        return NULL;
    }
    line = builder_look_ahead(b, first.type, first.key, row);
    switch (row->preset) {
    case NOTE_PRESET_IN_BULLETS:
        return container(b, line, NOTE_ITEM, NOTE_BULLETS);
    case NOTE_PRESET_IN_ORDERED:
        return container(b, line, NOTE_ITEM, NOTE_ORDERED);
    case NOTE_PRESET_IN_TASKS:
        return container(b, line, NOTE_TASK, NOTE_TASKS);
    default:
        break;
    }
    if (is_toggle(line, row)) {
        return note_tree_node(b->tree, NOTE_DETAILS);
    }
    return row->kind == NOTE_QUOTE ? note_tree_node(b->tree, NOTE_QUOTE) : NULL;
}

static struct note_node *shape(struct builder *b, struct crdt_type type, struct note_node *node,
                               const struct note_name *row)
{
    if (row == NULL) {
        return node;
    }
    if (row->preset == NOTE_PRESET_BLOCK) {
        return shape_container(b, type);
    }
    if (is_toggle(node, row)) {
        node->kind = NOTE_SUMMARY;
    } else if (node->kind == NOTE_QUOTE) {
        node->kind = NOTE_PARAGRAPH;
    } else if (node->kind == NOTE_CODE && span_equal(node->props->language, span_str("text"))) {
        struct note_props *p = note_tree_props(b->tree, node);

        if (p != NULL) {
            p->language = (struct span){0};
        }
    }
    return node;
}

int builder_blocknote(struct builder *b, struct crdt_type root)
{
    static const struct builder_shape blocknote = {shape};
    int rc;

    b->palette = true;
    rc = builder_walk(b, root, &blocknote);
    b->palette = false;
    return rc;
}
