/*
 * scene.h - a story on a line of two parties with their databases, from which bundles are made.
 */
#ifndef TF_TEST_SCENE_H
#define TF_TEST_SCENE_H

#include "../line/two_parties.h"
#include "evidence/evidence.h"

/* What stands where in the story, as numbers of north and south. */
struct scene {
    struct pair pair;
    int64_t notice, amended, text, lost; /* north's; lost: never delivered */
    int64_t seen, answered, danger;      /* south's */
    int64_t second;                      /* south's other notice, far away */
};
/* `where` as in pair_open(). South then contradicts itself on `seen`. */
void scene_play(struct scene *scene, const char *const where[2]);
/* A bundle by a side, in a transaction of its own. */
enum tf_status scene_bundle(struct scene *scene, int side, struct evidence_selection selection,
                            struct tf_buf *out, struct evidence_report *report,
                            struct tf_fault *fault);

#endif
