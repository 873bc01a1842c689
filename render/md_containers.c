#include <string.h>
#include "render/escape.h"
#include "render/literal.h"
#include "render/md_blocks.h"

/* Blocks that hold blocks. Those deeper than MARKDOWN_DEPTH are counted, and written flat. */

/* The first line of a container begins, unless it is begun. */
static inline void begin_line(struct md *w)
{
    if (!w->line_begun) {
        buf_put(w->out, w->prefix, w->prefix_len);
        w->line_begun = true;
    }
}

/* The container is open: all lines behind its first begin with `width` bytes of `rest`, too. */
static inline void open_container(struct md *w, const char rest[MD_MARKER_MOST], uint8_t width)
{
    memcpy(w->prefix + w->prefix_len, rest, MD_MARKER_MOST);
    w->prefix_len += width;
    w->widths[w->depth++] = width;
}

/* A container opens with `first`. */
static void push(struct md *w, const struct literal *first, const char rest[MD_MARKER_MOST], uint8_t width)
{
    if (w->depth == MARKDOWN_DEPTH) {
        w->over++;
        return;
    }
    begin_line(w);
    literal_put(w->out, first);
    open_container(w, rest, width);
}

static const char spaces[MD_MARKER_MOST] = "               ";

/* Whether the container about to be opened or closed is written flat. */
static bool is_flat(const struct md *w)
{
    return w->over > 0 || w->depth == MARKDOWN_DEPTH;
}

static void pop(struct md *w)
{
    if (w->over > 0) {
        w->over--;
        return;
    }
    if (w->line_begun) {
        md_lines_prefix(w, true);
        buf_put_u8(w->out, '\n');
    }
    w->prefix_len -= w->widths[--w->depth];
    md_lines_end_block(w);
}

static char other_than(const char *choices, char a, char b)
{
    while (*choices == a || *choices == b) {
        choices++;
    }
    return *choices;
}

static void enter_list(struct md *w, const struct note_node *node)
{
    bool ordered = node->kind == NOTE_ORDERED;
    char around = w->first_in_item && w->list_count > 0 ? w->lists[w->list_count - 1].marker : 0;
    int64_t start = ordered && node->props->has_start ? node->props->start : 1;

    if (node->first == NULL || is_flat(w)) {
        return;
    }
    md_lines_begin_block(w, node);
    w->fresh = true;
    w->lists[w->list_count++] = (struct md_list){
        .marker = other_than(ordered ? ".)." : "-*+", w->behind, ordered ? 0 : around),
        .loose = node->loose,
        .number = start < 0 ? 0 : (uint32_t)start,
    };
}

static void leave_list(struct md *w, const struct note_node *node)
{
    if (node->first != NULL && !is_flat(w)) {
        md_lines_end_block(w);
        w->behind = w->lists[--w->list_count].marker;
    }
}

#define NUMBER_MOST 999999999

/* "12. ": the item's number and what stands behind it. Returns its length. */
static uint8_t write_number(uint8_t *marker, uint32_t number, char delimiter)
{
    uint8_t digits[10];
    uint8_t count = 0, width = 0;

    for (; number > 9; number /= 10) {
        digits[count++] = (uint8_t)('0' + number % 10);
    }
    marker[width++] = (uint8_t)('0' + number);
    while (count > 0) {
        marker[width++] = digits[--count];
    }
    marker[width++] = (uint8_t)delimiter;
    marker[width++] = ' ';
    return width;
}

/* Whether the first thing to see in an item is no paragraph. */
static bool begins_otherwise(const struct note_node *item)
{
    const struct note_node *first = item->first;

    while (first != NULL && md_inline_is_blank(first)) {
        first = first->next;
    }
    return first != NULL && !note_is_plain_paragraph(first);
}

/* What stands between the number or bullet of an item and its words. */
static inline const struct literal *sign_of(const struct note_node *item)
{
    static const struct literal none, signs[] = {{"[ ] ", 4}, {"[x] ", 4}, {"\xe2\x9c\x8d ", 4}};

    switch (item->kind) {
    case NOTE_TASK:
        return &signs[item->props->checked];
    case NOTE_DECISION:
        return &signs[2];
    default:
        return &none;
    }
}

/* Writes "- " or "1. " and what stands behind it; returns the length without the sign. It goes right to its place: to
 * copy sixteen bytes that were just written one by one, a processor waits. */
static inline uint8_t put_marker(struct md *w, const struct note_node *item, struct md_list *list)
{
    const struct literal *sign = sign_of(item);
    uint8_t *to, width = 2;

    if (buf_reserve(w->out, MD_MARKER_MOST) != RC_OK) {
        return 0;
    }
    to = w->out->data + w->out->len;
    if (item->parent->kind == NOTE_ORDERED) {
        width = write_number(to, list->number, list->marker);
        list->number += list->number < NUMBER_MOST ? 1 : 0;
    } else {
        to[0] = (uint8_t)list->marker;
        to[1] = ' ';
    }
    memcpy(to + width, sign->text, 4);
    w->out->len += (size_t)(width + sign->len);
    return width;
}

/* The box of a task stands on a line of its own before anything but a paragraph. */
static void end_box(struct md *w, const struct note_node *task)
{
    if (begins_otherwise(task)) {
        md_lines_put(w, (struct span){0});
        w->fresh = false;
        w->first_in_item = false;
    }
}

/* Most items are one paragraph of words: those go right behind the marker. */
static inline bool put_item_words(struct md *w, const struct note_node *item)
{
    const struct note_node *only = item->first;

    return only != NULL && only->next == NULL && note_is_plain_paragraph(only) && md_lines_put_words(w, only);
}

/* True: the item is written. */
static bool enter_item(struct md *w, const struct note_node *node)
{
    uint8_t width;

    if (is_flat(w)) {
        w->over++;
        return false;
    }
    md_lines_begin_item(w, node);
    begin_line(w);
    width = put_marker(w, node, &w->lists[w->list_count - 1]);
    if (put_item_words(w, node)) {
        md_lines_end_block(w);
        return true;
    }
    open_container(w, spaces, width);
    w->fresh = true;
    w->first_in_item = true;
    w->behind = 0;
    if (node->kind == NOTE_TASK) {
        end_box(w, node);
    }
    return false;
}

static void enter_quote(struct md *w, const struct note_node *node)
{
    static const struct literal marker = {"> ", 2};

    if (!is_flat(w)) {
        md_lines_begin_block(w, node);
    }
    push(w, &marker, marker.text, marker.len);
    w->fresh = w->over == 0;
    w->first_in_item = false;
    w->behind = 0;
}

static void put_panel_title(struct md *w, const struct note_node *node)
{
    if (node->props->title.len > 0) {
        md_lines_begin_inlines(w, MD_PARAGRAPH);
        md_inline_add_text(&w->inlines, node->props->title, 1u << NOTE_BOLD);
        md_lines_end_inlines(w, (struct span){0});
        w->fresh = false;
    }
}

/* Cozy's own: the kind before the first words, nothing before the other blocks. */
static void enter_cozy_panel(struct md *w, const struct note_node *node)
{
    static const struct literal kinds[] = {
        [NOTE_PANEL_INFO] = {":info: ", 7},        [NOTE_PANEL_NOTE] = {":note: ", 7},
        [NOTE_PANEL_SUCCESS] = {":success: ", 10}, [NOTE_PANEL_TIP] = {":success: ", 10},
        [NOTE_PANEL_WARNING] = {":warning: ", 10}, [NOTE_PANEL_ERROR] = {":error: ", 8},
        [NOTE_PANEL_CUSTOM] = {":note: ", 7}};

    if (!is_flat(w)) {
        md_lines_begin_block(w, node);
    }
    push(w, &kinds[node->props->panel], spaces, 0);
    w->fresh = w->over == 0;
    w->first_in_item = false;
    w->behind = 0;
    if (w->over == 0) {
        put_panel_title(w, node);
    }
    if (w->line_begun && node->first != NULL && !note_is_plain_paragraph(node->first)) {
        md_lines_put(w, (struct span){0});
        w->fresh = false;
    }
}

static void enter_panel(struct md *w, const struct note_node *node)
{
    static const char *const alerts[] = {"[!NOTE]",    "[!NOTE]",    "[!TIP]",      "[!TIP]",
                                         "[!WARNING]", "[!CAUTION]", "[!IMPORTANT]"};

    enter_quote(w, node);
    if (w->over > 0) {
        return;
    }
    md_lines_put_str(w, alerts[node->props->panel]);
    put_panel_title(w, node);
    if (node->first != NULL && node->first->kind != NOTE_PARAGRAPH) {
        md_lines_put(w, (struct span){0});
        w->fresh = true;
    }
}

/* ---- Details --------------------------------------------------------------------------------------------- */

static void enter_details(struct md *w, const struct note_node *node)
{
    md_lines_begin_block(w, node);
    md_lines_put_str(w, "<details>");
    md_lines_empty_text(w);
    if (node->first != NULL && node->first->kind == NOTE_SUMMARY) {
        md_lines_rc(w, w->o->html(w->o->context, node->first, &w->text));
    } else {
        buf_put_str(&w->text, "<summary>");
        escape_html_line(&w->text, node->props->title);
        buf_put_str(&w->text, "</summary>");
    }
    md_lines_put_all(w, buf_span(&w->text));
    md_lines_end_block(w);
}

static void leave_details(struct md *w)
{
    md_lines_put(w, (struct span){0});
    md_lines_put_str(w, "</details>");
    md_lines_end_block(w);
}

static void enter_unknown(struct md *w, const struct note_node *node)
{
    struct span name = escape_word(node->name);

    if (w->o->nodes && !node->is_inline && name.len > 0) {
        md_lines_begin_block(w, node);
        md_lines_empty_text(w);
        buf_put_str(&w->text, "<!-- node: ");
        buf_put_span(&w->text, name);
        buf_put_str(&w->text, " -->");
        md_lines_put_all(w, buf_span(&w->text));
        md_lines_end_block(w);
    }
}

/* ---- Which it is ------------------------------------------------------------------------------------- */

bool md_containers_enter(struct md *w, const struct note_node *node)
{
    switch (node->kind) {
    case NOTE_BULLETS:
    case NOTE_ORDERED:
    case NOTE_TASKS:
    case NOTE_DECISIONS:
        enter_list(w, node);
        break;
    case NOTE_ITEM:
    case NOTE_TASK:
    case NOTE_DECISION:
        return enter_item(w, node);
    case NOTE_QUOTE:
        enter_quote(w, node);
        break;
    case NOTE_PANEL:
        if (w->o->cozy) {
            enter_cozy_panel(w, node);
        } else {
            enter_panel(w, node);
        }
        break;
    case NOTE_DETAILS:
        enter_details(w, node);
        break;
    case NOTE_UNKNOWN:
        enter_unknown(w, node);
        break;
    default:
        break;
    }
    return false;
}

void md_containers_leave(struct md *w, const struct note_node *node)
{
    switch (node->kind) {
    case NOTE_BULLETS:
    case NOTE_ORDERED:
    case NOTE_TASKS:
    case NOTE_DECISIONS:
        leave_list(w, node);
        break;
    case NOTE_ITEM:
    case NOTE_TASK:
    case NOTE_DECISION:
    case NOTE_QUOTE:
    case NOTE_PANEL:
        pop(w);
        break;
    case NOTE_DETAILS:
        leave_details(w);
        break;
    default:
        break;
    }
}
