#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the list of torrents: listed, verified, made, brought back, cleaned away; single torrents as resume files;
and what the user is told when the list was damaged."""
import json
import subprocess

from harness import case, main, wait_until
from instance import Instance
from swarm import PYTHON
from torrents import bdecode, bencode, make_single


def add(instance, torrent, *more):
    instance.json('add', str(torrent.path), '--folder', str(torrent.folder), *more)
    wait_until(lambda: instance.json('show', torrent.hex)['state'] in ('seeding', 'paused'), 20, instance.process.tail)


def names(instance):
    return [t['name'] for t in instance.json('list')]


@case
def back_and_forth(box):
    """a backup is made, verified and brought back at the next start; the list before it is kept until it is cleaned away"""
    instance = Instance(box).run()
    add(instance, make_single(box, 'first', 50000))
    made = instance.btbt('checkpoints', 'backup', str(box / 'mine.db'))
    assert made.returncode == 0 and made.stdout.strip() == str(box / 'mine.db'), made
    assert (box / 'mine.db').stat().st_mode & 0o777 == 0o600
    assert instance.btbt('checkpoints', 'backup', str(box / 'mine.db')).returncode == 1  # never over a file
    add(instance, make_single(box, 'second', 60000))
    newest = instance.json('checkpoints', 'backup')
    listed = instance.json('checkpoints')
    assert newest.endswith('state.db.backup-1') and 'state.db.backup-1' in [c['name'] for c in listed], (newest, listed)
    assert all(c['kind'] == 'backup' and c['size'] > 0 for c in listed), listed
    assert instance.json('checkpoints', 'verify', 'state.db.backup-1')['torrents'] == 2
    assert instance.json('checkpoints', 'verify', str(box / 'mine.db'))['torrents'] == 1
    assert instance.json('checkpoints', 'verify') == {'whole': True, 'torrents': 2, 'damaged': 0}
    for wrong in 'state.db', '../state.db', 'state.db.backup-9', str(box / 'none'):
        assert instance.btbt('checkpoints', 'verify', wrong).returncode in (1, 4), wrong

    assert instance.btbt('checkpoints', 'restore', str(box / 'mine.db')).returncode == 0
    assert names(instance) == ['first.bin', 'second.bin']  # until it is started again
    instance.stop()
    instance.run()
    assert names(instance) == ['first.bin'], names(instance)
    wait_until(lambda: instance.json('show', 'first')['state'] == 'seeding', 20, instance.process.tail)
    told = [e['text'] for e in instance.json('events') if e['type'] == 'state-warning']
    assert len(told) == 1 and 'was restored; the list before it is kept as state.db.replaced-' in told[0], told
    replaced = [c['name'] for c in instance.json('checkpoints') if c['kind'] == 'replaced']
    assert len(replaced) == 1 and instance.json('checkpoints', 'verify', replaced[0])['torrents'] == 2

    assert instance.btbt('checkpoints', 'restore', replaced[0]).returncode == 0
    instance.process.kill()  # also after a kill
    instance.run()
    assert names(instance) == ['first.bin', 'second.bin'], names(instance)
    assert 'files deleted' in instance.btbt('checkpoints', 'clean').stdout  # with the log of the one that was killed
    assert [c['kind'] for c in instance.json('checkpoints')] == ['backup', 'backup']


@case
def damaged_ones_are_refused(box):
    """a damaged backup is told from a whole one and not brought back; a damaged list comes back, and the user is told"""
    instance = Instance(box).run()
    for name in 'ab':
        add(instance, make_single(box, name, 50000))
    instance.json('checkpoints', 'backup')
    backup = instance.state / 'state.db.backup-1'
    data = bytearray(backup.read_bytes())
    data[len(data) // 2:] = b'\x55' * (len(data) - len(data) // 2)
    (box / 'broken.db').write_bytes(data)
    verified = instance.btbt('--json', 'checkpoints', 'verify', str(box / 'broken.db'))
    assert verified.returncode == 1 and json.loads(verified.stdout)['whole'] is False, verified
    assert instance.btbt('checkpoints', 'restore', str(box / 'broken.db')).returncode == 1
    instance.stop()
    instance.run()
    assert names(instance) == ['a.bin', 'b.bin'] and not [e for e in instance.json('events') if e['type'] == 'state-warning']
    instance.stop()

    database = instance.state / 'state.db'
    database.write_bytes(b'rubbish' * 1000)
    instance.run()
    assert names(instance) == ['a.bin', 'b.bin']
    told = [e['text'] for e in instance.json('events') if e['type'] == 'state-warning']
    assert 'was damaged; it is kept as state.db.corrupt-' in told[0] and 'restored from the backup of' in told[0], told
    assert 'was damaged' in instance.process.error_text()


@case
def resume_files(box):
    """all that is known of a torrent goes into a file that libtorrent reads, and comes back from it without a check"""
    instance = Instance(box).run()
    torrent = make_single(box, 'film', 300000)
    add(instance, torrent)
    for words in ('category', 'film', 'films'), ('tag', 'add', 'film', 'x'), ('limit', 'torrent', 'film', '0', '12345'):
        assert instance.btbt(*words).returncode == 0
    instance.json('tracker', 'add', 'film', 'http://10.77.0.9:1/announce')
    path = box / 'film.resume'
    assert instance.btbt('checkpoints', 'export', 'film', str(path)).returncode == 0
    resume, end = bdecode(path.read_bytes())
    assert end == path.stat().st_size and path.read_bytes() == bencode(resume)  # its keys are in order
    assert resume[b'pieces'] == b'\1' * torrent.n_pieces and resume[b'save_path'] == str(torrent.folder).encode()
    code = ('import libtorrent as lt; p = lt.read_resume_data(open(%r, "rb").read()); '
            'print(p.save_path, p.upload_limit, p.trackers, sum(p.have_pieces), p.ti.name())' % str(path))
    read = subprocess.run([PYTHON, '-c', code], capture_output=True, text=True)
    assert read.stdout.split() == [str(torrent.folder), '12345', "['http://10.77.0.9:1/announce']",
                                   str(torrent.n_pieces), 'film.bin'], read

    assert instance.btbt('checkpoints', 'import', str(path)).returncode == 1  # it is there
    assert instance.btbt('remove', 'film').returncode == 0
    wait_until(lambda: names(instance) == [], 10, 'it is gone')
    assert instance.json('checkpoints', 'import', str(path))[0] == torrent.hex
    shown = wait_until(lambda: [s for s in [instance.json('show', 'film')] if s['state'] == 'seeding'], 20, instance.process.tail)[0]
    assert (shown['category'], shown['tags'], shown['upload-limit']) == ('films', ['x'], 12345), shown
    assert not [e for e in instance.json('events', '--type=check-started')][1:], 'it was checked again'

    for wrong in b'', b'de', b'd4:infoi1ee', b'd4:info4:rubbe', path.read_bytes()[:-100]:
        (box / 'wrong').write_bytes(wrong)
        assert instance.btbt('checkpoints', 'import', str(box / 'wrong')).returncode == 1, wrong
    assert names(instance) == ['film.bin']


main()
