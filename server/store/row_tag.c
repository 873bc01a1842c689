#include "server/store/row_tag.h"

#include <assert.h>

#define NUMBERS_MAX 12

static void tag_row(const uint8_t *key, char table, const uint64_t *number, size_t numbers, struct span a,
                    struct span b, uint8_t out[SEAL_TAG_BYTES])
{
    uint8_t head[1 + 8 * NUMBERS_MAX];
    size_t len = 0;

    assert(numbers <= NUMBERS_MAX);
    head[len++] = (uint8_t)table;
    for (size_t i = 0; i < numbers; i++) {
        for (int bit = 0; bit < 64; bit += 8) {
            head[len++] = (uint8_t)(number[i] >> bit);
        }
    }
    seal_tag(key, (const struct span[]){span_of(head, len), a, b}, 3, out);
}

void tag_log(const uint8_t *key, uint64_t note, uint64_t before, const struct store_row *row,
             uint8_t out[SEAL_TAG_BYTES])
{
    const uint64_t number[] = {note, before, row->seq, row->kind, (uint64_t)row->time_ms};

    tag_row(key, 'l', number, sizeof(number) / sizeof(number[0]), row->sender, row->data, out);
}

void tag_snap(const uint8_t *key, uint64_t note, const struct index_snap *snap, struct span data,
              uint8_t out[SEAL_TAG_BYTES])
{
    const uint64_t number[] = {note, snap->id, snap->upto, snap->bytes};

    tag_row(key, 's', number, sizeof(number) / sizeof(number[0]), data, span_of(NULL, 0), out);
}

void tag_name(const uint8_t *key, uint64_t note, int64_t created_ms, struct span name, uint8_t out[SEAL_TAG_BYTES])
{
    const uint64_t number[] = {note, (uint64_t)created_ms};

    tag_row(key, 'n', number, sizeof(number) / sizeof(number[0]), name, span_of(NULL, 0), out);
}

void tag_note(const uint8_t *key, const struct index_note *note, uint8_t out[SEAL_TAG_BYTES])
{
    const struct index_facts *f = &note->facts;
    const uint64_t number[] = {note->id,
                               (uint64_t)note->created_ms,
                               (uint64_t)f->updated_ms,
                               note->head_seq,
                               f->newest.id,
                               f->newest.upto,
                               f->newest.bytes,
                               f->older.id,
                               f->older.upto,
                               f->older.bytes};

    tag_row(key, 'h', number, sizeof(number) / sizeof(number[0]), span_of(note->name, note->name_len), span_of(NULL, 0),
            out);
}

void tag_title(const uint8_t *key, uint64_t note, const struct store_meta *meta, uint8_t out[SEAL_TAG_BYTES])
{
    tag_row(key, 't', &note, 1, meta->title, meta->excerpt, out);
}
