#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Torrents of other programs, taken over with what they have downloaded."""
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing

import libtorrent as lt
from gi.repository import GLib

from harness import case, main, wait_until
from swarm import Ccbt, RTorrent, Transmission
from torrents import bdecode, bencode, make_multi, make_single


def take_over(state, *words, code=0):
    """The report: {name: (taken, notes)}."""
    run = subprocess.run([Ccbt.program(), 'import', '--json', '--state-dir', state, *map(str, words)],
                         capture_output=True, text=True, timeout=60)
    assert run.returncode == code, (run.returncode, run.stderr, run.stdout)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    return {line['name']: (line['taken'], line['notes']) for line in lines}


def read_row(state, torrent):
    """(columns of the list and of progress, options)."""
    with closing(sqlite3.connect('file:%s/state.db?mode=ro' % state, uri=True)) as database:
        database.row_factory = sqlite3.Row
        row = database.execute('SELECT * FROM torrents JOIN progress ON torrent = id WHERE v1 = ?',
                               (torrent.info_hash,)).fetchone()
    assert row is not None, 'not in the list'
    options = GLib.Variant.new_from_bytes(GLib.VariantType('a{sv}'), GLib.Bytes.new(row['options']), False)
    return row, options.unpack()


def spoil(torrent, folder):
    """Wrong bytes of the right length: who says that they are right has not looked."""
    path = max((p for p in folder.rglob('*') if p.is_file()), key=lambda p: p.stat().st_size)
    with open(path, 'r+b') as f:
        f.seek(path.stat().st_size // 2)
        f.write(b'spoilt')


def assert_seeds_unchecked(box, torrent, folder):
    ours = Ccbt(box, '10.77.0.9')
    shutil.rmtree(ours.base / 'state', ignore_errors=True)
    shutil.copytree(box / 'state', ours.base / 'state')
    ours.seed(torrent, folder)
    assert ours.status()['progress'] == 1, ours.status()
    ours.stop()


@case
def transmission(box):
    """Transmission: complete, with label, limits, goals and files that are not wanted; nothing is checked again"""
    torrent = make_multi(box, n_tiny=20)
    client = Transmission(box, '10.77.0.2').seed(torrent, torrent.folder)
    client.call('torrent-set', labels=['films', 'b'], downloadLimit=100, downloadLimited=True, seedRatioLimit=2.5,
                seedRatioMode=1, bandwidthPriority=1, **{'files-unwanted': [0], 'priority-low': [1]})
    client.call('torrent-stop')
    wait_until(lambda: client.call('torrent-get', fields=['status'])['torrents'][0]['status'] == 0, 10, 'not stopped')
    client.stop()
    spoil(torrent, torrent.folder)
    report = take_over(box / 'state', 'transmission', client.base / 'config')
    assert report == {torrent.name: (True, [])}, report
    row, options = read_row(box / 'state', torrent)
    assert row['folder'] == str(torrent.folder).encode() and row['is_paused'] == 1, dict(row)
    assert row['priorities'][:3] == bytes([0, 1, 4]), row['priorities'][:3]
    assert options['tags'] == ['b', 'films'] and options['priority'] == 'high', options
    assert options['download-limit'] == 100000 and options['ratio-goal'] == 2.5, options
    assert_seeds_unchecked(box, torrent, torrent.folder)
    # Once more: it is there already.
    again = take_over(box / 'state', 'transmission', client.base / 'config')
    assert again == {torrent.name: (False, ['It is in the list already.'])}, again


@case
def rtorrent(box):
    """rTorrent: a running torrent with a label; nothing is checked again"""
    torrent = make_multi(box, n_tiny=5, trackers=['http://10.77.0.1:6969/announce'])
    client = RTorrent(box, '10.77.0.2').seed(torrent, torrent.folder)
    client.call('d.custom1.set', torrent.hex.upper(), 'my%20films')
    client.call('session.save')
    client.stop()
    spoil(torrent, torrent.folder)
    report = take_over(box / 'state', 'rtorrent', client.base / 'session')
    assert report[torrent.name][0], report
    row, options = read_row(box / 'state', torrent)
    assert row['folder'] == str(torrent.folder).encode() and row['is_paused'] == 0, dict(row)
    assert options['category'] == 'my films', options
    assert_seeds_unchecked(box, torrent, torrent.folder)


def make_resume(torrent, had, **more):
    """As libtorrent writes it; @had: a flag for each piece. The first piece is spoilt: it is not found to be there."""
    first = torrent.folder / next(path for path, length in torrent.files if length > 0)
    with open(first, 'r+b') as f:
        f.write(b'!')
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(str(torrent.path))
    parameters.save_path = str(torrent.folder)
    parameters.have_pieces = had
    parameters.total_uploaded, parameters.total_downloaded = 5000, 2000
    parameters.active_time, parameters.seeding_time = 900, 300
    parameters.added_time = 1700000000
    parameters.file_priorities = [0] + [4] * 3
    parameters.flags &= ~lt.torrent_flags.paused
    resume = bdecode(lt.write_resume_data_buf(parameters))[0]
    resume.update({key.encode(): value for key, value in more.items()})
    return resume


def check_libtorrent(box, torrent):
    row, options = read_row(box / 'state', torrent)
    n = len(torrent.hashes)
    assert row['verified'] == bytes([0x7f] + [0xff] * (n // 8 - 1) + ([0xff00 >> n % 8 & 0xff] if n % 8 else [])), row['verified'].hex()
    assert (row['uploaded'], row['downloaded']) == (5000, 2000)
    assert (row['active_seconds'], row['seeding_seconds']) == (900, 300)
    assert row['added_at'] == 1700000000 * 10 ** 6
    assert row['priorities'][:4] == bytes([0, 4, 4, 4])
    return row, options


@case
def qbittorrent(box):
    """qBittorrent: resume data of libtorrent with qBittorrent's own keys; the piece that is missing is fetched"""
    torrent = make_multi(box, n_tiny=5)
    folder = box / 'BT_backup'
    folder.mkdir()
    shutil.copy(torrent.path, folder / ('%s.torrent' % torrent.hex))
    resume = make_resume(torrent, [False] + [True] * (len(torrent.hashes) - 1), **{
        'qBt-category': b'films', 'qBt-tags': [b'x', b'a'], 'qBt-ratioLimit': 1500, 'qBt-seedingTimeLimit': 60,
        'qBt-name': 'Größe'.encode()})
    (folder / ('%s.fastresume' % torrent.hex)).write_bytes(bencode(resume))
    report = take_over(box / 'state', 'qbittorrent', folder)
    assert report == {torrent.name: (True, [])}, report
    row, options = check_libtorrent(box, torrent)
    assert options['category'] == 'films' and options['tags'] == ['a', 'x'], options
    assert options['ratio-goal'] == 1.5 and options['seed-time-goal'] == 3600, options
    assert options['display-name'] == 'Größe', options


@case
def qbittorrent_database(box):
    """qBittorrent's database of torrents"""
    torrent = make_multi(box, n_tiny=5)
    (box / 'BT_backup').mkdir()
    resume = make_resume(torrent, [False] + [True] * (len(torrent.hashes) - 1))
    resume.pop(b'info', None)
    with closing(sqlite3.connect(box / 'torrents.db')) as database, database:
        database.execute('CREATE TABLE torrents (id INTEGER PRIMARY KEY, torrent_id BLOB, queue_position INTEGER, name TEXT, '
                         'category TEXT, tags TEXT, target_save_path TEXT, content_layout TEXT, ratio_limit INTEGER, '
                         'seeding_time_limit INTEGER, operating_mode TEXT, stopped INTEGER, libtorrent_resume_data BLOB, '
                         'metadata BLOB)')
        database.execute('INSERT INTO torrents VALUES (1, ?, 0, "", "music", "p,q", "", "Original", -2000, -2, "Forced", 1, ?, ?)',
                         (torrent.hex, bencode(resume), torrent.path.read_bytes()))
    report = take_over(box / 'state', 'qbittorrent', box / 'BT_backup')
    assert report == {torrent.name: (True, [])}, report
    row, options = check_libtorrent(box, torrent)
    assert row['is_paused'] == 1 and options['forced'] is True, options
    assert options['category'] == 'music' and options['tags'] == ['p', 'q'] and options['ratio-goal'] == -1, options


@case
def deluge(box):
    """Deluge: all resume data in one file"""
    torrent = make_multi(box, n_tiny=5)
    folder = box / 'deluge'
    folder.mkdir()
    shutil.copy(torrent.path, folder / ('%s.torrent' % torrent.hex))
    resume = make_resume(torrent, [False] + [True] * (len(torrent.hashes) - 1))
    (folder / 'torrents.fastresume').write_bytes(bencode({torrent.hex.encode(): bencode(resume)}))
    report = take_over(box / 'state', 'deluge', folder)
    assert report == {torrent.name: (True, ['Labels do not carry over from Deluge.'])}, report
    check_libtorrent(box, torrent)


@case
def files_that_changed(box):
    """what is gone, or of another length, is not had; renamed files leave a torrent paused"""
    torrent = make_single(box, piece_length=65536)
    folder = box / 'BT_backup'
    folder.mkdir()
    shutil.copy(torrent.path, folder / ('%s.torrent' % torrent.hex))
    resume = make_resume(torrent, [True] * len(torrent.hashes))
    resume[b'file_priority'] = [4]
    (folder / ('%s.fastresume' % torrent.hex)).write_bytes(bencode(resume))
    payload = torrent.folder / torrent.name
    with open(payload, 'r+b') as f:
        f.truncate(1000)
    report = take_over(box / 'state', 'qbittorrent', folder)
    assert report == {torrent.name: (True, ['Some of its files are not there, or not whole.'])}, report
    assert not any(read_row(box / 'state', torrent)[0]['verified'])
    resume[b'mapped_files'] = [b'another']
    (folder / ('%s.fastresume' % torrent.hex)).write_bytes(bencode(resume))
    report = take_over(box / 'state-2', 'qbittorrent', folder)
    assert report[torrent.name][0] and 'renamed' in ' '.join(report[torrent.name][1]), report
    assert read_row(box / 'state-2', torrent)[0]['is_paused'] == 1


@case
def hostile(box):
    """damaged, lying and missing files: a sentence each, nothing crashes, nothing is half taken"""
    torrent = make_single(box, piece_length=65536)
    good = bencode(make_resume(torrent, [True] * len(torrent.hashes)))
    lies = [b'', b'i1e', good[:len(good) // 2], bencode({b'save_path': b'relative', b'pieces': 7}),
            bencode({b'save_path': b'/' + b'x' * 5000, b'pieces': b'\1' * 10 ** 6, b'total_uploaded': -5}),
            bencode({b'save_path': b'/a\0b', b'file_priority': [2 ** 62, -2 ** 62, [], {}], b'trackers': [[b'\n']],
                     b'qBt-tags': [b'\xff\xfe', b'x,y', 3], b'qBt-ratioLimit': 2 ** 62, b'added_time': 2 ** 62,
                     b'download_rate_limit': 2 ** 62, b'active_time': 2 ** 62}),
            b'd' * 1000, b'9999999999:x']
    for i, lie in enumerate(lies):
        folder = box / ('lie-%d' % i)
        folder.mkdir()
        shutil.copy(torrent.path, folder / ('%s.torrent' % torrent.hex))
        (folder / ('%s.fastresume' % torrent.hex)).write_bytes(lie)
        report = take_over(box / ('state-%d' % i), 'qbittorrent', folder)
        assert report[torrent.name][0] and report[torrent.name][1], (lie[:40], report)
        row, options = read_row(box / ('state-%d' % i), torrent)
        assert row['is_paused'] == 1 and not any(row['verified'] or b''), (lie[:40], dict(row))
    folder = box / 'no-torrent'
    folder.mkdir()
    (folder / 'x.fastresume').write_bytes(good)
    assert take_over(box / 'state-x', 'qbittorrent', folder) == {'x.torrent': (False, ['Its torrent file is not there.'])}
    (folder / 'x.torrent').write_bytes(b'd4:infod4:name')
    assert not take_over(box / 'state-x', 'qbittorrent', folder)['x.torrent'][0]
    take_over(box / 'state-x', 'transmission', box / 'nowhere', code=1)
    take_over(box / 'state-x', 'utorrent', folder, code=2)
    take_over(box / 'state-x', 'qbittorrent', folder, 'more', code=2)


if __name__ == '__main__':
    main()
