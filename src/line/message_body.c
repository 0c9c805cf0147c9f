/*
 * message_body.c - what stands in the body of each type of message: a table of fields, and what
 * each kind of field must be; the place and time that a body speaks of.
 */
#include "line/fields.h"
#include "line/message.h"

#include "format/f3548.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a field may be. */
enum rule {
    RULE_NUMBER,     /* of a message */
    RULE_ROUND,      /* of a line */
    RULE_REASON,     /* a line's state keeps it: 255 bytes */
    RULE_TEXT,       /* 8192 bytes */
    RULE_DOCUMENT,   /* 32768 bytes, tabs and line ends included */
    RULE_LANGUAGE,   /* "ar", "zh-Hant" */
    RULE_TIME,       /* RFC 3339 */
    RULE_PLACE,      /* lat_deg, and lng_deg beside it */
    RULE_LONGITUDE,  /* only beside lat_deg */
    RULE_HASH,       /* of a document */
    RULE_KEY,        /* public */
    RULE_PROOF,      /* signature */
    RULE_VOLUME,     /* F3548 Volume4D, closed on all sides */
    RULE_KIND,       /* of operation */
    RULE_ASSESSMENT, /* of an answer; a conflict or objection gives its reason */
    RULE_ROLES,      /* 1 to 16 words */
    RULE_READBACK,   /* place and time */
    RULE_PHRASE,     /* with args beside it */
};

enum { REASON_MAX = 255, TEXT_MAX = 8192, DOCUMENT_MAX = 32768, ROLES_MAX = 16, ARG_MAX = 200 };

enum { FIELDS_MAX = 6 };
static const struct field {
    const char *name;
    enum rule rule;
    bool is_optional;
} bodies[MESSAGE_TYPE_COUNT][FIELDS_MAX] = {
    [MESSAGE_OPEN] = {{"round", RULE_ROUND, false}},
    [MESSAGE_SUSPEND] = {{"reason", RULE_REASON, false}},
    [MESSAGE_RESUME] = {{"reason", RULE_REASON, false}},
    [MESSAGE_CLOSE] = {{"reason", RULE_REASON, false}},
    [MESSAGE_ROTATE] = {{"key", RULE_KEY, false}, {"proof", RULE_PROOF, false}},
    [MESSAGE_SEEN] = {{"of", RULE_NUMBER, false}, {"readback", RULE_READBACK, true}},
    [MESSAGE_FORWARDED] = {{"of", RULE_NUMBER, false}, {"to", RULE_ROLES, false}},
    [MESSAGE_ANSWERED] = {{"of", RULE_NUMBER, false},
                          {"assessment", RULE_ASSESSMENT, false},
                          {"reason", RULE_TEXT, true}},
    [MESSAGE_DANGER] = {{"text", RULE_TEXT, false},
                        {"lang", RULE_LANGUAGE, false},
                        {"lat_deg", RULE_PLACE, true},
                        {"lng_deg", RULE_LONGITUDE, true},
                        {"at", RULE_TIME, true},
                        {"amends", RULE_NUMBER, true}},
    [MESSAGE_DISTRESS] = {{"text", RULE_TEXT, false},
                          {"lang", RULE_LANGUAGE, false},
                          {"lat_deg", RULE_PLACE, true},
                          {"lng_deg", RULE_LONGITUDE, true},
                          {"at", RULE_TIME, true},
                          {"amends", RULE_NUMBER, true}},
    [MESSAGE_INCIDENT] = {{"text", RULE_TEXT, false},
                          {"lang", RULE_LANGUAGE, false},
                          {"lat_deg", RULE_PLACE, true},
                          {"lng_deg", RULE_LONGITUDE, true},
                          {"at", RULE_TIME, true},
                          {"amends", RULE_NUMBER, true}},
    [MESSAGE_TEXT] = {{"text", RULE_TEXT, false},
                      {"lang", RULE_LANGUAGE, false},
                      {"amends", RULE_NUMBER, true}},
    [MESSAGE_PHRASE] = {{"phrase", RULE_PHRASE, false}},
    [MESSAGE_NOTICE] = {{"volume", RULE_VOLUME, false},
                        {"kind", RULE_KIND, false},
                        {"text", RULE_TEXT, true},
                        {"lang", RULE_LANGUAGE, true},
                        {"amends", RULE_NUMBER, true}},
    [MESSAGE_WITHDRAW] = {{"of", RULE_NUMBER, false}, {"reason", RULE_TEXT, false}},
    [MESSAGE_QUESTION] = {{"text", RULE_TEXT, false},
                          {"lang", RULE_LANGUAGE, false},
                          {"amends", RULE_NUMBER, true}},
    [MESSAGE_ANSWER] = {{"of", RULE_NUMBER, false},
                        {"text", RULE_TEXT, false},
                        {"lang", RULE_LANGUAGE, false}},
    [MESSAGE_PROPOSE] = {{"document", RULE_DOCUMENT, false}, {"counters", RULE_HASH, true}},
    [MESSAGE_ACCEPT] = {{"document", RULE_HASH, false}},
    [MESSAGE_DECLINE] = {{"document", RULE_HASH, false}, {"reason", RULE_TEXT, false}},
};

/* --- one field -------------------------------------------------------------------------------- */

static enum tf_status check_number(const struct tf_json *at, struct tf_fault *fault)
{
    int64_t value;
    return fields_integer(at, 1, FIELDS_INTEGER_MAX, &value, fault);
}

static enum tf_status check_round(const struct tf_json *at, struct tf_fault *fault)
{
    int64_t value;
    return fields_integer(at, 1, 1000000, &value, fault);
}

static enum tf_status check_reason(const struct tf_json *at, struct tf_fault *fault)
{
    const char *text;
    return fields_text(at, REASON_MAX, &text, fault);
}

static enum tf_status check_text(const struct tf_json *at, struct tf_fault *fault)
{
    const char *text;
    return fields_text(at, TEXT_MAX, &text, fault);
}

/* Its own reader judges what is in it. */
static enum tf_status check_document(const struct tf_json *at, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && (!*text || strlen(text) > DOCUMENT_MAX))
        rc = tf_json_fault(at, TF_RANGE, TF_TEXT("A text here has 1 to %1 bytes."), "32768", NULL,
                           fault);
    return rc;
}

/* BCP 47 as far as it is needed: 2 or 3 letters, then parts of 2 to 8 letters or digits. */
static bool is_language(const char *text)
{
    static const char small[] = "abcdefghijklmnopqrstuvwxyz";
    static const char any[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strspn(text, small);
    if (n < 2 || n > 3 || strlen(text) > 35)
        return false;
    for (text += n; *text == '-'; text += 1 + n) {
        n = strspn(text + 1, any);
        if (n < 2 || n > 8)
            return false;
    }
    return !*text;
}

static enum tf_status check_language(const struct tf_json *at, struct tf_fault *fault)
{
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && !is_language(text))
        rc = tf_json_fault(at, TF_SYNTAX, TF_TEXT("%1 is not a language as in en, ar, ru."), text,
                           NULL, fault);
    return rc;
}

static enum tf_status check_time(const struct tf_json *at, struct tf_fault *fault)
{
    int64_t value_us;
    return fields_time(at, &value_us, fault);
}

static enum tf_status check_degrees(const struct tf_json *at, double limit_deg,
                                    struct tf_fault *fault)
{
    double value;
    enum tf_status rc = tf_json_number(at, &value, fault);
    if (!rc && !(value >= -limit_deg && value <= limit_deg))
        rc = tf_json_fault(at, TF_RANGE, TF_TEXT("This must be between %1 and %2."),
                           limit_deg > 90 ? "-180" : "-90", limit_deg > 90 ? "180" : "90", fault);
    return rc;
}

static enum tf_status check_place(const struct tf_json *at, struct tf_fault *fault)
{
    struct tf_json lng = tf_json_get(at->up, "lng_deg");
    enum tf_status rc = check_degrees(at, 90, fault);
    return rc ? rc : check_degrees(&lng, 180, fault);
}

static enum tf_status check_longitude(const struct tf_json *at, struct tf_fault *fault)
{
    struct tf_json lat = tf_json_get(at->up, "lat_deg");
    (void)at;
    return check_degrees(&lat, 90, fault);
}

static enum tf_status check_hash(const struct tf_json *at, struct tf_fault *fault)
{
    uint8_t hash[KEY_HASH_SIZE];
    return fields_hex(at, hash, sizeof hash, fault);
}

static enum tf_status check_key(const struct tf_json *at, struct tf_fault *fault)
{
    uint8_t key[KEY_PUBLIC_SIZE];
    return fields_base64(at, key, sizeof key, fault);
}

static enum tf_status check_proof(const struct tf_json *at, struct tf_fault *fault)
{
    uint8_t signature[KEY_SIGNATURE_SIZE];
    return fields_base64(at, signature, sizeof signature, fault);
}

/* What others shall keep clear of has an end, a top and a bottom. */
static enum tf_status check_volume(const struct tf_json *at, struct tf_fault *fault)
{
    struct tf_json volume = tf_json_get(at, "volume");
    const struct tf_json needed[] = {tf_json_get(at, "time_start"), tf_json_get(at, "time_end"),
                                     tf_json_get(&volume, "altitude_lower"),
                                     tf_json_get(&volume, "altitude_upper")};
    struct tf_volume4 value;
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = tf_json_object(&volume, fault);
    for (size_t i = 0; !rc && i < sizeof needed / sizeof needed[0]; i++)
        rc = tf_json_object(&needed[i], fault);
    if (!rc)
        rc = tf_f3548_volume(at, &value, fault);
    if (!rc)
        tf_volume4_release(&value);
    return rc;
}

static enum tf_status check_kind(const struct tf_json *at, struct tf_fault *fault)
{
    enum tf_kind kind;
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    if (!rc && (tf_kind_from_word(text, &kind) || strcmp(tf_kind_word(kind), text) != 0))
        rc = tf_json_fault(at, TF_SYNTAX, TF_TEXT("%1 is not a kind of operation."), text, NULL,
                           fault);
    return rc;
}

static enum tf_status check_assessment(const struct tf_json *at, struct tf_fault *fault)
{
    static const struct {
        const char *word;
        bool needs_reason;
    } known[] = {{"no-conflict", false}, {"noted", false}, {"conflict", true}, {"objection", true}};
    struct tf_json reason = tf_json_get(at->up, "reason");
    const char *text;
    enum tf_status rc = tf_json_text(at, &text, fault);
    for (size_t i = 0; !rc && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(text, known[i].word) == 0)
            return known[i].needs_reason ? check_text(&reason, fault) : TF_OK;
    return rc ? rc
              : tf_json_fault(at, TF_SYNTAX,
                              TF_TEXT("%1 is not an assessment. Known are no-conflict, conflict, "
                                      "objection, noted."),
                              text, NULL, fault);
}

static enum tf_status check_roles(const struct tf_json *at, struct tf_fault *fault)
{
    char word[MESSAGE_ROLE_SIZE];
    enum tf_status rc = tf_json_array(at, fault);
    if (!rc && (tf_json_count(at) < 1 || tf_json_count(at) > ROLES_MAX))
        rc = tf_json_fault(at, TF_RANGE, TF_TEXT("This must have between %1 and %2 items."), "1",
                           "16", fault);
    for (size_t i = 0; !rc && i < tf_json_count(at); i++) {
        struct tf_json item = tf_json_item(at, i);
        rc = fields_word(&item, word, sizeof word, fault);
    }
    return rc;
}

static enum tf_status check_readback(const struct tf_json *at, struct tf_fault *fault)
{
    struct tf_json lat = tf_json_get(at, "lat_deg");
    struct tf_json start = tf_json_get(at, "start"), end = tf_json_get(at, "end");
    enum tf_status rc = tf_json_object(at, fault);
    if (!rc)
        rc = check_place(&lat, fault);
    if (!rc && tf_json_there(&start))
        rc = check_time(&start, fault);
    if (!rc && tf_json_there(&end))
        rc = check_time(&end, fault);
    return rc;
}

static enum tf_status check_argument(const struct tf_json *at, struct tf_fault *fault)
{
    const char *text;
    if (json_is_number(at->value))
        return TF_OK;
    return fields_text(at, ARG_MAX, &text, fault);
}

static enum tf_status check_phrase(const struct tf_json *at, struct tf_fault *fault)
{
    struct tf_json args = tf_json_get(at->up, "args");
    const char *id;
    enum tf_status rc = tf_json_text(at, &id, fault);
    const struct phrase *phrase = rc ? NULL : phrase_named(id);
    if (!rc && !phrase)
        rc = tf_json_fault(at, TF_NOT_FOUND, TF_TEXT("There is no phrase %1."), id, NULL, fault);
    if (!rc && tf_json_there(&args))
        rc = tf_json_object(&args, fault);
    for (size_t i = 0; !rc && i < 3 && phrase->args[i]; i++) {
        struct tf_json arg = tf_json_get(&args, phrase->args[i]);
        rc = check_argument(&arg, fault);
    }
    return rc;
}

static enum tf_status (*const checks[])(const struct tf_json *at, struct tf_fault *fault) = {
    [RULE_NUMBER] = check_number,
    [RULE_ROUND] = check_round,
    [RULE_REASON] = check_reason,
    [RULE_TEXT] = check_text,
    [RULE_DOCUMENT] = check_document,
    [RULE_LANGUAGE] = check_language,
    [RULE_TIME] = check_time,
    [RULE_PLACE] = check_place,
    [RULE_LONGITUDE] = check_longitude,
    [RULE_HASH] = check_hash,
    [RULE_KEY] = check_key,
    [RULE_PROOF] = check_proof,
    [RULE_VOLUME] = check_volume,
    [RULE_KIND] = check_kind,
    [RULE_ASSESSMENT] = check_assessment,
    [RULE_ROLES] = check_roles,
    [RULE_READBACK] = check_readback,
    [RULE_PHRASE] = check_phrase,
};

/* Faults name the field as it stands in the message: "body.volume.time_end". */
enum tf_status message_check_body(enum message_type type, const json_t *body,
                                  struct tf_fault *fault)
{
    struct tf_json root = tf_json_root(NULL);
    struct tf_json at = {.up = &root, .key = "body", .value = body};
    enum tf_status rc = tf_json_object(&at, fault);
    if (type >= MESSAGE_UNKNOWN)
        return rc;
    for (size_t i = 0; !rc && i < FIELDS_MAX && bodies[type][i].name; i++) {
        const struct field *field = &bodies[type][i];
        struct tf_json value = tf_json_get(&at, field->name);
        if (tf_json_there(&value) || !field->is_optional)
            rc = checks[field->rule](&value, fault);
    }
    return rc;
}

/* --- where and when -------------------------------------------------------------------------- */

/* A circle's centre; else the middle of the corners, as vectors from the Earth's centre. */
static struct tf_latlng middle_of(const struct tf_shape *shape)
{
    struct tf_ring ring = tf_shape_ring(shape, 0);
    struct tf_vec3 sum = {0};
    if (ring.count == 1)
        return ring.vertices[0];
    for (size_t i = 0; i < ring.count; i++) {
        struct tf_vec3 v = tf_vec3_from_latlng(ring.vertices[i]);
        sum.x_m += v.x_m / (double)ring.count;
        sum.y_m += v.y_m / (double)ring.count;
        sum.z_m += v.z_m / (double)ring.count;
    }
    return tf_latlng_from_vec3(sum);
}

static bool place_of_volume(const struct tf_json *at, struct message_place *out)
{
    struct tf_volume4 volume;
    if (!tf_json_there(at) || tf_f3548_volume(at, &volume, NULL))
        return false;
    struct tf_latlng middle = middle_of(volume.shape);
    *out = (struct message_place){.lat_deg = middle.lat_deg, .lng_deg = middle.lng_deg};
    out->start_us = volume.start_ns == TF_TIME_MIN ? 0 : volume.start_ns / 1000;
    out->end_us = volume.end_ns == TF_TIME_MAX ? 0 : volume.end_ns / 1000;
    tf_volume4_release(&volume);
    return true;
}

/* lat_deg and lng_deg in `at`, and times of these names if they are there. */
static bool place_of_point(const struct tf_json *at, const char *start, const char *end,
                           struct message_place *out)
{
    struct tf_json lat = tf_json_get(at, "lat_deg"), lng = tf_json_get(at, "lng_deg");
    struct tf_json start_at = tf_json_get(at, start), end_at = tf_json_get(at, end);
    struct message_place place = {0};
    if (tf_json_number(&lat, &place.lat_deg, NULL) || tf_json_number(&lng, &place.lng_deg, NULL) ||
        !tf_latlng_is_valid((struct tf_latlng){place.lat_deg, place.lng_deg}))
        return false;
    if (tf_json_there(&start_at) && fields_time(&start_at, &place.start_us, NULL))
        return false;
    if (tf_json_there(&end_at) && fields_time(&end_at, &place.end_us, NULL))
        return false;
    *out = place;
    return true;
}

bool message_place(enum message_type type, const json_t *body, struct message_place *out)
{
    struct tf_json root = tf_json_root(body);
    struct tf_json volume = tf_json_get(&root, "volume");
    struct tf_json readback = tf_json_get(&root, "readback");
    switch (type) {
    case MESSAGE_NOTICE:
        return place_of_volume(&volume, out);
    case MESSAGE_SEEN:
        return place_of_point(&readback, "start", "end", out);
    case MESSAGE_DANGER:
    case MESSAGE_DISTRESS:
    case MESSAGE_INCIDENT:
        return place_of_point(&root, "at", "", out);
    default:
        return false;
    }
}

/* A time that was said must be read back. */
static bool is_same_time(int64_t said_us, int64_t read_us)
{
    if (said_us == 0 || read_us == 0)
        return said_us == 0;
    return llabs(said_us - read_us) <= (int64_t)MESSAGE_READBACK_S * 1000000;
}

bool message_readback_matches(const struct message_place *said, const struct message_place *read)
{
    struct tf_latlng a = {said->lat_deg, said->lng_deg}, b = {read->lat_deg, read->lng_deg};
    return is_same_time(said->start_us, read->start_us) &&
           is_same_time(said->end_us, read->end_us) &&
           tf_geodesic_inverse(a, b, NULL, NULL) <= MESSAGE_READBACK_M;
}
