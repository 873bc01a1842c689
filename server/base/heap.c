#include "server/base/heap.h"
#include <stdlib.h> /* says whose libc this is */

#ifdef __GLIBC__
#include <malloc.h>
#endif

void heap_trim(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}
