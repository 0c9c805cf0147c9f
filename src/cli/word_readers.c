/*
 * word_readers.c - see word_readers.h.
 */
#include "cli/word_readers.h"

#include "cli/say.h"
#include "ledger/key.h"
#include "line/card.h"
#include "line/fields.h"
#include "line/message.h"
#include "party/account.h"
#include <stdlib.h>
#include <string.h>

static bool keep(const char *text, void *out, bool is_good)
{
    *(const char **)out = text;
    return is_good;
}

bool read_word(const char *const *words, const char *text, void *out)
{
    while (*words && strcmp(*words, text) != 0)
        words++;
    return keep(text, out, *words != NULL);
}

/* --- roles ------------------------------------------------------------------------------------ */

static bool read_roles(const char *text, void *out)
{
    unsigned roles;
    const char *bad;
    return keep(text, out, account_roles_parse(text, &roles, &bad));
}

static bool read_role(const char *text, void *out)
{
    return keep(text, out, fields_is_word(text, MESSAGE_ROLE_SIZE));
}

const struct flag_reader roles_reader = {
    read_roles,
    TF_TEXT("--%1: \"%2\" is not a list of viewer, planner, duty-officer, head-of-cell and admin"),
    NULL};
const struct flag_reader role_reader = {
    read_role,
    TF_TEXT("--%1: \"%2\" is not a role; a role is a word such as duty-officer, of a-z, 0-9, '.' "
            "and '-'"),
    NULL};

/* --- places ------------------------------------------------------------------------------------
 */

bool read_place(const char *text, double *lat_deg, double *lng_deg)
{
    char *end;
    *lat_deg = strtod(text, &end);
    if (end == text || *end != ',')
        return false;
    const char *rest = end + 1;
    *lng_deg = strtod(rest, &end);
    return end != rest && !*end && *lat_deg >= -90 && *lat_deg <= 90 && *lng_deg >= -180 &&
           *lng_deg <= 180;
}

static bool read_place_text(const char *text, void *out)
{
    double lat_deg, lng_deg;
    return keep(text, out, read_place(text, &lat_deg, &lng_deg));
}

const struct flag_reader place_reader = {
    read_place_text, TF_TEXT("--%1: \"%2\" is not LAT,LON in degrees, as in 36.2014,37.1342"),
    NULL};

/* --- words of messages ---------------------------------------------------------------------------
 */

#define WORD_READER(name, refusal, ...)                                                            \
    static const char *const name##_words[] = {__VA_ARGS__, NULL};                                 \
    static bool read_##name(const char *text, void *out)                                           \
    {                                                                                              \
        return read_word(name##_words, text, out);                                                 \
    }                                                                                              \
    const struct flag_reader name##_reader = {read_##name, refusal, name##_words};

WORD_READER(text_type, TF_TEXT("--%1 must be text or question, not \"%2\""), "text", "question")
WORD_READER(danger_type, TF_TEXT("--%1 must be danger, distress or incident, not \"%2\""), "danger",
            "distress", "incident")
WORD_READER(assessment,
            TF_TEXT("--%1 must be no-conflict, conflict, objection or noted, not \"%2\""),
            "no-conflict", "conflict", "objection", "noted")
WORD_READER(disclosure,
            TF_TEXT("--%1 must be full, cells, window, existence or nothing, not \"%2\""), "full",
            "cells", "window", "existence", "nothing")
WORD_READER(activity,
            TF_TEXT("--%1: \"%2\" is not a kind of operation; use other, crewed, rotorcraft, "
                    "uncrewed, ground, sea, hazard or balloon"),
            "other", "crewed", "rotorcraft", "uncrewed", "ground", "sea", "hazard", "balloon")

/* --- names, and what is on a card
 * ------------------------------------------------------------------------- */

static bool read_party_id(const char *text, void *out)
{
    return keep(text, out, key_name_is_valid(text));
}

static bool read_party_title(const char *text, void *out)
{
    return keep(text, out, card_is_title(text));
}

static bool read_party_url(const char *text, void *out)
{
    return keep(text, out, card_is_url(text));
}

static bool read_operator(const char *text, void *out)
{
    return keep(text, out, account_name_is_valid(text));
}

const struct flag_reader operator_reader = {
    read_operator,
    TF_TEXT("--%1: \"%2\" is not an operator's name: 1 to 64 of a-z, 0-9, '.', '_' and '-', "
            "beginning with a letter or digit"),
    NULL};
const struct flag_reader party_id_reader = {
    read_party_id,
    TF_TEXT("--%1: \"%2\" is not a party's id: 1 to 64 of a-z, 0-9, '.' and '-', as in "
            "north.example"),
    NULL};
const struct flag_reader party_title_reader = {
    read_party_title, TF_TEXT("--%1 must be one line of at most 127 bytes"), NULL};
const struct flag_reader party_url_reader = {
    read_party_url, TF_TEXT("--%1 %2: it must be http(s)://host:port without a path"), NULL};
