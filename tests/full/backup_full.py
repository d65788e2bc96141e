#!/usr/bin/env python3
"""backup_full.py PROGRAM DISK FOLDER: backups to DISK, a small disk of its own, that cannot take them; the data lies in FOLDER.
A clear error, the data and the backup before as they were, and a later backup to the same place works.
Prints `backup-full: ...`."""

import os
import pathlib
import subprocess
import sys

from disk_full import Server, Wrong, check_rows


def main():
    program, disk, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    server = Server(program, folder)
    target = disk / "backups"
    sent = 0

    def fill(rows):
        nonlocal sent
        for _ in range(rows // 2000):
            status, text = server.send(sent)
            if status // 100 != 2:
                raise Wrong(f"samples are answered with {status}: {text[:300]}")
            sent += 2000

    def back_up():
        words = [program, "backup", "--data", str(server.data), "--to", str(target)]
        return subprocess.run(words, capture_output=True, text=True, check=False)

    def expect(done, code, text):
        if done.returncode != code or text not in done.stdout + done.stderr:
            raise Wrong(f"a backup ends with {done.returncode}, not {code}: {done.stdout}{done.stderr}")

    try:
        fill(20_000)
        expect(back_up(), 0, "")
        fill(1_000_000)  # 8 MB that do not compress
        refused = 0
        # Too little from the start, and what is taken by somebody else while it is copied.
        for leave in (64 << 10, 1 << 20, 3 << 20):
            stat = os.statvfs(disk)
            with open(disk / "ballast", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, max(1, stat.f_bavail * stat.f_frsize - leave))
            expect(back_up(), 1, "")
            done = back_up()
            expect(done, 1, "")
            if not any(word in done.stderr for word in ("No space left", "room", "free")):
                raise Wrong(f"the error does not say what is missing: {done.stderr}")
            refused += 2
            os.remove(disk / "ballast")
            fill(2000)
        words = [program, "backup", "--verify", str(target)]
        subprocess.run(words, check=True, capture_output=True)
        server.command("verify")
        check_rows(server, sent)
        expect(back_up(), 0, "")
        restored = folder / "restored"
        subprocess.run([program, "restore", "--from", str(target), "--data", str(restored)], check=True, capture_output=True)
        server.end()
        server.data = restored
        server.start()
        check_rows(server, sent)
        server.end()
        print(f"backup-full: refused {refused}, then done and restored with {sent} samples, failed 0")
        return 0
    except (Wrong, subprocess.CalledProcessError) as wrong:
        print(f"backup-full: failed 1: {wrong}")
        return 1
    finally:
        if server.process.poll() is None:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
