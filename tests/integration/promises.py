# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program must still know after it was killed: values with the times at which they were asked for and
acknowledged (docs/durability.md). After a kill, the newest one acknowledged longer ago than the promised window must be
there, or one asked for after it."""
import os
import threading
import time

ACTIONS = 2.0    # seconds until what a user does is on the disk
PROGRESS = 6.0   # until what was downloaded is, after a kill
SYNCED = 40.0    # and after a power cut
ABSENT = 'absent'


class SlowDisk:
    """How long syncs took of late: promises are for disks that are quick, and others may be at work here."""

    def __init__(self, path):
        self.path, self.took, self.is_over = path, [], False
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        with open(self.path, 'wb', buffering=0) as f:
            while not self.is_over:
                begin = time.monotonic()
                f.write(b'.')
                os.fsync(f.fileno())
                self.took.append((time.monotonic(), time.monotonic() - begin))
                time.sleep(0.2)

    def stop(self):
        self.is_over = True

    def delay(self, killed_at):
        """What to add to a window: a few syncs stand before the one that counts."""
        return 3 * max([seconds for when, seconds in self.took if when > killed_at - 20], default=0)


class Promise:
    def __init__(self, name, value):
        self.name = name
        self.history = [[value, 0.0, 0.0]]  # value, asked for, acknowledged

    def ask(self, value):
        """Returns what to call once it is acknowledged."""
        entry = [value, time.monotonic(), None]
        self.history.append(entry)

        def acknowledge():
            entry[2] = time.monotonic()
        return acknowledge

    def allowed(self, killed_at, window=ACTIONS):
        sure = max(i for i, (_, _, done) in enumerate(self.history) if done is not None and done <= killed_at - window)
        return [value for value, _, _ in self.history[sure:]]

    def check(self, value, killed_at, window=ACTIONS):
        """@value: what is there after the kill."""
        allowed = self.allowed(killed_at, window)
        assert value in allowed, '%s is %r, promised was one of %r\n%s' % (
            self.name, value, allowed,
            ['%r asked %.2f s before the kill, %s' % (
                v, killed_at - asked, 'not acknowledged' if done is None else 'acknowledged %.2f s before' % (killed_at - done))
             for v, asked, done in self.history])
        self.history = [[value, 0.0, 0.0]]

    @property
    def last(self):
        return self.history[-1][0]


class Growing:
    """A count that never falls by more than what came within the window."""

    def __init__(self, name):
        self.name, self.seen = name, [(0.0, 0)]

    def see(self, value):
        self.seen.append((time.monotonic(), value))

    def floor(self, killed_at, window):
        return max(value for when, value in self.seen if when <= killed_at - window)

    def check(self, value, killed_at, window):
        floor = self.floor(killed_at, window)
        assert value >= floor, '%s is %d, it was %d longer ago than promised: %s' % (
            self.name, value, floor, [(round(killed_at - when, 2), v) for when, v in self.seen[-20:]])
        self.seen = [(0.0, value)]
