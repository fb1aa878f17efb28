/* CsRecipe: what a simulated recording is made of.
 *
 * A recipe is YAML: sections of keys, each key declared once as data
 * (cs_recipe_sections), from which reading, checking, writing and the
 * documentation follow. Unknown keys and impossible values are refused with
 * the line and the allowed range.
 *
 * Lengths in the scene are nm from the upper left corner of the field at the
 * first frame; angles are degrees from +x towards +y.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

enum { CS_RECIPE_TEXT = 64, CS_RECIPE_MAX_PARTICLES = 60 };

typedef enum { CS_MODE_BRIGHT_FIELD, CS_MODE_HAADF } CsRecipeMode;
typedef enum {
    CS_SUPPORT_NONE, CS_SUPPORT_FILM, CS_SUPPORT_LACEY,
} CsRecipeSupport;
typedef enum { CS_LAYOUT_NONE, CS_LAYOUT_SCATTERED, CS_LAYOUT_CHAIN,
               CS_LAYOUT_CLUSTER } CsRecipeLayout;
typedef enum {
    CS_LAW_NONE, CS_LAW_CURRENT, CS_LAW_RC, CS_LAW_INTERFACE,
    CS_LAW_DIFFUSION, CS_LAW_PERMEATION, CS_LAW_SERIES, CS_LAW_STRESS,
    CS_LAW_EXPONENTIAL, CS_LAW_AVRAMI, CS_LAW_LOGISTIC,
} CsRecipeLaw;
typedef enum {
    CS_BREAK_NEVER, CS_BREAK_AT, CS_BREAK_MECHANICS,
} CsRecipeBreak;

typedef struct {
    char    name[CS_RECIPE_TEXT];
    char    coating[CS_RECIPE_TEXT]; /* label in campaign and tables         */
    int64_t seed;
    int64_t width, height, frames;
    double  nm_per_px, interval_s, exposure_s;
    int64_t type;                    /* 0 uint8, 1 uint16, 2 float32         */
} CsRecordingRecipe;

typedef struct {
    int64_t mode; /* CsRecipeMode */
    double  voltage_kV, aperture_mrad, dose_rate_e_per_A2_s, psf_nm;
    double  defocus_nm, defocus_drift_nm_per_s, fringe_damping_nm;
    double  gradient, gradient_angle_deg, flicker;
    double  blank_from_s, blank_to_s;
    double  haadf_exponent, haadf_fraction, haadf_background;
    double  scan_jitter_px;
} CsMicroscopeRecipe;

typedef struct {
    bool   noise;
    double gain_counts_per_e, dark_counts, read_noise_counts;
    double mtf_core_px, mtf_tail_px, mtf_tail_weight;
    double gain_spread, hot_per_million, dead_per_million;
} CsCameraRecipe;

typedef struct {
    double dropped, doubled, late, late_s, jitter_s;
} CsClockRecipe;

typedef struct {
    double v0_nm_per_s, v_end_nm_per_s, tau_s, direction_deg;
    double walk_nm_per_sqrt_s, vibration_nm;
} CsMotionRecipe;

typedef struct {
    double time_s, dx_nm, dy_nm;
} CsJumpRecipe;

typedef enum { CS_NOISE_VALUES, CS_NOISE_SLOPES } CsRecipeNoise;

typedef struct {
    int64_t kind; /* CsRecipeSupport */
    double  thickness_nm, hole_nm, strand_nm, texture, grain_nm;
    int64_t dirt;
    double  dirt_nm;
    int64_t noise; /* CsRecipeNoise */
} CsSupportRecipe;

typedef struct {
    bool    present;
    int64_t target; /* particle, from 1 */
    double  angle_deg, tip_radius_nm, half_angle_deg, metal_roughness;
    double  skin_nm, skin_roughness;
    double  start_gap_nm, contact_s, retreat_s, retreat_nm_per_s;
    char    skin[CS_RECIPE_TEXT];
    int64_t noise; /* CsRecipeNoise */
} CsNeedleRecipe;

typedef struct {
    bool   log;
    double voltage_V, on_s, off_s, log_interval_s;
    double voltage_noise_V, current_noise_A, leakage_ohm;
    double short_s, short_ohm, lost_contact_s;
} CsBiasRecipe;

typedef struct {
    double  x_nm, y_nm, diameter_nm, aspect, angle_deg, roughness;
    char    host[CS_RECIPE_TEXT], ion[CS_RECIPE_TEXT];
    char    coat[CS_RECIPE_TEXT], coat2[CS_RECIPE_TEXT];
    double  thickness_nm, thickness2_nm, thickness_spread, oxide_nm;
    double  swelling_exponent;
    int64_t law; /* CsRecipeLaw */
    double  onset_s, tau_s, tau_coat_s, tau_interface_s, tau_diffusion_s;
    double  exponent, conversion, front_lag_s, contact_angle_deg;
    double  extract_s, tau_out_s, remaining;
    bool    sharp_front;
    double  diffraction, extinction_nm, pale_to;
    int64_t breaks; /* CsRecipeBreak */
    double  break_s, break_angle_deg, gap_nm, gap_nm_per_s, bulge_nm;
    int64_t flakes;
    double  rate_after_break, toughness_MPa_m05, flow_GPa;
} CsParticleRecipe;

typedef struct {
    int64_t layout; /* CsRecipeLayout */
    int64_t count;
    double  diameter_nm, diameter_gsd, overlap, delay_s_per_nm;
    bool    push;
} CsSceneRecipe;

/* One coating of a campaign. */
typedef struct {
    char   name[CS_RECIPE_TEXT], material[CS_RECIPE_TEXT];
    double thickness_nm, tau_s, conversion, break_s, gap_nm;
} CsCoatingRecipe;

typedef struct {
    char    name[CS_RECIPE_TEXT];
    int64_t particles_per_coating;
    double  tau_gsd, conversion_sd, break_sd_s, diameter_gsd;
} CsCampaignRecipe;

typedef struct {
    CsRecordingRecipe  recording;
    CsMicroscopeRecipe microscope;
    CsCameraRecipe     camera;
    CsClockRecipe      clock;
    CsMotionRecipe     motion;
    CsSupportRecipe    support;
    CsNeedleRecipe     needle;
    CsBiasRecipe       bias;
    CsSceneRecipe      scene;
    CsCampaignRecipe   campaign;
    CsParticleRecipe   particle; /* the defaults of all particles            */
    size_t             n_particles;
    CsParticleRecipe  *particles; /* ours                                    */
    size_t             n_jumps;
    CsJumpRecipe      *jumps;     /* ours                                    */
    size_t             n_coatings; /* above 0: a campaign                    */
    CsCoatingRecipe   *coatings;  /* ours                                    */
} CsRecipe;

#define CS_RECIPE_INIT { 0 }

/* ---- Keys as data -------------------------------------------------------- */

typedef enum {
    CS_KEY_NUMBER, CS_KEY_INTEGER, CS_KEY_FLAG, CS_KEY_CHOICE, CS_KEY_TEXT,
} CsKeyKind;

typedef struct {
    const char *name;
    CsKeyKind   kind;
    size_t      offset;     /* in the struct of its section                  */
    const char *unit;       /* "" for none                                   */
    double      min, max;   /* of numbers and integers                       */
    double      fallback;   /* default; NAN: none, see help                  */
    const char *text_fallback;
    const char *const *choices; /* names of 0, 1, …; NULL-ended; for text:
                                   all that is allowed, or NULL              */
    const char *help;
} CsRecipeKey;

typedef struct {
    const char        *name;
    bool               is_list;
    size_t             max_items; /* of a list                               */
    size_t             size;      /* of the struct                           */
    size_t             offset;    /* of the struct (list: pointer) in CsRecipe */
    size_t             n_offset;  /* list: of its count                      */
    const CsRecipeKey *keys;      /* ending with a NULL name                 */
    const char        *help;
} CsRecipeSection;

/* Every section, ending with a NULL name. */
extern const CsRecipeSection cs_recipe_sections[];

/* ---- Reading and writing ------------------------------------------------- */

/* All defaults: one particle in the middle. */
void cs_recipe_init(CsRecipe *recipe);
void cs_recipe_clear(CsRecipe *recipe);
void cs_recipe_copy(const CsRecipe *from, CsRecipe *to);

/* Reads YAML. `name` is for messages. The recipe is complete afterwards:
 * defaults filled in, the layout turned into particles.
 *
 * Errors: CS_ERROR_ARGUMENT with name, line, what was found and what is
 * allowed. */
bool cs_recipe_parse(const char *yaml, const char *name, CsRecipe *recipe,
                     GError **error);

/* A file, or the name of a preset. Errors also: CS_ERROR_IO. */
bool cs_recipe_load(const char *file_or_preset, CsRecipe *recipe,
                    GError **error);

/* Every key with its value, as YAML that reads back as the same recipe. */
char *cs_recipe_to_yaml(const CsRecipe *recipe);

/* Checks what ranges alone cannot: particles in the field, exposure within
 * the interval, known hosts. Errors: CS_ERROR_ARGUMENT. */
bool cs_recipe_check(const CsRecipe *recipe, GError **error);

/* How many recordings a recipe makes (1, or those of its campaign), and
 * number i of them as a recipe of its own. */
size_t cs_recipe_n_recordings(const CsRecipe *recipe);
void   cs_recipe_recording(const CsRecipe *recipe, size_t i, CsRecipe *one);

typedef struct {
    const char *name;
    const char *summary;
} CsPreset;

/* The presets, ending with a NULL name. */
extern const CsPreset cs_presets[];

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CsRecipe, cs_recipe_clear)

G_END_DECLS
