#include "crdt/wire/snapshot.h"

#include "crdt/wire/delete_set.h"

void snapshot_finish(struct snapshot *s)
{
    if (s != NULL) {
        idset_finish(&s->deletes);
        state_vector_finish(&s->state);
    }
}

int snapshot_decode(enum crdt_format format, struct span bytes, struct snapshot *out)
{
    struct lib0_dec in = lib0_dec_of(bytes);
    int rc;

    idset_clear(&out->deletes);
    out->state.count = 0;
    rc = delete_set_read(format, &in, &out->deletes);
    if (rc == RC_OK) {
        rc = idset_normalize(&out->deletes);
    }
    if (rc == RC_OK) {
        rc = state_vector_read(&in, &out->state);
    }
    if (rc != RC_OK) {
        idset_clear(&out->deletes);
    }
    return rc;
}

void snapshot_write(enum crdt_format format, const struct snapshot *s, struct buf *out)
{
    delete_set_write(format, &s->deletes, out);
    state_vector_write(&s->state, out);
}
