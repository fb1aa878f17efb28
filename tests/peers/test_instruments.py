"""Programs that talk to real instruments talk to our simulated ones.

Arguments: the coatscope program. Each program that is missing is skipped; the
test as a whole only where all are.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import shutil
import subprocess
import sys

import peers


class Bench:
    """`coatscope instruments --simulate`: model -> (host, port)."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.argv[1], "instruments", "--simulate"],
            stdout=subprocess.PIPE, text=True)
        self.at = {}
        for _ in range(4):
            model, address = self.process.stdout.readline().split()
            self.at[model] = address.split(":")[1:3]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60,
                          check=False)
    return done.stdout + done.stderr


def test_sigrok(bench):
    host, port = bench.at["rigol-dp832"]
    device = f"scpi-pps:conn=tcp-raw/{host}/{port}"
    found = run("sigrok-cli", f"--driver={device}", "--scan")
    peers.check("Rigol DP832" in found, found)
    read = run("sigrok-cli", f"--driver={device}", "--samples", "2")
    peers.check(read.count("V1: ") == 2 and "mA DC" in read, read)


def test_lxi(bench):
    for model, words in (("keithley-2450", "MODEL 2450"),
                         ("keysight-e36300", "E36312A"),
                         ("rigol-dp832", "DP832")):
        host, port = bench.at[model]
        said = run("lxi", "scpi", "-r", "-a", host, "-p", port, "*IDN?")
        peers.check(words in said, said)


def test_pyvisa(bench):
    manager = peers.need("pyvisa").ResourceManager("@py")
    host, port = bench.at["keithley-2450"]
    smu = manager.open_resource(f"TCPIP0::{host}::{port}::SOCKET",
                                read_termination="\n", write_termination="\n")
    smu.write("*RST;*CLS")
    smu.write(":SOURce:VOLTage 2.0")
    smu.write(":SOURce:VOLTage:ILIMit 1e-6")
    peers.near(smu.query(":SOUR:VOLT?"), 2, "the voltage set")
    smu.write(":OUTPut ON")
    volts, amps = smu.query('READ? "defbuffer1", SOUR, READ').split(",")
    peers.near(volts, 2, "the voltage read")
    # 2 V on 2 TOhm, with noise of 0.1 pA: six of these
    peers.check(abs(float(amps) - 1e-12) < 6e-13, amps)
    peers.check(smu.query("SYST:ERR?").startswith("0,"), "no error")
    smu.write("NO:SUCH:HEADER")
    peers.check(smu.query("SYST:ERR?").startswith("-113,"), "its error")
    peers.check(smu.query("SYST:ERR?").startswith("0,"), "only one")
    smu.write("OUTP OFF")
    peers.check(smu.query("OUTP?") == "0", "off")


def has_pyvisa():
    try:
        import pyvisa_py  # noqa: F401
        return True
    except ImportError:
        return False


tests = [(test, there) for test, there in (
    (test_sigrok, shutil.which("sigrok-cli")), (test_lxi, shutil.which("lxi")),
    (test_pyvisa, has_pyvisa())) if there]
if not tests:
    peers.skip("neither sigrok-cli nor lxi nor pyvisa-py is there")
with Bench() as the_bench:
    for test, _ in tests:
        test(the_bench)
        print(f"{test.__name__}: as it should be")
