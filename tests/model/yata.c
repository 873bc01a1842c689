#include "tests/model/yata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "crdt/core/block.h"
#include "crdt/core/idset.h"
#include "crdt/wire/snapshot.h"
#include "crdt/wire/update_dec.h"

#define NONE SIZE_MAX

/* One clock. */
struct element {
    struct id id, origin, right;
    bool has_origin, has_right, garbage, deleted, type;
    uint8_t kind; /* enum block_ref */
    size_t list;  /* index of the list it stands in; NONE for garbage */
    bool by_name; /* where it belongs, when it says so: a root … */
    bool by_id;   /* … or an element */
    struct id parent;
    char name[16], key[16];
    bool has_key;
};

/* A list of a root (named) or of an element, or one key of either. */
struct list {
    bool root, is_key;
    char name[16], key[16];
    struct id parent;
    size_t *at; /* indexes of elements */
    size_t count, cap;
};

struct yata {
    struct element *elements;
    size_t count, cap;
    struct element *waiting;
    size_t waiting_count, waiting_cap;
    struct list *lists;
    size_t list_count, list_cap;
    struct idset deletes; /* that wait */
};

static void *must(void *memory)
{
    if (memory == NULL) {
        (void)fprintf(stderr, "out of memory\n");
        abort();
    }
    return memory;
}

static void make_room(void **data, size_t count, size_t *cap, size_t size)
{
    if (count == *cap) {
        *cap = *cap > 0 ? 2 * *cap : 8;
        *data = must(realloc(*data, *cap * size));
    }
}

struct yata *yata_create(void)
{
    return must(calloc(1, sizeof(struct yata)));
}

void yata_destroy(struct yata *y)
{
    for (size_t i = 0; i < y->list_count; i++) {
        free(y->lists[i].at);
    }
    idset_finish(&y->deletes);
    free(y->elements);
    free(y->waiting);
    free(y->lists);
    free(y);
}

/* ---- looking up ------------------------------------------------------------------------------------------ */

static bool same_id(struct id a, struct id b)
{
    return a.client == b.client && a.clock == b.clock;
}

static size_t find(const struct yata *y, struct id id)
{
    for (size_t i = y->count; i-- > 0;) {
        if (same_id(y->elements[i].id, id)) {
            return i;
        }
    }
    return NONE;
}

static uint64_t state_of(const struct yata *y, uint64_t client)
{
    uint64_t state = 0;

    for (size_t i = 0; i < y->count; i++) {
        state += y->elements[i].id.client == client;
    }
    return state;
}

static bool list_is(const struct list *l, const struct list *like)
{
    return l->root == like->root && l->is_key == like->is_key && strcmp(l->key, like->key) == 0 &&
           (l->root ? strcmp(l->name, like->name) == 0 : same_id(l->parent, like->parent));
}

static size_t find_list(const struct yata *y, const struct list *like)
{
    for (size_t i = 0; i < y->list_count; i++) {
        if (list_is(&y->lists[i], like)) {
            return i;
        }
    }
    return NONE;
}

static size_t make_list(struct yata *y, const struct list *like)
{
    size_t found = find_list(y, like);

    if (found == NONE) {
        make_room((void **)&y->lists, y->list_count, &y->list_cap, sizeof(*y->lists));
        found = y->list_count++;
        y->lists[found] = *like;
    }
    return found;
}

/* l->count for an element of another list. */
static size_t place_of(const struct list *l, size_t element)
{
    size_t at = 0;

    while (at < l->count && l->at[at] != element) {
        at++;
    }
    return at;
}

/* ---- deleting --------------------------------------------------------------------------------------------- */

/* With all that is in it. The recursion is as deep as types are nested. */
static void delete_element(struct yata *y, size_t which)
{
    struct element *e = &y->elements[which];

    if (e->deleted) {
        return;
    }
    e->deleted = true;
    for (size_t i = 0; e->type && i < y->list_count; i++) {
        if (!y->lists[i].root && same_id(y->lists[i].parent, e->id)) {
            for (size_t j = 0; j < y->lists[i].count; j++) {
                delete_element(y, y->lists[i].at[j]);
            }
        }
    }
}

static void apply_deletes(struct yata *y)
{
    struct idset rest;

    idset_init(&rest);
    for (size_t i = 0; i < y->deletes.count; i++) {
        const struct idset_range *r = &idset_ranges(&y->deletes)[i];
        for (uint64_t clock = r->clock; clock < r->clock + r->len; clock++) {
            size_t found = find(y, (struct id){r->client, clock});
            if (found != NONE) {
                delete_element(y, found);
            } else if (idset_add(&rest, r->client, clock, 1) != RC_OK) {
                must(NULL);
            }
        }
    }
    idset_finish(&y->deletes);
    y->deletes = rest;
}

/* ---- integrating -------------------------------------------------------------------------------------------- */

static bool known(const struct yata *y, struct id id)
{
    return find(y, id) != NONE;
}

static bool ready(const struct yata *y, const struct element *e)
{
    return state_of(y, e->id.client) == e->id.clock && (!e->has_origin || known(y, e->origin)) &&
           (!e->has_right || known(y, e->right)) && (!e->by_id || known(y, e->parent));
}

/* The list an element goes into; NONE when what it hangs on is garbage. */
static size_t list_for(struct yata *y, const struct element *e)
{
    struct list like = {.root = e->by_name, .is_key = e->has_key};
    size_t origin = e->has_origin ? find(y, e->origin) : NONE, right = e->has_right ? find(y, e->right) : NONE;

    if ((origin != NONE && y->elements[origin].garbage) || (right != NONE && y->elements[right].garbage)) {
        return NONE;
    }
    if (origin != NONE || right != NONE) {
        return y->elements[origin != NONE ? origin : right].list;
    }
    if (e->by_id) {
        size_t parent = find(y, e->parent);
        if (!y->elements[parent].type) {
            return NONE; /* no type, or nobody knows any more */
        }
    }
    memcpy(like.name, e->name, sizeof(like.name));
    memcpy(like.key, e->key, sizeof(like.key));
    like.parent = e->parent;
    return make_list(y, &like);
}

static bool same_origin(const struct element *a, const struct element *b)
{
    return a->has_origin == b->has_origin && (!a->has_origin || same_id(a->origin, b->origin));
}

static bool same_right(const struct element *a, const struct element *b)
{
    return a->has_right == b->has_right && (!a->has_right || same_id(a->right, b->right));
}

/* Whether the origin of `e` stands in l->at[from, to). */
static bool origin_within(const struct yata *y, const struct list *l, const struct element *e, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (same_id(y->elements[l->at[i]].id, e->origin)) {
            return true;
        }
    }
    return false;
}

/* Nicolaescu et al. 2016 with yjs's right origins: Item.integrate, its sets being stretches of the list. */
static size_t place_for(const struct yata *y, const struct list *l, const struct element *e)
{
    size_t first = e->has_origin ? place_of(l, find(y, e->origin)) + 1 : 0;
    size_t end = e->has_right ? place_of(l, find(y, e->right)) : l->count;
    size_t place = first, conflicting = first;

    if (end < first) {
        end = l->count; /* never met */
    }

    for (size_t i = first; i < end; i++) {
        const struct element *o = &y->elements[l->at[i]];
        if (same_origin(o, e)) {
            if (o->id.client < e->id.client) {
                place = conflicting = i + 1;
            } else if (same_right(o, e)) {
                break;
            }
        } else if (o->has_origin && origin_within(y, l, o, first, i + 1)) {
            if (!origin_within(y, l, o, conflicting, i + 1)) {
                place = conflicting = i + 1;
            }
        } else {
            break;
        }
    }
    return place;
}

static void put_into_list(struct yata *y, size_t which, size_t list)
{
    struct list *l = &y->lists[list];
    size_t place = place_for(y, l, &y->elements[which]);
    size_t parent = l->root ? NONE : find(y, l->parent);

    make_room((void **)&l->at, l->count, &l->cap, sizeof(*l->at));
    memmove(l->at + place + 1, l->at + place, (l->count - place) * sizeof(*l->at));
    l->at[place] = which;
    l->count++;
    y->elements[which].list = list;
    if (l->is_key && place + 1 < l->count) {
        delete_element(y, which);
    } else if (l->is_key && place > 0) {
        delete_element(y, l->at[place - 1]);
    }
    if (parent != NONE && y->elements[parent].deleted) {
        delete_element(y, which);
    }
}

static void integrate(struct yata *y, const struct element *e)
{
    size_t list = e->garbage ? NONE : list_for(y, e);
    bool was_deleted = e->deleted;
    size_t which;

    make_room((void **)&y->elements, y->count, &y->cap, sizeof(*y->elements));
    which = y->count++;
    y->elements[which] = *e;
    y->elements[which].list = list;
    if (list == NONE) {
        y->elements[which].garbage = y->elements[which].deleted = true;
        return;
    }
    y->elements[which].deleted = false;
    put_into_list(y, which, list);
    y->elements[which].deleted |= was_deleted;
}

static void integrate_waiting(struct yata *y)
{
    bool again = true;

    while (again) {
        again = false;
        for (size_t i = 0; i < y->waiting_count; i++) {
            struct element e = y->waiting[i];
            bool is_known = known(y, e.id);
            if (is_known || ready(y, &e)) {
                if (!is_known) {
                    integrate(y, &e);
                }
                memmove(y->waiting + i, y->waiting + i + 1, (y->waiting_count - i - 1) * sizeof(*y->waiting));
                y->waiting_count--;
                i--;
                again = true;
            }
        }
    }
}

/* ---- reading updates ------------------------------------------------------------------------------------------ */

static void copy_name(char to[16], struct span name)
{
    size_t len = name.len < 15 ? name.len : 15;

    memset(to, 0, 16);
    if (len > 0) {
        memcpy(to, name.data, len);
    }
}

static void wait(struct yata *y, const struct element *e)
{
    make_room((void **)&y->waiting, y->waiting_count, &y->waiting_cap, sizeof(*y->waiting));
    y->waiting[y->waiting_count++] = *e;
}

static void take_block(struct yata *y, const struct block *b)
{
    struct element e = {.id = b->id, .kind = b->ref, .garbage = b->ref == BLOCK_GC};

    e.deleted = b->ref == BLOCK_GC || b->ref == BLOCK_DELETED;
    e.type = b->ref == BLOCK_TYPE;
    e.has_origin = (b->flags & BLOCK_HAS_ORIGIN) != 0;
    e.has_right = (b->flags & BLOCK_HAS_RIGHT_ORIGIN) != 0;
    e.origin = e.has_origin ? b->origin : e.origin;
    e.right = e.has_right ? b->right_origin : e.right;
    if (!e.has_origin && !e.has_right && b->ref != BLOCK_GC) {
        e.by_name = (b->flags & BLOCK_PARENT_ROOT) != 0;
        e.by_id = (b->flags & BLOCK_PARENT_ID) != 0;
        e.has_key = (b->flags & BLOCK_HAS_PARENT_SUB) != 0;
        copy_name(e.name, e.by_name ? b->parent_name : span_of(NULL, 0));
        copy_name(e.key, e.has_key ? b->parent_sub : span_of(NULL, 0));
        e.parent = e.by_id ? b->parent : e.parent;
    }
    for (uint64_t i = 0; i < b->len; i++) {
        wait(y, &e);
        e.origin = e.id;
        e.has_origin = true;
        e.by_name = e.by_id = false;
        e.id.clock++;
    }
}

bool yata_apply(struct yata *y, enum crdt_format format, struct span update)
{
    struct arena scratch;
    struct update_dec dec;
    struct block b;
    int got;

    arena_init(&scratch, 0);
    got = update_dec_init(&dec, format, update, &scratch);
    while (got == RC_OK && (got = update_dec_next(&dec, &b)) > 0) {
        if (b.ref != BLOCK_SKIP) {
            take_block(y, &b);
        }
        got = RC_OK;
    }
    if (got == RC_OK) {
        got = update_dec_deletes(&dec, &y->deletes);
    }
    update_dec_finish(&dec);
    arena_finish(&scratch);
    integrate_waiting(y);
    apply_deletes(y);
    return got == RC_OK;
}

/* ---- comparing -------------------------------------------------------------------------------------------------- */

bool yata_waits(const struct yata *y)
{
    return y->waiting_count > 0 || y->deletes.count > 0;
}

void yata_snapshot(const struct yata *y, struct buf *out)
{
    struct snapshot s = {0};
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < y->count; i++) {
        const struct element *e = &y->elements[i];
        if (e->id.clock == 0) {
            rc = state_vector_add(&s.state, e->id.client, state_of(y, e->id.client));
        }
        if (rc == RC_OK && e->deleted) {
            rc = idset_add(&s.deletes, e->id.client, e->id.clock, 1);
        }
    }
    if (rc != RC_OK || state_vector_sort(&s.state) != RC_OK || idset_normalize(&s.deletes) != RC_OK) {
        must(NULL);
    }
    snapshot_write(CRDT_V1, &s, out);
    snapshot_finish(&s);
}

static bool counts(const struct element *e)
{
    return !e->deleted && e->kind != BLOCK_FORMAT;
}

/* The engine's runs of a list against the elements that count. */
static const char *compare_list(const struct yata *y, const struct list *l, const struct crdt_doc *doc,
                                struct crdt_type type)
{
    struct crdt_iter it;
    struct crdt_run run = {0};
    uint64_t left = 0;

    crdt_iter_init(&it, doc, type);
    for (size_t i = 0; i < (l != NULL ? l->count : 0); i++) {
        const struct element *e = &y->elements[l->at[i]];
        if (!counts(e)) {
            continue;
        }
        while (left == 0) {
            if (!crdt_iter_next(&it, &run)) {
                return "a list ends too early";
            }
            left = run.count;
        }
        if (run.client != e->id.client || run.clock + (run.count - left) != e->id.clock) {
            return "a list is in another order";
        }
        left--;
    }
    while (left == 0 && crdt_iter_next(&it, &run)) {
        left = run.count;
    }
    return left > 0 ? "a list has more elements" : NULL;
}

static const char *compare_keys(const struct yata *y, const struct list *like, const struct crdt_doc *doc,
                                struct crdt_type type)
{
    for (size_t i = 0; i < y->list_count; i++) {
        struct list key = *like;
        struct crdt_run run;

        key.is_key = true;
        memcpy(key.key, y->lists[i].key, sizeof(key.key));
        if (!list_is(&y->lists[i], &key) || y->lists[i].count == 0) {
            continue;
        }
        const struct element *e = &y->elements[y->lists[i].at[y->lists[i].count - 1]];
        if (crdt_map_get(doc, type, span_str(key.key), &run) == e->deleted) {
            return "a map entry is there that should not, or is missing";
        }
        if (!e->deleted && (run.client != e->id.client || run.clock != e->id.clock)) {
            return "a map has another value";
        }
    }
    return NULL;
}

static const char *compare_type(const struct yata *y, const struct list *like, const struct crdt_doc *doc,
                                struct crdt_type type);

/* What a type contains, types again. */
static const char *compare_inner(const struct yata *y, const struct crdt_doc *doc, struct crdt_type type)
{
    struct crdt_iter it;
    struct crdt_map_iter map;
    struct crdt_run run;
    struct span key;
    const char *broken = NULL;

    crdt_iter_init(&it, doc, type);
    while (broken == NULL && crdt_iter_next(&it, &run)) {
        if (run.content == CRDT_CONTENT_TYPE) {
            broken = compare_type(y, &(struct list){.parent = {run.client, run.clock}}, doc, run.type);
        }
    }
    crdt_map_iter_init(&map, doc, type);
    while (broken == NULL && crdt_map_iter_next(&map, &key, &run)) {
        if (run.content == CRDT_CONTENT_TYPE) {
            broken = compare_type(y, &(struct list){.parent = {run.client, run.clock}}, doc, run.type);
        }
    }
    return broken;
}

static const char *compare_type(const struct yata *y, const struct list *like, const struct crdt_doc *doc,
                                struct crdt_type type)
{
    size_t found = find_list(y, like);
    const char *broken = compare_list(y, found != NONE ? &y->lists[found] : NULL, doc, type);

    if (broken == NULL) {
        broken = compare_keys(y, like, doc, type);
    }
    return broken != NULL ? broken : compare_inner(y, doc, type);
}

const char *yata_compare(const struct yata *y, const struct crdt_doc *doc)
{
    const char *broken = NULL;

    for (struct crdt_type root = crdt_root_next(doc, (struct crdt_type){0}); broken == NULL && !crdt_type_is_none(root);
         root = crdt_root_next(doc, root)) {
        struct list like = {.root = true};
        copy_name(like.name, crdt_type_name(doc, root));
        broken = compare_type(y, &like, doc, root);
    }
    return broken;
}
