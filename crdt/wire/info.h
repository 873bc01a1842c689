#ifndef CRDT_WIRE_INFO_H
#define CRDT_WIRE_INFO_H

/* The info byte that begins every struct of an update: the kind of its content (enum block_ref), and what follows. */
enum info {
    INFO_REF = 0x1f,
    INFO_PARENT_SUB = 0x20, /* the parent's key, where the parent itself is told */
    INFO_RIGHT_ORIGIN = 0x40,
    INFO_ORIGIN = 0x80
};

#endif
