/* What answers each route.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "server/routes.h"

CsHandler cs_get_page, cs_get_asset, cs_get_result, cs_get_api,
    cs_get_routes,
    cs_get_campaign, cs_get_all_particles, cs_get_recording, cs_get_timeline,
    cs_get_happenings, cs_get_particles, cs_get_particle, cs_get_series,
    cs_get_frame, cs_get_pixel, cs_get_outlines, cs_get_levels, cs_get_edits,
    cs_post_edit, cs_delete_edit, cs_restore_edit, cs_get_jobs, cs_get_job,
    cs_delete_job;
