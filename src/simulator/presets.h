/* Presets: recipes that come with the program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The YAML of a preset, to be freed, or NULL where there is none so named. */
char *cs_preset_yaml(const char *name);
