#!/usr/bin/env python3
# Recovery curves: simulates particles, measures them, scores them against the
# truth, and sets the area error beside the Cramer-Rao bound of one frame.
#
#     tools/bench_accuracy.py [--full] [--only SWEEP] [PROGRAM [FOLDER]]
#
# Writes accuracy.csv and SWEEP.svg, SWEEP.png into FOLDER (bench/accuracy).
# docs/simulator.md says what is varied and how the bound is reckoned.
#
# SPDX-License-Identifier: GPL-3.0-or-later
import csv
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

# What every point has unless its sweep says otherwise. Lengths are in pixels
# here and become nm by `scale`.
BASE = {"dose": 100.0, "diameter": 100.0, "scale": 0.8, "drift": 0.0,
        "overlap": None, "gain": 40.0}

# name -> (axis title, is it logarithmic, values of the quick and full mode)
SWEEPS = {
    "dose": ("Electrons a pixel", True, [1, 10, 100],
             [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000]),
    "diameter": ("Diameter (px)", True, [20, 60, 200],
                 [20, 30, 45, 70, 100, 150, 200, 280, 400]),
    "contrast": ("Contrast of the centre", False, [0.1, 0.3, 0.6],
                 [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
    "drift": ("Drift (px a frame)", False, [0, 2, 6],
              [0, 0.5, 1, 2, 3, 4, 6, 8]),
    "crowding": ("Overlap of neighbours (diameters)", False,
                 [-0.5, 0, 0.1], [-1, -0.5, -0.3, -0.2, -0.1, 0, 0.05, 0.1,
                                  0.2]),
}

# Mean free paths of silicon and TiO2 at 200 kV and 10 mrad, and the read
# noise in counts: those of the recipe below.
LAMBDA_CORE_NM, LAMBDA_COAT_NM, READ_COUNTS = 168.0, 109.0, 3.0
PSF_PX, MTF_PX, COAT_PX = 0.6, 0.5, 5.0

COLUMNS = ["sweep", "value", "seeds", "n_true", "n_found", "n_invented",
           "n_areas", "median_abs_percent", "p95_abs_percent", "bias_percent",
           "slope_percent_per_unit", "coverage_percent", "expansion_percent",
           "bound_sd_percent", "bound_median_abs_percent"]


def side_of(point):
    """Width of the field in pixels."""
    if point["overlap"] is not None:
        return int(6 * point["diameter"])
    return int(max(160, 2.4 * point["diameter"]))


def recipe(point, n_frames, seed):
    """YAML of one point."""
    p = point["scale"]
    side = side_of(point)
    layout = "particles: [{}]\n"
    motion = point["drift"] * p
    if point["overlap"] is not None:
        layout = (f"scene: {{layout: chain, count: 3, diameter_gsd: 1, "
                  f"diameter_nm: {point['diameter'] * p:.6g}, "
                  f"overlap: {point['overlap']}}}\n")
    return (
        f"recording: {{width: {side}, height: {side}, frames: {n_frames}, "
        f"interval_s: 1, exposure_s: 1, nm_per_px: {p:.6g}, seed: {seed}}}\n"
        f"microscope: {{dose_rate_e_per_A2_s: "
        f"{point['dose'] / (100 * p * p):.6g}, psf_nm: {PSF_PX * p:.6g}}}\n"
        f"camera: {{gain_counts_per_e: {point['gain']}, "
        f"read_noise_counts: {READ_COUNTS}, mtf_core_px: {MTF_PX}}}\n"
        f"motion: {{v0_nm_per_s: {motion:.6g}, v_end_nm_per_s: {motion:.6g}, "
        "walk_nm_per_sqrt_s: 0, vibration_nm: 0}\n"
        "support: {kind: none, dirt: 0}\nneedle: {present: false}\n"
        "bias: {log: false}\n"
        f"particle: {{diameter_nm: {point['diameter'] * p:.6g}, "
        f"thickness_nm: {COAT_PX * p * point['diameter'] / 100:.6g}, "
        "diffraction: 0, law: current, onset_s: 2, "
        f"tau_s: {n_frames}, conversion: 0.5}}\n" + layout)


def points_of(name, full):
    """(value, point) of a sweep."""
    for value in SWEEPS[name][3 if full else 2]:
        point = dict(BASE)
        if name == "contrast":
            # Optical depth through the middle of a core of that diameter.
            depth = -math.log(1 - value)
            point["scale"] = depth * LAMBDA_CORE_NM / point["diameter"]
        elif name == "crowding":
            point["overlap"] = value
            point["diameter"] = 80.0
        else:
            point[name] = value
        yield value, point


# ---- The bound ---------------------------------------------------------------

def profile(r, parameters):
    """Transmission at distance r (px) from the middle of a coated ball."""
    beam, mu_core, mu_coat, outer, core = parameters
    whole = 2 * math.sqrt(max(outer * outer - r * r, 0))
    inner = 2 * math.sqrt(max(core * core - r * r, 0))
    return beam * math.exp(-mu_core * inner - mu_coat * (whole - inner))


FINE = 32 # grid points a sigma of the blur


def blurred(parameters, sigma, n):
    """The profile blurred across the rim, at n distances (k + 1/2) sigma/4.
    The rim's curvature is left out, an error of the order of sigma over the
    radius."""
    step, reach = sigma / FINE, 4 * FINE
    fine = [profile(abs((k + 0.5) * step), parameters)
            for k in range(-reach, n * FINE // 4 + reach)]
    offsets = range(-reach + 2, reach - 1, 2)
    weights = [math.exp(-(k / FINE) ** 2 / 2) for k in offsets]
    total = sum(weights)
    return [sum(w * fine[at + k] for w, k in zip(weights, offsets)) / total
            for at in range(reach + FINE // 8, reach + n * FINE // 4,
                            FINE // 4)]


def inverse(matrix):
    """By Gauss and Jordan; Fisher's information needs no pivots."""
    n = len(matrix)
    a = [row[:] + [float(i == j) for j in range(n)]
         for i, row in enumerate(matrix)]
    for k in range(n):
        a[k] = [x / a[k][k] for x in a[k]]
        for i in range(n):
            if i != k:
                a[i] = [x - a[i][k] * y for x, y in zip(a[i], a[k])]
    return [row[n:] for row in a]


def bound_radius_px(ball, mu_core, mu_coat, beam, extra, sigma, reach):
    """Standard deviation of the outer radius in the best unbiased fit of beam,
    both absorptions and both radii to a round field of radius `reach`; `ball`
    is outer radius and coat, `extra` noise in e² a pixel beside counting.
    Without a coat, a fit of beam, absorption and radius."""
    outer, coat = ball
    parameters = [beam, mu_core, mu_coat, outer, outer - coat]
    free = [0, 1, 2, 3, 4] if coat > 0 else [0, 1, 3]
    step = sigma / 4
    n = int(reach / step)
    middle = blurred(parameters, sigma, n)
    slopes = []
    for i in free:
        h = 1e-4 * parameters[i] if i < 3 else 4 * sigma / FINE
        up, down = parameters[:], parameters[:]
        up[i] += h
        down[i] -= h
        if coat <= 0 and i == 3:
            up[4], down[4] = up[3], down[3]
        slopes.append([(u - d) / (2 * h) for u, d in
                       zip(blurred(up, sigma, n), blurred(down, sigma, n))])
    weight = [2 * math.pi * (k + 0.5) * step * step / (m + extra)
              for k, m in enumerate(middle)]
    information = [[sum(w * x * y for w, x, y in zip(weight, a, b))
                    for b in slopes] for a in slopes]
    at = free.index(3)
    return math.sqrt(inverse(information)[at][at])


def bound_percent(point):
    """Standard deviation of the area, in percent, of one frame alone at the
    start, without drift and neighbours."""
    p = point["scale"]
    coat = COAT_PX * point["diameter"] / 100
    outer = point["diameter"] / 2 + coat
    sigma = math.sqrt(PSF_PX ** 2 + MTF_PX ** 2 + 1 / 12)
    sd = bound_radius_px((outer, coat), p / LAMBDA_CORE_NM,
                         p / LAMBDA_COAT_NM, point["dose"],
                         (READ_COUNTS / point["gain"]) ** 2, sigma,
                         side_of(point) / math.sqrt(math.pi))
    return 100 * 2 * sd / outer


def check_bound():
    """A known answer: a bare ball of silicon of 50 nm radius in a field twice
    as wide, 200 kV, 1000 e/nm², blur 1 nm."""
    sd = bound_radius_px((50, 0), 1 / 168, 1 / 168, 1000, 0, 1, 100)
    print(f"bound of the radius of a bare ball: {sd:.5f} nm (known: 0.01936)")
    if abs(sd / 0.01936 - 1) > 0.03:
        sys.exit("bench_accuracy: the bound is not the known one")


# ---- Runs ---------------------------------------------------------------------

def score(program, point, n_frames, seeds, folder):
    """Simulates, measures and scores a point; the total of all seeds."""
    recordings, truths = [], []
    for seed in seeds:
        path = os.path.join(folder, f"recipe-{seed}.yaml")
        made = os.path.join(folder, f"s{seed}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"# {seed}\n"
                       + recipe(point, n_frames, seed))
        subprocess.run([program, "simulate", path, "-o", made], check=True,
                       stdout=subprocess.DEVNULL)
        recordings.append(os.path.join(made, "recording.tif"))
        truths += ["--truth", made]
    results = os.path.join(folder, "results")
    run = subprocess.run([program, "measure", *recordings, "-o", results],
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                         text=True)
    if run.returncode != 0:
        return None, run.stderr.strip().splitlines()[-1:]
    run = subprocess.run([program, "score", results, *truths, "--json"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True)
    if run.returncode != 0:
        return None, run.stderr.strip().splitlines()[-1:]
    return json.loads(run.stdout)["scores"][-1], None


def percent(value):
    return "" if value is None else f"{100 * value:.4g}"


def row_of(name, value, point, total, n_seeds, n_particles):
    row = dict.fromkeys(COLUMNS, "")
    bound = bound_percent(point)
    row.update(sweep=name, value=value, seeds=n_seeds,
               n_true=n_seeds * n_particles, n_found=0,
               bound_sd_percent=f"{bound:.4g}",
               bound_median_abs_percent=f"{0.67449 * bound:.4g}")
    if total is None:
        return row
    area = total["area_error"]
    if not area["n"]:
        area = total["area_hidden_error"]
    row.update(n_true=total["n_true"], n_found=total["n_found"],
               n_invented=total["n_invented"], n_areas=area["n"],
               median_abs_percent=percent(area["median_abs"]),
               p95_abs_percent=percent(area["p95_abs"]),
               bias_percent=percent(area["bias"]),
               slope_percent_per_unit=percent(total["area_error_slope"]),
               coverage_percent=percent(total["area_coverage"]),
               expansion_percent=percent(
                   total["expansion_error"]["median_abs"]))
    return row


def sweep(program, name, full):
    n_frames, seeds = (16, [1, 2, 3]) if full else (8, [1])
    for value, point in points_of(name, full):
        with tempfile.TemporaryDirectory(prefix="coatscope-") as folder:
            total, why = score(program, point, n_frames, seeds, folder)
        row = row_of(name, value, point, total, len(seeds),
                     3 if name == "crowding" else 1)
        found = f"{row['n_found']} of {row['n_true']} found"
        print(f"{name:9} {value:>7}  {found:14} error "
              f"{row['median_abs_percent'] or '-':>7} %  95th pct "
              f"{row['p95_abs_percent'] or '-':>7} %  bias "
              f"{row['bias_percent'] or '-':>8} %  bound "
              f"{row['bound_median_abs_percent']:>7} %"
              + (f"  ({why[0]})" if why else ""), flush=True)
        yield row


# ---- Figures ------------------------------------------------------------------

def draw(name, rows, folder):
    """A figure as SVG and PNG; points that were not found are missing."""
    title, is_log, _, _ = SWEEPS[name]
    data = "\n".join(
        f"{r['value']} {r['median_abs_percent'] or 'nan'} "
        f"{r['p95_abs_percent'] or 'nan'} {r['bound_median_abs_percent']}"
        for r in rows)
    body = (f"$d << EOD\n{data}\nEOD\n"
            "set border 3\nset tics nomirror out\n"
            "set grid lc rgb '#e4e4e4' lt 1\n"
            "set datafile missing 'nan'\nset key top right\n"
            f"set xlabel '{title}'\nset ylabel 'Area error (%)'\n"
            "set logscale y\n" + ("set logscale x\n" if is_log else "")
            + "set format y '%g'\nset format x '%g'\n"
            "plot $d using 1:3 with linespoints pt 6 lc rgb '#56b4e9' "
            "title '95th percentile', "
            "$d using 1:2 with linespoints pt 7 lc rgb '#0072b2' lw 2 "
            "title 'median', "
            "$d using 1:4 with lines dt 2 lc rgb '#d55e00' lw 2 "
            "title 'Cramér-Rao bound, median'\n")
    script = "set encoding utf8\n"
    for terminal, suffix in (("svg size 560,380 dynamic background '#ffffff'",
                              "svg"),
                             ("pngcairo size 1120,760 fontscale 2 "
                              "background '#ffffff'", "png")):
        script += (f"set terminal {terminal}\nset output '{name}.{suffix}'\n"
                   + body)
    subprocess.run(["gnuplot", "-d", "-"], input=script, text=True,
                   cwd=folder, check=True)


def main():
    words = [w for w in sys.argv[1:] if w != "--full"]
    only = None
    if "--only" in words:
        at = words.index("--only")
        only = words[at + 1]
        del words[at:at + 2]
    full = "--full" in sys.argv
    program = os.path.abspath(words[0] if words else "build/coatscope")
    folder = words[1] if len(words) > 1 else "bench/accuracy"
    os.makedirs(folder, exist_ok=True)
    check_bound()
    rows = []
    for name in SWEEPS:
        if only not in (None, name):
            continue
        part = list(sweep(program, name, full))
        rows += part
        if shutil.which("gnuplot"):
            draw(name, part, folder)
    with open(os.path.join(folder, "accuracy.csv"), "w", newline="",
              encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
