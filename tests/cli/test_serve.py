#!/usr/bin/python3
"""`coatscope serve` from outside: what it gives, and whom it refuses.

    test_serve.py COATSCOPE OPENAPI

SPDX-License-Identifier: GPL-3.0-or-later
"""
import json
import pathlib
import socket
import struct
import sys
import tempfile
import threading
import time

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
    assert served == told, (served.keys() ^ told.keys(), served, told)
    text = (OPENAPI.parent / "api.md").read_text(encoding="utf-8")
    for method, path in served:
        words = path.replace("/api/recordings/{id}", "")
        assert words in text, f"docs/api.md does not tell of {method} {path}"


def base_of(server):
    return f"/api/recordings/{server.get('/api/campaign')['recordings'][0]['id']}"


def made(server, path, body=None, method="POST"):
    status, _, data = server.ask(method, path, body)
    assert status in (200, 201), data
    return json.loads(data)


def wait_for(server, job):
    for _ in range(600):
        state = server.get(f"/api/jobs/{job['id']}")
        if state["state"] not in ("queued", "running"):
            return state
        time.sleep(0.1)
    raise AssertionError(state)


def square(half):
    return [[60 - half, 66 - half], [60 + half, 66 - half],
            [60 + half, 66 + half], [60 - half, 66 + half]]


def check_edit(server):
    base = base_of(server)
    series = f"{base}/particles/1/series"
    before = server.get(series)["columns"]
    answer = made(server, base + "/edits", {
        "kind": "polygon", "particle_id": 1, "frame": 4, "surface": "outer",
        "polygon": square(24), "from_frame": 3, "to_frame": 6,
        "author": "A. Tester", "reason": "to see"})
    assert answer["edit"]["author"] == "A. Tester"
    assert wait_for(server, answer["job"])["state"] == "done", answer
    particle = server.get(f"{base}/particles/1")
    assert particle["is_edited"] and not particle["is_pending"]
    after = server.get(series)["columns"]
    assert after["area_nm2"][4] == 48 * 48 and after["edited"][4] == 1
    assert after["area_nm2"][0] == before["area_nm2"][0]
    assert after["area_nm2"][8] == before["area_nm2"][8]
    edit = f"{base}/edits/{answer['edit']['id']}"
    undone = made(server, edit, method="DELETE")
    assert undone["job"] is None and undone["edit"]["is_withdrawn"]
    assert server.get(series)["columns"] == before
    redone = made(server, edit + "/restore", {})
    if redone["job"]:
        wait_for(server, redone["job"])
    assert server.get(series)["columns"] == after
    made(server, edit, method="DELETE")


def check_decisions(server):
    base = base_of(server)
    one = {"particle_id": 1, "author": "B"}
    made(server, base + "/edits", {"kind": "rename", "name": "big", **one})
    made(server, base + "/edits", {
        "kind": "verdict", "verdict": "broken", "break_frame": 5, **one})
    rejected = made(server, base + "/edits", {"kind": "reject", **one})
    particle = server.get(f"{base}/particles/1")
    assert particle["name"] == "big" and particle["status"] == "rejected"
    verdict = particle["verdict"]
    assert verdict["kind"] == "broken" and verdict["by_hand"]
    assert (verdict["break_lo_s"], verdict["break_hi_s"]) == (8, 10)
    made(server, f"{base}/edits/{rejected['edit']['id']}", method="DELETE")
    assert server.get(f"{base}/particles/1")["status"] == "automatic"


def check_bad_json(server):
    base = base_of(server)
    good = {"kind": "accept", "particle_id": 1, "author": "C"}
    drawn = {"kind": "polygon", "particle_id": 1, "author": "C", "frame": 1,
             "surface": "outer", "polygon": square(20)}
    json_type = {"Content-Type": "application/json"}
    for body in ("", "{", "[]", "null", "{\"a\":" * 5000, "[" * 100000,
                 b"\xff\xfe{}", b"{\"kind\":\"accept\x00\"}", "{} {}",
                 json.dumps({**good, "author": ""}),
                 json.dumps({**good, "author": "x" * 101}),
                 json.dumps({**good, "colour": 1}),
                 json.dumps({**good, "kind": "explode"}),
                 json.dumps({**good, "particle_id": -1}),
                 json.dumps({**good, "particle_id": 1.5}),
                 json.dumps({**good, "particle_id": 1e30}),
                 json.dumps({**drawn, "polygon": [[1, 2], [3, 4]]}),
                 json.dumps({**drawn, "polygon": [[1, 2, 3]] * 4}),
                 json.dumps({**drawn, "polygon": [[1, 1]] * 4}),
                 json.dumps({**drawn, "polygon": [["a", 1]] * 4}),
                 json.dumps({**drawn, "polygon": [[1e9, 1]] * 4}),
                 json.dumps({**drawn, "polygon": [[1, 2]] * 10001}),
                 json.dumps({**drawn, "frame": 99}),
                 json.dumps({**drawn, "surface": "middle"})):
        assert server.refused("POST", base + "/edits", body,
                              json_type) == 400, body[:80]
    assert server.refused("POST", base + "/edits", json.dumps(
        {**good, "particle_id": 7}), json_type) == 404
    assert server.refused("POST", base + "/edits", "{}",
                          {"Content-Type": "text/plain"}) == 415
    # refused by its length, before a byte of it is sent
    assert server.refused("POST", base + "/edits", None, {
        **json_type, "Content-Length": str(1 << 21)}) == 413
    assert server.refused("DELETE", base + "/edits/999") == 404


def check_misbehaving(server):
    """Slow, half-closed and many clients keep nobody waiting."""
    idle = [server.socket() for _ in range(300)]
    for k, client in enumerate(idle):
        client.sendall(b"GET /api HTTP/1.1\r\nHost: " if k % 2 else b"G")
        if k % 3 == 0:
            client.shutdown(socket.SHUT_WR)
    began = time.monotonic()
    server.get("/api")
    took = time.monotonic() - began
    for client in idle:
        client.close()
    # far below the 20 s after which a slow client is hung up on: it waited
    # for none of them
    assert took < 10, took
    with server.socket() as half:  # closes its side after asking
        half.sendall(f"GET /api HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
                     f"Authorization: Bearer {server.token}\r\n"
                     "Connection: close\r\n\r\n".encode())
        half.shutdown(socket.SHUT_WR)
        half.settimeout(30)
        while half.recv(65536):
            pass
    for junk in (b"\0" * 1000, b"GET\r\n\r\n", b"A" * 100000,
                 b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
                 b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20000):
        with server.socket() as client:
            try:
                client.sendall(junk)
                client.shutdown(socket.SHUT_WR)
                client.settimeout(40)
                while client.recv(65536):
                    pass
            except OSError:
                pass  # hung up on
    server.get("/api")


def check_killed(out):
    """What was confirmed is there after a kill in the middle of edits."""
    server = serve_tools.Server(PROGRAM, out)
    base, confirmed = base_of(server), []

    def edit():
        for k in range(10000):
            try:
                answer = made(server, base + "/edits", {
                    "kind": "rename", "particle_id": 1, "name": f"n{k}",
                    "author": "D"})
            except Exception:
                return
            confirmed.append((answer["edit"]["id"], f"n{k}"))

    thread = threading.Thread(target=edit)
    thread.start()
    while len(confirmed) < 5:
        time.sleep(0.01)
    server.kill()
    thread.join()
    server = serve_tools.Server(PROGRAM, out)
    kept = {e["id"]: e["detail"].get("name")
            for e in server.get(base + "/edits")["edits"]}
    server.stop()
    for number, name in confirmed:
        assert kept[number] == name, (number, name)


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
            ("a polygon, undone and redone", lambda: check_edit(server)),
            ("name, verdict, rejection", lambda: check_decisions(server)),
            ("malformed JSON", lambda: check_bad_json(server)),
            ("clients that misbehave", lambda: check_misbehaving(server)),
            ("ends at once", lambda: assert_is(server.stop(), 0)),
            ("killed in the middle of edits", lambda: check_killed(out)),
        ])
    sys.exit(0 if fine else 1)


def assert_is(found, wanted):
    assert found == wanted, found


if __name__ == "__main__":
    main()
