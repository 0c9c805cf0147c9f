/*
 * hook.h - what the threads of hooks tell, and how: over HTTP, to a program, by mail.
 */
#ifndef TF_PARTY_HOOK_H
#define TF_PARTY_HOOK_H

#include "party/hooks.h"
#include <stdatomic.h>

/* One event, copied out of the database. */
struct hook_event {
    int64_t id, at_us;
    char kind[32], own_id[KEY_NAME_SIZE]; /* own_id: of this party */
    struct tf_buf json;
};

/* Each returns whether it was taken; `why` says why not. They end early when *stopping. */
enum { HOOK_WHY_SIZE = 256, HOOK_TIMEOUT_S = 20 };
bool hook_post(const struct hooks_config *config, const struct hook_config *hook,
               const struct hook_event *event, const atomic_bool *stopping,
               char why[HOOK_WHY_SIZE]);
bool hook_run(const struct hook_config *hook, const struct hook_event *event,
              const atomic_bool *stopping, char why[HOOK_WHY_SIZE]);
bool hook_mail(const struct hooks_config *config, const struct hook_config *hook,
               const struct hook_event *event, const atomic_bool *stopping,
               char why[HOOK_WHY_SIZE]);

/* {"type":"line.alarm","id":...,"timestamp":...,"data":{...}}, appended. */
void hook_body(const struct hook_event *event, struct tf_buf *out);

#endif
