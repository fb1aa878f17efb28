/* The table of kinds of steps: what each takes, and what it does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "protocol/run.h"

#define NUM(name, unit, least, most, fallback, help)                          \
    { name, unit, least, most, fallback, NULL, help }
#define TEXT(name, fallback, help) { name, "", 0, 0, 0, fallback, help }

static const CsStepKey no_keys[] = { { 0 } };

static const CsStepKey cure_keys[] = {
    NUM("temperature", "degC", 15, 120, 23, "At which the glue cures."),
    NUM("share", "", 0.5, 10, 1, "Of the full cure that is wanted."),
    { 0 },
};

static const CsStepKey expose_keys[] = {
    TEXT("place", "glove box", "Where the lithium is."),
    NUM("duration", "s", 0, 1e6, 600, "As planned; what it was is timed."),
    NUM("o2", "ppm", 0, 1e6, 0.1, "Oxygen there."),
    NUM("h2o", "ppm", 0, 1e6, 0.1, "Water there."),
    { 0 },
};

static const CsStepKey purge_keys[] = {
    NUM("purges", "", 1, 20, 4, "How often."),
    NUM("share_left", "", 0.001, 0.9, 0.1, "Of the air, after each."),
    { 0 },
};

static const CsStepKey polish_keys[] = {
    NUM("voltage", "V", 0.5, 6, 4, "Of the needle against the loop."),
    NUM("current_limit", "A", 0.001, 3, 0.5, "That the supply holds."),
    NUM("drop", "", 0.05, 0.9, 0.4, "Of the current, to which it falls when "
        "the wire is cut."),
    NUM("travel_least", "mm", 0.5, 10, 2, "Of the wire, up and down."),
    NUM("travel_most", "mm", 0.5, 10, 4, "The same."),
    NUM("iterations", "", 1, 50, 5, "Up and down, a dip."),
    NUM("dips_most", "", 1, 100, 20, "Until it must be cut."),
    NUM("longest_dip", "s", 1, 3600, 120, "Then the output goes off."),
    NUM("wire", "mm", 0.01, 2, 0.25, "Its diameter."),
    { 0 },
};

static const CsStepKey height_keys[] = {
    TEXT("part", "grid", "grid or needle."),
    NUM("within", "nm", 5, 1000, 40, "Good enough."),
    NUM("tilt", "deg", 1, 20, 12, "Of the last wobble."),
    { 0 },
};

static const CsStepKey approach_keys[] = {
    NUM("dither", "nm", 1, 30, 8, "Of the test for contact."),
    NUM("step", "nm", 0.2, 10, 2, "Of the last way."),
    NUM("creep_wait", "s", 0, 3600, 60, "Before the last 50 nm."),
    NUM("overlap_most", "nm", 1, 40, 15, "In the image without contact."),
    { 0 },
};

static const CsStepKey dose_keys[] = {
    NUM("rate", "e/A2/s", 0.001, 1000, 10, "Wanted, in vacuum."),
    NUM("tolerance", "", 0.01, 0.5, 0.1, "Relative, to either side."),
    NUM("counts_per_electron", "", 1e-3, 1e4, 1, "Of the camera."),
    { 0 },
};

static const CsStepKey record_keys[] = {
    TEXT("name", "recording", "Of the recording."),
    TEXT("coating", "", "Of the particle, for tables."),
    NUM("frames", "", 2, 1e6, 75, "How many."),
    NUM("baseline", "s", 0, 1e5, 18, "Recorded before the bias."),
    NUM("voltage", "V", -20, 20, 2, "Bias."),
    NUM("ramp", "V/s", 0, 100, 1, "Up to it; 0: at once."),
    NUM("current_limit", "A", 1e-9, 1e-2, 1e-6, "That the instrument holds."),
    NUM("trip", "A", 1e-12, 1e-3, 1e-9, "More is a short circuit."),
    NUM("jump_most", "nm", 1, 1e4, 60, "Of the specimen between two frames."),
    TEXT("preset", "jove-5nm", "What the bench shows: a recipe."),
    NUM("speed", "", 0.1, 100, 12, "Of the bench's clock meanwhile."),
    { 0 },
};

static const CsStepKind kinds[] = {
    { "person", "A person does it; any parameters are asked for.", true,
      no_keys },
    { "cure", "Waits until glue is cured: 4 h at 23 or 10 min at 100 degC, in "
      "between by Arrhenius.", true, cure_keys },
    { "polish", "Electropolishes a wire until the current drops.", true,
      polish_keys },
    { "expose", "Times where the lithium is, for its oxide.", true,
      expose_keys },
    { "purge", "Counts purges.", true, purge_keys },
    { "height", "Eucentric height by wobble.", false, height_keys },
    { "approach", "The needle to the particle, until they touch.", false,
      approach_keys },
    { "dose", "Sets and checks the dose rate from counts in vacuum.", false,
      dose_keys },
    { "record", "Records frames, with the bias on after a baseline.", false,
      record_keys },
    { "retract", "Output off, needle back.", false, no_keys },
    { "measure", "Measures all that was recorded.", false, no_keys },
    { "report", "Writes the report.", false, no_keys },
    { 0 },
};

static const CsStepRun runs[G_N_ELEMENTS(kinds)] = {
    cs_step_person, cs_step_cure, cs_step_polish, cs_step_expose,
    cs_step_purge, cs_step_height, cs_step_approach, cs_step_dose,
    cs_step_record, cs_step_retract, cs_step_measure, cs_step_report,
};

const CsStepKind *
cs_step_kinds(void)
{
    return kinds;
}

CsStepRun
cs_step_run_of(const CsStepKind *kind)
{
    return runs[kind - kinds];
}
