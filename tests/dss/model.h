/*
 * model.h - the rules of a DSS once more, as plainly as can be: arrays that are
 * gone through from end to end, a copy for each transaction. What the real rules
 * and the memory engine do is compared with it.
 *
 * Cells are the bits of a mask: bit i stands for the tf_cell i + 1.
 */
#ifndef TESTS_DSS_MODEL_H
#define TESTS_DSS_MODEL_H

#include "dss/rules.h"

enum { MODEL_MAX = 256, MODEL_CELLS = 8 };

struct model_entity {
    enum dss_kind kind;
    enum dss_state state;
    struct tf_uuid id, subscription_id;
    unsigned cells;
    float lower_m, upper_m;
    int64_t start_us, end_us, updated_us;
    int version, index;
    bool oirs, constraints, implicit;
    const char *owner; /* one of a few literals */
    char ovn[DSS_OVN_SIZE];
};
struct model {
    struct model_entity items[MODEL_MAX];
    size_t count;
    bool down[3]; /* by number of the owner */
};

extern const char *const model_owners[3];

/* What the model expects of an operation. */
struct model_answer {
    int status;
    struct tf_uuid missing[MODEL_MAX], told[MODEL_MAX];
    int told_index[MODEL_MAX];
    size_t missing_count, told_count;
};

unsigned model_mask(const struct dss_extent *extent);
struct model_entity *model_find(struct model *m, enum dss_kind kind, const struct tf_uuid *id);
void model_reference_put(struct model *m, const struct dss_context *context,
                         const struct dss_reference_request *q, struct model_answer *out);
void model_reference_delete(struct model *m, const struct dss_context *context, enum dss_kind kind,
                            const struct tf_uuid *id, const char *ovn, struct model_answer *out);
void model_subscription_put(struct model *m, const struct dss_context *context,
                            const struct dss_subscription_request *q, struct model_answer *out);
void model_isa_put(struct model *m, const struct dss_context *context,
                   const struct dss_isa_request *q, struct model_answer *out);
/* A subscription of either standard, or an ISA. */
void model_versioned_delete(struct model *m, const struct dss_context *context, enum dss_kind kind,
                            const struct tf_uuid *id, const char *version,
                            struct model_answer *out);

#endif
