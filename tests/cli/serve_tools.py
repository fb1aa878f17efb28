"""What the tests of `coatscope serve` share: a drawn recording, a server as a
process, a client that can misbehave.

SPDX-License-Identifier: GPL-3.0-or-later
"""
import http.client
import json
import math
import pathlib
import socket
import struct
import subprocess
import urllib.parse

SIDE = 128
N_FRAMES = 12


def tiff(pixels, width, height):
    """A grey 16-bit TIFF of one strip."""
    tags = [(256, width), (257, height), (258, 16), (259, 1), (262, 1),
            (273, 8), (277, 1), (278, height), (279, 2 * width * height)]
    data = struct.pack(f"<{width * height}H", *pixels)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value)
                       for tag, value in tags)
    return (struct.pack("<2sHI", b"II", 42, 8 + len(data)) + data
            + struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0))


def value_at(i, j, frame):
    """Counts of a dark disc that grows on a bright, textured ground."""
    radius = 22 + 0.5 * frame
    away = math.hypot(i + 0.5 - 60, j + 0.5 - 66) - radius
    dark = 1 - 0.5 / (1 + math.exp(max(-40, min(40, away))))
    noise = (i * 7919 + j * 104729 + frame * 1299709 + i * j * 31) % 61
    return int(1000 * dark) + noise


def draw(folder):
    folder.mkdir()
    for frame in range(N_FRAMES):
        pixels = [value_at(i, j, frame)
                  for j in range(SIDE) for i in range(SIDE)]
        (folder / f"f_{frame:03d}.tif").write_bytes(tiff(pixels, SIDE, SIDE))


def measure(program, folder):
    """A results folder of the drawn recording."""
    draw(folder / "drawn")
    subprocess.run([program, "measure", folder / "drawn", "--scale", "1",
                    "--interval", "2", "-o", folder / "out"], check=True,
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=300)
    return folder / "out"


class Server:
    """`coatscope serve` as a process."""

    def __init__(self, program, folder, *more):
        self.process = subprocess.Popen(
            [program, "serve", str(folder), "--no-open", *map(str, more)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().strip()
        if not line:
            raise AssertionError(self.process.stderr.read())
        address = urllib.parse.urlsplit(line)
        self.port = address.port
        self.token = address.query.partition("=")[2]

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.process.stderr.close()

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, bytes) of a request with the token."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port,
                                                timeout=60)
        given = {"Authorization": f"Bearer {self.token}"}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            given["Content-Type"] = "application/json"
        given.update(headers or {})
        connection.request(method, path, body,
                           {k: v for k, v in given.items() if v is not None})
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, answer.headers, data

    def get(self, path):
        status, _, data = self.ask("GET", path)
        assert status == 200, (path, status, data[:300])
        return json.loads(data)

    def refused(self, method, path, body=None, headers=None):
        """The status of a refusal, whose body must say why in words."""
        status, _, data = self.ask(method, path, body, headers)
        error = json.loads(data)["error"]
        assert error["status"] == status and error["message"], data
        return status

    def socket(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


def run(tests):
    """Runs functions as TAP; True if all hold."""
    print(f"1..{len(tests)}")
    fine = True
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}", flush=True)
        except Exception as error:  # a test says what it found
            fine = False
            print(f"not ok {number} - {name}\n# {type(error).__name__}: "
                  f"{error}", flush=True)
    return fine


def work_folder(folder):
    return pathlib.Path(folder)
