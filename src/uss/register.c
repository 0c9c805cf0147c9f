/*
 * register.c - the party's register beside its operational intents: each is checked against the
 * other.
 *
 * An intent of this USS is, for the register, what a DSS has (OPS_OTHER_FOREIGN), and so is what
 * peers have told of theirs. For the intents, the register's policy decides: what it refuses, or
 * what somebody would have to allow, is not planned. Intents among each other follow F3548's
 * rules alone, so the register is asked without them.
 */
#include "uss/work.h"

#include "ops/check.h"
#include "uss/enquiry.h"
#include <stdio.h>

/* --- what the register sees of the intents --------------------------------------------------- */

struct near {
    struct tf_picture *out;
    const struct line_context *c;
    int64_t from_ns, until_ns;
    const struct tf_volume4 *volumes; /* what is checked */
    size_t count;
    const char *dss_url;
    bool was_asked;        /* and it answered */
    bool only_constraints; /* intents among each other: F3548's rules */
    bool keeps_told;       /* constraints that were told, for the DSS is not asked about any */
    enum tf_status rc;
};

static enum tf_status add_volumes(struct tf_entity *entity, const struct uss_volumes *volumes)
{
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < volumes->count; i++) {
        struct tf_volume4 v = tf_volume4_ref(&volumes->at[i]);
        rc = tf_entity_add_volume(entity, &v);
        if (rc)
            tf_volume4_release(&v);
    }
    return rc;
}

static enum tf_status fill(struct tf_entity *entity, const char *id, const char *party,
                           const struct uss_details *details)
{
    enum tf_status rc = tf_entity_set_text(&entity->id, id);
    if (!rc)
        rc = tf_entity_set_text(&entity->party, party);
    if (!rc)
        rc = add_volumes(entity, &details->nominal);
    if (!rc)
        rc = add_volumes(entity, &details->off_nominal);
    entity->priority = details->priority;
    return rc;
}

static enum tf_status add_entity(struct near *near, const char *id, const char *party,
                                 const struct uss_details *details, bool is_constraint)
{
    struct tf_entity entity = {.kind = is_constraint ? TF_KIND_ZONE : TF_KIND_UNCREWED,
                               .state = TF_STATE_ACTIVATED,
                               .restriction =
                                   is_constraint ? TF_RESTRICTION_RESTRICTED : TF_RESTRICTION_NONE};
    enum tf_status rc = fill(&entity, id, party, details);
    if (!rc)
        rc = tf_picture_add(near->out, &entity);
    tf_entity_release(&entity);
    return rc;
}

/* What nobody can tell the place of may be where the operation is. The note goes into the key by
 * which somebody allows it. */
static enum tf_status add_unknown(struct near *near, const char *id, const char *party,
                                  const char *name, const char *note)
{
    struct uss_volumes all = {(struct tf_volume4 *)(uintptr_t)near->volumes, near->count};
    struct tf_entity entity = {.kind = TF_KIND_UNCREWED, .state = TF_STATE_ACTIVATED};
    enum tf_status rc = tf_entity_set_text(&entity.id, id);
    if (!rc)
        rc = tf_entity_set_text(&entity.party, party);
    if (!rc)
        rc = tf_entity_set_text(&entity.name, name);
    if (!rc)
        rc = tf_entity_set_text(&entity.note, note);
    if (!rc)
        rc = add_volumes(&entity, &all);
    if (!rc)
        rc = tf_picture_add(near->out, &entity);
    tf_entity_release(&entity);
    return rc;
}

enum tf_status uss_near_dss(const char *dss_url, const struct tf_volume4 *volumes, size_t count,
                            struct tf_picture *out)
{
    struct near near = {.out = out, .volumes = volumes, .count = count};
    return add_unknown(&near, "dss", dss_url, "the DSS could not be asked", "unknown");
}

/* The register's operations are not foreign to it. */
static enum tf_status add_surveyed(struct near *near, const struct uss_survey *survey)
{
    enum tf_status rc = TF_OK;
    if (survey->is_unknown)
        return uss_near_dss(near->dss_url, near->volumes, near->count, near->out);
    for (size_t i = 0; !rc && i < survey->count; i++) {
        const struct uss_neighbour *n = &survey->at[i];
        char id[TF_UUID_TEXT_SIZE];
        bool is_own;
        tf_uuid_format(&n->reference.id, id);
        rc = uss_operation_owns(near->c, &n->reference.id, &is_own);
        if (rc || is_own || (n->is_down && n->reference.state == TF_STATE_ACCEPTED))
            continue;
        if (near->only_constraints && !n->is_constraint)
            continue;
        rc = n->is_down
                 ? add_unknown(near, id, n->reference.manager,
                               n->is_constraint ? "a constraint of which nothing else is known"
                                                : "its USS is down",
                               "down")
                 : add_entity(near, id, n->reference.manager, &n->details, n->is_constraint);
    }
    return rc;
}

static bool add_own(void *ctx, const struct tf_uuid *id, int64_t end_us)
{
    struct near *near = ctx;
    struct uss_flight flight = {0};
    char text[TF_UUID_TEXT_SIZE];
    bool is_operation = false;
    if (end_us < near->from_ns / 1000)
        return true;
    tf_uuid_format(id, text);
    near->rc = uss_operation_owns(near->c, id, &is_operation);
    if (near->rc || is_operation)
        return near->rc == TF_OK;
    near->rc = uss_flight_find(near->c, id, &flight);
    const struct uss_details *both[] = {&flight.details, &flight.wanted};
    for (int i = 0; i < 2 && !near->rc; i++)
        if (both[i]->nominal.count + both[i]->off_nominal.count > 0)
            near->rc = add_entity(near, text, flight.reference.manager, both[i], false);
    uss_flight_release(&flight);
    return near->rc == TF_OK;
}

static enum tf_status add_told(void *ctx, const struct uss_told *told)
{
    struct uss_details details = {0};
    struct tf_fault fault;
    json_t *json;
    const struct near *near = ctx;
    if (near->was_asked && !(told->is_constraint && near->keeps_told))
        return TF_OK; /* the DSS was asked: it knows better */
    enum tf_status rc = uss_parse(told->details, told->details_len, &json, &fault);
    if (rc)
        return rc;
    rc = uss_read_details(json, &details, &fault);
    json_decref(json);
    if (!rc)
        rc = add_entity(ctx, told->id, told->sender, &details, told->is_constraint);
    uss_details_release(&details);
    return rc;
}

/* Somewhat more than asked for: whatever separation in time there is. */
static struct near near_of(const struct line_context *c, const struct tf_volume4 *volumes,
                           size_t count, struct tf_picture *out)
{
    struct near near = {.out = out,
                        .c = c,
                        .from_ns = TF_TIME_MAX,
                        .until_ns = TF_TIME_MIN,
                        .volumes = volumes,
                        .count = count};
    for (size_t i = 0; i < count; i++) {
        if (volumes[i].start_ns < near.from_ns)
            near.from_ns = volumes[i].start_ns;
        if (volumes[i].end_ns > near.until_ns)
            near.until_ns = volumes[i].end_ns;
    }
    near.from_ns = tf_time_add(near.from_ns, -TF_DAY_NS);
    near.until_ns = tf_time_add(near.until_ns, TF_DAY_NS);
    return near;
}

static enum tf_status near_it(void *ctx, const struct line_context *c,
                              const struct tf_volume4 *volumes, size_t count,
                              struct tf_picture *out, struct tf_fault *fault)
{
    struct uss *uss = ctx;
    struct near near = near_of(c, volumes, count, out);
    near.only_constraints = uss->is_checking;
    near.keeps_told = uss->config.ignores_constraints;
    near.dss_url = uss->config.dss_url;
    near.was_asked = uss->survey && !uss->survey->is_unknown;
    enum tf_status rc = uss->survey ? add_surveyed(&near, uss->survey) : TF_OK;
    if (!rc && !near.was_asked && !uss->is_checking)
        rc = uss_flight_each(c, false, add_own, &near);
    if (!rc)
        rc = near.rc;
    if (!rc)
        rc = uss_heard_each(c, near.from_ns / 1000, near.until_ns / 1000, add_told, &near);
    return rc ? tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL) : TF_OK;
}

enum tf_status uss_register_near(struct uss *uss, const struct line_context *c,
                                 const struct uss_survey *survey, const struct tf_entity *entity,
                                 struct tf_picture *out, struct tf_fault *fault)
{
    uss->survey = survey;
    enum tf_status rc = near_it(uss, c, entity->volumes, entity->volume_count, out, fault);
    uss->survey = NULL;
    return rc;
}

static enum tf_status deed_attach(void *ctx, const struct line_context *c)
{
    struct uss *uss = ctx;
    struct ops_foreign foreign = {.ctx = uss, .near = near_it};
    ops_set_foreign(party_ops(uss->config.party), &foreign);
    uss_gate_attach(party_ops(uss->config.party), &uss->gate);
    return uss_publish_set(c, uss->config.publish, uss->config.dss_url);
}

static enum tf_status deed_detach(void *ctx, const struct line_context *c)
{
    struct uss *uss = ctx;
    (void)c;
    ops_set_foreign(party_ops(uss->config.party), NULL);
    uss_gate_close(party_ops(uss->config.party));
    return TF_OK;
}

enum tf_status uss_register_attach(struct uss *uss)
{
    return uss_in_party(uss, deed_attach, uss);
}

void uss_register_detach(struct uss *uss)
{
    enum tf_status rc = uss_in_party(uss, deed_detach, uss);
    (void)rc; /* not taken any more: then nothing is asked any more */
}

/* --- what the intents see of the register --------------------------------------------------- */

/* One question to the register: its verdict. */
static enum tf_status ask(struct planning *p, const struct line_context *c,
                          const struct uss_details *details, struct ops_verdict *out)
{
    struct tf_entity entity = {.kind = TF_KIND_UNCREWED, .state = TF_STATE_ACCEPTED};
    struct tf_fault fault;
    char id[TF_UUID_TEXT_SIZE];
    tf_uuid_format(&p->id, id);
    enum tf_status rc = fill(&entity, id, "", details);
    if (!rc) {
        struct ops_query query = {.entity = &entity};
        struct uss_survey survey = {.at = p->neighbours, .count = p->neighbour_count};
        p->uss->survey = &survey;
        p->uss->is_checking = true;
        rc = ops_check(party_ops(p->uss->config.party), c, &query, out, &fault);
        p->uss->is_checking = false;
        p->uss->survey = NULL;
    }
    tf_entity_release(&entity);
    return rc;
}

static bool is_in_the_way(const struct ops_conflict *conflict, const struct ops_verdict *before)
{
    if (conflict->outcome < OPS_DECIDE)
        return false;
    for (size_t i = 0; i < before->count; i++)
        if (before->conflicts[i].number == conflict->number &&
            before->conflicts[i].other == conflict->other)
            return false; /* it was there before */
    return true;
}

struct asked {
    struct planning *p;
    size_t found;
    char notes[USS_NOTES_SIZE];
};

static void note(struct asked *asked, const struct ops_verdict *verdict,
                 const struct ops_verdict *before)
{
    asked->found = 0;
    snprintf(asked->notes, sizeof asked->notes, "in the way in this party's register:");
    for (size_t i = 0; i < verdict->count; i++) {
        const struct ops_conflict *conflict = &verdict->conflicts[i];
        size_t len = strlen(asked->notes);
        if (!is_in_the_way(conflict, before))
            continue;
        if (asked->found++ < 5)
            snprintf(asked->notes + len, sizeof asked->notes - len, " %s (%s);", conflict->id,
                     ops_outcome_word(conflict->outcome));
    }
    asked->found += verdict->more;
}

static enum tf_status deed_ask(void *ctx, const struct line_context *c)
{
    struct asked *asked = ctx;
    struct planning *p = asked->p;
    struct ops_verdict verdict = {0}, before = {0};
    bool flies_on =
        p->wanted_state == TF_STATE_ACTIVATED && p->flight.reference.state == TF_STATE_ACTIVATED;
    enum tf_status rc = ask(p, c, &p->wanted, &verdict);
    if (!rc && flies_on && verdict.outcome >= OPS_DECIDE)
        rc = ask(p, c, &p->flight.details, &before);
    if (!rc)
        note(asked, &verdict, &before);
    ops_verdict_release(&verdict);
    ops_verdict_release(&before);
    return rc;
}

bool uss_register_allows(struct planning *p)
{
    struct asked asked = {.p = p};
    if (p->wanted_state == TF_STATE_NONCONFORMING || p->wanted_state == TF_STATE_CONTINGENT)
        return true; /* what happens is said */
    if (uss_in_party(p->uss, deed_ask, &asked))
        return planning_stop(p, USS_FAILED, "the party's register cannot be asked");
    return asked.found == 0 || planning_stop(p, USS_REJECTED, asked.notes);
}
