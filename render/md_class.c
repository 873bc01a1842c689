#include "render/md_class.h"
#include <utf8proc.h>

static enum md_class class_of_ascii(uint8_t c)
{
    if (md_class_is_word(c)) {
        return MD_LETTER;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r') {
        return MD_SPACE;
    }
    return c > ' ' && c < 127 ? MD_PUNCTUATION : MD_LETTER;
}

static enum md_class class_of(utf8proc_int32_t point)
{
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_ZS:
        return MD_SPACE;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
        return MD_PUNCTUATION;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
    case UTF8PROC_CATEGORY_CN: /* newer Unicode may know better */
        return MD_SYMBOL;
    default:
        return MD_LETTER;
    }
}

enum md_class md_class_first(struct span text)
{
    utf8proc_int32_t point = 0;

    if (text.len == 0 || text.data[0] < 128) {
        return text.len == 0 ? MD_SPACE : class_of_ascii(text.data[0]);
    }
    return utf8proc_iterate(text.data, (utf8proc_ssize_t)text.len, &point) > 0 ? class_of(point) : MD_SYMBOL;
}

enum md_class md_class_last(struct span text)
{
    size_t from = text.len;

    if (text.len > 0 && text.data[text.len - 1] < 128) {
        return class_of_ascii(text.data[text.len - 1]);
    }
    while (from > 0 && text.len - from < 4) {
        from--;
        if ((text.data[from] & 0xc0) != 0x80) {
            break;
        }
    }
    return md_class_first(span_of(text.data + from, text.len - from));
}
