/*
 * work.h - one operation of the register that is being brought in line with the DSS (operate.c),
 * and what is known of a DSS around some volumes (survey.c).
 */
#ifndef TF_USS_WORK_H
#define TF_USS_WORK_H

#include "uss/operation.h"
#include "uss/planning.h"

/* What a DSS and the USSs that it names have near some volumes. */
struct uss_survey {
    struct uss_neighbour *at; /* owned, unless it is borrowed from a planning */
    size_t count;
    bool is_unknown; /* it could not be asked: `why`. Then nothing is clear */
    char why[USS_NOTES_SIZE];
};

/* Where it is in its planning. */
struct uss_work {
    struct uss_operation row;
    bool follows;         /* nothing is asked of it: its intent follows its state */
    enum ops_act act;     /* unless it follows */
    enum ops_state state; /* of the register's version that was read */
    bool is_change;       /* `entity` is to become its content */
    char etag[OPS_ETAG_SIZE];
    struct tf_entity entity; /* what it is, or is to be */
    enum tf_state target;    /* of the intent; ENDED: none */
    struct uss_volumes area;
    bool is_applied, is_refused; /* what came of it in the register */
    struct tf_buf check;         /* the verdict as JSON */
    char why[1024];
};

/* What the register's checks see of the DSS around an entity, by what was found there. */
TF_MUST_CHECK enum tf_status uss_register_near(struct uss *uss, const struct line_context *c,
                                               const struct uss_survey *survey,
                                               const struct tf_entity *entity,
                                               struct tf_picture *out, struct tf_fault *fault);
/* Whether the register would allow it beside what was found. False: stopped. */
bool uss_work_allows(struct planning *p);
/* In the transaction in which the intent is written: the register's act. */
TF_MUST_CHECK enum tf_status uss_work_apply(struct planning *p, const struct line_context *c);

#endif
