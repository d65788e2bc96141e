#!/usr/bin/env python3
"""order.py PROGRAM FOLDER WAYS SEED: a day of data arrives at the real server in WAYS orders, and every answer is the same, byte for byte.

The day: six tags of all types, from two sources that overlap and contradict each other, with Bad and Uncertain samples and a source of
corrections, in numbered batches. A way: batches shuffled, some sent twice or thrice, some held back for long, with flushes, kills and
restarts in between. The questions: raw with bounds, plot, latest, all aggregates of OPC 10000-13 in two configurations, over HTTP in JSON,
CSV and binary. Only the position of the snapshot in an answer counts what arrived, and an age goes on, so these are left out.
Prints `order: ways N, failed N, answers N each, ...`."""

import hashlib
import http.client
import json
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "full"))
from disk_full import Server, Wrong  # noqa: E402

START = 1_699_920_000 * 10**9  # 2023-11-14T00:00:00Z
SECOND, DAY = 10**9, 86_400 * 10**9
TAGS = {"works-01/order/slope": "double", "works-01/order/noise": "double", "works-01/order/count": "int64",
        "works-01/order/on": "bool", "works-01/order/name": "string", "works-01/order/setpoint": "double"}
PERIODS = {"slope": 20, "noise": 7, "count": 60, "on": 90, "name": 300, "setpoint": 1800}
ROWS = 150
KINDS = pathlib.Path(__file__).parent.parent.parent / "src/aggregate/aggregate_kind.cc"


def aggregates():
    names = re.findall(r'\{k\w+, "(\w+)"\}', KINDS.read_text(encoding="utf-8"))
    if len(names) != 37:
        raise Wrong(f"{len(names)} aggregates are known, the standard has 37")
    return names


def value(rng, kind, second):
    if kind == "double":
        return round(20 + second / 3600 + rng.gauss(0, 3), rng.choice((0, 1, 3, 9)))
    if kind == "int64":
        return second // 60 + rng.randrange(3)
    if kind == "bool":
        return rng.random() < 0.5
    return rng.choice(("idle", "running", "stopped", "故障"))


def day(seed):
    """Batches as (stream, sequence, body), in the order in which they were made."""
    rng = random.Random(seed)
    rows = {"a": [], "b": [], "lab": []}
    for tag, kind in TAGS.items():
        period = PERIODS[tag.rsplit("/", 1)[1]]
        for second in range(0, 86_400, period):
            if 30_000 < second < 34_000:
                continue  # a gap
            time = START + second * SECOND + rng.randrange(5) * 10**6
            row = {"tag": tag, "time": time, "value": value(rng, kind, second), "type": kind}
            if rng.random() < 0.02:
                row["quality"] = rng.choice(("BadNoCommunication", "UncertainLastUsableValue", "BadSensorFailure"))
            rows["a"].append(row)
            if rng.random() < 0.1:  # another source says otherwise
                rows["b"].append(dict(row, value=value(rng, kind, second)))
            if rng.random() < 0.01:
                rows["lab"].append(dict(row, value=value(rng, kind, second), quality="Good"))
            if rng.random() < 0.01:  # the same source again, with a later number
                rows["a"].append(dict(row, value=value(rng, kind, second)))
    batches = []
    for stream, list_ in rows.items():
        list_.sort(key=lambda row: row["time"])
        for sequence, at in enumerate(range(0, len(list_), ROWS), 1):
            body = {"source": stream, "stream": "main", "sequence": sequence, "samples": list_[at:at + ROWS]}
            if stream == "lab":
                body["class"] = "corrected"
            batches.append((stream, sequence, body))
    return batches


class Control(http.client.HTTPConnection):
    """The owner's way in: the socket in the data folder."""

    def __init__(self, folder):
        super().__init__("owner")
        self.path = str(folder / "control.sock")

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def flush(server):
    control = Control(server.data)
    control.request("POST", "/api/v1/flush", "", {"Host": "owner"})
    if control.getresponse().status != 204:
        raise Wrong("a flush failed")
    control.close()


def begin(program, folder):
    """A server with the tags and the streams, always the same ids."""
    server = Server(program, folder)
    first = [{"tag": tag, "time": START - DAY, "value": value(random.Random(1), kind, 0), "type": kind} for tag, kind in TAGS.items()]
    for stream in ("a", "b", "lab"):
        status, text = server.ask("POST", "/api/v1/streams", json.dumps({"source": stream, "stream": "main"}))
        if status // 100 != 2:
            raise Wrong(f"no stream: {text}")
        server.epochs = getattr(server, "epochs", {}) | {stream: json.loads(text)["epoch"]}
    status, text = server.ask("POST", "/api/v1/samples", json.dumps({"samples": first}))
    if status != 200:
        raise Wrong(f"no tags: {text}")
    return server


def send(server, batch):
    stream, _, body = batch
    status, text = server.ask("POST", "/api/v1/samples", json.dumps(dict(body, epoch=server.epochs[stream])))
    if status != 200 or json.loads(text)["refused"]:
        raise Wrong(f"a batch is answered with {status}: {text[:300]}")


def questions():
    names = aggregates()
    span = {"from": START - DAY // 2, "to": START + DAY + DAY // 2}
    yield "GET", "/api/v1/latest?tag=works-01/**", None, "application/json"
    for tag in TAGS:
        for accept in ("application/json", "text/csv", "application/vnd.tundish.result"):
            yield "POST", "/api/v1/query", dict(span, tags=[tag], mode="raw", bounds=True, limit=100_000), accept
            yield "POST", "/api/v1/query", dict(span, tags=[tag], mode="plot", columns=300), accept
        for name in names:
            for accept, more in (("application/json", {"every": "1h"}),
                                 ("text/csv", {"every": "17min", "stepped": True, "treat_uncertain_bad": False, "percent_good": 60,
                                               "percent_bad": 60, "sloped_extrapolation": True})):
                yield "POST", "/api/v1/query", dict(span, tags=[tag], mode="aggregate", aggregate=name, **more), accept


def answers(server):
    """The answers: a list of (question, status, digest, beginning)."""
    found, good = [], 0
    for method, target, body, accept in questions():
        server.connection.request(method, target, None if body is None else json.dumps(body),
                                  {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json", "Accept": accept})
        answer = server.connection.getresponse()
        text = answer.read()
        good += answer.status == 200
        if accept == "application/json":
            text = re.sub(rb'"(position":"\d+"|age_ms":\d+)', b"", text)
        if accept.endswith("result"):
            text = text[8 + 4 + int.from_bytes(text[8:12], "little") + 4:]  # header and the frame "start", docs/formats/result.md
        found.append((f"{accept} {target} {body}", answer.status, hashlib.sha256(text).hexdigest(), text[:2000]))
    if good < len(found) * 0.6:
        raise Wrong(f"only {good} of {len(found)} questions are answered: {[f for f in found if f[1] != 200][0]}")
    return found


def arrive(server, batches, rng):
    """One way in which the day arrives."""
    late = [batch for batch in batches if rng.random() < 0.2]
    now = [batch for batch in batches if batch not in late] + [batch for batch in batches if rng.random() < 0.2]
    rng.shuffle(now)
    late += [batch for batch in batches if rng.random() < 0.1]
    rng.shuffle(late)
    for part in (now, late):
        for batch in part:
            send(server, batch)
            chance = rng.random()
            if chance < 0.02:
                flush(server)
            elif chance < 0.03:
                server.kill()
                server.start()
        if rng.random() < 0.5:
            flush(server)


def main():
    program, folder, ways, seed = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server ends with us
    batches = day(seed)
    server, wrong, done, expected = None, "", 0, []
    try:
        for way in range(ways + 1):
            place = folder / "way"
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            server = begin(program, place)
            if way == 0:
                for batch in batches:
                    send(server, batch)
                expected = answers(server)
            else:
                arrive(server, batches, random.Random(seed * 1_000_003 + way))
                for was, now in zip(expected, answers(server)):
                    if was[:3] != now[:3]:
                        raise Wrong(f"way {way}: {now[0]} is answered otherwise:\n  {was[3][:600]}\n  {now[3][:600]}")
                done = way
            server.end()
            if way % 10 == 0 and way:
                print(f"order: {way} of {ways} ways", flush=True)
    except (Wrong, subprocess.SubprocessError, OSError) as failure:
        wrong = str(failure)
    finally:
        if server and server.process.poll() is None:
            server.kill()
    if wrong:
        print(f"{wrong}\n  again: SEED={seed} WAYS={ways} tests/order/run")
    samples = sum(len(body["samples"]) for _, _, body in batches)
    print(f"order: ways {done}, failed {1 if wrong else 0}, seed {seed}, samples {samples} in {len(batches)} batches, "
          f"answers compared {len(expected)} each")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
