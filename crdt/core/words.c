#include "crdt/core/words.h"

#include <assert.h>

uint32_t words_class_size(uint32_t class)
{
    static const uint32_t small[] = {13, 21, 37, 69};

    return class < 4 ? small[class] : (64u << (class - 3)) + 2;
}

uint32_t words_alloc(struct crdt_doc *doc, uint32_t class)
{
    uint32_t ref = doc->word_free[class];

    if (ref) {
        doc->word_free[class] = doc->words[ref];
        return ref;
    }
    uint32_t size = words_class_size(class);
    assert(size <= doc->word_cap - doc->word_count);
    ref = doc->word_count;
    doc->word_count += size;
    return ref;
}

void words_release(struct crdt_doc *doc, uint32_t ref, uint32_t class)
{
    doc->words[ref] = doc->word_free[class];
    doc->word_free[class] = ref;
}
