/*
 * planning.h - one planning under way; shared by plan.c, discover.c and settle.c.
 */
#ifndef TF_USS_PLANNING_H
#define TF_USS_PLANNING_H

#include "uss/internal.h"

struct planning {
    struct uss *uss;
    struct tf_uuid id;
    int64_t until_ms;
    struct uss_flight flight; /* as it is in our database; DRAFT: not at all */
    bool is_there;            /* in our database */
    bool is_held;             /* this node is the one that plans */
    enum tf_state wanted_state;
    struct uss_details wanted;
    struct uss_neighbour *neighbours; /* others near it; owned */
    size_t neighbour_count;
    json_t *answer; /* of the DSS to a change, and what was read from it */
    struct uss_reference reference;
    struct uss_subscribers subscribers;
    const char *why;       /* of an end */
    struct uss_work *work; /* the register's operation; NULL: none */
    struct uss_outcome *out;
};

/* Both return false, with the outcome set. */
bool planning_stop(struct planning *p, enum uss_result result, const char *notes);
bool planning_stop_fault(struct planning *p, enum uss_result result, const struct tf_fault *fault);
/* What is left of the time, at most `most_ms`, at least 1. */
long planning_left_ms(const struct planning *p, long most_ms);
/* Reads p->flight. False: stopped. */
bool planning_load(struct planning *p);
/* The URL of our reference in the DSS. */
void planning_url(const struct planning *p, struct uss_request *r, const char *ovn);
void planning_forget_answer(struct planning *p);
void planning_forget_neighbours(struct planning *p);

/* discover.c: all others near p->wanted, with their details. */
enum planning_found { PLANNING_FOUND, PLANNING_AGAIN, PLANNING_STOPPED };
enum planning_found planning_discover(struct planning *p);

/* settle.c: asks the DSS what came of p->flight, if it is in doubt. False: stopped. */
bool planning_clear_doubt(struct planning *p);

#endif
