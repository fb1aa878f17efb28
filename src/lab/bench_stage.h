/* The simulated stage, as its driver of motion moves it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "coatscope/motion.h"
#include "coatscope/stage_bench.h"

void cs_stage_bench_coarse(CsStageBench *bench, CsMotionAxis axis, int steps);
void cs_stage_bench_fine(CsStageBench *bench, CsMotionAxis axis, double to_nm);
void cs_stage_bench_tilt(CsStageBench *bench, double to_deg);
void cs_stage_bench_height(CsStageBench *bench, double by_nm);
void cs_stage_bench_retract(CsStageBench *bench);
const CsStageBenchSetting *cs_stage_bench_setting(const CsStageBench *bench);
