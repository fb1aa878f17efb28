/* Every key of a recipe: name, unit, range, default and what it means.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "coatscope/recipe.h"

static const char *const types[] = { "uint8", "uint16", "float32", NULL };
static const char *const modes[] = { "bright-field", "haadf", NULL };
static const char *const supports[] = { "none", "film", "lacey", NULL };
static const char *const layouts[]
    = { "none", "scattered", "chain", "cluster", NULL };
static const char *const laws[] = {
    "none", "current", "rc", "interface", "diffusion", "permeation",
    "series", "stress", "exponential", "avrami", "logistic", NULL,
};
static const char *const breaks[] = { "never", "at", "mechanics", NULL };
static const char *const hosts[] = { "Si", "Ge", "Sn", "Al", "Sb", NULL };
static const char *const ions[] = { "Li", "Na", NULL };
static const char *const coats[] = {
    "none", "TiO2", "Al2O3", "ZnO", "LiNbO3", "Li3PO4", "C", "SiO2", NULL,
};
static const char *const noises[] = { "values", "slopes", NULL };
static const char *const skins[] = { "Li2O", "Na2O", "Li", NULL };

#define NUM(field, unit, min, max, fallback, help)                            \
    { #field, CS_KEY_NUMBER, offsetof(S, field), unit, min, max, fallback,    \
      NULL, NULL, help }
#define INT(field, unit, min, max, fallback, help)                            \
    { #field, CS_KEY_INTEGER, offsetof(S, field), unit, min, max, fallback,   \
      NULL, NULL, help }
#define FLAG(field, fallback, help)                                           \
    { #field, CS_KEY_FLAG, offsetof(S, field), "", 0, 1, fallback, NULL,      \
      NULL, help }
#define CHOICE(field, names, fallback, help)                                  \
    { #field, CS_KEY_CHOICE, offsetof(S, field), "", 0, 0, fallback, NULL,    \
      names, help }
#define TEXT(field, names, fallback, help)                                    \
    { #field, CS_KEY_TEXT, offsetof(S, field), "", 0, 0, 0, fallback, names,  \
      help }

#define S CsRecordingRecipe
static const CsRecipeKey recording_keys[] = {
    TEXT(name, NULL, "simulated", "Name of the recording."),
    TEXT(coating, NULL, "", "Label of the coating in tables and campaign."),
    INT(seed, "", 0, 9007199254740992, 1,
        "Same seed, same bytes, whatever the number of threads."),
    INT(width, "px", 16, 16384, 512, "Width of a frame."),
    INT(height, "px", 16, 16384, 512, "Height of a frame."),
    INT(frames, "", 1, 1000000, 60, "Number of frames."),
    NUM(nm_per_px, "nm", 0.01, 100, 0.6, "Size of a pixel."),
    NUM(interval_s, "s", 1e-4, 1e5, 2, "From frame to frame."),
    NUM(exposure_s, "s", 1e-5, 1e5, 1, "Exposure; at most the interval."),
    CHOICE(type, types, 1, "Samples of the file."),
    { 0 },
};
#undef S

#define S CsMicroscopeRecipe
static const CsRecipeKey microscope_keys[] = {
    CHOICE(mode, modes, 0, "Bright-field TEM or HAADF-STEM."),
    NUM(voltage_kV, "kV", 60, 1000, 200, "Acceleration voltage."),
    NUM(aperture_mrad, "mrad", 1, 100, 10, "Half angle of the objective "
        "aperture; sets mean free paths and so contrast."),
    NUM(dose_rate_e_per_A2_s, "e/A2/s", 1e-5, 1e5, 10, "In vacuum."),
    NUM(psf_nm, "nm", 0, 50, 0.5, "Standard deviation of the blur of the "
        "image before the camera (Gaussian)."),
    NUM(defocus_nm, "nm", -5000, 5000, 0, "Defocus: Fresnel fringe of scale "
        "sqrt(wavelength x defocus); 0 leaves phase out."),
    NUM(defocus_drift_nm_per_s, "nm/s", -100, 100, 0, "Drift of the focus."),
    NUM(fringe_damping_nm, "nm", 0.05, 50, 0.4, "Standard deviation of the "
        "Gaussian envelope that damps fringes."),
    NUM(gradient, "", 0, 0.9, 0.03, "Relative change of illumination from one "
        "side of the field to the other."),
    NUM(gradient_angle_deg, "deg", -360, 360, 30, "Its direction."),
    NUM(flicker, "", 0, 0.5, 0.003, "Relative change of illumination from "
        "frame to frame (standard deviation)."),
    NUM(blank_from_s, "s", 0, 1e9, NAN, "Beam blanked from; none: never."),
    NUM(blank_to_s, "s", 0, 1e9, NAN, "Beam back at; none: never."),
    NUM(haadf_exponent, "", 1.3, 2, 1.7, "Of the atomic number."),
    NUM(haadf_fraction, "", 0.001, 1, 0.25, "Share of the beam that 100 nm of "
        "silicon scatter onto the annular detector."),
    NUM(haadf_background, "", 0, 1, 0.004, "Share of the beam that arrives "
        "without a specimen."),
    NUM(scan_jitter_px, "px", 0, 20, 0, "Displacement of scan rows (standard "
        "deviation); needs mode haadf."),
    { 0 },
};
#undef S

#define S CsCameraRecipe
static const CsRecipeKey camera_keys[] = {
    FLAG(noise, 1, "Counting and read noise; without, expected values."),
    NUM(gain_counts_per_e, "1/e", 1e-4, 1e4, 4, "Counts an electron."),
    NUM(dark_counts, "", 0, 1e4, 100, "Offset of every pixel."),
    NUM(read_noise_counts, "", 0, 1e4, 3, "Standard deviation."),
    NUM(mtf_core_px, "px", 0, 5, 0.5, "Spread of an electron's signal: standard "
        "deviation of the narrow part; colours noise and blurs."),
    NUM(mtf_tail_px, "px", 0, 20, 3, "The same of the wide part."),
    NUM(mtf_tail_weight, "", 0, 0.9, 0.1, "Share of the wide part."),
    NUM(gain_spread, "", 0, 0.5, 0, "Relative fixed-pattern gain (standard "
        "deviation) that flat-fielding left."),
    NUM(hot_per_million, "", 0, 1e5, 0, "Hot pixels."),
    NUM(dead_per_million, "", 0, 1e5, 0, "Dead pixels."),
    { 0 },
};
#undef S

#define S CsClockRecipe
static const CsRecipeKey clock_keys[] = {
    NUM(dropped, "", 0, 0.9, 0, "Share of frames the camera lost: the stamp "
        "of the next one says so."),
    NUM(doubled, "", 0, 0.9, 0, "Share of frames that repeat the samples of "
        "the one before under a stamp of their own."),
    NUM(late, "", 0, 0.9, 0, "Share of frames taken late."),
    NUM(late_s, "s", 0, 1e4, 0.3, "By how much; at most what keeps frames "
        "apart."),
    NUM(jitter_s, "s", 0, 1e3, 0, "Spread of all start times."),
    { 0 },
};
#undef S

#define S CsMotionRecipe
static const CsRecipeKey motion_keys[] = {
    NUM(v0_nm_per_s, "nm/s", 0, 100, 0.15, "Drift speed at first."),
    NUM(v_end_nm_per_s, "nm/s", 0, 100, 0.02, "Drift speed after long."),
    NUM(tau_s, "s", 1, 1e6, 120, "v(t) = end + (v0 - end) exp(-t/tau)."),
    NUM(direction_deg, "deg", -360, 360, 35, "Of the drift."),
    NUM(walk_nm_per_sqrt_s, "nm/sqrt(s)", 0, 10, 0.05, "Random walk."),
    NUM(vibration_nm, "nm", 0, 20, 0.1, "Blur by vibration (rms)."),
    { 0 },
};
#undef S

#define S CsJumpRecipe
static const CsRecipeKey jump_keys[] = {
    NUM(time_s, "s", 0, 1e9, 0, "When the specimen jumps."),
    NUM(dx_nm, "nm", -1e4, 1e4, 0, "To the right."),
    NUM(dy_nm, "nm", -1e4, 1e4, 0, "Downwards."),
    { 0 },
};
#undef S

#define S CsSupportRecipe
static const CsRecipeKey support_keys[] = {
    CHOICE(kind, supports, 2, "Carbon under the particles."),
    NUM(thickness_nm, "nm", 0, 500, 18, "Of film or strands."),
    NUM(hole_nm, "nm", 20, 1e5, 220, "Typical distance of holes."),
    NUM(strand_nm, "nm", 2, 1e4, 38, "Typical width of strands."),
    NUM(texture, "", 0, 0.9, 0.10, "Relative change of thickness."),
    NUM(grain_nm, "nm", 0.3, 100, 1.6, "Scale of the finest texture."),
    CHOICE(noise, noises, 0, "What its shape and texture are made of: noise "
           "between values at points of a lattice, or between slopes there, "
           "finer and nearer to real carbon."),
    INT(dirt, "", 0, 200, 3, "Specks of dirt in the field."),
    NUM(dirt_nm, "nm", 0.5, 500, 9, "Their typical size."),
    { 0 },
};
#undef S

#define S CsNeedleRecipe
static const CsRecipeKey needle_keys[] = {
    FLAG(present, 1, "A tungsten needle comes in and touches."),
    INT(target, "", 1, CS_RECIPE_MAX_PARTICLES, 1, "Particle it touches."),
    NUM(angle_deg, "deg", -360, 360, 200, "Side of the particle it comes "
        "from."),
    NUM(tip_radius_nm, "nm", 1, 5000, 28, "Of the tungsten."),
    NUM(half_angle_deg, "deg", 0, 45, 9, "Of the cone."),
    NUM(metal_roughness, "", 0, 0.5, 0, "Relative change of the tungsten's "
                                       "radius along it: what etching "
                                       "leaves."),
    NUM(skin_nm, "nm", 0, 500, 22, "Metal and oxide on the needle."),
    TEXT(skin, skins, "Li2O", "What the skin is."),
    NUM(skin_roughness, "", 0, 0.9, 0.35, "Relative."),
    CHOICE(noise, noises, 0, "What the skin's shape is made of, as of the "
           "support."),
    NUM(start_gap_nm, "nm", 0, 1e5, 60, "Gap at the first frame."),
    NUM(contact_s, "s", 0, 1e9, 15, "When it touches."),
    NUM(retreat_s, "s", 0, 1e9, NAN, "When it leaves; none: never."),
    NUM(retreat_nm_per_s, "nm/s", 0, 1e4, 5, "How fast it leaves."),
    { 0 },
};
#undef S

#define S CsBiasRecipe
static const CsRecipeKey bias_keys[] = {
    FLAG(log, 1, "Write a log of bias and current beside the recording."),
    NUM(voltage_V, "V", -20, 20, 2, "Bias once on."),
    NUM(on_s, "s", 0, 1e9, 18, "Switched on."),
    NUM(off_s, "s", 0, 1e9, NAN, "Switched off; none: never."),
    NUM(log_interval_s, "s", 1e-3, 1e4, 0.5, "Of the log: its own rate."),
    NUM(voltage_noise_V, "V", 0, 1, 0.0005, "Standard deviation."),
    NUM(current_noise_A, "A", 0, 1e-3, 2e-12, "Standard deviation."),
    NUM(leakage_ohm, "Ohm", 1e3, 1e18, 2e11, "Of the holder."),
    NUM(short_s, "s", 0, 1e9, NAN, "Short circuit from; none: never."),
    NUM(short_ohm, "Ohm", 1, 1e12, 1e8, "Of the short circuit."),
    NUM(lost_contact_s, "s", 0, 1e9, NAN, "Contact lost from: growth stops; "
        "none: never."),
    { 0 },
};
#undef S

#define S CsSceneRecipe
static const CsRecipeKey scene_keys[] = {
    CHOICE(layout, layouts, 0, "Places particles by itself, beside those "
           "listed; the seed decides where."),
    INT(count, "", 0, CS_RECIPE_MAX_PARTICLES, 0, "How many it places."),
    NUM(diameter_nm, "nm", 1, 1e5, 80, "Their median diameter."),
    NUM(diameter_gsd, "", 1, 3, 1.2, "Geometric standard deviation."),
    NUM(overlap, "", -2, 0.9, 0.03, "Overlap of touching neighbours in "
        "projection, in diameters; negative: gaps."),
    NUM(delay_s_per_nm, "s/nm", 0, 100, 0, "By how much a placed particle "
        "starts later, for each nm from the first."),
    FLAG(push, 1, "Growing particles push each other apart."),
    { 0 },
};
#undef S

#define S CsCampaignRecipe
static const CsRecipeKey campaign_keys[] = {
    TEXT(name, NULL, "simulated", "Name of the campaign."),
    INT(particles_per_coating, "", 1, 100, 3, "Recordings of each coating."),
    NUM(tau_gsd, "", 1, 3, 1.1, "Particle to particle, of tau_s."),
    NUM(conversion_sd, "", 0, 0.3, 0.01, "The same of conversion."),
    NUM(break_sd_s, "s", 0, 1e4, 4, "The same of break_s."),
    NUM(diameter_gsd, "", 1, 2, 1.05, "The same of the diameter."),
    { 0 },
};
#undef S

#define S CsCoatingRecipe
static const CsRecipeKey coating_keys[] = {
    TEXT(name, NULL, "", "Of the coating in tables."),
    TEXT(material, coats, "TiO2", "Of the coat."),
    NUM(thickness_nm, "nm", 0, 100, 5, "Of the coat."),
    NUM(tau_s, "s", 0.1, 1e9, 200, "Time constant of growth."),
    NUM(conversion, "", 0, 1, 1, "Final share of the host converted."),
    NUM(break_s, "s", 0, 1e9, NAN, "When it breaks; none: never."),
    NUM(gap_nm, "nm", 0, 1000, 25, "Final width of the gap."),
    { 0 },
};
#undef S

#define S CsParticleRecipe
static const CsRecipeKey particle_keys[] = {
    NUM(x_nm, "nm", -1e6, 1e6, NAN, "Centre; none: middle of the field."),
    NUM(y_nm, "nm", -1e6, 1e6, NAN, "Centre; none: middle of the field."),
    NUM(diameter_nm, "nm", 1, 1e5, 100, "Of the host, without coats."),
    NUM(aspect, "", 1, 4, 1, "Long over short axis in projection."),
    NUM(angle_deg, "deg", -360, 360, 0, "Of the long axis."),
    NUM(roughness, "", 0, 0.2, 0.01, "Relative change of the radius around "
        "the rim (standard deviation)."),
    TEXT(host, hosts, "Si", "What swells."),
    TEXT(ion, ions, "Li", "What makes it swell."),
    TEXT(coat, coats, "TiO2", "Coating."),
    NUM(thickness_nm, "nm", 0, 100, 5, "Of the coating."),
    TEXT(coat2, coats, "none", "Second, outer coating."),
    NUM(thickness2_nm, "nm", 0, 100, 0, "Of the second coating."),
    NUM(thickness_spread, "", 0, 0.5, 0.06, "Relative change of thickness "
        "around the rim (standard deviation)."),
    NUM(oxide_nm, "nm", 0, 50, 0, "Native SiO2 under the coating."),
    NUM(swelling_exponent, "", 1, 3, 1.5, "q in V/V0 = (A/A0)^q: 1 in the "
        "plane only, 1.5 alike in all directions."),
    CHOICE(law, laws, 1, "What limits the rate."),
    NUM(onset_s, "s", 0, 1e9, 20, "When growth starts."),
    NUM(tau_s, "s", 0.1, 1e9, 100, "Time constant of the law; for series, "
        "that of the part linear in time."),
    NUM(tau_coat_s, "s", 0, 1e9, 0, "Law series: of the coating."),
    NUM(tau_interface_s, "s", 0, 1e9, 0, "Law series: of the interface."),
    NUM(tau_diffusion_s, "s", 0, 1e9, 0, "Law series: of diffusion."),
    NUM(exponent, "", 0, 20, 1, "Law stress: retardation m; law avrami: n; "
        "law logistic: steepness."),
    NUM(conversion, "", 0, 1, 1, "Share of the host converted at which it "
        "stops."),
    NUM(front_lag_s, "s", 0, 1e6, 0, "By how much the far side lags behind "
        "the side of the contact."),
    NUM(contact_angle_deg, "deg", -360, 360, NAN, "Side where ions enter; "
        "none: towards the needle."),
    NUM(extract_s, "s", 0, 1e9, NAN, "When ions leave again; none: never."),
    NUM(tau_out_s, "s", 0.1, 1e9, 100, "Time constant of leaving."),
    NUM(remaining, "", 0, 1, 0.1, "Share converted that stays behind."),
    FLAG(sharp_front, 1, "Host and product side by side, or mixed."),
    NUM(diffraction, "", 0, 0.95, 0.15, "Darkening by diffraction of what is "
        "still crystalline."),
    NUM(extinction_nm, "nm", 5, 1000, 90, "Period of its thickness fringes."),
    NUM(pale_to, "", 0.02, 3, NAN, "Optical depth of the fully converted "
        "core relative to the fresh one; none: from the materials."),
    CHOICE(breaks, breaks, 0, "Whether the coating breaks."),
    NUM(break_s, "s", 0, 1e9, NAN, "When, with breaks: at."),
    NUM(break_angle_deg, "deg", -360, 360, 60, "Where on the rim."),
    NUM(gap_nm, "nm", 0, 1000, 25, "Final width of the gap."),
    NUM(gap_nm_per_s, "nm/s", 0.01, 1e5, 8, "How fast it opens."),
    NUM(bulge_nm, "nm", 0, 100, 7, "Height of the core's bulge in the gap."),
    INT(flakes, "", 0, 20, 0, "Flakes of coating that come off."),
    NUM(rate_after_break, "", 0, 100, 1, "Rate relative to before."),
    NUM(toughness_MPa_m05, "MPa sqrt(m)", 0.01, 100, NAN, "With breaks: "
        "mechanics; none: of the material."),
    NUM(flow_GPa, "GPa", 0.01, 1000, NAN, "Stress at which the coating flows "
        "instead; none: never."),
    { 0 },
};
#undef S

#define SECTION(field, keys, help)                                            \
    { #field, false, 1, sizeof(((CsRecipe *) 0)->field),                      \
      offsetof(CsRecipe, field), 0, keys, help }
#define LIST(field, max, keys, help)                                          \
    { #field, true, max, sizeof(*((CsRecipe *) 0)->field),                    \
      offsetof(CsRecipe, field), offsetof(CsRecipe, n_##field), keys, help }

const CsRecipeSection cs_recipe_sections[] = {
    SECTION(recording, recording_keys, "Size, time and name."),
    SECTION(microscope, microscope_keys, "Beam and optics."),
    SECTION(camera, camera_keys, "From electrons to counts."),
    SECTION(clock, clock_keys, "What goes wrong with time."),
    SECTION(motion, motion_keys, "Drift of the specimen."),
    LIST(jumps, 1000, jump_keys, "Sudden moves of the specimen."),
    SECTION(support, support_keys, "The carbon film."),
    SECTION(needle, needle_keys, "The needle with its metal."),
    SECTION(bias, bias_keys, "The electrical log."),
    SECTION(scene, scene_keys, "Particles placed by themselves."),
    SECTION(particle, particle_keys, "What all particles have in common."),
    LIST(particles, CS_RECIPE_MAX_PARTICLES, particle_keys,
         "Particles one by one; what is not said is as in particle."),
    SECTION(campaign, campaign_keys, "Many recordings from one recipe."),
    LIST(coatings, 100, coating_keys,
         "Coatings of a campaign; empty: a single recording."),
    { 0 },
};
