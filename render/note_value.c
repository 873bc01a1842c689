#include "render/note_value.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool note_value_is(struct span s, const char *text)
{
    return s.len == strlen(text) && (s.len == 0 || memcmp(s.data, text, s.len) == 0);
}

struct span note_value_text(struct note_tree *t, const struct crdt_value *value)
{
    char digits[32];

    switch (value->kind) {
    case CRDT_STRING:
        return value->bytes;
    case CRDT_BOOL:
        return span_str(value->boolean ? "true" : "false");
    case CRDT_NUMBER:
        snprintf(digits, sizeof(digits), "%.15g", value->number);
        return note_tree_copy(t, span_str(digits));
    default:
        return (struct span){0};
    }
}

bool note_value_number(const struct crdt_value *value, double *out)
{
    char text[32] = "";
    char *end = NULL;
    double number = 0;

    if (value->kind == CRDT_NUMBER && value->number == value->number) {
        *out = value->number;
        return true;
    }
    if (value->kind != CRDT_STRING || value->bytes.len == 0) {
        return false;
    }
    memcpy(text, value->bytes.data, value->bytes.len < sizeof(text) ? value->bytes.len : sizeof(text) - 1);
    number = strtod(text, &end);
    if (end == text || number != number) {
        return false;
    }
    *out = number;
    return true;
}

bool note_value_within(const struct crdt_value *value, double low, double high, double *out)
{
    double number = 0;

    if (!note_value_number(value, &number)) {
        return false;
    }
    *out = number < low ? low : number > high ? high : number;
    return true;
}

bool note_value_truth(const struct crdt_value *value)
{
    switch (value->kind) {
    case CRDT_BOOL:
        return value->boolean;
    case CRDT_NUMBER:
        return value->number != 0;
    case CRDT_STRING:
        return note_value_is(value->bytes, "true") || note_value_is(value->bytes, "DONE") ||
               note_value_is(value->bytes, "checked") || note_value_is(value->bytes, "1");
    default:
        return false;
    }
}
