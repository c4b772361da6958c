#!/usr/bin/env python3
"""Run a command and say what it took: measure.py SECONDS COMMAND ...

Prints the wall time in seconds and the most memory (MB) that the largest of its processes had. A command that fails or takes longer than
SECONDS is an error, and the end of what it said is shown.
"""
import resource
import subprocess
import sys
import time


def main(limit, *command):
    start = time.perf_counter()
    try:
        run = subprocess.run(command, timeout=float(limit), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        sys.exit(f'{command[0]}: not done after {limit} s')
    seconds = time.perf_counter() - start
    if run.returncode:
        sys.exit(b'\n'.join(run.stdout.splitlines()[-5:]).decode(errors='replace') or f'status {run.returncode}')
    print(f'{seconds:.3f} {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6:.0f}')


if __name__ == '__main__':
    main(*sys.argv[1:])
