"""Make directories of many calculations and measure what is asked of them: for scripts/bench_many.sh.

    bench_many.py WORK OQFS N...

WORK/model has one calculation of this program. Each figure has the bar that 10,000 calculations must reach; fewer have the same bar.
"""

import json
import os
import shutil
import subprocess
import sys
import time

# of 10,000 calculations: seconds, and MB of the server
BARS = {"mount": 1, "status": 2, "ls": 2, "ls new": 1, "ls -R": 20, "memory": 100}
# jobs that are dropped, one after the other, beside so many calculations, and how many are to be accepted a second
DROPPED, ACCEPTED = 200, 20


def make(folder, calc, number, of_engine):
    """`number` calculations that are copies of `calc`; each of this program has a line in new/."""
    os.makedirs(os.path.join(folder, ".oqfs", "new"))
    for i in range(1, number + 1):
        if of_engine:
            shutil.copyfile(os.path.join(calc, "output.hdf5"), os.path.join(folder, f"calc_{i}.hdf5"))
        else:
            shutil.copytree(calc, os.path.join(folder, f"calc_{i}"))
    if not of_engine:
        said = {f"job-{i}": {"calc": i} for i in range(1, number + 1)}
        with open(os.path.join(folder, ".oqfs", "said.json"), "w", encoding="utf-8") as out:
            json.dump(said, out)


def server(point):
    """The process that serves a mount: the child of the one that the mount names."""
    with open("/proc/self/mountinfo", encoding="utf-8") as mounts:
        source = next(line.split(" - ")[1].split()[1] for line in mounts if f" {point} " in line)
    daemon = source.split(":")[1]
    with open(f"/proc/{daemon}/task/{daemon}/children", encoding="utf-8") as children:
        return children.read().split()[0]


def megabytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(next(line for line in status if line.startswith("VmHWM:")).split()[1]) / 1024


def seconds(*command, **how):
    start = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, **how)
    return time.monotonic() - start


def accepted(folder, job):
    """The jobs that are accepted a second."""
    start = time.monotonic()
    for i in range(DROPPED):
        subprocess.run(["cp", "-r", job, os.path.join(folder, "new", f"dropped-{i}")], check=True)
    return DROPPED / (time.monotonic() - start)


def measure(oqfs, folder, job):
    env = {**os.environ, "OQ_DATADIR": folder}
    found = {"mount": seconds(oqfs, "mount", folder)}
    found["status"] = seconds(oqfs, "status", env=env)
    found["ls"] = seconds("ls", "-l", folder)
    found["ls new"] = seconds("ls", "-l", os.path.join(folder, "new"))
    found["ls -R"] = seconds("ls", "-lR", folder)
    found["memory"] = megabytes(server(folder))
    if job:
        found["jobs/s"] = accepted(folder, job)
    subprocess.run([oqfs, "umount", folder], check=True, stdout=subprocess.DEVNULL)
    return found


def main():
    work, oqfs, numbers = sys.argv[1], sys.argv[2], [int(n) for n in sys.argv[3:]]
    print(f"{'':24}" + "".join(f"{name:>10}" for name in [*BARS, "jobs/s"]), flush=True)
    reached = True
    for kind in ("this program", "the engine"):
        for number in numbers:
            folder = os.path.join(work, f"{kind.split()[-1]}-{number}")
            make(folder, os.path.join(work, "model", "calc_1"), number, kind == "the engine")
            found = measure(oqfs, folder, kind == "this program" and os.path.join(work, "job"))
            shutil.rmtree(folder)
            print(f"{kind:13}{number:>11}" + "".join(f"{found[name]:>10.2f}" for name in found), flush=True)
            reached = reached and all(found[name] <= bar for name, bar in BARS.items())
            reached = reached and found.get("jobs/s", ACCEPTED) >= ACCEPTED
    print(f"{'at most; at least':24}" + "".join(f"{bar:>10}" for bar in [*BARS.values(), ACCEPTED]))
    sys.exit(not reached)


if __name__ == "__main__":
    main()
