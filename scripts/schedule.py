#!/usr/bin/env python3
"""Simulate how long the workers of a shared calculation take on more cores, from the times that pieces took.

usage: scripts/schedule.py LOG [CORES...]

LOG is what `oqfs log CALC` prints of a calculation that was shared: it has a line for each piece, with its time and its amount of work. The
simulation does what workers do: each core takes the heaviest of the pieces that nobody does, by the amount of work that is known before, not
by the time that it will take, and one of the 16 heaviest at random. It prints, for each number of cores, the time until the last piece is
kept, and the efficiency: the sum of the times of pieces over cores times that time. Where workers start together no time is lost on
waiting for nodes; reading the model, once a worker (READING seconds in the environment, 0 by default), counts in the time and in the
denominator.
"""
import heapq
import os
import random
import re
import sys

CHOICE = 16
LINE = re.compile(r'piece [0-9a-f]+: ([0-9.]+) s, ([0-9.e+-]+) pairs')


def simulate(pieces: list[tuple[float, float]], cores: int, reading: float, seed: int) -> float:
    """The time until the last piece is done."""
    rng = random.Random(seed)
    waiting = sorted(pieces, key=lambda piece: -piece[1])
    free = [reading] * cores
    heapq.heapify(free)
    end = reading
    while waiting:
        now = heapq.heappop(free)
        seconds, _ = waiting.pop(rng.randrange(min(CHOICE, len(waiting))))
        end = max(end, now + seconds)
        heapq.heappush(free, now + seconds)
    return end


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding='utf-8') as log:
        pieces = [(float(seconds), float(pairs)) for seconds, pairs in LINE.findall(log.read())]
    if not pieces:
        sys.exit(f'{sys.argv[1]}: it has no line of a piece, as in the log of a calculation that was shared')
    total, longest = sum(seconds for seconds, _ in pieces), max(seconds for seconds, _ in pieces)
    reading = float(os.environ.get('READING', '0'))
    print(f'{len(pieces)} pieces, {total:.1f} s of one core, the longest {longest:.2f} s')
    print('| cores | time | efficiency |\n|---:|---:|---:|')
    for cores in [int(text) for text in sys.argv[2:]] or [1, 2, 10, 50, 100, 200, 500, 1000]:
        times = sorted(simulate(pieces, cores, reading, seed) for seed in range(5))
        time = times[len(times) // 2]
        print(f'| {cores} | {time:.1f} s | {100 * total / (cores * time):.0f} % |')


main()
