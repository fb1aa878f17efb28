/* Routes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "server/routes.h"

#include <string.h>

#include "server/handlers.h"

enum { JSON = CS_JSON_BODY };

#define R "/api/recordings/{id}"

const CsRoute cs_routes[] = {
    { CS_GET, "/", "token", CS_WORK_QUICK, 0, cs_get_page },
    { CS_GET, "/assets/{file}", "", CS_WORK_QUICK, 0, cs_get_asset },
    { CS_GET, "/results/{file}", "", CS_WORK_QUICK, 0, cs_get_result },
    { CS_GET, "/api", "", CS_WORK_QUICK, 0, cs_get_api },
    { CS_GET, "/api/routes", "", CS_WORK_QUICK, 0, cs_get_routes },
    { CS_GET, "/api/campaign", "", CS_WORK_QUICK, 0, cs_get_campaign },
    { CS_GET, "/api/particles", "", CS_WORK_QUICK, 0, cs_get_all_particles },
    { CS_GET, R, "", CS_WORK_QUICK, 0, cs_get_recording },
    { CS_GET, R "/timeline", "", CS_WORK_QUICK, 0, cs_get_timeline },
    { CS_GET, R "/events", "", CS_WORK_QUICK, 0, cs_get_happenings },
    { CS_GET, R "/particles", "", CS_WORK_QUICK, 0, cs_get_particles },
    { CS_GET, R "/particles/{p}", "", CS_WORK_QUICK, 0, cs_get_particle },
    { CS_GET, R "/particles/{p}/series", "", CS_WORK_QUICK, 0,
      cs_get_series },
    { CS_GET, R "/frames/{n}", "bin x y w h", CS_WORK_PIXELS, 0,
      cs_get_frame },
    { CS_GET, R "/frames/{n}/pixel", "x y", CS_WORK_PIXELS, 0,
      cs_get_pixel },
    { CS_GET, R "/frames/{n}/outlines", "particle points", CS_WORK_QUICK, 0,
      cs_get_outlines },
    { CS_GET, R "/levels", "frame low high", CS_WORK_PIXELS, 0,
      cs_get_levels },
    { CS_GET, R "/edits", "", CS_WORK_QUICK, 0, cs_get_edits },
    { CS_POST, R "/edits", "", CS_WORK_QUICK, JSON, cs_post_edit },
    { CS_DELETE, R "/edits/{edit}", "", CS_WORK_QUICK, 0, cs_delete_edit },
    { CS_POST, R "/edits/{edit}/restore", "", CS_WORK_QUICK, JSON,
      cs_restore_edit },
    { CS_GET, "/api/jobs", "", CS_WORK_QUICK, 0, cs_get_jobs },
    { CS_GET, "/api/jobs/{job}", "", CS_WORK_QUICK, 0, cs_get_job },
    { CS_DELETE, "/api/jobs/{job}", "", CS_WORK_QUICK, 0, cs_delete_job },
    { 0 },
};

const char *
cs_method_name(CsMethod method)
{
    static const char *const names[] = {
        [CS_GET] = "GET", [CS_POST] = "POST", [CS_DELETE] = "DELETE",
        [CS_OTHER_METHOD] = "?",
    };

    return names[method];
}

/* Whether the segments of a request are those of a path; sets its params. */
static bool
fits(const char *path, CsRequest *request)
{
    g_auto(GStrv) part = g_strsplit(path + 1, "/", CS_MAX_SEGMENTS + 1);
    size_t n = path[1] == '\0' ? 0 : g_strv_length(part), n_params = 0;

    if (n != request->n_segments)
        return false;
    memset(request->param, 0, sizeof request->param);
    for (size_t i = 0; i < n; i++)
        if (part[i][0] == '{' && n_params < CS_MAX_PARAMS)
            request->param[n_params++] = request->segment[i];
        else if (strcmp(part[i], request->segment[i]) != 0)
            return false;
    return true;
}

static bool
knows_query(const CsRoute *route, const CsRequest *request,
            CsRefusal *refusal)
{
    g_auto(GStrv) known = g_strsplit(route->query, " ", 0);

    for (size_t i = 0; i < request->n_query; i++)
        if (!g_strv_contains((const char *const *) known, request->key[i]))
            return cs_refuse(refusal, 400,
                             "the parameter %.40s is not known here; known "
                             "are: %s", request->key[i],
                             route->query[0] != '\0' ? route->query : "none");
    return true;
}

const CsRoute *
cs_route_of(CsRequest *request, CsRefusal *refusal)
{
    bool other = false;

    for (const CsRoute *r = cs_routes; r->path != NULL; r++) {
        if (!fits(r->path, request))
            continue;
        if (r->method == request->method)
            return knows_query(r, request, refusal) ? r : NULL;
        other = true;
    }
    if (other)
        cs_refuse(refusal, 405, "this address takes another method");
    else
        cs_refuse(refusal, 404, "there is nothing at this address");
    return NULL;
}
