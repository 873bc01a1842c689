/* Which clocks an update brings and deletes.
 *
 *     update v1      varuint clients, then for each: varuint structs, varuint client, varuint clock, the structs
 *     struct         u8 info: bits 0-4 content, bit 7 origin, bit 6 right origin, bit 5 key of a parent
 *     delete set     varuint clients, then for each: varuint client, varuint ranges, (varuint clock, varuint length)*
 *
 * The walk reads every byte that decides where the next struct begins, and nothing more; the engine checks the rest. */
#include "crdt/proto.h"
#include "crdt/lib0/any.h"
#include "crdt/lib0/dec.h"
#include "crdt/lib0/utf.h"

enum {
    REF_GC,
    REF_DELETED,
    REF_JSON,
    REF_BINARY,
    REF_STRING,
    REF_EMBED,
    REF_FORMAT,
    REF_TYPE,
    REF_ANY,
    REF_DOC,
    REF_SKIP
};
#define TYPE_XML_ELEMENT 3
#define TYPE_XML_HOOK    5

static void skip_id(struct lib0_dec *d)
{
    lib0_dec_varuint(d);
    lib0_dec_varuint(d);
}

/* Members still to read of each array or object that is open; objects are told by `keys`. */
struct open_values {
    uint64_t left[LIB0_ANY_DEPTH];
    bool keys[LIB0_ANY_DEPTH];
    size_t depth;
};

static void open_value(struct lib0_dec *d, struct open_values *open, bool keys)
{
    uint64_t members = lib0_dec_varuint(d);

    if (open->depth == LIB0_ANY_DEPTH) {
        lib0_dec_fail(d, RC_LIMIT);
        return;
    }
    open->left[open->depth] = members;
    open->keys[open->depth] = keys;
    open->depth++;
}

static void skip_scalar(struct lib0_dec *d, struct open_values *open)
{
    switch (lib0_dec_u8(d)) {
    case 127:
    case 126:
    case 121:
    case 120:
        break;
    case 125:
        lib0_dec_varint(d, NULL);
        break;
    case 124:
        lib0_dec_bytes(d, 4);
        break;
    case 123:
    case 122:
        lib0_dec_bytes(d, 8);
        break;
    case 119:
    case 116:
        lib0_dec_varbytes(d);
        break;
    case 118:
        open_value(d, open, true);
        break;
    case 117:
        open_value(d, open, false);
        break;
    default:
        lib0_dec_fail(d, RC_FORMAT);
    }
}

static void skip_any(struct lib0_dec *d)
{
    struct open_values open;

    open.depth = 0;
    skip_scalar(d, &open);
    while (d->rc == RC_OK && open.depth > 0) {
        size_t top = open.depth - 1;

        if (open.left[top] == 0) {
            open.depth--;
            continue;
        }
        open.left[top]--;
        if (open.keys[top]) {
            lib0_dec_varbytes(d);
        }
        skip_scalar(d, &open);
    }
}

static uint64_t skip_many(struct lib0_dec *d, bool json)
{
    uint64_t count = lib0_dec_varuint(d);

    for (uint64_t i = 0; i < count && d->rc == RC_OK; i++) {
        if (json) {
            lib0_dec_varbytes(d);
        } else {
            skip_any(d);
        }
    }
    return count;
}

static uint64_t skip_type(struct lib0_dec *d)
{
    uint64_t type = lib0_dec_varuint(d);

    if (type == TYPE_XML_ELEMENT || type == TYPE_XML_HOOK) {
        lib0_dec_varbytes(d);
    }
    return 1;
}

/* Passes the content and returns how many clocks it takes. */
static uint64_t skip_content(struct lib0_dec *d, unsigned ref)
{
    switch (ref) {
    case REF_DELETED:
        return lib0_dec_varuint(d);
    case REF_JSON:
        return skip_many(d, true);
    case REF_BINARY:
    case REF_EMBED:
        lib0_dec_varbytes(d);
        return 1;
    case REF_STRING:
        return utf16_length(lib0_dec_varstring(d));
    case REF_FORMAT:
        lib0_dec_varbytes(d);
        lib0_dec_varbytes(d);
        return 1;
    case REF_TYPE:
        return skip_type(d);
    case REF_ANY:
        return skip_many(d, false);
    case REF_DOC:
        lib0_dec_varbytes(d);
        skip_any(d);
        return 1;
    default:
        lib0_dec_fail(d, RC_FORMAT);
        return 0;
    }
}

static void skip_place(struct lib0_dec *d, unsigned info)
{
    if ((info & 0x80) != 0) {
        skip_id(d);
    }
    if ((info & 0x40) != 0) {
        skip_id(d);
    }
    if ((info & 0xc0) != 0) {
        return;
    }
    if (lib0_dec_varuint(d) == 1) {
        lib0_dec_varbytes(d);
    } else {
        skip_id(d);
    }
    if ((info & 0x20) != 0) {
        lib0_dec_varbytes(d);
    }
}

/* Passes a struct and returns its length in clocks. */
static uint64_t skip_struct(struct lib0_dec *d, bool *skip)
{
    unsigned info = lib0_dec_u8(d);
    unsigned ref = info & 31;

    *skip = ref == REF_SKIP;
    if (ref == REF_GC || ref == REF_SKIP) {
        return lib0_dec_varuint(d);
    }
    skip_place(d, info);
    return skip_content(d, ref);
}

/* Moves the clock on. Clocks stay below 2^53, lengths too: the sum cannot wrap. */
static bool advance(struct proto_claims *c, struct lib0_dec *d, uint64_t len)
{
    if (d->rc == RC_OK && c->clock + len > LIB0_MAX_SAFE) {
        lib0_dec_fail(d, RC_RANGE);
    }
    if (d->rc != RC_OK) {
        return false;
    }
    c->clock += len;
    return true;
}

static void next_client(struct proto_claims *c, struct lib0_dec *d)
{
    c->clients--;
    if (c->deletes) {
        c->client = lib0_dec_varuint(d);
        c->structs = lib0_dec_varuint(d);
    } else {
        c->structs = lib0_dec_varuint(d);
        c->client = lib0_dec_varuint(d);
        c->clock = lib0_dec_varuint(d);
    }
}

/* A run of structs up to the next skip or client. True when it claims something. */
static bool next_structs(struct proto_claims *c, struct lib0_dec *d, struct proto_claim *out)
{
    bool skip = false;

    *out = (struct proto_claim){c->client, c->clock, c->clock, false};
    while (c->structs > 0 && !skip && d->rc == RC_OK) {
        uint64_t len = skip_struct(d, &skip);

        c->structs--;
        if (advance(c, d, len) && !skip) {
            out->end = c->clock;
        }
    }
    return d->rc == RC_OK && out->end > out->clock;
}

static bool next_range(struct proto_claims *c, struct lib0_dec *d, struct proto_claim *out)
{
    uint64_t len;

    c->structs--;
    c->clock = lib0_dec_varuint(d);
    len = lib0_dec_varuint(d);
    *out = (struct proto_claim){c->client, c->clock, c->clock + len, true};
    return advance(c, d, len) && len > 0;
}

void proto_claims_init(struct proto_claims *c, struct span update)
{
    struct lib0_dec d = lib0_dec_of(update);

    *c = (struct proto_claims){.clients = lib0_dec_varuint(&d)};
    c->rest = span_of(d.pos, (size_t)(d.end - d.pos));
    c->rc = d.rc;
}

static bool next_claim(struct proto_claims *c, struct lib0_dec *d, struct proto_claim *out)
{
    while (d->rc == RC_OK) {
        if (c->structs > 0) {
            if (c->deletes ? next_range(c, d, out) : next_structs(c, d, out)) {
                return true;
            }
        } else if (c->clients > 0) {
            next_client(c, d);
        } else if (c->deletes) {
            return false;
        } else {
            c->deletes = true;
            c->clients = lib0_dec_varuint(d);
        }
    }
    return false;
}

bool proto_claims_next(struct proto_claims *c, struct proto_claim *out)
{
    struct lib0_dec d = lib0_dec_of(c->rest);
    bool found;

    if (c->rc != RC_OK) {
        return false;
    }
    found = next_claim(c, &d, out);
    c->rest = span_of(d.pos, (size_t)(d.end - d.pos));
    c->rc = d.rc;
    return found;
}

/* ---- State vectors: varuint count, (varuint client, varuint clock)* -------------------------------- */

uint64_t proto_state_vector_get(struct span state_vector, uint64_t client)
{
    struct lib0_dec d = lib0_dec_of(state_vector);
    uint64_t count = lib0_dec_varuint(&d);

    for (uint64_t i = 0; i < count && d.rc == RC_OK; i++) {
        uint64_t id = lib0_dec_varuint(&d);
        uint64_t clock = lib0_dec_varuint(&d);

        if (id == client) {
            return clock;
        }
    }
    return 0;
}

bool proto_state_vector_valid(struct span state_vector)
{
    struct lib0_dec d = lib0_dec_of(state_vector);
    uint64_t count = lib0_dec_varuint(&d);

    for (uint64_t i = 0; i < count && d.rc == RC_OK; i++) {
        skip_id(&d);
    }
    return d.rc == RC_OK;
}
