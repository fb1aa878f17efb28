/* Who may ask.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/guard.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/random.h>

#include "coatscope/error.h"

static char *
host_of(const char *name, unsigned port)
{
    return strchr(name, ':') != NULL && name[0] != '['
               ? g_strdup_printf("[%s]:%u", name, port)
               : g_strdup_printf("%s:%u", name, port);
}

bool
cs_guard_init(CsGuard *guard, const char *bind, unsigned port, GError **error)
{
    guint8 random[CS_TOKEN_LENGTH / 2];
    g_autoptr(GStrvBuilder) hosts = g_strv_builder_new();
    const char *const names[] = { "127.0.0.1", "localhost", bind };

    if (getrandom(random, sizeof random, 0) != (ssize_t) sizeof random)
        return cs_fail(error, CS_ERROR_IO,
                       "the system gives no random bytes for a token");
    for (size_t i = 0; i < sizeof random; i++)
        g_snprintf(guard->token + 2 * i, 3, "%02x", random[i]);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *host = host_of(names[i], port);

        g_strv_builder_add(hosts, host);
    }
    guard->hosts = g_strv_builder_end(hosts);
    guard->cookie = g_strdup_printf("coatscope-%u", port);
    return true;
}

void
cs_guard_clear(CsGuard *guard)
{
    g_strfreev(guard->hosts);
    g_free(guard->cookie);
    *guard = (CsGuard) { 0 };
}

bool
cs_guard_is_token(const CsGuard *guard, const char *text)
{
    size_t n = text != NULL ? strlen(text) : 0;
    volatile unsigned char differs = n != CS_TOKEN_LENGTH;

    for (size_t i = 0; i < CS_TOKEN_LENGTH; i++)
        differs |= (unsigned char) (guard->token[i]
                                    ^ (i < n ? text[i] : '\0'));
    return differs == 0;
}

static bool
is_our_host(const CsGuard *guard, const char *host)
{
    for (size_t i = 0; host != NULL && guard->hosts[i] != NULL; i++)
        if (g_ascii_strcasecmp(host, guard->hosts[i]) == 0)
            return true;
    return false;
}

/* A page of ours, or none at all; a browser says more in Sec-Fetch-Site. */
static bool
is_our_origin(const CsGuard *guard, const CsCredentials *given)
{
    static const char scheme[] = "http://";
    const char *origin = given->origin;

    if (given->fetch_site != NULL
        && strcmp(given->fetch_site, "same-origin") != 0
        && strcmp(given->fetch_site, "none") != 0)
        return false;
    return origin == NULL
           || (g_str_has_prefix(origin, scheme)
               && given->host != NULL
               && g_ascii_strcasecmp(origin + strlen(scheme), given->host)
                      == 0
               && is_our_host(guard, given->host));
}

/* Any of the cookies of our name may be the right one. */
static bool
has_cookie(const CsGuard *guard, const char *cookies)
{
    g_auto(GStrv) all = g_strsplit(cookies != NULL ? cookies : "", ";", 64);
    bool found = false;

    for (size_t i = 0; all[i] != NULL; i++) {
        char *equals = strchr(g_strstrip(all[i]), '=');

        if (equals == NULL)
            continue;
        *equals = '\0';
        if (strcmp(all[i], guard->cookie) == 0)
            found |= cs_guard_is_token(guard, equals + 1);
    }
    return found;
}

static bool
has_bearer(const CsGuard *guard, const char *authorization)
{
    static const char scheme[] = "Bearer ";

    return authorization != NULL
           && g_ascii_strncasecmp(authorization, scheme, strlen(scheme)) == 0
           && cs_guard_is_token(guard, authorization + strlen(scheme));
}

bool
cs_guard_admits(const CsGuard *guard, const CsCredentials *given,
                CsRefusal *refusal)
{
    if (!is_our_host(guard, given->host))
        return cs_refuse(refusal, 403,
                         "the Host of the request is not this server");
    /* A link from anywhere may lead here, if it knows the token. */
    if (cs_guard_is_token(guard, given->token) && given->origin == NULL)
        return true;
    if (!is_our_origin(guard, given))
        return cs_refuse(refusal, 403,
                         "the request comes from another page");
    if (!has_cookie(guard, given->cookie)
        && !has_bearer(guard, given->authorization))
        return cs_refuse(refusal, 401,
                         "the token is missing or wrong; open the address "
                         "that coatscope serve printed");
    return true;
}
