/* CsCampaign: which recordings there are of which coatings.
 *
 * Read from campaign.yaml; docs/campaign.md lists every key. Nothing is
 * opened: paths are only made to start at the folder of the file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "coatscope/ledger.h"
#include "coatscope/materials.h"

G_BEGIN_DECLS

/* One recording; NAN or NULL where the file does not say. */
typedef struct {
    int    line; /* of the campaign file, from 1; 0: not from a file        */
    char  *path; /* file, folder, glob or pattern, from where we are        */
    char  *name; /* unique in the campaign; else the path as written        */
    double scale_nm_per_px;
    double scale_y_nm_per_px; /* NAN: as along x                            */
    double interval_s;
    char  *interval_per; /* "file" or "number"; NULL: not told              */
    char  *times; /* CSV with frame,time_s                                  */
    bool   allow_gaps;
    char  *session;  /* recordings of one needle or day; NULL: on its own   */
    CsBeamOptions beam;
    char  *bias_log; /* with what belongs to it: log.h                      */
    double bias_log_offset_s;
    bool   bias_log_step; /* find the offset by a step                      */
    char  *bias_log_zone;
    char  *bias_log_columns[3]; /* of time, bias, current                   */
    double contact_s; /* when the needle touched                            */
} CsCampaignRecording;

typedef struct {
    char                *name;     /* unique in the campaign                */
    char                *material; /* NULL: not told                        */
    double               thickness_nm;
    size_t               n;
    CsCampaignRecording *recording;
} CsCampaignCoating;

typedef struct {
    char              *name; /* NULL: not told                              */
    char              *host; /* with ion one of the materials' hosts        */
    char              *ion;
    CsMaterials       *materials; /* NULL: what is built in                 */
    size_t             n;
    CsCampaignCoating *coating;
} CsCampaign;

#define CS_CAMPAIGN_INIT { 0 }

/* Most coatings, and most recordings of all of them. */
enum { CS_CAMPAIGN_MAX_COATINGS = 1000, CS_CAMPAIGN_MAX_RECORDINGS = 10000 };

/* Reads a campaign file of at most 1 MiB.
 *
 * Errors: CS_ERROR_IO; CS_ERROR_LIMIT; CS_ERROR_ARGUMENT with file and line
 * for what is not YAML, a key that is not known (with those that are), a
 * value out of range, a name given twice. campaign stays as it was. */
bool cs_campaign_read(const char *path, CsCampaign *campaign, GError **error);

/* The same with a file of materials in place of the campaign's own; NULL:
 * that. Errors also: those of cs_materials_read. */
bool cs_campaign_read_with(const char *path, const char *materials,
                           CsCampaign *campaign, GError **error);

/* The same for text in memory; paths start at `folder`. */
bool cs_campaign_parse(const char *text, size_t n, const char *name,
                       const char *folder, CsCampaign *campaign,
                       GError **error);

/* What the campaign knows of materials; lent. */
const CsMaterials *cs_campaign_materials(const CsCampaign *campaign);

/* The number of recordings of all coatings. */
size_t cs_campaign_n_recordings(const CsCampaign *campaign);

void cs_campaign_clear(CsCampaign *campaign);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsCampaign, cs_campaign_clear)

G_END_DECLS
