#!/usr/bin/env python3
"""disk_full.py PROGRAM FOLDER ROUNDS SEED: what the server does when FOLDER, a small disk of its own, is full.

Each round: a file takes nearly all that is free; samples are sent until the server refuses them for want of space (507); what
was acknowledged is still read, all of it; some rounds kill the server there and start it on the full disk; then the
file goes, and the server takes samples again by itself, within seconds: the journal is its own to keep small. Only when blocks,
which hold what is to be kept, take half of the disk, the folder is emptied and all starts anew.
Prints `disk-full: rounds N, failed N, ...`."""

import contextlib
import errno
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

START_NS = 1_700_000_000_000_000_000
ROWS = 2000
TAG = "works-01/full/a"
KEEP_FREE = 64 << 10
LEFT_MAX = 1 << 20


class Wrong(Exception):
    """Something that must not be, as a sentence."""


def value_of(number):
    """Row `number` of the one series; hardly compressible, so that it takes space."""
    return (number * 0x9E3779B97F4A7C15 % 2**64 >> 12) / 1024


def lies_there(folder):
    """What the disk holds, for people: bytes by kind of file, and how many are free."""
    kinds = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            kind = path.parent.name if path.parent.name in ("blocks", "journal", "quarantine") else path.name
            if path.suffix == ".new":
                kind += " (made ready)"
            count, size = kinds.get(kind, (0, 0))
            kinds[kind] = count + 1, size + path.stat().st_blocks * 512
    stat = os.statvfs(folder)
    listed = ", ".join(f"{kind} {size >> 10} KiB in {count}" for kind, (count, size) in sorted(kinds.items()))
    return f"{listed}; free {stat.f_bavail * stat.f_frsize >> 10} KiB of {stat.f_blocks * stat.f_frsize >> 10}"


class Server:
    def __init__(self, program, folder):
        self.program, self.data = program, folder / "data"
        self.log = folder.parent / (folder.name + ".log")
        self.config = folder.parent / (folder.name + ".yaml")
        self.config.write_text("historian: {flush_minutes: 1, head_mib: 1, journal_mib: 4, segment_mib: 2}\n")
        self.start()
        self.command("enterprise", "create", "--code", "works-01")
        said = self.command("token", "create", "--enterprise", "works-01", "--role", "engineer", "--name", "full",
                            "--may-create-tags")
        self.token = said.split()[0]

    def command(self, *words):
        words = [*words, "--data", str(self.data)]
        done = subprocess.run([self.program, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Wrong(f"tundish {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([self.program, "serve", "--data", str(self.data), "--listen", "127.0.0.1:0",
                                             "--config", str(self.config)], stdout=log, stderr=log)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            found = re.search(r"serves .* at http://127\.0\.0\.1:(\d+)", self.log.read_text())
            if found:
                self.connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise Wrong(f"the server does not start: {self.log.read_text()[-2000:]}")

    def ask(self, method, target, body=None):
        self.connection.request(method, target, body, {"Authorization": f"Bearer {self.token}",
                                                       "Content-Type": "application/json"})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()

    def send(self, first):
        rows = [{"tag": TAG, "time": START_NS + i * 10**9, "value": value_of(i)} for i in range(first, first + ROWS)]
        return self.ask("POST", "/api/v1/samples", json.dumps({"samples": rows}))

    def kill(self):
        self.connection.close()
        self.process.kill()
        self.process.wait()

    def end(self):
        self.connection.close()
        self.process.terminate()
        code = self.process.wait()
        if code != 0:
            raise Wrong(f"told to stop, the server ended with {code}: {self.log.read_text()[-2000:]}")


def check_rows(server, acknowledged, at=0):
    """From row `at` on all that was acknowledged, and of what was not at most the one request that was under way."""
    while True:
        status, text = server.ask("POST", "/api/v1/query", json.dumps(
            {"tags": [TAG], "from": START_NS + at * 10**9, "to": START_NS + (at + 20_000) * 10**9, "limit": 50_000}))
        if status != 200:
            raise Wrong(f"a query is answered with {status}: {text[:300]}")
        series = json.loads(text)["series"][0]
        values = series["values"]
        for i, value in enumerate(values):
            if value != value_of(at + i):
                raise Wrong(f"row {at + i} reads as {value}")
        at += len(values)
        if len(values) < 20_000:
            break
    if at < acknowledged:
        raise Wrong(f"{acknowledged - at} acknowledged samples are lost")
    if at > acknowledged + ROWS:
        raise Wrong("there are samples that nobody sent")
    return at


class Driver:
    def __init__(self, program, folder, seed):
        self.program, self.folder, self.random = program, pathlib.Path(folder), random.Random(seed)
        self.server, self.sent, self.refused, self.resumed, self.folders = None, 0, 0, [], 0

    def fresh(self):
        if self.server:
            check_rows(self.server, self.sent)
            self.server.command("verify")
            self.server.end()
            shutil.rmtree(self.folder / "data")
        self.server, self.sent = Server(self.program, self.folder), 0
        self.folders += 1

    def is_used_up(self):
        stat = os.statvfs(self.folder)
        blocks = 0
        for path in (self.folder / "data" / "blocks").iterdir():
            with contextlib.suppress(FileNotFoundError):  # merged meanwhile
                blocks += path.stat().st_size
        return blocks > stat.f_blocks * stat.f_frsize // 2

    def ballast(self):
        leave = KEEP_FREE + self.random.randrange(LEFT_MAX)
        for _ in range(100):  # the server goes on meanwhile and may be faster
            stat = os.statvfs(self.folder)
            size = max(1, stat.f_bavail * stat.f_frsize - leave)
            try:
                with open(self.folder / "ballast", "wb") as file:
                    os.posix_fallocate(file.fileno(), 0, size)
                return
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                os.remove(self.folder / "ballast")
        raise Wrong("the disk is never left alone")

    def fill(self):
        for _ in range(2000):
            status, text = self.server.send(self.sent)
            if status == 507:
                problem = json.loads(text)
                if not problem.get("detail"):
                    raise Wrong(f"507 without a sentence: {text[:300]}")
                self.refused += 1
                return
            if status // 100 != 2:
                raise Wrong(f"on a full disk samples are answered with {status}: {text[:300]}")
            self.sent += ROWS
        raise Wrong("the disk is full and nothing is refused")

    def round(self):
        began_with = self.sent
        self.ballast()
        self.fill()
        check_rows(self.server, self.sent, began_with)
        if self.random.randrange(4) == 0:
            self.server.kill()
            self.server.start()
            check_rows(self.server, self.sent)
        os.remove(self.folder / "ballast")
        began = time.monotonic()
        while True:
            status, text = self.server.send(self.sent)
            if status // 100 == 2:
                break
            if status != 507 or time.monotonic() - began > 20:
                raise Wrong(f"with space again samples are answered with {status} after "
                            f"{time.monotonic() - began:.1f} s: {text[:300]}\n  {lies_there(self.folder)}")
            time.sleep(0.05)
        self.resumed.append(time.monotonic() - began)
        self.sent += ROWS
        check_rows(self.server, self.sent, began_with)

    def run(self, rounds):
        for number in range(rounds):
            try:
                if self.server is None or self.is_used_up():
                    self.fresh()
                self.round()
            except Wrong as wrong:
                return number + 1, str(wrong)
            if (number + 1) % 50 == 0:
                print(f"disk-full: {number + 1} of {rounds} rounds", flush=True)
        check_rows(self.server, self.sent)
        self.server.command("verify")
        self.server.end()
        return rounds, ""


def main():
    program, folder, rounds, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the server ends with us
    driver = Driver(program, folder, seed)
    wrong = ""
    done = 0
    try:
        done, wrong = driver.run(rounds)
    except Wrong as failure:
        wrong = str(failure)
    finally:
        if driver.server and driver.server.process.poll() is None:
            driver.server.kill()
    if wrong:
        print(f"round {done}: {wrong}\n  again: SEED={seed} ROUNDS={rounds} tests/full/run")
    slowest = max(driver.resumed, default=0)
    print(f"disk-full: rounds {done}, failed {1 if wrong else 0}, seed {seed}, refused {driver.refused}, "
          f"folders {driver.folders}, "
          f"took samples again after at most {slowest:.2f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
