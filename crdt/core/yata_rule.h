#ifndef CRDT_CORE_YATA_RULE_H
#define CRDT_CORE_YATA_RULE_H

/* The rule of yjs (Item.integrate) for an item that comes among concurrent ones, wherever these are kept: the scan goes
 * from behind its origin to its right origin or until the rule says YATA_END, and the item goes behind the last
 * that it was told to pass, its origin at first.
 *
 * Stamps stand for yjs's two sets: the scan stamps what it meets, beginning with `base`, and takes the next stamp with
 * each YATA_PASS. So an item with a stamp from `base` on stands between the origin and here ("before the
 * origin" in yjs's words), one with the current stamp is still in conflict. */
#include <stdbool.h>
#include <stdint.h>

enum yata { YATA_STAY, YATA_PASS, YATA_END };

/* An item with the same origin. `lower`: its client id is; `same_right`: so is its right origin. */
static inline enum yata yata_sibling(bool lower, bool same_right)
{
    return lower ? YATA_PASS : same_right ? YATA_END : YATA_STAY;
}

/* Another one, whose origin has this stamp (0 when it has no origin). */
static inline enum yata yata_other(uint32_t stamp, uint32_t base, uint32_t current)
{
    return stamp < base ? YATA_END : stamp != current ? YATA_PASS : YATA_STAY;
}

#endif
