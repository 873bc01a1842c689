#ifndef CRDT_CRDT_H
#define CRDT_CRDT_H

/* Yjs documents in C: the public interface of the engine, and its manual.
 *
 * A document (struct crdt_doc) holds named root types; a shared type is a text, an array, a map or
 * an XML node, and may contain others. Documents on different machines exchange *updates*: bytes in
 * one of the two formats of yjs 13.6, which may arrive in any order, twice or late, and lead to the
 * same document everywhere (YATA: Nicolaescu et al., "Near Real-Time Peer-to-Peer Shared Editing on
 * Extensible Data Types", GROUP 2016).
 *
 *     struct crdt_doc *doc;
 *     struct buf update = {0};
 *     rc = crdt_doc_create(&(struct crdt_doc_options){.client = 7}, &doc);
 *     rc = crdt_apply(doc, CRDT_V1, received, &update);      // from outside: all or nothing
 *     ...
 *     rc = crdt_txn_begin(doc);                              // a local edit
 *     rc = crdt_text_insert(doc, text, 0, span_str("Hello"), NULL, 0);
 *     rc = crdt_txn_commit(doc, CRDT_V1, &update);           // what to send to the others
 *
 * Positions and lengths of text are UTF-16 code units, as in JavaScript; text itself is UTF-8.
 * No function here does I/O, reads a clock or uses global state. A document belongs to one thread
 * at a time; different documents are independent.
 *
 * Results that are bytes are appended to a `struct buf` of the caller (crdt/base/buf.h); where an
 * `out` buffer may be NULL this is said. On failure `out` has its former length. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "crdt/base/buf.h"
#include "crdt/base/rc.h"
#include "crdt/base/span.h"

#pragma GCC visibility push(default) /* the library exports what stands in its public headers, and nothing else */

/* ---- Documents ------------------------------------------------------------------------------ */

struct crdt_doc;

enum crdt_format { CRDT_V1 = 1, CRDT_V2 = 2 };

struct crdt_doc_options {
    uint64_t client;     /* author of local edits, 0 to 2^53 - 1 */
    bool keep_deleted;   /* true: no garbage collection, as `new Y.Doc({gc: false})` */
    size_t memory_limit; /* bytes that the document may hold; 0 means CRDT_MEMORY_DEFAULT */
};
#define CRDT_MEMORY_DEFAULT ((size_t)1 << 30)

/* An empty document; the caller frees it with crdt_doc_destroy. `options` may be NULL: client 0, all else as by
 * default. Client 0 is fine for a document that only reads; two writers must never share a client. RC_RANGE (client),
 * RC_NOMEM, RC_LIMIT. */
int crdt_doc_create(const struct crdt_doc_options *options, struct crdt_doc **out) MUST_CHECK;
void crdt_doc_destroy(struct crdt_doc *doc); /* NULL is fine; every span and type handed out is gone */
uint64_t crdt_doc_client(const struct crdt_doc *doc);

struct crdt_stat {
    uint64_t clients, structs, items, gc; /* authors; structs = items + gc runs */
    uint64_t deleted_items;               /* items whose content is deleted */
    uint64_t types;                       /* shared types alive, roots included */
    uint64_t pending_structs;             /* structs that wait for others */
    uint64_t pending_deletes;             /* delete ranges that wait for their structs */
    uint64_t text_units;                  /* visible text, UTF-16 code units */
    uint64_t memory;                      /* bytes held */
};
/* Counts; linear. */
void crdt_doc_stat(const struct crdt_doc *doc, struct crdt_stat *out);
/* Bytes held, at once. */
uint64_t crdt_doc_memory(const struct crdt_doc *doc);
/* Gives back memory kept for growth, for documents that will be read more than written. Nothing happens inside a
 * transaction. */
void crdt_doc_trim(struct crdt_doc *doc);
/* Walks the whole document and checks every invariant of the engine. NULL when all hold, else a static
 * sentence that names the first one broken. For tests and debugging: linear. */
const char *crdt_check(const struct crdt_doc *doc);

/* ---- Updates from and to others ------------------------------------------------------------- */

/* Integrates an update as one transaction, like Y.applyUpdate / applyUpdateV2. Structs that depend on others not
 * yet here wait inside the document. `changes` (may be NULL) receives a v1 update of what became
 * visible by this call, pending structs set free included; nothing is appended when nothing was new.
 *
 * RC_FORMAT, RC_RANGE (ids beyond 2^53 - 1), RC_LIMIT (clocks of one author beyond 2^32 - 1, nesting, memory),
 * RC_NOMEM, RC_STATE (inside a local transaction): the document is as it was. With one exception: when memory runs out
 * while `changes` is written, RC_NOMEM comes although the update is in; crdt_state tells. */
int crdt_apply(struct crdt_doc *doc, enum crdt_format format, struct span update, struct buf *changes) MUST_CHECK;
/* crdt_apply for bytes that this program wrote itself and whose integrity it has checked. v2 can describe any number of
 * structs in a few bytes, so crdt_apply refuses (RC_LIMIT) what claims far more structs than its size suggests; a
 * large note that was typed and deleted again is such a state, and must load. */
int crdt_load(struct crdt_doc *doc, enum crdt_format format, struct span state) MUST_CHECK;
/* The whole state, or what lies beyond `state_vector` (encoded; empty span: everything), pending parts included:
 * the bytes of Y.encodeStateAsUpdate / encodeStateAsUpdateV2. */
int crdt_encode_state(const struct crdt_doc *doc, enum crdt_format format, struct span state_vector,
                      struct buf *out) MUST_CHECK;
/* Y.encodeStateVector. */
int crdt_encode_state_vector(const struct crdt_doc *doc, struct buf *out) MUST_CHECK;
/* True while structs or deletes wait for structs that have not come. */
bool crdt_has_pending(const struct crdt_doc *doc);
/* Next clock of a client: how many clocks of it are integrated. */
uint64_t crdt_state(const struct crdt_doc *doc, uint64_t client);

/* ---- Updates as bytes, without a document ---------------------------------------------------- */

/* Y.mergeUpdates / mergeUpdatesV2. */
int crdt_update_merge(enum crdt_format format, const struct span *updates, size_t count, struct buf *out) MUST_CHECK;
/* Y.diffUpdate / diffUpdateV2: what `update` has beyond `state_vector`. */
int crdt_update_diff(enum crdt_format format, struct span update, struct span state_vector, struct buf *out) MUST_CHECK;
/* Y.encodeStateVectorFromUpdate / …V2. */
int crdt_update_state_vector(enum crdt_format format, struct span update, struct buf *out) MUST_CHECK;
/* Y.convertUpdateFormatV1ToV2 and back. */
int crdt_update_convert(enum crdt_format from, enum crdt_format to, struct span update, struct buf *out) MUST_CHECK;

/* ---- Snapshots ------------------------------------------------------------------------------- */

/* Y.encodeSnapshot(Y.snapshot(doc)): the delete set, then the state vector. */
int crdt_encode_snapshot(const struct crdt_doc *doc, struct buf *out) MUST_CHECK;
/* The document as it was at an (encoded, v1) snapshot, like Y.createDocFromSnapshot. `doc` must keep deleted content
 * (RC_STATE otherwise) and contain the snapshot (RC_NOTFOUND otherwise). The caller destroys *out. */
int crdt_doc_at(const struct crdt_doc *doc, struct span snapshot, struct crdt_doc **out) MUST_CHECK;

/* ---- Shared types ---------------------------------------------------------------------------- */

/* The numbers are those of the wire format. */
enum crdt_kind {
    CRDT_ARRAY = 0,
    CRDT_MAP = 1,
    CRDT_TEXT = 2,
    CRDT_XML_ELEMENT = 3,
    CRDT_XML_FRAGMENT = 4,
    CRDT_XML_HOOK = 5,
    CRDT_XML_TEXT = 6,
    CRDT_UNKNOWN = 7 /* a root that came with an update and that nobody declared yet */
};

/* A shared type inside a document: a small value, not a pointer. Valid until the type is deleted; {0} is no type. */
struct crdt_type {
    uint32_t ref;
};
static inline bool crdt_type_is_none(struct crdt_type t)
{
    return t.ref == 0;
}

/* The root type of that name; {0} when no update and no crdt_root_declare has named it. */
struct crdt_type crdt_root(const struct crdt_doc *doc, struct span name);
/* Finds or makes a root, like doc.getText(name) and its siblings. RC_TYPE when it has another declared kind. */
int crdt_root_declare(struct crdt_doc *doc, struct span name, enum crdt_kind kind, struct crdt_type *out) MUST_CHECK;
/* Roots one after another, by name in UTF-16 order: start with {0}, ends with {0}. */
struct crdt_type crdt_root_next(const struct crdt_doc *doc, struct crdt_type previous);

/* Declared kind, or CRDT_UNKNOWN. */
enum crdt_kind crdt_type_kind(const struct crdt_doc *doc, struct crdt_type type);
/* The kind, or for an undeclared root the one that its content shows (DOCUMENT_MODEL: a root does not say its kind on
 * the wire): map entries only → map; XML elements → XML fragment; embedded XML text with `__type` → XML text; text,
 * embeds or formats → text; values or nested arrays and maps → array; nothing → CRDT_UNKNOWN. */
enum crdt_kind crdt_type_infer(const struct crdt_doc *doc, struct crdt_type type);
/* Name of a root, node name of an XML element, name of an XML hook; else empty. Borrowed until the next change. */
struct span crdt_type_name(const struct crdt_doc *doc, struct crdt_type type);
/* The type that contains this one; {0} for roots. */
struct crdt_type crdt_type_parent(const struct crdt_doc *doc, struct crdt_type type);
/* UTF-16 units of a text (each embed counts 1), elements of an array or children of an XML node. */
uint64_t crdt_type_length(const struct crdt_doc *doc, struct crdt_type type);

/* ---- Reading: content in order ---------------------------------------------------------------- */

enum crdt_content {
    CRDT_CONTENT_NONE = 0, /* no run: crdt_iter_step at the end */
    CRDT_CONTENT_DELETED = 1,
    CRDT_CONTENT_JSON = 2,   /* `count` values (undefined included), see crdt_value_read */
    CRDT_CONTENT_BINARY = 3, /* bytes */
    CRDT_CONTENT_STRING = 4, /* UTF-8 of `count` UTF-16 units */
    CRDT_CONTENT_EMBED = 5,  /* one value */
    CRDT_CONTENT_FORMAT = 6, /* formatting starts (value) or ends (null) here: key and one value */
    CRDT_CONTENT_TYPE = 7,   /* a nested type */
    CRDT_CONTENT_ANY = 8,    /* `count` values */
    CRDT_CONTENT_DOC = 9     /* a subdocument: key is its guid, bytes its options as one value */
};

struct crdt_attr {
    struct span key;
    struct span value; /* one encoded value */
};

/* One run of visible content. Spans are borrowed until the document changes. */
struct crdt_run {
    enum crdt_content content;
    uint64_t count;        /* length in Yjs clocks: UTF-16 units or elements; 0 for formats */
    struct span bytes;     /* text, values or bytes, as said above */
    struct span key;       /* formats and subdocuments; nested types: their name, as crdt_type_name */
    struct crdt_type type; /* nested types … */
    enum crdt_kind kind;   /* … and their kind; CRDT_UNKNOWN for other content */
    uint64_t client, clock;
};

struct crdt_iter {
    const struct crdt_doc *doc; /* private from here */
    const uint32_t *at, *end;   /* what is left of a leaf, */
    uint32_t leaf;              /* the leaf behind it, */
    const struct item *item;    /* and the run at hand */
};
/* Walks the visible content of a list-like type (text, array, XML), formats included. The document must not change
 * meanwhile. Constant memory; nested types are not entered. */
void crdt_iter_init(struct crdt_iter *it, const struct crdt_doc *doc, struct crdt_type type);
bool crdt_iter_next(struct crdt_iter *it, struct crdt_run *out);

/* The same for who reads much and needs little of each run: goes on to the next run, of which the functions below tell
 * what a struct crdt_run would hold (and more, behind crdt_iter_next too). CRDT_CONTENT_NONE at the end. */
enum crdt_content crdt_iter_step(struct crdt_iter *it);
/* Of all but subdocuments and nested types: its bytes; of a format its key and, right behind it, its value:
 * crdt_value_read_key reads the one and leaves the other. */
struct span crdt_iter_bytes(const struct crdt_iter *it);
/* Nothing stands behind the run at hand; false when there may be something. */
bool crdt_iter_is_last(const struct crdt_iter *it);
/* Of a nested type. */
struct crdt_type crdt_iter_type(const struct crdt_iter *it);
enum crdt_kind crdt_iter_kind(const struct crdt_iter *it);
struct span crdt_iter_name(const struct crdt_iter *it);
/* False: nothing has ever stood under a key of that type (a map's entry, an attribute), there is nothing to look for.
 */
bool crdt_iter_has_keys(const struct crdt_iter *it);
/* The text (or XML text) that is all that stands in that type, as in most paragraphs. {0}: there is more, or less, or
 * it cannot be told at once. */
struct crdt_type crdt_iter_only_text(const struct crdt_iter *it);
/* crdt_iter_init of `inner` for that type. */
void crdt_iter_enter(struct crdt_iter *inner, const struct crdt_iter *it);

/* The current value under a key of a map, or an attribute of an XML node. False when there is none. */
bool crdt_map_get(const struct crdt_doc *doc, struct crdt_type type, struct span key, struct crdt_run *out);
struct crdt_map_iter {
    const struct crdt_doc *doc; /* private from here */
    uint32_t seq;
};
/* Entries that have a value, in the order in which their keys were first seen. */
void crdt_map_iter_init(struct crdt_map_iter *it, const struct crdt_doc *doc, struct crdt_type type);
bool crdt_map_iter_next(struct crdt_map_iter *it, struct span *key, struct crdt_run *out);
/* The same, of entries that are plain values alone (neither types nor bytes nor subdocuments). */
bool crdt_map_iter_next_value(struct crdt_map_iter *it, struct crdt_attr *out);

/* ---- Reading: values --------------------------------------------------------------------------- */

enum crdt_value_kind {
    CRDT_UNDEFINED,
    CRDT_NULL,
    CRDT_BOOL,
    CRDT_NUMBER,
    CRDT_BIGINT,
    CRDT_STRING,
    CRDT_BYTES,
    CRDT_VALUES, /* a JavaScript array */
    CRDT_OBJECT
};
struct crdt_value {
    enum crdt_value_kind kind;
    bool boolean;
    double number;
    int64_t bigint;
    struct span bytes; /* text, bytes, or the encoded members of an array or object */
    uint64_t count;    /* members of an array or object */
};
/* Reads the value at the head of *cursor and moves *cursor behind it. False at the end. The members of an array are
 * read the same way from value.bytes; those of an object as key, value, key, value…: crdt_value_read_key, then this. */
bool crdt_value_read(struct span *cursor, struct crdt_value *out);
bool crdt_value_read_key(struct span *cursor, struct span *key);
/* Whether a value is null, undefined or missing. */
bool crdt_value_is_null(struct span value);
/* Whether it is that whole number, 0 to 63. */
bool crdt_value_is_small(struct span value, uint8_t number);
/* The member of an object; false when there is none or `object` is none. */
bool crdt_value_member(const struct crdt_value *object, const char *key, struct crdt_value *out);
/* JSON.stringify of one encoded value; bytes, undefined and bigints print as {"$bytes": …} and so on, see README. */
int crdt_value_to_json(struct span value, struct buf *out) MUST_CHECK;
/* JavaScript's String() of one encoded value. */
int crdt_value_to_string(struct span value, struct buf *out) MUST_CHECK;
/* One JSON text -> one encoded value. */
int crdt_value_from_json(struct span json, struct buf *out) MUST_CHECK;

/* ---- Reading: whole types ----------------------------------------------------------------------- */

/* A text as Yjs delta: runs of one formatting. Usable on text and XML text. */
struct crdt_delta;
struct crdt_delta_op {
    enum crdt_content content;     /* STRING, EMBED or TYPE; other content of hostile documents is passed by */
    struct span bytes;             /* text, or the embedded value */
    struct crdt_type type;         /* an embedded type */
    const struct crdt_attr *attrs; /* as yjs orders them */
    size_t attr_count;
};
/* Everything handed out is borrowed until the next call of crdt_delta_next or the document changes. */
int crdt_delta_open(const struct crdt_doc *doc, struct crdt_type type, struct crdt_delta **out) MUST_CHECK;
/* 1: *op is set; 0: the end; negative: an error. */
int crdt_delta_next(struct crdt_delta *delta, struct crdt_delta_op *op) MUST_CHECK;
void crdt_delta_close(struct crdt_delta *delta);

/* Y.Text.toString: the text without embeds and formats. */
int crdt_text_to_string(const struct crdt_doc *doc, struct crdt_type type, struct buf *out) MUST_CHECK;
/* Y.Text.toDelta as JSON; embedded types print as their toJSON. */
int crdt_text_to_delta(const struct crdt_doc *doc, struct crdt_type type, struct buf *out) MUST_CHECK;
/* Y.XmlFragment.toString and its siblings, for tests and debugging: nothing is escaped. */
int crdt_xml_to_string(const struct crdt_doc *doc, struct crdt_type type, struct buf *out) MUST_CHECK;
/* toJSON of any type (map keys in UTF-16 order); undeclared roots by their inferred kind. */
int crdt_type_to_json(const struct crdt_doc *doc, struct crdt_type type, struct buf *out) MUST_CHECK;

/* ---- Local edits --------------------------------------------------------------------------------- */

/* Edits happen between begin and commit (RC_STATE otherwise). Each edit is all or nothing; one that fails leaves the
 * transaction usable. commit collects garbage and appends to `update` (may be NULL) what the others need; nothing is
 * appended when nothing changed. There is no rollback.
 *
 * What each edit may answer besides: RC_NOTFOUND: the type has been deleted; RC_TYPE: it is of another kind (a root
 * that nobody declared may be edited as anything); RC_RANGE: an index or length beyond the end; RC_ARG: text, a key or
 * a name that is not UTF-8, no kind of a type, options that are no object; RC_FORMAT: bytes that are not encoded
 * values; RC_LIMIT, RC_NOMEM. Given spans are copied. */
int crdt_txn_begin(struct crdt_doc *doc) MUST_CHECK;
int crdt_txn_commit(struct crdt_doc *doc, enum crdt_format format, struct buf *update) MUST_CHECK;

/* Text (also XML text). `attrs` NULL: the text takes the formatting at its place, as Y.Text.insert without
 * attributes; otherwise exactly these (attr_count may be 0 with a non-NULL pointer). An embed or a type takes no
 * formatting over: NULL is none, as Y.Text.insertEmbed. RC_RANGE beyond the end (yjs stops there, or appends line
 * breaks); RC_ARG: not UTF-8; RC_NOTFOUND: the type has been deleted; RC_TYPE: it is of another kind. */
int crdt_text_insert(struct crdt_doc *doc, struct crdt_type text, uint64_t index, struct span utf8,
                     const struct crdt_attr *attrs, size_t attr_count) MUST_CHECK;
int crdt_text_insert_embed(struct crdt_doc *doc, struct crdt_type text, uint64_t index, struct span value,
                           const struct crdt_attr *attrs, size_t attr_count) MUST_CHECK;
int crdt_text_insert_type(struct crdt_doc *doc, struct crdt_type text, uint64_t index, enum crdt_kind kind,
                          struct span name, struct crdt_type *out) MUST_CHECK;
/* `length` units or embeds; marks that mean nothing any more go as well, as in yjs. */
int crdt_text_delete(struct crdt_doc *doc, struct crdt_type text, uint64_t index, uint64_t length) MUST_CHECK;
/* Sets (or with value null removes) formatting on a range. */
int crdt_text_format(struct crdt_doc *doc, struct crdt_type text, uint64_t index, uint64_t length,
                     const struct crdt_attr *attrs, size_t attr_count) MUST_CHECK;

/* Arrays and the children of XML elements and fragments. `values` holds any number of encoded values, one behind the
 * other (crdt_value_from_json appends one). */
int crdt_list_insert(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span values) MUST_CHECK;
int crdt_list_insert_bytes(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span bytes) MUST_CHECK;
/* A new empty type, which *out names. `name`: node name of an XML element, name of a hook; else ignored. */
int crdt_list_insert_type(struct crdt_doc *doc, struct crdt_type list, uint64_t index, enum crdt_kind kind,
                          struct span name, struct crdt_type *out) MUST_CHECK;
/* A subdocument: `options` is an encoded object, as yjs's Doc takes it. */
int crdt_list_insert_doc(struct crdt_doc *doc, struct crdt_type list, uint64_t index, struct span guid,
                         struct span options) MUST_CHECK;
int crdt_list_delete(struct crdt_doc *doc, struct crdt_type list, uint64_t index, uint64_t length) MUST_CHECK;

/* Maps, and the attributes of XML nodes and texts. Setting replaces. */
int crdt_map_set(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span value) MUST_CHECK;
int crdt_map_set_bytes(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span bytes) MUST_CHECK;
int crdt_map_set_type(struct crdt_doc *doc, struct crdt_type map, struct span key, enum crdt_kind kind,
                      struct span name, struct crdt_type *out) MUST_CHECK;
int crdt_map_set_doc(struct crdt_doc *doc, struct crdt_type map, struct span key, struct span guid,
                     struct span options) MUST_CHECK;
/* Deleting what is not there is fine. */
int crdt_map_delete(struct crdt_doc *doc, struct crdt_type map, struct span key) MUST_CHECK;

/* ---- Relative positions ---------------------------------------------------------------------------- */

/* The place before unit `index` of a type, as bytes that stay right while others edit (Y.encodeRelativePosition): it
 * hangs on the unit behind it (assoc >= 0) or before it (assoc < 0). An index beyond the end is the end. RC_NOTFOUND:
 * no such type; RC_NOMEM, RC_LIMIT. */
int crdt_position_at(struct crdt_doc *doc, struct crdt_type type, uint64_t index, int64_t assoc,
                     struct buf *out) MUST_CHECK;
/* Where it is now (Y.createAbsolutePositionFromRelativePosition). RC_NOTFOUND: what it hangs on has not come, or has
 * been collected; RC_FORMAT, RC_RANGE: no position. */
int crdt_position_find(struct crdt_doc *doc, struct span position, struct crdt_type *type, uint64_t *index) MUST_CHECK;

/* ---- Sets of ids ------------------------------------------------------------------------------------- */

/* Ids of inserted or deleted units, as ranges of clocks: what yjs calls a delete set. Always in normal form: clients
 * descending, clocks ascending, ranges as long as they can be. */
struct crdt_ids;
struct crdt_id_range {
    uint64_t client, clock, len; /* clock + len at most 2^53 - 1 */
};

int crdt_ids_create(struct crdt_ids **out) MUST_CHECK;
void crdt_ids_destroy(struct crdt_ids *ids); /* NULL is fine */
/* O(1) behind the last range, else linear: large sets are better united. RC_RANGE, RC_NOMEM: nothing was added. */
int crdt_ids_add(struct crdt_ids *ids, struct crdt_id_range range) MUST_CHECK;
bool crdt_ids_contains(const struct crdt_ids *ids, uint64_t client, uint64_t clock); /* O(log n) */
/* The ranges in order: false when there are not so many. */
bool crdt_ids_range(const struct crdt_ids *ids, size_t index, struct crdt_id_range *out);
/* Linear. `out` is replaced; it may be `a` or `b`. RC_NOMEM: it is as it was. */
int crdt_ids_union(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out) MUST_CHECK;
int crdt_ids_intersect(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out) MUST_CHECK;
int crdt_ids_subtract(const struct crdt_ids *a, const struct crdt_ids *b, struct crdt_ids *out) MUST_CHECK;
/* As a delete set in either format, alone (as at the beginning of a snapshot). */
int crdt_ids_encode(const struct crdt_ids *ids, enum crdt_format format, struct buf *out) MUST_CHECK;
/* Replaces `out`; bytes behind the set are passed by. RC_FORMAT, RC_RANGE, RC_NOMEM: it is as it was. */
int crdt_ids_decode(struct span bytes, enum crdt_format format, struct crdt_ids *out) MUST_CHECK;
/* What a document, or an update, has inserted (deleted since or not) and deleted. Either may be NULL; both are
 * replaced, or neither when it fails. */
int crdt_doc_ids(const struct crdt_doc *doc, struct crdt_ids *inserted, struct crdt_ids *deleted) MUST_CHECK;
int crdt_update_ids(enum crdt_format format, struct span update, struct crdt_ids *inserted,
                    struct crdt_ids *deleted) MUST_CHECK;

/* ---- Maps of ids --------------------------------------------------------------------------------------- */

/* A number for each of a set of ids: who wrote them, or when. What the numbers mean is the caller's business. */
struct crdt_id_map;

int crdt_id_map_create(struct crdt_id_map **out) MUST_CHECK;
void crdt_id_map_destroy(struct crdt_id_map *map); /* NULL is fine */
/* Takes the place of what these ids had. O(1) behind the last range, else linear. RC_RANGE, RC_NOMEM: nothing has
 * changed; so below. */
int crdt_id_map_set(struct crdt_id_map *map, struct crdt_id_range range, uint64_t value) MUST_CHECK;
bool crdt_id_map_get(const struct crdt_id_map *map, uint64_t client, uint64_t clock, uint64_t *value); /* O(log n) */
/* Ranges of one value in order (as in a set): false when there are not so many. */
bool crdt_id_map_range(const struct crdt_id_map *map, size_t index, struct crdt_id_range *range, uint64_t *value);
/* Linear: what `over` has takes the place of what `map` has; ids that are in `ids` go, or only they stay. */
int crdt_id_map_overlay(struct crdt_id_map *map, const struct crdt_id_map *over) MUST_CHECK;
int crdt_id_map_remove(struct crdt_id_map *map, const struct crdt_ids *ids) MUST_CHECK;
int crdt_id_map_keep(struct crdt_id_map *map, const struct crdt_ids *ids) MUST_CHECK;
/* The ids that have a value; `out` is replaced. */
int crdt_id_map_ids(const struct crdt_id_map *map, struct crdt_ids *out) MUST_CHECK;

#pragma GCC visibility pop

#endif
