#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that fail (faults C10, C11, C13, C16, C17)."""
import shutil
import subprocess
import time

import wirepeer
from harness import case, main, wait_until
from swarm import Ccbt
from torrents import make_single

SEED = [('10.77.0.2', 7000)]


def mount_small(path, size):
    path.mkdir()
    subprocess.run(['mount', '-n', '-t', 'tmpfs', '-o', 'size=%s' % size, 'none', path], check=True)
    return path


def remount(path, options):
    # Named whole: else mount adds the options it finds, and its owner has no number in a user namespace.
    subprocess.run(['mount', '-n', '-t', 'tmpfs', '-o', 'remount,' + options, 'none', path], check=True)


def trouble(leech):
    """What it says when a torrent is in trouble: the text of an error, '' while all is well."""
    texts = [m.get('message', '') for m in leech.messages('error')]
    texts += [str(m) for m in leech.events('torrent-error')]
    texts += [str(m) for m in leech.messages('status') if m['state'] in ('error', 'files-missing')]
    if leech.process.poll() is not None and leech.process.poll() != 0:
        texts.append(leech.process.error_text())
    return ' '.join(texts).strip()


def expect_trouble(leech, *words, seconds=25):
    text = wait_until(lambda: trouble(leech), seconds, lambda: 'no error was reported\n' + leech.process.tail())
    assert any(word in text.lower() for word in words), 'unclear: %s' % text
    # Whether it stays and waits or ends is its own affair; ending takes a moment.
    end = time.monotonic() + 3
    while leech.process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    assert leech.process.poll() in (None, 1), 'exit %s' % leech.process.poll()


def continue_until_done(leech, torrent, folder, seconds=75):
    """It goes on by itself, or when started again."""
    if leech.process.poll() is not None:
        leech.leech(torrent, folder, dial=SEED)
    leech.wait_done(torrent, folder, seconds)


@case
def disk_full(box):
    """a full disk: said clearly, and completed once there is room, without fetching everything again"""
    torrent = make_single(box, size=16 * 1024 * 1024)
    seed = wirepeer.Seed(torrent, '10.77.0.2')
    small = mount_small(box / 'small', '8m')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, small, dial=SEED)
    expect_trouble(leech, 'space', 'full')
    remount(small, 'size=64m')
    continue_until_done(leech, torrent, small)
    assert seed.n_blocks * wirepeer.BLOCK < 1.6 * torrent.size, 'fetched %d' % (seed.n_blocks * wirepeer.BLOCK)


@case
def disk_full_for_state(box):
    """a full state folder: the download still completes, or says clearly why not"""
    torrent = make_single(box, size=8 * 1024 * 1024)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3')
    mount_small(leech.base / 'state', '300k')
    (leech.base / 'state' / 'filler').write_bytes(bytes(200 * 1024))
    leech.leech(torrent, box / 'arrived', dial=SEED)
    wait_until(lambda: leech.process.poll() is not None, 40, leech.process.tail)
    if leech.process.poll() == 0:
        assert not torrent.differences(box / 'arrived')
    else:
        assert leech.process.poll() == 1 and ('space' in trouble(leech).lower() or 'full' in trouble(leech).lower()), \
            leech.process.tail()


@case
def read_only_folder(box):
    """a read-only folder: an error at once, no busy retry, completed once it can be written"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    folder = mount_small(box / 'ro', '64m')
    remount(folder, 'ro')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, folder, dial=SEED)
    expect_trouble(leech, 'read-only', 'read only', 'permission', 'written')
    if leech.process.poll() is None:
        before = leech.process.cpu_seconds()
        n_before = len(leech.messages('status'))
        wait_until(lambda: len(leech.messages('status')) >= n_before + 2, 10, 'no status')
        assert leech.process.cpu_seconds() - before < 0.5, 'busy'
    remount(folder, 'rw')
    continue_until_done(leech, torrent, folder)


@case
def folder_not_allowed(box):
    """a folder that cannot be made: exit 1 or an error state, never success"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    (box / 'file').write_text('in the way')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'file' / 'below', dial=SEED)
    expect_trouble(leech, 'folder', 'directory', 'file')
    assert (box / 'file').read_text() == 'in the way'


@case
def folder_deleted(box):
    """the folder vanishes in the middle: an error, and nothing with holes is announced as had"""
    torrent = make_single(box, size=12 * 1024 * 1024)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', '--down-limit', '2M', dial=SEED)
    wait_until(lambda: leech.status().get('progress', 0) > 0.3, 30, leech.process.tail)
    shutil.rmtree(box / 'arrived')
    wait_until(lambda: trouble(leech) or leech.process.poll() is not None, 30,
               lambda: 'goes on as if nothing had happened\n' + leech.process.tail())
    code = leech.process.poll()
    if code == 0:  # it noticed, fetched again what was lost, and finished
        assert not torrent.differences(box / 'arrived')
    else:
        expect_trouble(leech, 'missing', 'gone', 'no such', 'folder', 'exist')
        assert torrent.differences(box / 'arrived'), 'complete, and yet an error'


@case
def drive_removed(box):
    """a drive that is not mounted at the next start: said, and nothing is written into the empty mount point"""
    torrent = make_single(box, size=6 * 1024 * 1024)
    wirepeer.Seed(torrent, '10.77.0.2')
    drive = mount_small(box / 'drive', '64m')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, drive, '--down-limit', '1M', dial=SEED)
    wait_until(lambda: leech.status().get('progress', 0) > 0.3, 30, leech.process.tail)
    leech.process.signal(2)
    assert leech.process.wait(5) == 130
    # Move the mount away instead of losing what is on it.
    (box / 'elsewhere').mkdir()
    subprocess.run(['mount', '-n', '--make-private', drive], check=True)
    subprocess.run(['mount', '-n', '--move', drive, box / 'elsewhere'], check=True)
    again = Ccbt(box, '10.77.0.4')
    argv = again.arguments(torrent, drive, SEED)
    argv[argv.index('--state-dir') + 1] = leech.base / 'state'
    again.start(argv)
    expect_trouble(again, 'missing', 'mounted', 'gone', 'no such', 'drive', 'folder')
    assert not list(drive.iterdir()), 'wrote into the mount point: %s' % list(drive.iterdir())
    again.stop()
    subprocess.run(['mount', '-n', '--move', box / 'elsewhere', drive], check=True)
    leech.leech(torrent, drive, dial=SEED)
    leech.wait_done(torrent, drive, 30)


main()
