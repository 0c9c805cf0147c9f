/*
 * internal.h - what the files of this folder share.
 */
#ifndef TF_PARTY_INTERNAL_H
#define TF_PARTY_INTERNAL_H

#include "party/account.h"

/* An entry of kind "admin": who did what to whom. */
TF_MUST_CHECK enum tf_status account_log(const struct line_context *c, const char *act,
                                         const char *name, const char *detail);

#endif
