#ifndef TESTS_MODEL_GROWTH_H
#define TESTS_MODEL_GROWTH_H

/* Attacks whose cost engine_growth.c compares between sizes. Each makes documents of its own and checks them. */
#include <stddef.h>

struct growth {
    const char *what; /* NULL: the last */
    void (*run)(size_t n);
    size_t n; /* the smallest size */
};

extern const struct growth growth_places[], growth_waiting[], growth_content[];

#endif
