/*
 * discover.c - who else is near: references from the DSS, their details from where they are.
 */
#include "uss/planning.h"

#include <stdio.h>
#include <stdlib.h>

/* One round of asking. */
struct discovery {
    struct planning *p;
    struct uss_volumes area;          /* borrowed volumes: all that is wanted */
    struct uss_references found;      /* of others */
    struct uss_neighbour *neighbours; /* one for each of `found` */
    bool *is_known;                   /* of each: details are there */
};

void planning_forget_neighbours(struct planning *p)
{
    for (size_t i = 0; i < p->neighbour_count; i++)
        uss_neighbour_release(&p->neighbours[i]);
    free(p->neighbours);
    p->neighbours = NULL;
    p->neighbour_count = 0;
}

void planning_url(const struct planning *p, struct uss_request *r, const char *ovn)
{
    char id[TF_UUID_TEXT_SIZE], rest[3 * USS_OVN_SIZE] = "";
    size_t n = 0;
    tf_uuid_format(&p->id, id);
    for (const char *c = ovn ? ovn : ""; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || strchr("-._~", *c);
        n +=
            (size_t)snprintf(rest + n, sizeof rest - n, plain ? "%c" : "%%%02X", (unsigned char)*c);
    }
    snprintf(r->url, sizeof r->url, "%s/dss/v1/operational_intent_references/%s%s%s",
             p->uss->config.dss_url, id, ovn ? "/" : "", rest);
}

/* --- references ---------------------------------------------------------------------------------
 */

static bool add_reference(struct discovery *d, const struct uss_reference *r)
{
    if (tf_uuid_equal(&r->id, &d->p->id))
        return true;
    for (size_t i = 0; i < d->found.count; i++)
        if (tf_uuid_equal(&r->id, &d->found.at[i].id)) {
            if (r->version > d->found.at[i].version)
                d->found.at[i] = *r;
            return true;
        }
    if (d->found.count == USS_LIST_MAX)
        return false;
    if (d->found.count % 64 == 0) {
        size_t size = (d->found.count + 64) * sizeof *d->found.at;
        struct uss_reference *at = realloc(d->found.at, size);
        if (!at)
            return false;
        d->found.at = at;
    }
    d->found.at[d->found.count++] = *r;
    return true;
}

static const struct asked {
    const char *list, *path, *scope;
    bool is_constraint;
} intents = {"operational_intent_references", "operational_intents", USS_SCOPE_SC, false},
  constraints = {"constraint_references", "constraints", USS_SCOPE_CP, true};

static bool take_query(struct discovery *d, const struct uss_request *r, const struct asked *asked)
{
    struct uss_references list = {0};
    struct tf_fault fault;
    char notes[USS_NOTES_SIZE];
    json_t *json = NULL;
    if (r->status != 200) {
        snprintf(notes, sizeof notes, "the DSS answered %ld to a query of %s: %s%.400s", r->status,
                 asked->path, r->why, r->answer.data ? r->answer.data : "");
        return planning_stop(d->p, USS_FAILED, notes);
    }
    enum tf_status rc =
        uss_parse(r->answer.data ? r->answer.data : "", r->answer.len, &json, &fault);
    if (!rc)
        rc = uss_read_references(json, asked->list, asked->is_constraint, &list, &fault);
    json_decref(json);
    if (rc)
        return planning_stop_fault(d->p, USS_FAILED, &fault);
    bool good = true;
    for (size_t i = 0; good && i < list.count; i++)
        good = add_reference(d, &list.at[i]);
    uss_references_release(&list);
    return good || planning_stop(d->p, USS_FAILED, "there are too many intents near it");
}

/* One query for each volume: a query for all of them would find what is near none. */
static bool query_some(struct discovery *d, const struct asked *asked, size_t first, size_t count)
{
    struct uss_request *requests = calloc(count, sizeof *requests);
    struct uss_request *each[USS_REQUESTS_MAX];
    bool good = requests || planning_stop(d->p, USS_FAILED, "out of memory");
    for (size_t i = 0; good && i < count; i++) {
        struct uss_volumes one = {&d->area.at[first + i], 1};
        struct uss_request *r = each[i] = &requests[i];
        r->method = "POST";
        r->scope = asked->scope;
        r->body.max = USS_BODY_MAX;
        snprintf(r->url, sizeof r->url, "%s/dss/v1/%s/query", d->p->uss->config.dss_url,
                 asked->list);
        tf_buf_text(&r->body, "{\"area_of_interest\":");
        enum tf_status rc = uss_put_volumes(&r->body, &one, false);
        tf_buf_char(&r->body, '}');
        good =
            (!rc && !tf_buf_status(&r->body)) || planning_stop(d->p, USS_FAILED, "out of memory");
    }
    if (good)
        uss_client_do(d->p->uss->client, each, count, planning_left_ms(d->p, 2500));
    for (size_t i = 0; good && i < count; i++)
        good = take_query(d, &requests[i], asked);
    for (size_t i = 0; requests && i < count; i++)
        uss_request_release(&requests[i]);
    free(requests);
    return good;
}

static bool query_all(struct discovery *d, const struct asked *asked)
{
    enum { AT_ONCE = 8 };
    for (size_t i = 0; i < d->area.count; i += AT_ONCE) {
        size_t left = d->area.count - i;
        if (!query_some(d, asked, i, left < AT_ONCE ? left : AT_ONCE))
            return false;
    }
    return true;
}

/* --- details that are here
 * ------------------------------------------------------------------------- */

static enum tf_status look_here(const struct line_context *c, const struct uss_reference *known,
                                const struct uss_volumes *near, struct uss_neighbour *out,
                                bool *is_known)
{
    struct uss_flight own = {0};
    struct tf_fault fault;
    if (known->is_constraint)
        return TF_OK; /* asked for each time: nobody tells us of all of them */
    enum tf_status rc = uss_flight_find(c, &known->id, &own);
    if (rc == TF_OK && own.reference.version == known->version) {
        *out = (struct uss_neighbour){.reference = own.reference, .details = own.details};
        own.details = (struct uss_details){0};
        *is_known = true;
    }
    uss_flight_release(&own);
    if (rc != TF_NOT_FOUND)
        return rc;
    rc = uss_heard_find(c, &known->id, known->manager, out);
    if (rc == TF_OK) {
        *is_known = uss_check_answer(known, &out->reference, &out->details, near, &fault) == TF_OK;
        if (!*is_known)
            uss_neighbour_release(out);
    }
    /* What was heard and cannot be used is asked for again. */
    return rc == TF_NOT_FOUND || rc == TF_SYNTAX ? TF_OK : rc;
}

static enum tf_status deed_look_here(void *ctx, const struct line_context *c)
{
    struct discovery *d = ctx;
    enum tf_status rc = TF_OK;
    for (size_t i = 0; !rc && i < d->found.count; i++) {
        uss_neighbour_release(&d->neighbours[i]);
        d->neighbours[i] = (struct uss_neighbour){.reference = d->found.at[i],
                                                  .is_constraint = d->found.at[i].is_constraint};
        d->is_known[i] = false;
        rc = look_here(c, &d->found.at[i], &d->area, &d->neighbours[i], &d->is_known[i]);
    }
    return rc;
}

/* --- details of peers
 * --------------------------------------------------------------------------------- */

static bool is_marked_down(struct planning *p, const char *manager)
{
    struct uss_request r = {.method = "GET", .scope = USS_SCOPE_SC};
    struct uss_request *one = &r;
    size_t n = (size_t)snprintf(r.url, sizeof r.url, "%s/dss/v1/uss_availability/",
                                p->uss->config.dss_url);
    for (const char *c = manager; *c && n + 4 < sizeof r.url; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || strchr("-._~", *c);
        n += (size_t)snprintf(r.url + n, sizeof r.url - n, plain ? "%c" : "%%%02X",
                              (unsigned char)*c);
    }
    uss_client_do(p->uss->client, &one, 1, planning_left_ms(p, 1500));
    json_t *json = r.status == 200 ? json_loadb(r.answer.data ? r.answer.data : "", r.answer.len,
                                                JSON_REJECT_DUPLICATES, NULL)
                                   : NULL;
    const char *word =
        json_string_value(json_object_get(json_object_get(json, "status"), "availability"));
    bool down = word && strcmp(word, "Down") == 0;
    json_decref(json);
    uss_request_release(&r);
    return down;
}

/* A USS that gives no details, or wrong ones: unless it is known to be down, nobody can tell
 * whether it is in the way. */
static enum planning_found no_details(struct discovery *d, size_t i, const char *why)
{
    const struct uss_reference *known = &d->found.at[i];
    char id[TF_UUID_TEXT_SIZE], notes[USS_NOTES_SIZE];
    /* Somewhere around is a constraint, whether its USS is down or not. */
    if (known->is_constraint || is_marked_down(d->p, known->manager)) {
        d->neighbours[i].is_down = d->is_known[i] = true;
        d->neighbours[i].reference.ovn[0] = '\0';
        return PLANNING_FOUND;
    }
    tf_uuid_format(&known->id, id);
    snprintf(notes, sizeof notes, "no usable details of %s from %.100s at %.200s: %.400s", id,
             known->manager, known->url, why);
    planning_stop(d->p, USS_FAILED, notes);
    return PLANNING_STOPPED;
}

static enum planning_found take_details(struct discovery *d, size_t i, const struct uss_request *r)
{
    struct uss_neighbour made = {.is_constraint = d->found.at[i].is_constraint};
    struct tf_fault fault;
    json_t *json = NULL;
    char text[512], why[700];
    if (r->status != 200) {
        snprintf(why, sizeof why, "%ld %s", r->status, r->why);
        return no_details(d, i, why);
    }
    enum tf_status rc =
        uss_parse(r->answer.data ? r->answer.data : "", r->answer.len, &json, &fault);
    if (!rc)
        rc = made.is_constraint ? uss_read_constraint(json, &made.reference, &made.details, &fault)
                                : uss_read_intent(json, &made.reference, &made.details, &fault);
    json_decref(json);
    if (!rc)
        rc = uss_check_answer(&d->found.at[i], &made.reference, &made.details, &d->area, &fault);
    if (!rc) {
        d->neighbours[i] = made;
        d->is_known[i] = true;
        return PLANNING_FOUND;
    }
    uss_neighbour_release(&made);
    tf_fault_text(&fault, fault.message ? fault.message : tf_status_text(rc), text, sizeof text);
    snprintf(why, sizeof why, "%s: %s", fault.field, text);
    if (rc == TF_BUSY || rc == TF_NOT_FOUND) { /* one of them is about to catch up */
        planning_stop(d->p, USS_FAILED, why);
        return PLANNING_AGAIN;
    }
    return no_details(d, i, why);
}

static enum planning_found fetch_some(struct discovery *d, const size_t *which, size_t count)
{
    struct uss_request *requests = calloc(count, sizeof *requests);
    struct uss_request *each[USS_REQUESTS_MAX];
    enum planning_found result = PLANNING_FOUND;
    if (!requests) {
        planning_stop(d->p, USS_FAILED, "out of memory");
        return PLANNING_STOPPED;
    }
    for (size_t i = 0; i < count; i++) {
        const struct uss_reference *known = &d->found.at[which[i]];
        char id[TF_UUID_TEXT_SIZE];
        size_t len = strlen(known->url);
        tf_uuid_format(&known->id, id);
        each[i] = &requests[i];
        requests[i].method = "GET";
        const struct asked *asked = known->is_constraint ? &constraints : &intents;
        requests[i].scope = asked->scope;
        snprintf(requests[i].url, sizeof requests[i].url, "%.*s/uss/v1/%s/%s",
                 (int)(known->url[len - 1] == '/' ? len - 1 : len), known->url, asked->path, id);
    }
    uss_client_do(d->p->uss->client, each, count, planning_left_ms(d->p, 2500));
    for (size_t i = 0; i < count && result == PLANNING_FOUND; i++)
        result = take_details(d, which[i], &requests[i]);
    for (size_t i = 0; i < count; i++)
        uss_request_release(&requests[i]);
    free(requests);
    return result;
}

static enum planning_found fetch_all(struct discovery *d)
{
    size_t which[16], count = 0;
    enum planning_found result = PLANNING_FOUND;
    for (size_t i = 0; i < d->found.count && result == PLANNING_FOUND; i++) {
        if (!d->is_known[i])
            which[count++] = i;
        if (count == sizeof which / sizeof *which) {
            result = fetch_some(d, which, count);
            count = 0;
        }
    }
    if (count > 0 && result == PLANNING_FOUND)
        result = fetch_some(d, which, count);
    return result;
}

/* --- all of it
 * ------------------------------------------------------------------------------------------ */

static bool gather_area(struct discovery *d)
{
    const struct uss_details *w = &d->p->wanted;
    d->area.at = calloc(w->nominal.count + w->off_nominal.count + 1, sizeof *d->area.at);
    if (!d->area.at)
        return planning_stop(d->p, USS_FAILED, "out of memory");
    for (size_t i = 0; i < w->nominal.count; i++)
        d->area.at[d->area.count++] = w->nominal.at[i];
    for (size_t i = 0; i < w->off_nominal.count; i++)
        d->area.at[d->area.count++] = w->off_nominal.at[i];
    return true;
}

static bool look(struct discovery *d)
{
    d->neighbours = calloc(d->found.count + 1, sizeof *d->neighbours);
    d->is_known = calloc(d->found.count + 1, sizeof *d->is_known);
    if (!d->neighbours || !d->is_known)
        return planning_stop(d->p, USS_FAILED, "out of memory");
    return uss_in_party(d->p->uss, deed_look_here, d) == TF_OK ||
           planning_stop(d->p, USS_FAILED, "the database cannot be read or is busy");
}

enum planning_found planning_discover(struct planning *p)
{
    struct discovery d = {.p = p};
    enum planning_found result = PLANNING_STOPPED;
    planning_forget_neighbours(p);
    bool constrained = !p->uss->config.ignores_constraints;
    if (gather_area(&d) && query_all(&d, &intents) &&
        (!constrained || query_all(&d, &constraints)) && look(&d))
        result = fetch_all(&d);
    p->neighbours = d.neighbours;
    p->neighbour_count = d.neighbours ? d.found.count : 0;
    free(d.is_known);
    free(d.area.at); /* its volumes are the plan's */
    uss_references_release(&d.found);
    return result;
}
