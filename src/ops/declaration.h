/*
 * declaration.h - what one party tells another over a line of its operations and sites, and what it
 * keeps of what it was told.
 *
 *   type                     body
 *   op.declare site.declare  {"id":"<opaque>","version":1,"kind":"uncrewed","state":"accepted",
 *                             "disclosure":"full|cells|window|existence","notice_breach_s":0, ...}
 *   op.update  site.update   the same, with a higher version; what was acknowledged is open again
 *   op.withdraw site.withdraw {"id":"…","version":3,"reason":"…"}
 *
 *   disclosure   what the body has besides
 *   full         "feature": the volumes as a GeoJSON Feature, without name, note, source; of a site
 *                "category", "verification" (without its note), "data_at"
 *   cells        "cells": S2 tokens, a superset of the outlines; "start", "end"; no heights
 *   window       "area": {"lat_deg","lng_deg","radius_m"}: one circle around all; "start", "end"
 *   existence    nothing: that there is one of this kind
 *   nothing      no message at all
 *
 * A site that its party holds to be sensitive says so ("sensitive": true) from window on: who reads
 * of it is on record on both sides.
 *
 * The id is this line's alone: it says nothing about the operation's own, and two lines cannot be
 * compared by it. What a memorandum gives is the most that leaves; a record may ask for less.
 * ops_disclosure_check() is the judge: it is asked before anything is said, and a test's
 * transport asks it again about everything that leaves.
 */
#ifndef TF_OPS_DECLARATION_H
#define TF_OPS_DECLARATION_H

#include "line/extension.h"
#include "ops/site.h"

enum {
    OPS_HEARD_VOLUMES_MAX = 2000,
    OPS_CELL_LEVEL = 11,      /* some 4 km */
    OPS_CELLS_MAX = 1000,     /* of one declaration; beyond: coarser cells */
    OPS_WINDOW_STEP_M = 1000, /* centre and radius of an area are rounded outward to this */
    OPS_OLD_AFTER_S = 600,    /* a declaration on a degraded or suspended line is old after this */
    OPS_GROWTH_MPS = 5,       /* and grows by so much for each second beyond, */
    OPS_GROWTH_MAX_M = 20000  /* up to this */
};
/* How far a declaration is grown whose line has been silent for `age_s`. */
double ops_declaration_growth_m(int64_t age_s);

/* The extensions of a line that carry these types, `ctx` is `ops`: "op.", "site.", "case.". */
enum { OPS_EXTENSIONS = 3 };
void ops_extensions(struct ops *ops, struct line_extension out[OPS_EXTENSIONS]);

/*
 * Whether a body of a type (also case.propose, of ops/talk.h) may be said under a memorandum:
 * TF_RANGE with the field that says more than may be said; TF_SYNTAX, TF_MISSING: it is none of
 * these bodies.
 */
TF_MUST_CHECK enum tf_status ops_disclosure_check(const struct memorandum *rules, const char *type,
                                                  const json_t *body, struct tf_fault *fault);

/* What op.update would say of an operation, but for its version: *out is a new object.
 * TF_UNSUPPORTED: the memorandum gives no place of it. */
TF_MUST_CHECK enum tf_status ops_declaration_of(const struct line_context *c,
                                                const struct memorandum *rules,
                                                const struct ops_record *record,
                                                const struct tf_entity *entity, const char *alias,
                                                enum memo_disclosure *level, json_t **out);
/* What a body of op.declare or op.update says: the volumes around all that it may mean. */
TF_MUST_CHECK enum tf_status ops_declaration_read(const json_t *body, struct tf_entity *out,
                                                  struct tf_fault *fault);

/* What was said about a record, or could not be. */
struct ops_said {
    const char *line, *type, *id; /* id: the record's own */
    enum ops_class class;
    int64_t seq; /* 0: not said */
    enum memo_disclosure disclosure;
    int64_t notice_breach_s;      /* so much later than the memorandum's notice; 0: in time */
    const struct tf_fault *fault; /* why it could not be said; NULL */
};
/*
 * Says on every line that is open or degraded, and has a memorandum in force, what this demands of
 * the records that were changed since the last call: declares, updates, withdraws. What cannot
 * be said now (a suspended line) is said by the call after it can. Nothing is said twice.
 * Declared are operations from accepted to contingent and sites in force, which are not over and
 * meet the memorandum's area. `visit` may be NULL. Each record is told alone, in a mark of the
 * transaction (sql_mark): not from within one.
 */
TF_MUST_CHECK enum tf_status ops_declare_due(struct ops *ops, const struct line_context *c,
                                             bool (*visit)(void *ctx, const struct ops_said *said),
                                             void *ctx);

/* The key is about to be changed: ids that lines know stay as they are. In the transaction that
 * changes it, on all lines. */
TF_MUST_CHECK enum tf_status ops_keep_ids(const struct line_context *c);

/* Withdraws a declaration of this party, by the line's id, that its register does not know since a
 * restore. TF_NOT_FOUND: there is none such; TF_MISSING: no reason; as line_say(). */
TF_MUST_CHECK enum tf_status ops_disown(struct ops *ops, const struct line_context *c,
                                        const char *id, const struct ops_who *who,
                                        struct tf_fault *fault);

/* Over a line, both ways. */
struct ops_declaration {
    const char *line, *id; /* the line's id of it */
    bool is_own;
    const char *own_id; /* of the own record; "" for a peer's, and what the register lost */
    enum ops_class class;
    int64_t version, seq, at_us;
    enum memo_disclosure disclosure;
    int64_t notice_breach_s;
    bool is_withdrawn, is_old;
    double growth_m;
    const char *body; /* JSON, as it was said, but for its version */
    size_t body_len;
};
/* `line` NULL: all. `purpose`: what they are shown to people for, which is on record for sensitive
 * sites; NULL: they are not shown. */
TF_MUST_CHECK enum tf_status
ops_declaration_each(struct ops *ops, const struct line_context *c, const char *line,
                     bool with_withdrawn, const char *purpose,
                     bool (*visit)(void *ctx, const struct ops_declaration *declaration),
                     void *ctx);
void ops_print_declaration(struct tf_buf *out, const struct ops_declaration *declaration);

#endif
