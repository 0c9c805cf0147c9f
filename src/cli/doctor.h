/*
 * doctor.h - what is wrong with the set-up of a node, found without changing anything.
 */
#ifndef TF_CLI_DOCTOR_H
#define TF_CLI_DOCTOR_H

#include "cli/say.h"
#include "cli/serve.h"
#include "cli/state.h"

/* Prints a line for each finding. 0: a node can start as configured; 1: it cannot, or not well. */
int doctor_run(const struct serve_config *config);

/* --- for the files of the doctor ------------------------------------------------------ */

enum finding { FINDING_GOOD, FINDING_NOTE, FINDING_BAD };
struct doctor {
    const struct serve_config *config;
    char dir[STATE_PATH_SIZE];
    bool has_dir, running; /* a node holds the lock */
    struct tf_buf out;
    size_t bad;
};
/* A sentence with %1 and %2; a bad one says what to do. */
void doctor_say(struct doctor *d, enum finding finding, const char *message, const char *a,
                const char *b);

/* doctor_files.c */
void doctor_folder(struct doctor *d);
void doctor_issuer(struct doctor *d);
void doctor_keys(struct doctor *d);
void doctor_data(struct doctor *d);
void doctor_disk(struct doctor *d);
void doctor_certificate(struct doctor *d);
void doctor_tiles(struct doctor *d);

/* doctor_party.c */
void doctor_party(struct doctor *d);

#endif
