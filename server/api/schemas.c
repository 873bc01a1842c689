#include "server/api/schemas.h"

#include <stddef.h>

#define STRING  "{\"type\":\"string\"}"
#define INTEGER "{\"type\":\"integer\"}"
#define TIME    "{\"type\":[\"string\",\"null\"],\"format\":\"date-time\"}"

struct row {
    const char *name, *schema;
};

static const struct row schemas[] = {
    /* RFC 9457, with a code that programs decide by (problem.h). */
    {"Problem",
     "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\"],\"properties\":{"
     "\"type\":" STRING ",\"title\":" STRING ",\"status\":" INTEGER ",\"code\":" STRING ",\"detail\":" STRING "}}"},
    {"Health", "{\"type\":\"object\",\"required\":[\"status\"],\"properties\":{"
               "\"status\":{\"enum\":[\"pass\",\"fail\"]},\"output\":" STRING "}}"},
    {"Version", "{\"type\":\"object\",\"required\":[\"name\",\"version\"],\"properties\":{"
                "\"name\":" STRING ",\"version\":" STRING "}}"},
    {"Note", "{\"type\":\"object\","
             "\"required\":[\"id\",\"title\",\"excerpt\",\"created_at\",\"updated_at\",\"size\",\"role\",\"state\"],"
             "\"properties\":{\"id\":" STRING ",\"title\":" STRING ",\"excerpt\":" STRING ",\"created_at\":" TIME
             ",\"updated_at\":" TIME ",\"size\":{\"type\":\"integer\",\"minimum\":0},"
             "\"role\":{\"enum\":[\"view\",\"edit\"]},\"state\":{\"enum\":[\"open\",\"damaged\"]}}}"},
    {"NoteList", "{\"type\":\"object\",\"required\":[\"notes\"],\"properties\":{"
                 "\"notes\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Note\"}}}}"},
    {"NewNote", "{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\",\"maxLength\":512}}}"},
    {"MadeNote", "{\"type\":\"object\",\"required\":[\"id\",\"title\"],\"properties\":{"
                 "\"id\":" STRING ",\"title\":" STRING "}}"},
    /* A note's tree as ProseMirror writes it. */
    {"Document", "{\"type\":\"object\",\"required\":[\"type\"],\"properties\":{"
                 "\"type\":" STRING ",\"attrs\":{\"type\":\"object\"},\"text\":" STRING ","
                 "\"marks\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}},"
                 "\"content\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Document\"}}}}"},
    {"Description", "{\"type\":\"object\",\"required\":[\"openapi\",\"info\",\"paths\"]}"},
    {"Text", STRING},
};

static const struct row parameters[] = {
    {"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":200,\"default\":50}"},
    {"v", "{\"enum\":[\"1\",\"2\"],\"default\":\"1\"}"},
    {"sv", "{\"type\":\"string\",\"contentEncoding\":\"base64url\"}"},
    {"format", "{\"enum\":[\"md\",\"html\",\"txt\",\"json\",\"pdf\",\"ynote\",\"zip\"]}"},
    {"formats", "{\"type\":\"string\",\"default\":\"md,html\",\"pattern\":\"^(md|html|txt|json|ynote)(,(md|html|txt|"
                "json|ynote))*$\"}"},
    {"poll", "{\"enum\":[\"1\"]}"},
    {"Sync-Number", "{\"type\":\"integer\",\"minimum\":1}"},
    {"Idempotency-Key", "{\"type\":\"string\",\"minLength\":1,\"maxLength\":200}"},
};

void schemas_put(struct buf *out)
{
    buf_put_u8(out, '{');
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        buf_printf(out, "%s\"%s\":%s", i ? "," : "", schemas[i].name, schemas[i].schema);
    }
    buf_put_u8(out, '}');
}

const char *schemas_of_parameter(struct span name)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        if (span_equal(name, span_str(parameters[i].name))) {
            return parameters[i].schema;
        }
    }
    return STRING;
}
