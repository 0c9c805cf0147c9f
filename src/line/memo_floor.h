/*
 * memo_floor.h - what the files of memoranda share: the format's name, and the safety floor that no
 * memorandum can lower.
 */
#ifndef TF_LINE_MEMO_FLOOR_H
#define TF_LINE_MEMO_FLOOR_H

#include "line/memorandum.h"

#define MEMO_FORMAT "tafadi-memorandum/v1"

/* Acts of the line, rotations and acknowledgements pass as well: no list takes them away. */
enum { MEMO_FLOOR_COUNT = 3 };
extern const char *const memo_floor[MEMO_FLOOR_COUNT];
/* Whether a list of texts names the type. */
bool memo_floor_names(const json_t *list, const char *type);

#endif
