/*
 * evidence.h - the verdict on an evidence bundle and its story, for people and for programs.
 */
#ifndef TF_CLI_EVIDENCE_H
#define TF_CLI_EVIDENCE_H

#include "evidence/evidence.h"

/* What evidence_verify() says, gathered as text or JSON in the order in which it comes. */
struct evidence_print {
    bool is_json;
    struct tf_buf wrong, story;
    size_t wrongs, events;
};
struct evidence_visitor evidence_visitor_of(struct evidence_print *print);
/* The whole, after verifying. */
void evidence_print_all(const struct evidence_print *print, const struct evidence_report *report,
                        struct tf_buf *out);
void evidence_print_release(struct evidence_print *print);

#endif
