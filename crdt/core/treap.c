#include "crdt/core/treap.h"

bool treap_is_child(const struct treap *t, uint32_t record, int side)
{
    uint32_t up = treap_at(t, record)->up;

    return up && treap_at(t, up)->child[side] == record;
}

uint32_t treap_next(const struct treap *t, uint32_t record)
{
    uint32_t next = record ? treap_at(t, record)->child[TREAP_RIGHT] : *t->root;

    if (next) {
        while (treap_at(t, next)->child[TREAP_LEFT]) {
            next = treap_at(t, next)->child[TREAP_LEFT];
        }
        return next;
    }
    while (record && treap_is_child(t, record, TREAP_RIGHT)) {
        record = treap_at(t, record)->up;
    }
    return record ? treap_at(t, record)->up : 0;
}

/* The output of splitmix64 (Steele, Lea and Flood, 2014): neighbours must have ranks that are independent. */
uint32_t treap_rank(const struct treap *t, uint32_t record)
{
    uint64_t x = t->seed + record * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(x >> 32);
}

void treap_adopt(const struct treap *t, uint32_t up, int side, uint32_t child)
{
    if (up) {
        treap_at(t, up)->child[side] = child;
    } else {
        *t->root = child;
    }
    if (child) {
        treap_at(t, child)->up = up;
    }
}

/* `with` takes the place of a record under its parent. */
static void replace(const struct treap *t, uint32_t record, uint32_t with)
{
    treap_adopt(t, treap_at(t, record)->up, treap_is_child(t, record, TREAP_RIGHT), with);
}

/* A record and its parent change places. */
static void rotate(const struct treap *t, uint32_t record)
{
    uint32_t up = treap_at(t, record)->up;
    int side = treap_is_child(t, record, TREAP_RIGHT);

    if (t->turning) {
        t->turning(t->owner, record);
    }
    replace(t, up, record);
    treap_adopt(t, up, side, treap_at(t, record)->child[!side]);
    treap_adopt(t, record, !side, up);
    if (t->sum) {
        t->sum(t->owner, up);
        t->sum(t->owner, record);
    }
}

void treap_attach(const struct treap *t, uint32_t left, uint32_t record)
{
    bool below = left && !treap_at(t, left)->child[TREAP_RIGHT];

    treap_adopt(t, below ? left : treap_next(t, left), below ? TREAP_RIGHT : TREAP_LEFT, record);
}

void treap_lift(const struct treap *t, uint32_t record)
{
    while (treap_at(t, record)->up && treap_rank(t, record) > treap_rank(t, treap_at(t, record)->up)) {
        rotate(t, record);
    }
}

uint32_t treap_remove(const struct treap *t, uint32_t record)
{
    const struct treap_link *links = treap_at(t, record);

    while (links->child[TREAP_LEFT] || links->child[TREAP_RIGHT]) {
        uint32_t left = links->child[TREAP_LEFT], right = links->child[TREAP_RIGHT];
        rotate(t, !right || (left && treap_rank(t, left) > treap_rank(t, right)) ? left : right);
    }
    replace(t, record, 0);
    return links->up;
}
