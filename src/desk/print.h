/*
 * print.h - parties, lines, messages, alarms, operators as JSON: the shapes of /api/v1
 * (openapi.json), and of the commands' --json.
 */
#ifndef TF_DESK_PRINT_H
#define TF_DESK_PRINT_H

#include "base/put.h"
#include "evidence/evidence.h"
#include "ops/matter.h"
#include "party/account.h"

/* --- members, beside those of base/put.h ------------------------------------------------------ */

void desk_put_hash(struct tf_buf *out, const char *name, const uint8_t hash[KEY_HASH_SIZE]);
void desk_put_roles(struct tf_buf *out, const char *name, unsigned roles); /* an array */

/* --- whole objects. Those with a context are visitors: ctx is the buffer --------------------- */

void desk_print_card(struct tf_buf *out, const struct card *card, const char *text /* or NULL */);
bool desk_visit_party(void *ctx, const struct card *card, const char *text);
bool desk_visit_line(void *ctx, const struct line_info *info);
bool desk_visit_message(void *ctx, const struct line_message *message);
bool desk_visit_stage(void *ctx, const struct line_change *change); /* of participation */
bool desk_visit_alarm(void *ctx, const struct line_alarm *alarm);
bool desk_visit_memo(void *ctx, const struct line_memo *memo);
bool desk_visit_change(void *ctx, const struct memo_change *change);
bool desk_visit_account(void *ctx, const struct account *account);
bool desk_visit_token(void *ctx, const struct account_token *token);
void desk_print_taken(struct tf_buf *out, const struct line_taken *taken);

/* What a bundle of an incident or a case takes; borrows from both. `card`: this party's. */
struct evidence_selection desk_selection_of(const struct ops_matter *matter, const char *card);

const char *desk_stance_name(enum line_stance stance);

#endif
