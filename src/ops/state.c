/*
 * state.c - the table of states and acts.
 */
#include "ops/state.h"

#include <string.h>

#define WORD(name, word) word,
static const char *const state_words[] = {OPS_STATE_LIST(WORD)};
static const char *const act_words[] = {OPS_ACT_LIST(WORD)};
#undef WORD

const char *ops_state_word(enum ops_state state)
{
    return state < OPS_STATE_COUNT ? state_words[state] : "?";
}

const char *ops_act_word(enum ops_act act)
{
    return act < OPS_ACT_COUNT ? act_words[act] : "?";
}

enum tf_status ops_state_from_word(const char *word, enum ops_state *out)
{
    for (int i = 0; i < OPS_STATE_COUNT; i++)
        if (strcmp(word, state_words[i]) == 0) {
            *out = (enum ops_state)i;
            return TF_OK;
        }
    return TF_NOT_FOUND;
}

enum tf_status ops_act_from_word(const char *word, enum ops_act *out)
{
    for (int i = 0; i < OPS_ACT_COUNT; i++)
        if (strcmp(word, act_words[i]) == 0) {
            *out = (enum ops_act)i;
            return TF_OK;
        }
    return TF_NOT_FOUND;
}

/* --- moves -------------------------------------------------------------------------- */

#define IN(name) (1u << OPS_STATE_##name)
#define STAYS OPS_STATE_COUNT /* the state is not changed */

static const struct {
    unsigned from;
    enum ops_state to;
} moves[OPS_ACT_COUNT] = {
    [OPS_ACT_CHANGE] = {IN(DRAFT) | IN(SUBMITTED) | IN(ACCEPTED) | IN(ACTIVATED) |
                            IN(NONCONFORMING) | IN(CONTINGENT),
                        STAYS},
    [OPS_ACT_SUBMIT] = {IN(DRAFT), OPS_STATE_SUBMITTED},
    [OPS_ACT_ACCEPT] = {IN(SUBMITTED), OPS_STATE_ACCEPTED},
    [OPS_ACT_RECALL] = {IN(SUBMITTED), OPS_STATE_DRAFT},
    [OPS_ACT_HOLD] = {IN(ACCEPTED), OPS_STATE_SUBMITTED},
    [OPS_ACT_ACTIVATE] = {IN(ACCEPTED), OPS_STATE_ACTIVATED},
    [OPS_ACT_DEPART] = {IN(ACCEPTED) | IN(ACTIVATED), OPS_STATE_NONCONFORMING},
    [OPS_ACT_RECOVER] = {IN(NONCONFORMING), OPS_STATE_ACTIVATED},
    [OPS_ACT_LOSE] = {IN(ACTIVATED) | IN(NONCONFORMING), OPS_STATE_CONTINGENT},
    [OPS_ACT_END] = {IN(ACCEPTED) | IN(ACTIVATED) | IN(NONCONFORMING) | IN(CONTINGENT),
                     OPS_STATE_ENDED},
    [OPS_ACT_WITHDRAW] = {IN(DRAFT) | IN(SUBMITTED) | IN(ACCEPTED), OPS_STATE_WITHDRAWN},
};

bool ops_state_after(enum ops_state state, enum ops_act act, enum ops_state *out)
{
    if (state >= OPS_STATE_COUNT || act >= OPS_ACT_COUNT || !(moves[act].from & (1u << state)))
        return false;
    if (moves[act].to != STAYS)
        *out = moves[act].to;
    else
        *out = state == OPS_STATE_SUBMITTED ? OPS_STATE_DRAFT : state;
    return true;
}

bool ops_state_is_final(enum ops_state state)
{
    return state == OPS_STATE_ENDED || state == OPS_STATE_WITHDRAWN;
}

bool ops_state_counts(enum ops_state state)
{
    return state >= OPS_STATE_ACCEPTED && state <= OPS_STATE_CONTINGENT;
}

enum tf_state ops_state_outside(enum ops_state state)
{
    static const enum tf_state outside[OPS_STATE_COUNT] = {
        TF_STATE_DRAFT,         TF_STATE_DRAFT,      TF_STATE_ACCEPTED, TF_STATE_ACTIVATED,
        TF_STATE_NONCONFORMING, TF_STATE_CONTINGENT, TF_STATE_ENDED,    TF_STATE_WITHDRAWN};
    return state < OPS_STATE_COUNT ? outside[state] : TF_STATE_DRAFT;
}
