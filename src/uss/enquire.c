/*
 * enquire.c - questions of commands beside the node (enquiry.h), answered. On the planner's thread.
 */
#include "uss/enquiry.h"
#include "uss/work.h"

enum { SURVEY_MS = 900, AT_A_TIME = 4 };

struct job {
    struct uss *uss;
    char op[OPS_ID_SIZE];
    struct tf_entity entity;
    struct uss_survey survey;
    bool is_there;
};

static enum tf_status deed_due(void *ctx, const struct line_context *c)
{
    struct job *job = ctx;
    bool held = false;
    job->is_there = false;
    tf_entity_release(&job->entity);
    enum tf_status rc = uss_hold(job->uss, c, &held);
    if (!rc && held)
        rc = uss_enquiry_due(c, job->op, &job->entity);
    job->is_there = !rc && held;
    return rc == TF_NOT_FOUND ? TF_OK : rc;
}

static enum tf_status deed_answer(void *ctx, const struct line_context *c)
{
    struct job *job = ctx;
    struct tf_picture near = {0};
    struct tf_fault fault;
    enum tf_status rc = uss_register_near(job->uss, c, &job->survey, &job->entity, &near, &fault);
    if (!rc)
        rc = uss_enquiry_answer(c, job->op, &near);
    tf_picture_release(&near);
    return rc;
}

void uss_enquire(struct uss *uss)
{
    struct job job = {.uss = uss};
    for (int i = 0; i < AT_A_TIME && !atomic_load(&uss->stopping); i++) {
        if (uss_in_party(uss, deed_due, &job) || !job.is_there)
            break;
        uss_survey_make(uss, job.entity.volumes, job.entity.volume_count, SURVEY_MS, &job.survey);
        bool good = uss_in_party(uss, deed_answer, &job) == TF_OK;
        uss_survey_release(&job.survey);
        if (!good)
            break;
    }
    tf_entity_release(&job.entity);
}
