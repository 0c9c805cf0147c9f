/*
 * internal.h - what the files of this folder share.
 */
#ifndef TF_PARTY_INTERNAL_H
#define TF_PARTY_INTERNAL_H

#include "party/account.h"
#include "party/party.h"

/* How the lines stand; within a transaction. */
TF_MUST_CHECK enum tf_status survey_take(const struct line_context *c, struct party_survey *out);

/* An entry of kind "admin": who did what to whom. */
TF_MUST_CHECK enum tf_status account_log(const struct line_context *c, const char *act,
                                         const char *name, const char *detail);

#endif
