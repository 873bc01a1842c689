#include "crdt/core/bulk_link.h"

#include "crdt/core/branch.h"
#include "crdt/core/bulk_table.h"
#include "crdt/core/yata_rule.h"

#define UNLINKED (BULK_NONE - 1) /* as `next`: not in its list yet */

/* ---- one item ------------------------------------------------------------------------------------- */

static int parent_branch(struct bulk *b, const struct bulk_parent *p, uint32_t *branch)
{
    *branch = p->branch;
    if (p->branch) {
        return RC_OK;
    }
    uint32_t s = bulk_find(b, p->client, p->clock);
    if (s == BULK_NONE || bulk_garbage(b, s) || item_kind(bulk_item(b, s)) != BLOCK_TYPE) {
        return BULK_UNFIT;
    }
    *branch = bulk_item(b, s)->off;
    return RC_OK;
}

/* The list of an item that names its parent. */
static int named_seq(struct bulk *b, const struct bulk_parent *p, uint32_t *seq)
{
    struct crdt_doc *doc = b->doc;
    uint32_t branch;
    int rc = parent_branch(b, p, &branch);

    if (rc != RC_OK) {
        return rc;
    }
    if (!p->keyed && doc->branches[branch].list) {
        *seq = doc->branches[branch].list;
        return RC_OK;
    }
    rc = mem_reserve(&doc->mem, (void **)&doc->seqs, &doc->seq_cap, (uint64_t)doc->seq_count + 1, sizeof(*doc->seqs));
    if (rc == RC_OK && p->keyed) {
        rc = branch_keys_reserve(doc, 1);
    }
    if (rc == RC_OK && p->keyed) {
        rc = mem_reserve(&doc->mem, (void **)&doc->pool, &doc->pool_cap, (uint64_t)doc->pool_len + p->key.len, 1);
    }
    if (rc == RC_OK) {
        *seq = p->keyed ? branch_key_make(doc, branch, p->key) : branch_list_make(doc, branch);
    }
    return rc;
}

static uint32_t *first_link(const struct bulk *b, uint32_t seq)
{
    return &b->doc->seqs[seq].first;
}

/* What stands behind `left`, or at the head of the list. */
static uint32_t behind(const struct bulk *b, uint32_t seq, uint32_t left)
{
    return left != BULK_NONE ? b->next[left] : *first_link(b, seq) - 1;
}

static uint32_t stamp_of_origin(const struct bulk *b, uint32_t s)
{
    return b->left[s] != BULK_NONE ? bulk_item(b, b->left[s])->mark : 0;
}

static bool begins_at(const struct item *it, uint32_t client, uint32_t clock)
{
    return it->client == client && it->clock == clock;
}

static bool same_right(const struct item *a, const struct item *b)
{
    return a->right_client == b->right_client && (a->right_client == NONE32 || a->right_clock == b->right_clock);
}

static enum yata look_at(const struct bulk *b, uint32_t s, uint32_t other, uint32_t base)
{
    const struct item *it = bulk_item(b, s), *there = bulk_item(b, other);

    if (b->left[other] == b->left[s]) {
        return yata_sibling(b->doc->clients[there->client].id < b->doc->clients[it->client].id, same_right(there, it));
    }
    return yata_other(stamp_of_origin(b, other), base, b->doc->scan);
}

/* The struct behind which `s` goes, among those before `right` that were inserted there without knowing of it. */
static int resolve_conflict(struct bulk *b, uint32_t s, uint32_t seq, uint32_t right, uint32_t *left)
{
    uint32_t base = ++b->doc->scan;

    for (uint32_t o = behind(b, seq, *left); o != BULK_NONE && o != right; o = b->next[o]) {
        bulk_item(b, o)->mark = b->doc->scan;
        enum yata rule = look_at(b, s, o, base);
        if (rule == YATA_END) {
            return RC_OK;
        }
        if (rule == YATA_PASS) {
            *left = o;
            b->doc->scan++;
        }
        if (b->patience-- == 0) {
            return BULK_UNFIT;
        }
    }
    return RC_OK;
}

/* The struct that begins with the right origin, BULK_NONE if there is none. Mostly it stands behind the left one. */
static int find_right(const struct bulk *b, const struct item *it, uint32_t left, uint32_t *out)
{
    uint32_t next = left != BULK_NONE ? b->next[left] : BULK_NONE;

    *out = BULK_NONE;
    if (it->right_client == NONE32) {
        return RC_OK;
    }
    if (next < UNLINKED && begins_at(bulk_item(b, next), it->right_client, it->right_clock)) {
        *out = next;
        return RC_OK;
    }
    *out = bulk_find(b, it->right_client, it->right_clock);
    return *out != BULK_NONE && !bulk_garbage(b, *out) && b->structs[*out].clock == it->right_clock ? RC_OK
                                                                                                    : BULK_UNFIT;
}

/* What it hangs on is linked. */
static int link_item(struct bulk *b, uint32_t s, uint32_t right)
{
    struct item *it = bulk_item(b, s);
    uint32_t left = b->left[s], seq;
    int rc = RC_OK;

    if (left == BULK_NONE && right == BULK_NONE) {
        rc = named_seq(b, &b->parents[it->leaf - 1], &seq);
    } else {
        seq = bulk_item(b, left != BULK_NONE ? left : right)->leaf;
    }
    if (rc == RC_OK && behind(b, seq, left) != right) {
        rc = resolve_conflict(b, s, seq, right, &left);
    }
    if (rc != RC_OK) {
        return rc;
    }
    struct seq *list = &b->doc->seqs[seq];
    b->next[s] = behind(b, seq, left);
    *(left != BULK_NONE ? &b->next[left] : &list->first) = left != BULK_NONE ? s : s + 1;
    list->length++;
    it->leaf = seq;
    it->flags |= list->key != NONE32 ? ITEM_KEYED : 0u;
    return RC_OK;
}

/* ---- in order of dependence ---------------------------------------------------------------------------- */

static void wait_for(struct bulk *b, uint32_t author, uint32_t s)
{
    struct bulk_author *a = &b->authors[author], *other = &b->authors[bulk_item(b, s)->client];

    a->awaited = s;
    a->next_waiting = other->waiting;
    other->waiting = author;
}

static bool is_linked(const struct bulk *b, uint32_t s)
{
    return s == BULK_NONE || b->next[s] != UNLINKED;
}

/* Links the structs of an author as far as it goes. */
static int link_author(struct bulk *b, uint32_t author)
{
    struct bulk_author *a = &b->authors[author];
    int rc = RC_OK;

    for (; rc == RC_OK && a->next < a->end; a->next++) {
        uint32_t s = a->next, left = b->left[s], right;
        if (bulk_garbage(b, s)) {
            continue;
        }
        rc = find_right(b, bulk_item(b, s), left, &right);
        if (rc == RC_OK && (!is_linked(b, left) || !is_linked(b, right))) {
            wait_for(b, author, is_linked(b, left) ? right : left);
            return RC_OK;
        }
        if (rc == RC_OK) {
            rc = link_item(b, s, right);
        }
    }
    return rc;
}

/* Those whose turn it is now go before the others that are ready. */
static int wake(struct bulk *b, uint32_t author, uint32_t *ready)
{
    uint32_t waiting = b->authors[author].waiting, next;

    b->authors[author].waiting = BULK_NONE;
    for (; waiting != BULK_NONE; waiting = next) {
        struct bulk_author *a = &b->authors[waiting];
        next = a->next_waiting;
        uint32_t *chain = b->next[a->awaited] != UNLINKED ? ready : &b->authors[author].waiting;
        a->next_waiting = *chain;
        *chain = waiting;
        if (b->patience-- == 0) {
            return BULK_UNFIT;
        }
    }
    return RC_OK;
}

int bulk_link(struct bulk *b)
{
    uint32_t ready = b->first_author;
    int rc = RC_OK;

    b->next = arena_alloc(b->scratch, b->count * sizeof(*b->next));
    if (!b->next) {
        return RC_NOMEM;
    }
    for (uint32_t s = 0; s < b->count; s++) {
        b->next[s] = UNLINKED;
    }
    while (rc == RC_OK && ready != BULK_NONE) {
        uint32_t author = ready;
        ready = b->authors[author].next_waiting;
        rc = link_author(b, author);
        if (rc == RC_OK) {
            rc = wake(b, author, &ready);
        }
    }
    for (uint32_t c = 0; rc == RC_OK && c < b->author_count; c++) {
        rc = b->authors[c].next < b->authors[c].end ? BULK_UNFIT : RC_OK;
    }
    return rc;
}
