/*
 * roles.c - the names of roles, and of who has them.
 */
#include "party/account.h"

#include <stdio.h>

static const struct {
    enum account_role role;
    const char *name;
} roles_known[] = {{ACCOUNT_VIEWER, "viewer"},
                   {ACCOUNT_PLANNER, "planner"},
                   {ACCOUNT_DUTY_OFFICER, "duty-officer"},
                   {ACCOUNT_HEAD_OF_CELL, "head-of-cell"},
                   {ACCOUNT_ADMIN, "admin"}};
enum { ROLES = sizeof roles_known / sizeof *roles_known };

const char *account_role_name(enum account_role role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (roles_known[i].role == role)
            return roles_known[i].name;
    return "";
}

unsigned account_role_named(const char *name, size_t len)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strlen(roles_known[i].name) == len && memcmp(roles_known[i].name, name, len) == 0)
            return roles_known[i].role;
    return 0;
}

void account_roles_print(unsigned roles, char out[96])
{
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; i < ROLES; i++)
        if (roles & roles_known[i].role)
            len +=
                (size_t)snprintf(out + len, 96 - len, "%s%s", len ? "," : "", roles_known[i].name);
}

bool account_roles_parse(const char *text, unsigned *roles, const char **bad)
{
    unsigned found = 0;
    for (const char *at = text;; at++) {
        size_t len = strcspn(at, ",");
        unsigned role = account_role_named(at, len);
        *bad = at;
        if (!role)
            return false;
        found |= role;
        at += len;
        if (!*at)
            break;
    }
    *roles = found;
    return true;
}
