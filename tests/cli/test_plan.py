#!/usr/bin/python3
"""The plan verb: the reference cases of dose to their digits.

    test_plan.py COATSCOPE

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import math
import subprocess
import sys

PROGRAM = sys.argv[1]
IDEAL = ("--margin", "1", "--dqe", "1", "--gap-nm", "0")


def run(*args, status=0):
    done = subprocess.run([PROGRAM, "plan", *args], text=True, check=False,
                          capture_output=True, timeout=60)
    assert done.returncode == status, (args, done.stderr)
    return done


def plan(*args):
    return json.loads(run("--json", *args).stdout)


def near(value, expected, relative=5e-7):
    assert math.isclose(value, expected, rel_tol=relative), (value, expected)


def area_takes_what_the_bound_says():
    """A disc of 50 nm, blur 1 nm, contrast 0.2."""
    near(plan(*IDEAL)["frame_e_per_nm2"], 4.062165)
    for error, fluence in (("0.063735%", 1000), ("0.201548%", 100),
                           ("0.63735%", 10)):
        near(plan("--area-error", error, *IDEAL)["frame_e_per_nm2"], fluence,
             1e-5)  # the error has five digits
    near(plan("--margin", "3", "--dqe", "0.5", "--gap-nm", "0")
         ["frame_e_per_nm2"], 4.062165 * 9 / 0.5)


def gaps_take_what_rose_says():
    """k = 5, contrast 0.1, 25 nm2: 100 electrons per nm2."""
    near(plan("--dqe", "1", "--margin", "1")["gap_e_per_nm2"], 100)
    one = plan("--dqe", "1", "--margin", "1")
    near(one["frame_e_per_nm2"], 100)
    near(one["rate_e_per_A2_s"], 100 / 100 / 2)


def the_protocols_rate_has_the_reserve_it_has():
    """10 e/A2/s and 1 s: 246 times what 1 % of area needs, 27 times with a
    factor of 3 for the model."""
    args = ("--event-s", "2", "--gap-nm", "0", "--dqe", "1")
    near(plan(*args, "--margin", "1")["reserve_at_dose_rate"], 246, 1e-3)
    near(plan(*args, "--margin", "3")["reserve_at_dose_rate"], 27.35, 1e-3)
    near(plan(*args, "--margin", "1")["area_error_at_dose_rate"], 6.3735e-4,
         1e-5)


def rates_doses_and_limits_convert():
    one = plan("--event-s", "2", "--duration-s", "75", *IDEAL,
               "--other-dose", "1500")
    near(one["interval_s_max"], 1)
    near(one["rate_A_per_cm2"] / one["rate_e_per_A2_s"], 0.0016021766)
    near(one["total_e_per_A2"], 1500 + 75 * one["rate_e_per_A2_s"])
    (limit,) = [x for x in one["limits"] if x["material"] == "Li2CO3"]
    near(limit["share_taken"], one["total_e_per_A2"] / 750)
    for voltage, energy in ((80, 27.2748), (200, 75.6120), (300, 122.699)):
        near(plan("--voltage-kV", str(voltage))["knock_on_eV"]["Li"], energy,
             5e-6)
    near(plan()["knock_on_eV"]["Si"], 18.6839, 5e-6)


def slopes_are_as_sure_as_they_are():
    """sd 0.01, 60 frames, 300 s."""
    one = plan("--event-s", "10", "--duration-s", "300")
    assert one["n_frames"] == 60
    near(one["rate_sd_per_s"], 1.490712e-5)


def particles_are_counted():
    """R's power.t.test: 1 sd at 90 % takes 22.02, so 23, in each group. A
    scatter of s is an sd of sqrt(ln(1 + s^2)) of the logarithm."""
    scatter = math.sqrt(math.expm1(1))
    args = ("--scatter", str(scatter), "--rate-ratio", str(math.e))
    assert plan(*args, "--power", "90%")["n_particles_per_coating"] == 23
    assert plan("--rate-ratio", "1")["n_particles_per_coating"] is None
    # 3 against 3 cannot be told apart at 5 %, however different
    assert plan("--rate-ratio", "900")["n_particles_per_coating"] == 4


def words_say_it_all():
    text = run().stdout
    for word in ("Wanted, and assumed", "dose rate", "Li2CO3", "Assumed",
                 "for each coating", "none is known for lithiated silicon"):
        assert word in text, (word, text)


def nonsense_is_refused():
    for args in (("--area-error", "0"), ("--area-error", "x"),
                 ("--dqe", "1.5"), ("--contrast", "nan"),
                 ("--diameter-nm", "10%"), ("--gap-nm", "-1"),
                 ("--power", "200%"), ("--scatter", "inf"), ("left over",)):
        done = run(*args, status=2)
        assert done.stderr.count("\n") == 1, done.stderr
    assert plan("--area-error", "0.5%")["wanted"]["area-error"] == 0.005


TESTS = (area_takes_what_the_bound_says, gaps_take_what_rose_says,
         the_protocols_rate_has_the_reserve_it_has,
         rates_doses_and_limits_convert, slopes_are_as_sure_as_they_are,
         particles_are_counted, words_say_it_all, nonsense_is_refused)


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            test()
            print(f"ok {number} - {name}")
        except AssertionError as failure:
            failed += 1
            print(f"not ok {number} - {name}\n# {failure}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
