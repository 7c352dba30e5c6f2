#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Torrents that we make: others read them, name them as they would themselves, and download from us."""
import json
import os
import signal
import subprocess
import time

import libtorrent as lt

from harness import Process, case, main, wait_until
from instance import BTBT, OFFLINE, Instance
from swarm import Ccbt, LibTorrent
from torrents import bdecode, bencode, fill

GIB = 1 << 30


def create(box, *words, code=0):
    """What `ccbt create --json` says at its end, or its complaint."""
    run = subprocess.run([Ccbt.program(), 'create', '--json', *map(str, words)], cwd=box, capture_output=True, timeout=120)
    assert run.returncode == code, (run.returncode, run.stderr, run.stdout)
    if code != 0:
        return run.stderr.decode(errors='replace')
    last = json.loads(run.stdout.splitlines()[-1])
    assert last['type'] == 'created' and last['state'] == 'done', last
    return last


def make_folder(box, name='folder'):
    """Empty files first, last and in a row, names that sort in another way than they are listed, pieces over many files."""
    folder = box / name
    sizes = {'A-empty': 0, 'b/deep/er/x.bin': 70001, 'b/y': 16384, 'b.txt': 5, 'c-empty': 0, 'd-empty': 0, 'größe ✓': 333333,
             'z/empty': 0}
    sizes.update({'many/%03d' % n: n * 61 % 997 for n in range(300)})
    for number, (path, size) in enumerate(sizes.items()):
        fill(folder / path, size, number)
    return folder


def info_of(path):
    return bdecode(path.read_bytes())[0][b'info']


def judge_by_libtorrent(path, parent, private=False):
    """libtorrent's own creator, given the same files and size of pieces, must find the same info-hash."""
    ours = lt.torrent_info(str(path))
    files = lt.file_storage()
    for i in range(ours.num_files()):
        name = ours.files().file_path(i)
        files.add_file(name, os.path.getsize(parent / name))
    theirs = lt.create_torrent(files, ours.piece_length(), flags=lt.create_torrent.v1_only)
    theirs.set_priv(private)
    lt.set_piece_hashes(theirs, str(parent))
    expected = lt.torrent_info(bencode(bdecode(lt.bencode(theirs.generate()))[0])).info_hashes().v1
    assert ours.info_hashes().v1 == expected, (str(ours.info_hashes().v1), str(expected))
    return str(expected)


@case
def folder(box):
    """A folder: every file once, in the order of the names, and the same info-hash as libtorrent gives it"""
    root = make_folder(box)
    for size in (None, '16K', '64K', '1M'):
        options = ['--piece-size', size] if size else []
        made = create(box, root, '-o', 'out.torrent', '--overwrite', *options)
        assert made['info_hash'] == judge_by_libtorrent(box / 'out.torrent', box), made
        assert size is None or made['piece_length'] == {'16K': 1 << 14, '64K': 1 << 16, '1M': 1 << 20}[size], made
    paths = [f[b'path'] for f in info_of(box / 'out.torrent')[b'files']]
    on_disk = [p.relative_to(root) for p in root.rglob('*') if p.is_file()]
    assert paths == sorted(paths) and len(paths) == len(on_disk), paths
    assert {'/'.join(c.decode() for c in p) for p in paths} == {str(p) for p in on_disk}


@case
def single_file(box):
    """A single file, and the sizes around whole pieces; a folder with one file stays a folder"""
    for size in (1, 16383, 16384, 16385, 3 * 16384, 1000000):
        path = box / 'one.bin'
        fill(path, size, size)
        made = create(box, path, '--overwrite', '--piece-size', '16K')
        assert made['output'] == str(box / 'one.bin.torrent'), made
        assert made['info_hash'] == judge_by_libtorrent(box / 'one.bin.torrent', box), (size, made)
    fill(box / 'lone' / 'file', 5000, 1)
    made = create(box, 'lone')
    assert made['info_hash'] == judge_by_libtorrent(box / 'lone.torrent', box)
    assert b'files' in info_of(box / 'lone.torrent')


@case
def everything_is_read_by_others(box):
    """Trackers in tiers, web seeds, private, source, comment: as libtorrent, aria2 and Transmission read them"""
    root = make_folder(box)
    made = create(box, root, '--tracker', 'http://a.example/announce', '--tracker', 'udp://b.example:80', '--tier',
                  '--tracker', 'https://c.example/announce', '--web-seed', 'http://w.example/files', '--private',
                  '--comment', 'Für alle', '-o', 'out.torrent')
    info = lt.torrent_info(str(box / 'out.torrent'))
    # libtorrent shuffles those of one tier.
    assert sorted((t.tier, t.url) for t in info.trackers()) == [(0, 'http://a.example/announce'), (0, 'udp://b.example:80'),
                                                          (1, 'https://c.example/announce')], info.trackers()
    assert [s['url'] for s in info.web_seeds()] == ['http://w.example/files/'], info.web_seeds()
    assert info.priv() and info.comment() == 'Für alle' and info.creator().startswith('ccBitTorrent/'), info.comment()
    assert abs(info.creation_date() - time.time()) < 100
    assert judge_by_libtorrent(box / 'out.torrent', box, private=True) == made['info_hash']
    for argv in (['aria2c', '-S', 'out.torrent'], ['transmission-show', 'out.torrent']):
        shown = subprocess.run(argv, cwd=box, capture_output=True, text=True, timeout=60,
                               env={**os.environ, 'LC_ALL': 'C.UTF-8'})
        assert shown.returncode == 0 and made['info_hash'] in shown.stdout.lower(), shown
        for text in ('c.example', 'größe ✓', 'Für alle'):
            assert text in shown.stdout, (argv, text, shown.stdout)
    # A source makes another torrent of the same files, and nothing else of it is another.
    other = create(box, root, '--source', 'S', '--private', '-o', 'other.torrent')
    assert other['info_hash'] != made['info_hash']
    changed = info_of(box / 'other.torrent')
    assert changed.pop(b'source') == b'S' and changed == info_of(box / 'out.torrent')


@case
def what_is_left_out(box):
    """Links out of the folder, pipes, and what is hidden are left out and said"""
    root = make_folder(box)
    (box / 'secret').write_text('not for others')
    (root / 'out').symlink_to('../secret')
    (root / 'up').symlink_to('..')
    (root / '.hidden').write_text('x')
    os.mkfifo(root / 'pipe')
    n_before = len(list(root.rglob('*')))
    made = create(box, root)
    assert (made['links'], made['hidden'], made['special']) == (2, 1, 1), made
    assert set(made['skipped']) == {'folder/out', 'folder/up', 'folder/.hidden', 'folder/pipe'}, made
    assert not {b'out', b'up', b'.hidden', b'pipe'} & {f[b'path'][0] for f in info_of(box / 'folder.torrent')[b'files']}
    assert len(list(root.rglob('*'))) == n_before
    made = create(box, root, '--hidden', '--overwrite')
    assert [b'.hidden'] in [f[b'path'] for f in info_of(box / 'folder.torrent')[b'files']], made


@case
def what_cannot_be(box):
    """Names that are not UTF-8, nothing to share, wrong places: a sentence, and no file"""
    (box / 'empty').mkdir()
    (box / 'hollow').mkdir()
    (box / 'hollow' / 'nothing').write_bytes(b'')
    os.mkdir(os.fsencode(box) + b'/names')
    with open(os.fsencode(box) + b'/names/b\xe4se', 'wb') as f:
        f.write(b'x')
    (box / 'good').write_text('good')
    (box / 'there.torrent').write_text('mine')
    (box / 'odd').mkdir()
    (box / 'odd' / 'back\\slash').write_text('x')
    before = sorted(p.name for p in box.iterdir())
    for words, code, said in (
            (['empty'], 1, 'nothing in it to share'), (['hollow'], 1, 'nothing in it to share'), (['names'], 1, 'UTF-8'),
            (['absent'], 1, 'No such file'), (['good', '-o', 'there.torrent'], 1, 'there already'),
            (['good', '-o', 'no/where.torrent'], 1, 'No such file'), (['good', '--piece-size', '3K'], 2, 'power of two'),
            (['good', '--piece-size', 'x'], 2, 'no size'), (['good', '--tracker', 'ftp://a/'], 2, 'tracker'),
            (['good', '--web-seed', 'udp://a:1/'], 2, 'web seed'), (['odd', '--seed'], 1, 'rename it'), ([], 2, 'one file'),
            (['good', 'empty'], 2, 'one file'), (['good', '--port', '99999'], 2, '--port')):
        complaint = create(box, *words, code=code)
        assert said in complaint, (words, complaint)
        assert sorted(p.name for p in box.iterdir()) == before, words
    assert (box / 'there.torrent').read_text() == 'mine'
    assert create(box, 'odd')['renamed'] == 'odd/back\\slash'


class Arrived:
    """What somebody else must have at the end."""

    def __init__(self, path, root):
        self.path, self.root = path, root

    def differences(self, folder, empty_files=True):
        wrong = []
        for path in self.root.rglob('*'):
            theirs = folder / self.root.name / path.relative_to(self.root)
            if path.is_file() and (not theirs.is_file() or theirs.read_bytes() != path.read_bytes()):
                wrong.append(str(theirs))
        return wrong


@case
def seeds_at_once(box):
    """ccbt create --seed: libtorrent downloads from us what we have just made"""
    root = make_folder(box)
    (box / 'temporary').mkdir()
    seed = Process([Ccbt.program(), 'create', root, '--seed', '--json', '--port=7000', '--bind=10.77.0.1',
                    '-o', box / 'out.torrent', '--set=discovery.enable_dht=false', '--set=nat.auto_map_ports=false'], box,
                   'create', env={'TMPDIR': str(box / 'temporary')})
    wait_until(lambda: '"seeding"' in seed.text(), 30, seed.tail)
    assert '"checking"' not in seed.text(), seed.text()
    torrent = Arrived(box / 'out.torrent', root)
    leech = LibTorrent(box, '10.77.0.2').leech(torrent.path, box / 'theirs', dial=[('10.77.0.1', 7000)])
    leech.wait_done(torrent, box / 'theirs')
    leech.stop()
    seed.signal(signal.SIGINT)
    assert seed.wait(20) == 130, seed.tail()
    assert not list((box / 'temporary').iterdir()), 'state is left'


@case
def in_an_instance(box):
    """btbt create --seed: it is in the list and seeds, nothing is hashed again, also after another start"""
    root = make_folder(box)
    instance = Instance(box, [*OFFLINE[1:], '--port=7000', '--bind=10.77.0.1']).run()
    made = instance.json('create', str(root), '--output=%s' % (box / 'out.torrent'), '--seed', '--tracker',
                         'http://a.example/announce', '--tier', '--tracker=http://b.example/announce')
    assert made['state'] == 'done' and made['id'] > 0 and not made['present'], made
    assert made['info-hash'] == judge_by_libtorrent(box / 'out.torrent', box)

    def look():
        return [(t['name'], t['state'], t['progress']) for t in instance.json('list')]
    wait_until(lambda: look() == [('folder', 'seeding', 1)], 20, look)
    assert [(t['tier'], t['url']) for t in instance.json('trackers', '#%d' % made['id'])] == [
        (0, 'http://a.example/announce'), (1, 'http://b.example/announce')]
    torrent = Arrived(box / 'out.torrent', root)
    leech = LibTorrent(box, '10.77.0.2').leech(torrent.path, box / 'theirs', dial=[('10.77.0.1', 7000)])
    leech.wait_done(torrent, box / 'theirs')
    leech.stop()
    again = instance.json('create', str(root), '--output=%s' % (box / 'again.torrent'), '--seed')
    assert again['present'] and again['id'] == made['id'], again
    assert 'check-started' not in json.dumps(instance.json('events')), instance.json('events')
    instance.stop()
    instance.run()
    wait_until(lambda: look() == [('folder', 'seeding', 1)], 20, look)
    assert 'check-started' not in json.dumps(instance.json('events')), instance.json('events')
    # What is wrong is said, with the code of a failure or of a wrong usage.
    for words, code in ((['create', str(root), '--output=%s' % (box / 'out.torrent')], 1),
                        (['create', str(root), '--piece-size=5K'], 2), (['create'], 2),
                        (['call', 'create.status', '(99,)'], 4)):
        result = instance.btbt(*words)
        assert result.returncode == code and result.stderr.startswith('btbt: '), (words, result)


def make_large(box, size=8 * GIB):
    """Takes seconds to hash and no room on the disk."""
    with open(box / 'large', 'wb') as f:
        f.truncate(size)
    return box / 'large'


def begin(box):
    """A large file being hashed."""
    process = Process([Ccbt.program(), 'create', make_large(box, 64 * GIB), '--json', '-o', box / 'out.torrent'], box,
                      'create')

    def is_hashing():
        lines = [json.loads(line) for line in process.text().split('\n')[:-1]]
        return lines and lines[-1]['state'] == 'hashing' and lines[-1]['hashed'] > 0
    wait_until(is_hashing, 30, process.tail)
    return process


@case
def given_up(box):
    """Ctrl+C while it hashes: it ends soon and leaves no file; the same by btbt, and when the instance ends"""
    process = begin(box)
    process.signal(signal.SIGINT)
    assert process.wait(5) == 130, process.tail()
    instance = Instance(box).run()
    arguments = "({'path': <'%s'>, 'output': <'%s'>},)" % (box / 'large', box / 'out.torrent')
    number = instance.json('call', 'create.start', arguments)[0]

    def status():
        return instance.json('call', 'create.status', '(%d,)' % number)[0]
    wait_until(lambda: status()['hashed'] > 0, 20, status)
    assert instance.btbt('call', 'create.cancel', '(%d,)' % number).returncode == 0
    wait_until(lambda: status()['state'] == 'cancelled', 5, status)
    asking = Process([BTBT, '--state-dir=%s' % instance.state, 'create', box / 'large'], box, 'btbt',
                     env=instance.environment)
    number += 1
    wait_until(lambda: instance.btbt('call', 'create.status', '(%d,)' % number).returncode == 0, 20, asking.tail)
    wait_until(lambda: status()['hashed'] > 0, 20, status)
    asking.signal(signal.SIGINT)
    assert asking.wait(5) == 1 and status()['state'] == 'cancelled', asking.tail()
    number = instance.json('call', 'create.start', arguments)[0]
    wait_until(lambda: status()['hashed'] > 0, 20, status)
    begun = time.monotonic()
    instance.process.stop(10)
    assert time.monotonic() - begun < 5, 'it did not end at once'
    assert sorted(p.name for p in box.iterdir() if 'torrent' in p.name) == [], list(box.iterdir())


@case
def changed_meanwhile(box):
    """A file that is written to, replaced or removed while it is hashed is named, and nothing is written"""
    for change in ('append', 'replace', 'remove'):
        root = box / change
        root.mkdir()
        fill(root / 'first', 100000, 1)
        with open(root / 'second', 'wb') as f:
            f.truncate(2 * GIB)
        process = Process([Ccbt.program(), 'create', root, '--json', '-o', box / 'out.torrent'], box, 'create-' + change)
        wait_until(lambda: '"state":"hashing"' in process.text(), 20, process.tail)
        if change == 'append':
            with open(root / 'first', 'ab') as f:
                f.write(b'!')
        elif change == 'replace':
            fill(box / 'other', 100000, 2)
            os.utime(box / 'other', ns=(0, os.stat(root / 'first').st_mtime_ns))
            os.rename(box / 'other', root / 'first')
        else:
            os.unlink(root / 'second')
        assert process.wait(60) == 1, process.tail()
        name = 'second' if change == 'remove' else 'first'
        assert '“%s/%s” was changed' % (change, name) in process.error_text(), process.tail()
        assert not (box / 'out.torrent').exists()


main()
