#include "render/render.h"

/* Words between commas; a word is looked up in one table. */

#define ZONE_MOST (14 * 60) /* Line Islands */

static bool is(struct span s, const char *text)
{
    return span_equal(s, span_str(text));
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Z, +HH:MM or -HH:MM (RFC 3339); a + that has become a space in a URL is one. */
static bool read_zone(struct span s, int *minutes)
{
    int count;

    if (is(s, "Z")) {
        *minutes = 0;
        return true;
    }
    if (s.len != 6 || (s.data[0] != '+' && s.data[0] != '-' && s.data[0] != ' ') || !is_digit(s.data[1]) ||
        !is_digit(s.data[2]) || s.data[3] != ':' || !is_digit(s.data[4]) || s.data[4] > '5' || !is_digit(s.data[5])) {
        return false;
    }
    count = ((s.data[1] - '0') * 10 + s.data[2] - '0') * 60 + (s.data[4] - '0') * 10 + s.data[5] - '0';
    *minutes = s.data[0] == '-' ? -count : count;
    return count <= ZONE_MOST;
}

static bool read_word(struct render_options *o, struct span word)
{
    const struct {
        const char *name;
        bool *field;
    } words[] = {
        {"images", &o->images}, {"comments", &o->comments},       {"nodes", &o->nodes},
        {"flat", &o->flat},     {"align=plain", &o->plain_align}, {"panels=cozy", &o->cozy},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (is(word, words[i].name)) {
            *words[i].field = true;
            return true;
        }
    }
    return word.len > 3 && memcmp(word.data, "tz=", 3) == 0 &&
           read_zone(span_of(word.data + 3, word.len - 3), &o->zone);
}

int render_options_read(struct render_options *o, struct span list)
{
    struct render_options read = *o;

    while (list.len > 0) {
        const uint8_t *comma = memchr(list.data, ',', list.len);
        size_t len = comma == NULL ? list.len : (size_t)(comma - list.data);

        if (!read_word(&read, span_of(list.data, len))) {
            return RC_ARG;
        }
        len += comma == NULL ? 0 : 1;
        list = span_of(list.data + len, list.len - len);
    }
    *o = read;
    return RC_OK;
}
