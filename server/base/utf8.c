#include "server/base/utf8.h"

/* Bytes of the character that `s` begins with; 0 when there is no well-formed one. */
static size_t character_len(struct span s)
{
    static const struct {
        uint8_t first_min, first_max, second_min, second_max, len;
    } row[] = {{0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
               {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
               {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        if (s.data[0] < row[i].first_min || s.data[0] > row[i].first_max) {
            continue;
        }
        if (row[i].len > s.len) {
            return 0;
        }
        for (size_t k = 1; k < row[i].len; k++) {
            uint8_t min = k == 1 ? row[i].second_min : 0x80, max = k == 1 ? row[i].second_max : 0xbf;

            if (s.data[k] < min || s.data[k] > max) {
                return 0;
            }
        }
        return row[i].len;
    }
    return 0;
}

bool text_is_utf8(struct span s)
{
    while (s.len > 0) {
        size_t len = character_len(s);

        if (len == 0) {
            return false;
        }
        s = span_of(s.data + len, s.len - len);
    }
    return true;
}

bool text_is_plain(struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = s.data[i];

        if (c < 0x20 || c == 0x7f || (c == 0xc2 && i + 1 < s.len && s.data[i + 1] < 0xa0)) {
            return false; /* c2 80 to c2 9f are C1 */
        }
    }
    return true;
}

struct span text_prefix(struct span s, size_t max)
{
    size_t len = s.len < max ? s.len : max;

    while (len > 0 && len < s.len && (s.data[len] & 0xc0) == 0x80) {
        len--;
    }
    return span_of(s.data, len);
}
