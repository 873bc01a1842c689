#include "server/api/note_roll.h"

#include <stdbool.h>
#include <stdlib.h>

#define FIRST_ROOM 64

static void page_ready(void *ctx, const struct store_answer *answer);

static int ask(struct note_roll *roll, const struct store_cursor *after)
{
    return store_list(roll->store, after, STORE_PAGE_MAX, (struct store_reply){.call = page_ready, .ctx = roll});
}

int note_roll_gather(struct note_roll *roll, struct store *store, void (*done)(void *ctx, int rc), void *ctx)
{
    roll->store = store;
    roll->done = done;
    roll->ctx = ctx;
    return ask(roll, NULL);
}

static bool is_known(const struct note_roll *roll, uint64_t id)
{
    for (size_t i = 0; i < roll->count; i++) {
        if (roll->entry[i].id == id) {
            return true;
        }
    }
    return false;
}

static int add(struct note_roll *roll, const struct store_info *info)
{
    if (roll->count == roll->room) {
        size_t room = roll->room ? roll->room * 2 : FIRST_ROOM;
        struct note_roll_entry *entry = realloc(roll->entry, room * sizeof *entry);

        if (!entry) {
            return RC_NOMEM;
        }
        roll->entry = entry;
        roll->room = room;
    }
    roll->entry[roll->count++] = (struct note_roll_entry){info->id, info->updated_ms, roll->names.len, info->name.len};
    buf_put_span(&roll->names, info->name);
    return roll->names.rc;
}

/* Those of the page that are new; *beyond says that it went past what has changed since the beginning. */
static int add_page(struct note_roll *roll, const struct store_page *page, bool *beyond)
{
    int rc = RC_OK;

    for (size_t i = 0; i < page->count && rc == RC_OK && !*beyond; i++) {
        const struct store_info *info = &page->item[i];

        *beyond = roll->again && info->updated_ms < roll->newest_ms;
        if (!*beyond && !(roll->again && is_known(roll, info->id))) {
            rc = add(roll, info);
        }
    }
    return rc;
}

static void page_ready(void *ctx, const struct store_answer *answer)
{
    struct note_roll *roll = ctx;
    bool beyond = false, first = roll->count == 0;
    int rc = answer->rc;

    if (rc == RC_OK && first && answer->page->count > 0) {
        roll->newest_ms = answer->page->item[0].updated_ms;
    }
    rc = rc ? rc : add_page(roll, answer->page, &beyond);
    if (rc == RC_OK && answer->page->more && !beyond) {
        rc = ask(roll, &answer->page->next);
    } else if (rc == RC_OK && !roll->again && !first) {
        roll->again = true; /* one page alone is one moment */
        rc = ask(roll, NULL);
    } else {
        roll->done(roll->ctx, rc);
        return;
    }
    if (rc != RC_OK) {
        roll->done(roll->ctx, rc);
    }
}

struct span note_roll_name(const struct note_roll *roll, size_t i)
{
    return buf_slice(&roll->names, roll->entry[i].at, roll->entry[i].len);
}

int64_t note_roll_changed_ms(const struct note_roll *roll, size_t i)
{
    return roll->entry[i].changed_ms;
}

void note_roll_finish(struct note_roll *roll)
{
    free(roll->entry);
    buf_finish(&roll->names);
    *roll = (struct note_roll){0};
}
