#!/usr/bin/env python3
"""Simulate how long the workers of a shared calculation take on more cores, from the times that pieces took.

usage: scripts/schedule.py [-n PIECES] LOG [CORES...]

LOG is what `oqfs log CALC` prints of a calculation that was shared, or the example `pieces` of crates/oqfs-hazard of pieces that it draws at
random: it has a line for each piece, with the time that it took and the time that was expected. The simulation does what workers do: each core
takes one of the 16 pieces that nobody does which are expected to take longest. All cores begin together, and read the model first: READING seconds of the environment, 0 by default. For
each number of cores it prints the time until the last piece is kept, and the efficiency: the sum of the times of pieces over cores times that
time. With -n there are so many pieces, drawn at random from those of the log, for a calculation of which a part has run.
"""
import heapq
import os
import random
import re
import sys

CHOICE = 16
LINE = re.compile(r'piece [0-9a-f]+: ([0-9.]+) s of a processor, ([0-9.e+-]+) expected')


def simulate(pieces: list[tuple[float, float]], cores: int, reading: float, seed: int) -> float:
    """The time until the last piece is done. A piece is the time that it takes and the time that is expected."""
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
    arguments, number = sys.argv[1:], 0
    if arguments[:1] == ['-n']:
        number, arguments = int(arguments[1]), arguments[2:]
    if not arguments:
        sys.exit(__doc__)
    with open(arguments[0], encoding='utf-8') as log:
        pieces = [(float(seconds), float(pairs)) for seconds, pairs in LINE.findall(log.read())]
    if not pieces:
        sys.exit(f'{arguments[0]}: it has no line of a piece, as in the log of a calculation that was shared')
    if number:
        pieces = random.Random(0).choices(pieces, k=number)
    total, longest = sum(seconds for seconds, _ in pieces), max(seconds for seconds, _ in pieces)
    reading = float(os.environ.get('READING', '0'))
    print(f'{len(pieces)} pieces, {total:.1f} s of one core, the longest {longest:.2f} s')
    print('| cores | time | efficiency |\n|---:|---:|---:|')
    for cores in [int(text) for text in arguments[1:]] or [1, 2, 10, 50, 100, 200, 500, 1000]:
        times = sorted(simulate(pieces, cores, reading, seed) for seed in range(5))
        time = times[len(times) // 2]
        print(f'| {cores} | {time:.1f} s | {100 * total / (cores * time):.0f} % |')


main()
