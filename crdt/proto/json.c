/* A push-down automaton over the text: the stack is one bit a level (array or object). */
#include "crdt/proto/json.h"
#include <stdint.h>

struct json {
    const uint8_t *pos, *end;
    uint64_t objects; /* bit n: level n is an object */
    unsigned depth;
};

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct span json_trim(struct span text)
{
    while (text.len > 0 && is_space(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len > 0 && is_space(text.data[text.len - 1])) {
        text.len--;
    }
    return text;
}

static void pass_space(struct json *j)
{
    while (j->pos < j->end && is_space(*j->pos)) {
        j->pos++;
    }
}

static bool pass(struct json *j, uint8_t c)
{
    if (j->pos < j->end && *j->pos == c) {
        j->pos++;
        return true;
    }
    return false;
}

static bool pass_word(struct json *j, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(j->end - j->pos) < len || memcmp(j->pos, word, len) != 0) {
        return false;
    }
    j->pos += len;
    return true;
}

static bool pass_digits(struct json *j)
{
    const uint8_t *start = j->pos;

    while (j->pos < j->end && *j->pos >= '0' && *j->pos <= '9') {
        j->pos++;
    }
    return j->pos > start;
}

static bool pass_number(struct json *j)
{
    pass(j, '-');
    if (!pass(j, '0') && !pass_digits(j)) {
        return false;
    }
    if (pass(j, '.') && !pass_digits(j)) {
        return false;
    }
    if (pass(j, 'e') || pass(j, 'E')) {
        if (!pass(j, '+')) {
            pass(j, '-');
        }
        return pass_digits(j);
    }
    return true;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool pass_escape(struct json *j)
{
    if (j->pos == j->end) {
        return false;
    }
    if (*j->pos != 'u') {
        return memchr("\"\\/bfnrt", *j->pos++, 8) != NULL;
    }
    j->pos++;
    for (int i = 0; i < 4; i++, j->pos++) {
        if (j->pos == j->end || !is_hex(*j->pos)) {
            return false;
        }
    }
    return true;
}

static bool pass_string(struct json *j)
{
    if (!pass(j, '"')) {
        return false;
    }
    while (j->pos < j->end) {
        uint8_t c = *j->pos++;

        if (c == '"') {
            return true;
        }
        if (c < 0x20 || (c == '\\' && !pass_escape(j))) {
            return false;
        }
    }
    return false;
}

static bool pass_key(struct json *j)
{
    pass_space(j);
    if (!pass_string(j)) {
        return false;
    }
    pass_space(j);
    return pass(j, ':');
}

static bool pass_scalar(struct json *j)
{
    switch (j->pos < j->end ? *j->pos : 0) {
    case '"':
        return pass_string(j);
    case 't':
        return pass_word(j, "true");
    case 'f':
        return pass_word(j, "false");
    case 'n':
        return pass_word(j, "null");
    default:
        return pass_number(j);
    }
}

static bool in_object(const struct json *j)
{
    return (j->objects >> (j->depth - 1) & 1) != 0;
}

/* Opens an array or object. 1: its first value comes next; 0: it was empty and a value is complete. */
static int open_level(struct json *j, bool object)
{
    if (j->depth == JSON_DEPTH) {
        return RC_LIMIT;
    }
    pass_space(j);
    if (pass(j, object ? '}' : ']')) {
        return 0;
    }
    j->objects = (j->objects & ~(UINT64_C(1) << j->depth)) | (uint64_t)object << j->depth;
    j->depth++;
    return object && !pass_key(j) ? RC_FORMAT : 1;
}

/* Behind a value: closes levels. 1: another value comes; 0: the text is complete. */
static int close_levels(struct json *j)
{
    while (j->depth > 0) {
        pass_space(j);
        if (pass(j, ',')) {
            return in_object(j) && !pass_key(j) ? RC_FORMAT : 1;
        }
        if (!pass(j, in_object(j) ? '}' : ']')) {
            return RC_FORMAT;
        }
        j->depth--;
    }
    return 0;
}

static int pass_value(struct json *j)
{
    pass_space(j);
    if (pass(j, '{')) {
        return open_level(j, true);
    }
    if (pass(j, '[')) {
        return open_level(j, false);
    }
    return pass_scalar(j) ? 0 : RC_FORMAT;
}

int json_check(struct span text)
{
    struct json j = {.pos = text.data, .end = text.data + text.len};
    int more = 1;

    if (text.len == 0) {
        return RC_FORMAT;
    }
    while (more == 1) {
        more = pass_value(&j);
        if (more == 0) {
            more = close_levels(&j);
        }
    }
    if (more < 0) {
        return more;
    }
    pass_space(&j);
    return j.pos == j.end ? RC_OK : RC_FORMAT;
}
