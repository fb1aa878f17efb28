/* Who may ask: token, Host and Origin. Pure functions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>

#include "server/request.h"

enum { CS_TOKEN_LENGTH = 32 };

typedef struct {
    char  token[CS_TOKEN_LENGTH + 1]; /* 128 random bits as hexadecimal     */
    char *cookie;                     /* its name                           */
    char **hosts;                     /* what Host may say, NULL-ended      */
} CsGuard;

/* What the headers of a request say; NULL where they are not there. */
typedef struct {
    const char *host;
    const char *origin;
    const char *fetch_site; /* Sec-Fetch-Site                               */
    const char *cookie;
    const char *authorization;
    const char *token;      /* of the address                               */
} CsCredentials;

/* Draws a token from the system; `bind` is the address that is listened on.
 * False where the system gives no random bytes. */
bool cs_guard_init(CsGuard *guard, const char *bind, unsigned port,
                   GError **error);
void cs_guard_clear(CsGuard *guard);

/* Compares in a time that does not depend on where they differ. */
bool cs_guard_is_token(const CsGuard *guard, const char *text);

/* False with 403 for a foreign Host or Origin, 401 without the token. */
bool cs_guard_admits(const CsGuard *guard, const CsCredentials *given,
                     CsRefusal *refusal);
