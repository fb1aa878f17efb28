#!/usr/bin/python3
"""`coatscope serve` from outside: what it gives, and whom it refuses.

    test_serve.py COATSCOPE OPENAPI

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import pathlib
import struct
import sys
import tempfile

import serve_tools

PROGRAM, OPENAPI = sys.argv[1], pathlib.Path(sys.argv[2])
SIDE = serve_tools.SIDE


def check_read(server):
    campaign = server.get("/api/campaign")
    recording = campaign["recordings"][0]
    base = f"/api/recordings/{recording['id']}"
    assert recording["frames_available"] and recording["width"] == SIDE
    assert recording["n_particles"] == 1, recording
    series = server.get(f"{base}/particles/1/series")
    assert series["n"] == serve_tools.N_FRAMES
    assert all(len(column) == series["n"]
               for column in series["columns"].values())
    outline = server.get(f"{base}/frames/3/outlines")["outlines"][0]
    x, y = outline["outer"]["x"], outline["outer"]["y"]
    assert len(x) == len(y) == len(outline["outer"]["sd"]) >= 64
    # the drawn disc, radius 22 + 0.5 * 3 about (60, 66), whose edge fades over
    # 3 pixels to either side
    for i, j in zip(x, y):
        assert abs(((i - 60) ** 2 + (j - 66) ** 2) ** 0.5 - 23.5) < 3, (i, j)
    assert server.get(f"{base}/timeline")["columns"]["time_s"][2] == 4


def check_frames(server):
    base = f"/api/recordings/{server.get('/api/campaign')['recordings'][0]['id']}"
    status, headers, data = server.ask("GET", f"{base}/frames/5")
    head = struct.unpack("<4s7I7d2I", data[:96])
    assert status == 200 and head[0] == b"CSF1" and head[1] == 96
    assert head[2:8] == (SIDE, SIDE, 1, 5, 0, 0)
    offset, scale, time_s = head[8:11]
    assert (offset, scale, time_s) == (0, 1, 10)
    values = struct.unpack(f"<{SIDE * SIDE}H", data[96:])
    assert values == tuple(serve_tools.value_at(i, j, 5)
                           for j in range(SIDE) for i in range(SIDE))
    again = server.ask("GET", f"{base}/frames/5",
                       headers={"If-None-Match": headers["ETag"]})
    assert again[0] == 304 and again[2] == b""

    _, _, data = server.ask("GET", f"{base}/frames/5?bin=4&x=8&y=4&w=22&h=9")
    head = struct.unpack("<4s7I7d2I", data[:96])
    assert head[2:8] == (5, 2, 4, 5, 8, 4)
    cells = struct.unpack("<10H", data[96:])
    for k, cell in enumerate(cells):
        x, y = 8 + 4 * (k % 5), 4 + 4 * (k // 5)
        mean = sum(serve_tools.value_at(x + i, y + j, 5)
                   for j in range(4) for i in range(4)) / 16
        # half a step of the 16 bits, and single precision
        assert abs(head[8] + head[9] * cell - mean) < head[9] + 1e-4 * mean
    pixel = server.get(f"{base}/frames/5/pixel?x=60&y=66")
    assert pixel["value"] == serve_tools.value_at(60, 66, 5)
    levels = server.get(f"{base}/levels?frame=5&low=0&high=100")
    assert levels["low"] == levels["least"] == min(values)
    assert levels["high"] == levels["greatest"] == max(values)
    assert sum(levels["histogram"]) == SIDE * SIDE


def check_ranges(server):
    base = f"/api/recordings/{server.get('/api/campaign')['recordings'][0]['id']}"
    for query in ("bin=0", "bin=65", "bin=-1", "bin=2.5", "bin=", "x=128",
                  "w=0", "w=129", "x=120&w=9", "bin=64&w=63", "x=1&x=2",
                  "colour=red", "bin=99999999999999999999", "x=%zz", "x=%00",
                  "x=%ff"):
        assert server.refused("GET", f"{base}/frames/1?{query}") == 400, query
    for path in ("/frames/12", "/frames/-1", "/frames/1e3", "/frames/x",
                 "/particles/0", "/particles/99/series", "/nothing"):
        assert server.refused("GET", base + path) == 404, path
    assert server.refused("GET", "/api/recordings/999999") == 404
    assert server.refused("GET", f"{base}/levels?low=nan") == 400
    assert server.refused("GET", f"{base}/levels?high=1e9") == 400
    assert server.refused("POST", "/api/campaign", {}) == 405
    assert server.refused("PUT", "/api/campaign") == 405


def check_doors(server):
    port = server.port
    for headers in ({"Authorization": None},
                    {"Authorization": "Bearer " + "0" * 32},
                    {"Authorization": "Bearer " + server.token[:-1]},
                    {"Authorization": "Basic " + server.token},
                    {"Authorization": None,
                     "Cookie": f"coatscope-{port}=" + "0" * 32}):
        assert server.refused("GET", "/api", headers=headers) == 401, headers
    assert server.refused("GET", "/?token=" + "0" * 32,
                          headers={"Authorization": None}) == 401
    for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{port}"},
                    {"Host": "127.0.0.1"}, {"Host": f"127.0.0.1:{port + 1}"},
                    {"Origin": "http://evil.example"}, {"Origin": "null"},
                    {"Origin": f"https://127.0.0.1:{port}"},
                    {"Origin": f"http://localhost:{port}"},
                    {"Sec-Fetch-Site": "cross-site"},
                    {"Sec-Fetch-Site": "same-site"}):
        assert server.refused("GET", "/api", headers=headers) == 403, headers
    status, headers, _ = server.ask(
        "GET", f"/?token={server.token}", headers={"Authorization": None})
    cookie = headers["Set-Cookie"]
    assert status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    status, headers, _ = server.ask(
        "GET", "/api", headers={"Authorization": None,
                                "Cookie": "a=b; " + cookie.split(";")[0],
                                "Origin": f"http://127.0.0.1:{port}"})
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "http" not in headers["Content-Security-Policy"]
    assert headers["Access-Control-Allow-Origin"] is None
    assert headers["X-Content-Type-Options"] == "nosniff"


def check_traversal(server):
    for path in ("/../../etc/passwd", "/assets/../../etc/passwd",
                 "/assets/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/secret",
                 "/results/results.db", "/results/..%2fsecret.csv",
                 "/results/%2e%2e%2fsecret.csv", "/results//etc/passwd",
                 "/results/areas.csv%00.html", "/results/a%5c..%5cb",
                 "//etc/passwd", "/results/"):
        assert server.refused("GET", path) in (400, 404), path
    status, _, data = server.ask("GET", "/results/areas.csv")
    assert status == 200 and data.startswith(b"recording,")


def check_links(server, out):
    """A link in the results folder leads nowhere."""
    (out.parent / "secret.csv").write_text("secret", encoding="utf-8")
    (out / "ranking.csv").symlink_to(out.parent / "secret.csv")
    try:
        assert server.refused("GET", "/results/ranking.csv") == 404
    finally:
        (out / "ranking.csv").unlink()


def check_routes(server):
    """openapi.json and the table of routes say the same."""
    status, _, data = server.ask("GET", "/api/routes")
    assert status == 200
    served = {(r["method"], r["path"]): sorted(r["query"])
              for r in json.loads(data)["routes"]}
    told = {}
    for path, methods in json.loads(OPENAPI.read_text())["paths"].items():
        for method, about in methods.items():
            query = [p["name"] for p in about.get("parameters", [])
                     if p["in"] == "query"]
            told[(method.upper(), path)] = sorted(query)
    assert served == told, set(served.items()) ^ set(told.items())
    text = (OPENAPI.parent / "api.md").read_text(encoding="utf-8")
    for method, path in served:
        words = path.replace("/api/recordings/{id}", "")
        assert words in text, f"docs/api.md does not tell of {method} {path}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        out = serve_tools.measure(PROGRAM, pathlib.Path(folder))
        server = serve_tools.Server(PROGRAM, out)
        fine = serve_tools.run([
            ("campaign, curves, outlines", lambda: check_read(server)),
            ("frames as they are in the files", lambda: check_frames(server)),
            ("ranges", lambda: check_ranges(server)),
            ("token, Host, Origin", lambda: check_doors(server)),
            ("no way out of the folders", lambda: check_traversal(server)),
            ("links lead nowhere", lambda: check_links(server, out)),
            ("the routes are those of openapi.json",
             lambda: check_routes(server)),
            ("ends at once", lambda: assert_is(server.stop(), 0)),
        ])
    sys.exit(0 if fine else 1)


def assert_is(found, wanted):
    assert found == wanted, found


if __name__ == "__main__":
    main()
