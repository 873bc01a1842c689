#include "bench/engine/bench_workload.h"

#include <string.h>

#define STATE  (TASK_BIT(TASK_ENCODE_V1) | TASK_BIT(TASK_ENCODE_V2) | TASK_BIT(TASK_LOAD_V1) | TASK_BIT(TASK_LOAD_V2))
#define LOCAL  (TASK_BIT(TASK_LOCAL) | TASK_BIT(TASK_LOCAL_V1))
#define REMOTE (TASK_BIT(TASK_REMOTE_V1) | TASK_BIT(TASK_REMOTE_V2))
#define MERGE                                                                                                          \
    (TASK_BIT(TASK_MERGE_1000) | TASK_BIT(TASK_MERGE_5000) | TASK_BIT(TASK_MERGE_20000) | TASK_BIT(TASK_MERGE_ALL))
#define MEMORY (TASK_BIT(TASK_MEMORY) | TASK_BIT(TASK_MEMORY_TRIMMED))

#define TRACE      (LOCAL | REMOTE | STATE | MERGE | MEMORY)
#define TWO_PEOPLE (TRACE | TASK_BIT(TASK_REMOTE_PERSON))
#define RECORDED   (REMOTE | STATE | MERGE | MEMORY)
#define ONE_PLACE  (REMOTE | STATE | TASK_BIT(TASK_MERGE_ALL))
#define COPIES     (TASK_BIT(TASK_LOCAL) | STATE | MEMORY)
#define SYNTHETIC  (LOCAL | TASK_BIT(TASK_REMOTE_V1) | TASK_BIT(TASK_ENCODE_V1) | TASK_BIT(TASK_LOAD_V1))
#define CLIENTS    (REMOTE | TASK_BIT(TASK_ENCODE_V1) | TASK_BIT(TASK_LOAD_V1))

static const struct workload table[] = {
    {"B1.1", "append N letters", NULL, B1_1, 1, 0, SYNTHETIC},
    {"B1.2", "insert a string of N letters", NULL, B1_2, 1, 0, SYNTHETIC},
    {"B1.3", "prepend N letters", NULL, B1_3, 1, 0, SYNTHETIC},
    {"B1.4", "insert N letters at random positions", NULL, B1_4, 1, 0, SYNTHETIC},
    {"B1.5", "insert N words at random positions", NULL, B1_5, 1, 0, SYNTHETIC},
    {"B1.6", "insert a string of N letters, then delete it", NULL, B1_6, 1, 0, SYNTHETIC},
    {"B1.7", "insert or delete words at random positions, N times", NULL, B1_7, 1, 0, SYNTHETIC},
    {"B2.1", "two people insert a string of N letters at the head", NULL, B2_1, 1, 0, SYNTHETIC},
    {"B2.2", "two people insert N letters at random positions", NULL, B2_2, 1, 0, SYNTHETIC},
    {"B2.3", "two people insert N words at random positions", NULL, B2_3, 1, 0, SYNTHETIC},
    {"B2.4", "two people insert and delete words, N times", NULL, B2_4, 1, 0, SYNTHETIC},
    {"B3.1", "20 √N clients set a number in a map", NULL, B3_1, 1, 0, CLIENTS},
    {"B3.2", "20 √N clients set an object in a map", NULL, B3_2, 1, 0, CLIENTS},
    {"B3.3", "20 √N clients set a long string in a map", NULL, B3_3, 1, 0, CLIENTS},
    {"B3.4", "20 √N clients insert into an array", NULL, B3_4, 1, 0, CLIENTS},
    {"B3.5", "20 √N clients insert into a text", NULL, B3_5, 1, 0, CLIENTS},
    {"B4", "automerge-paper: a paper typed by one person", "automerge-paper", 0, 1, 0, TRACE},
    {"B4x100", "automerge-paper 100 times in one note", "automerge-paper", 0, 100, 0, COPIES},
    {"seph-blog1", "a blog post typed by one person", "seph-blog1", 0, 1, 0, TRACE},
    {"sveltecomponent", "a program typed by one person", "sveltecomponent", 0, 1, 0, TRACE},
    {"json-crdt-blog-post", "a blog post typed by one person", "json-crdt-blog-post", 0, 1, 0, TRACE},
    {"friendsforever", "a text typed by two people", "friendsforever", 0, 1, 0, TWO_PEOPLE},
    {"note30", "a rich text by 30 people", "note30", 0, 1, 0, RECORDED},
    {"clients10k", "10,000 clients insert at one place, ascending", "clients10k", 0, 1, ORDER_CLIENTS_UP, ONE_PLACE},
    {"clients10k-down", "10,000 clients insert at one place, descending", "clients10k", 0, 1, ORDER_CLIENTS_DOWN,
     ONE_PLACE},
};

size_t workload_count(void)
{
    return sizeof(table) / sizeof(*table);
}

const struct workload *workload_at(size_t i)
{
    return &table[i];
}

const struct workload *workload_find(const char *name)
{
    for (size_t i = 0; i < workload_count(); i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

void workload_from_file(const char *path, struct workload *out)
{
    const char *slash = strrchr(path, '/');

    *out = (struct workload){
        .name = slash != NULL ? slash + 1 : path,
        .about = path,
        .file = path,
        .copies = 1,
        .tasks = TWO_PEOPLE,
    };
}
