/* Parts of answers as JSON: docs/api.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "cli/json.h"
#include "server/server.h"

/* Members of an object that is begun. */
void cs_write_recording(CsJson *json, CsServer *server, const CsSnapshot *model,
                        size_t r);
void cs_write_particle(CsJson *json, const CsSnapshot *model, size_t r,
                       size_t p);
void cs_write_ranking(CsJson *json, const CsSnapshot *model);

/* Members of an array that is begun. */
void cs_write_events(CsJson *json, const CsSnapshot *model, size_t r);

/* Tables. */
void cs_write_timeline(CsJson *json, const CsSnapshot *model, size_t r);
void cs_write_series(CsJson *json, const CsMeasures *measures);
void cs_write_outlines(CsJson *json, const CsOutlines *outlines, size_t frame,
                       int particle_id, size_t max_points);
