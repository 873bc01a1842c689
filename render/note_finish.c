#include "render/note_finish.h"

/* A list may follow right after the last line of a paragraph when its first line cannot be taken for more of that
 * paragraph (CommonMark 0.30, 5.3: only items that are not empty, and of ordered lists only those starting with 1). */
static bool interrupts_paragraph(const struct note_node *list)
{
    if (!note_is_list(list) || list->first == NULL) {
        return false;
    }
    if (list->kind == NOTE_ORDERED && list->props->has_start && list->props->start != 1) {
        return false;
    }
    return list->first->kind != NOTE_ITEM || note_skip_blank(list->first->first) != NULL;
}

/* Whether the blocks of an item need blank lines between them: all but a paragraph, then lists. */
static bool item_needs_blank(const struct note_node *item)
{
    const struct note_node *first = note_skip_blank(item->first), *rest = NULL;

    if (first == NULL) {
        return false;
    }
    rest = note_skip_blank(first->next);
    if (item->kind == NOTE_TASK && !note_is_plain_paragraph(first)) {
        return true;
    }
    if (rest != NULL && !note_is_plain_paragraph(first) && !note_is_list(first)) {
        return true;
    }
    for (; rest != NULL; rest = note_skip_blank(rest->next)) {
        if (!interrupts_paragraph(rest)) {
            return true;
        }
    }
    return first->kind == NOTE_UNKNOWN || first->kind == NOTE_COLUMNS || first->kind == NOTE_FIGURE ||
           first->kind == NOTE_DETAILS || first->kind == NOTE_MARKDOWN;
}

static bool is_loose(const struct note_node *list)
{
    bool several = list->first != list->last;

    if (list->props->tight < 0 && several) {
        return true;
    }
    for (const struct note_node *item = list->first; item != NULL; item = item->next) {
        if (item_needs_blank(item)) {
            return true;
        }
    }
    return false;
}

static bool takes_words(const struct note_node *node)
{
    return node->kind == NOTE_UNKNOWN || node->kind == NOTE_MATH || node->kind == NOTE_MATH_BLOCK;
}

/* What an unknown node without children says of itself. */
static void give_words(struct note_tree *t, struct note_node *node)
{
    struct note_node *text = note_tree_node(t, NOTE_TEXT), *parent = node;

    if (t->rc != RC_OK) {
        return;
    }
    text->text = node->kind == NOTE_UNKNOWN ? note_label(node) : node->props->latex;
    text->is_inline = true;
    if (text->text.len == 0) {
        return;
    }
    if (node->kind == NOTE_UNKNOWN && !node->is_inline) {
        parent = note_tree_node(t, NOTE_PARAGRAPH);
        if (t->rc != RC_OK) {
            return;
        }
        parent->implicit = true;
        note_tree_link(t, node, parent);
    }
    note_tree_link(t, parent, text);
}

static bool is_head_row(const struct note_node *row)
{
    for (const struct note_node *cell = row->first; cell != NULL; cell = cell->next) {
        if (cell->kind != NOTE_HEADER) {
            return false;
        }
    }
    return row->first != NULL;
}

/* Rows of header cells at the top are the head; the others are counted. */
static void finish_table(struct note_node *table)
{
    uint32_t number = 0;

    for (struct note_node *row = table->first; row != NULL; row = row->next) {
        row->head = number == 0 && is_head_row(row);
        row->number = row->head ? 0 : ++number;
    }
}

static void number_items(struct note_node *list)
{
    uint32_t number = 0;

    for (struct note_node *item = list->first; item != NULL; item = item->next) {
        item->number = number++;
    }
}

/* What HTML writes as <div> makes one of everything around it. */
static bool is_division(const struct note_node *node)
{
    return node->kind == NOTE_DETAILS || node->kind == NOTE_MATH_BLOCK || node->kind == NOTE_COLUMNS ||
           node->kind == NOTE_PAGE_BREAK || (node->kind == NOTE_UNKNOWN && !node->is_inline);
}

static void divide_around(struct note_tree *t, const struct note_node *node)
{
    for (struct note_node *at = node->parent; at != NULL && !at->divided; at = at->parent) {
        t->steps++;
        at->divided = true;
    }
}

void note_finish_node(struct note_tree *t, struct note_node *node)
{
    t->steps++;
    if (is_division(node)) {
        divide_around(t, node);
    }
    if (note_is_list(node)) {
        node->loose = is_loose(node);
        number_items(node);
    } else if (node->kind == NOTE_TABLE) {
        finish_table(node);
    } else if (takes_words(node) && node->first == NULL) {
        give_words(t, node);
    }
}
