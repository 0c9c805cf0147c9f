/*
 * two_desks.h - the registers of two parties and the line between them, for tests of cases: what a
 * node does in a turn, posts that are judged before they leave, and one case to talk about.
 */
#ifndef TESTS_OPS_TWO_DESKS_H
#define TESTS_OPS_TWO_DESKS_H

#include "desk.h"

#include "../line/two_parties.h"
#include "ops/turn.h"

enum { POSTS = 16 };

struct both {
    struct pair pair;
    struct ops *ops[2];
    struct line_extension extensions[2][OPS_EXTENSIONS];
    struct tf_buf posts[2][POSTS]; /* under way from each */
    size_t count[2];
    const char *asks;          /* the disclosure that operations ask for; NULL */
    int64_t answer_s, valid_s; /* of the next memorandum; 0: 1800, more than a year */
    const char *no_agreement;  /* of it; NULL: the default */
    int64_t number;            /* of the last one; 0: none */
    uint8_t memo[KEY_HASH_SIZE];
};

extern const struct place north_one, south_one; /* in conflict; south's has the higher priority */

void open_both(struct both *b);
/* From now on everything may be decided by the head of the cell. */
void allow_all(struct both *b);
void close_both(struct both *b);
/* What a node does whenever something happened. */
void turn(struct both *b, int which);
void take(struct both *b, int to, const struct tf_buf *post);
void carry(struct both *b, int from); /* all that the other side misses */
void quiet(struct both *b);           /* ten seconds in which everything arrives */
/* A post that comes late, or never; one of those under way, which may come once more. */
void post_or_lose(struct both *b, int from, uint64_t *random, unsigned lost_percent);
void deliver_one(struct both *b, int from, uint64_t *random, unsigned again_percent);
void agree_memo(struct both *b, const char *disclosure);
/* Puts and submits; another content of what is there. Whether it was applied. */
bool put(struct both *b, int which, const struct place *place, bool submits);
/* With everything allowed that was in its way, by the head of the cell. */
enum ops_state act_on(struct both *b, int which, const char *id, enum ops_act act);
enum ops_state state_of(struct both *b, int which, const char *id);

struct shown {
    char id[OPS_CASE_ID_SIZE];
    bool is_open, is_held;
    int stage;
    size_t count;
};
struct shown look(struct both *b, int which);
/* {"...","said":[...]}: json_decref. */
json_t *show(struct both *b, int which, const char *id);
/* What was said last of a type; NULL. */
const json_t *said(const json_t *shown, const char *type);

enum deed { PROPOSE, AGREE, DECLINE };
enum tf_status talk(struct both *b, int which, const char *id, enum deed deed, int64_t option);
/* The case of two operations that one plans on each side. */
void find_case(struct both *b, char id[OPS_CASE_ID_SIZE]);
/* With a line and a memorandum. "asks": of a memorandum that shows all, but the operations ask for
 * less. */
void start(struct both *b, const char *disclosure, char id[OPS_CASE_ID_SIZE]);
void assert_both(struct both *b, enum case_stage stage, bool is_open);
/* Alarms about the case that ring now: 0 or 1. */
int rings(struct both *b, int which, const char *id, char role[MESSAGE_ROLE_SIZE]);

#endif
