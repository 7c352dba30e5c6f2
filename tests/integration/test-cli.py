#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What scripts rely on: exit codes, JSON lines, `ccbt show`, `ccbt check`, options; and terminals that stay whole."""
import hashlib
import json
import os
import pty
import re
import signal
import subprocess
import time

import wirepeer
from harness import case, main, wait_until
from localtracker import Tracker, reply
from swarm import Ccbt
from torrents import bencode, make_multi, make_single, make_torrent

SEED = [('10.77.0.2', 7000)]
SHOW_KEYS = {'info_hash_v1', 'info_hash_v2', 'name', 'piece_length', 'pieces', 'total_size', 'private', 'files',
             'trackers', 'web_seeds', 'comment', 'created_by', 'creation_date'}
CONTROL = re.compile(r'[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')


def ccbt(*arguments, seconds=20):
    """(exit code, output, errors)"""
    done = subprocess.run([Ccbt.program(), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=seconds)
    return done.returncode, done.stdout.decode(errors='replace'), done.stderr.decode(errors='replace')


def sha1(data):
    return hashlib.sha1(data).digest()


def one_line(text):
    return text.strip() and '\n' not in text.strip()


@case
def help_and_version(box):
    """--help and --version: exit 0 on standard output"""
    code, out, err = ccbt('--help')
    assert code == 0 and '--output' in out and not err, (code, out, err)
    code, out, err = ccbt('--version')
    assert code == 0 and re.search(r'\d+\.\d+', out) and not err, (code, out, err)


@case
def usage_errors(box):
    """wrong usage: exit 2, said on standard error, nothing on standard output"""
    torrent = make_single(box)
    wrong = [(), ('--no-such-option', torrent.path), (torrent.path, '--port', '70000'), (torrent.path, '--port', 'abc'),
             (torrent.path, '--down-limit', 'fast'), (torrent.path, '--peer', 'nonsense'), (torrent.path, '--bind', 'x.y'),
             (torrent.path, '--set', 'no_such.key=1'), (torrent.path, '--set', 'nonsense'), ('show',), ('check',),
             (torrent.path, '--files', 'x-y'), (torrent.path, torrent.path)]
    problems = []
    for arguments in wrong:
        code, out, err = ccbt(*arguments)
        if code != 2 or not err.strip() or out.strip():
            problems.append('%s: exit %d, out %r, err %r' % (arguments, code, out[:80], err[:80]))
    assert not problems, '\n'.join(problems)


@case
def bad_inputs(box):
    """what cannot be opened: exit 1 and one line that says why"""
    (box / 'rubbish.torrent').write_bytes(b'this is no torrent')
    (box / 'empty.torrent').write_bytes(b'')
    (box / 'big.torrent').write_bytes(b'd' + bytes(11 << 20))
    os.mkfifo(box / 'fifo.torrent')
    inputs = [box / 'absent.torrent', box / 'rubbish.torrent', box / 'empty.torrent', box / 'big.torrent', box,
              box / 'fifo.torrent', '/dev/zero', 'magnet:?xt=urn:btih:123', 'http://10.77.0.99:1/none.torrent',
              'ftp://10.77.0.1/x.torrent', 'magnet:?dn=no-hash']
    problems = []
    for what in inputs:
        for command in (['show', what], [what, '-o', box / 'out', '--state-dir', box / 'state']):
            if command[0] == 'show' and str(what).startswith(('http:', 'ftp:')):
                continue
            code, _, err = ccbt(*command)
            if code != 1 or not one_line(err):
                problems.append('%s: exit %d, %r' % (command[:2], code, err[:200]))
    assert not problems, '\n'.join(problems)


@case
def show_json(box):
    """show --json: exactly the keys that scripts know, with the truth in them"""
    torrent = make_multi(box, trackers=['http://a.example/announce', 'http://b.example/announce'], private=True, **{
        'comment': 'a comment', 'created by': 'a test', 'creation date': 1700000000, 'url-list': ['http://w.example/x']})
    code, out, err = ccbt('show', torrent.path, '--json')
    assert code == 0 and not err, (code, err)
    shown = json.loads(out)
    assert set(shown) == SHOW_KEYS, set(shown) ^ SHOW_KEYS
    assert shown['info_hash_v1'] == torrent.hex and shown['info_hash_v2'] in (None, '')
    assert (shown['name'], shown['piece_length'], shown['pieces'], shown['total_size']) == \
        (torrent.name, torrent.piece_length, torrent.n_pieces, torrent.size), shown
    assert shown['private'] is True and shown['comment'] == 'a comment' and shown['created_by'] == 'a test'
    assert shown['web_seeds'] == ['http://w.example/x'] and 'http://a.example/announce' in json.dumps(shown['trackers'])
    assert all(set(f) == {'path', 'length', 'attributes'} for f in shown['files']), shown['files'][:2]
    assert [(f['path'], f['length']) for f in shown['files']] == torrent.files, shown['files'][:3]


@case
def show_text(box):
    """show without --json names the torrent, its size and its hash"""
    torrent = make_single(box)
    code, out, _ = ccbt('show', torrent.path)
    assert code == 0 and torrent.hex in out and torrent.name in out, out


@case
def show_pad_files(box):
    """pad files (BEP 47): in --json with attribute p, not in the listing for people; the others keep their numbers"""
    pad = '.pad/32068'
    torrent = make_torrent(box / 'padded.torrent', box / 'payload', [('a', 700), (pad, 32068), ('b', 100)], 32768)
    torrent.info['files'][1]['attr'] = 'p'
    torrent.path.write_bytes(bencode({'info': torrent.info}))
    code, out, err = ccbt('show', torrent.path, '--json')
    assert code == 0, err
    assert [(f['length'], f['attributes']) for f in json.loads(out)['files']] == [(700, ''), (32068, 'p'), (100, '')], out
    code, out, err = ccbt('show', torrent.path)
    listed = [(line.split()[0], line.split()[-1]) for line in out.split('files:')[1].strip().splitlines()]
    assert code == 0 and listed == [('1', 'padded/a'), ('3', 'padded/b')], out


@case
def show_magnet(box):
    """show of a magnet link"""
    torrent = make_single(box)
    code, out, _ = ccbt('show', torrent.magnet('http://a.example/announce'), '--json')
    shown = json.loads(out)
    assert code == 0 and set(shown) == SHOW_KEYS and shown['info_hash_v1'] == torrent.hex, out
    assert shown['name'] == torrent.name and 'http://a.example/announce' in json.dumps(shown['trackers']), out


@case
def show_v2(box):
    """show of v2 and hybrid torrents made by libtorrent gives both hashes"""
    import libtorrent as lt
    make_multi(box, 'two', n_tiny=5)
    for flags, has_v1 in ((lt.create_torrent.v2_only, False), (0, True)):
        storage = lt.file_storage()
        lt.add_files(storage, str(box / 'payload' / 'two'))
        creator = lt.create_torrent(storage, 65536, flags=flags)
        lt.set_piece_hashes(creator, str(box / 'payload'))
        path = box / 'two.torrent'
        path.write_bytes(lt.bencode(creator.generate()))
        hashes = lt.torrent_info(str(path)).info_hashes()
        code, out, err = ccbt('show', path, '--json')
        assert code == 0, err
        shown = json.loads(out)
        assert shown['info_hash_v2'] == str(hashes.v2), (shown['info_hash_v2'], str(hashes.v2))
        assert shown['info_hash_v1'] == str(hashes.v1) if has_v1 else not shown['info_hash_v1'], shown['info_hash_v1']


@case
def unsorted_keys(box):
    """the info-hash is that of the bytes in the file, sorted or not"""
    torrent = make_single(box)
    info = b'd6:pieces%d:%s' % (20 * torrent.n_pieces, b''.join(torrent.hashes)) + \
        b'12:piece lengthi%de4:name%d:%s6:lengthi%dee' % (torrent.piece_length, len(torrent.name), torrent.name.encode(), torrent.size)
    (box / 'unsorted.torrent').write_bytes(b'd4:info' + info + b'e')
    code, out, err = ccbt('show', box / 'unsorted.torrent', '--json')
    assert code == 0, err
    assert json.loads(out)['info_hash_v1'] == hashlib.sha1(info).hexdigest()


@case
def names_cannot_escape(box):
    """names that climb, hide or repeat stay inside the folder and apart"""
    length, data = 1000, []
    names = [['..', 'up'], ['/etc', 'x'], ['.'], [''], ['a/b'], ['nul\0name'], ['same'], ['same'], ['SAME'],
             ['x' * 300 + '.txt'], ['dir'], ['dir', 'below'], ['..\\up2'], ['tail. ']]
    payload = box / 'payload'
    (payload / 'seedable').mkdir(parents=True)
    content = b''
    for number, name in enumerate(names):
        content += bytes([number]) * length
        data.append({'length': length, 'path': name})
    pieces = b''.join(sha1(content[i:i + 16384]) for i in range(0, len(content), 16384))
    info = {'name': '../evil', 'piece length': 16384, 'pieces': pieces, 'files': data}
    path = box / 'evil.torrent'
    path.write_bytes(bencode({'info': info}))

    class Flat:
        info_hash = sha1(bencode(info))
        piece_length, n_pieces, size = 16384, 1, len(content)
        info_bytes = bencode(info)

        @staticmethod
        def read(offset, n):
            return content[offset:offset + n]

    wirepeer.Seed(Flat, '10.77.0.2')
    inner = box / 'deep' / 'inner'
    inner.mkdir(parents=True)
    leech = Ccbt(box, '10.77.0.3').leech(path, inner, dial=SEED)
    assert leech.process.wait(30) == 0, leech.process.tail()
    found = [p for p in inner.rglob('*') if p.is_file()]
    assert sorted(p.read_bytes() for p in found) == sorted(bytes([n]) * length for n in range(len(names))), \
        [str(p) for p in found]
    assert [p.name for p in (box / 'deep').iterdir()] == ['inner'] and len(list(inner.iterdir())) == 1, \
        [str(p) for p in (box / 'deep').rglob('*')]
    lowered = [str(p).lower() for p in found]
    assert len(set(lowered)) == len(lowered), lowered


@case
def json_lines(box):
    """--json: every line an object with a type; a listening line first; statuses with all their keys"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', '--down-limit', '1M', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    messages = leech.messages()
    assert all(isinstance(m, dict) and isinstance(m.get('type'), str) for m in messages), messages
    assert messages[0]['type'] == 'listening' and messages[0]['port'] == 7000, messages[0]
    keys = {'type', 'state', 'progress', 'down_rate', 'up_rate', 'peers', 'eta', 'done', 'wanted', 'downloaded', 'wasted'}
    statuses = leech.messages('status')
    assert statuses and all(keys <= set(m) for m in statuses), (statuses or messages)[-1]
    assert all(0 <= m['progress'] <= 1 for m in statuses)
    assert statuses[-1]['progress'] == 1 and statuses[-1]['done'] == statuses[-1]['wanted'] == torrent.size, statuses[-1]
    assert leech.events('torrent-completed'), messages
    assert not leech.process.error_text(), leech.process.error_text()


@case
def plain_lines(box):
    """without a terminal and without --json: plain lines, no carriage returns or escapes; -q: nothing at all"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    for quiet in (False, True):
        own = box / ('quiet' if quiet else 'loud')
        own.mkdir()
        leech = Ccbt(own, '10.77.0.3')
        argv = [a for a in leech.arguments(torrent, own / 'arrived', SEED) if a != '--json']
        leech.start(argv + (['-q'] if quiet else []))
        assert leech.process.wait(30) == 0, leech.process.tail()
        text = leech.process.text()
        assert not CONTROL.search(text), repr(text)
        assert (text == '') == quiet, repr(text)


@case
def terminal(box):
    """on a terminal: a progress line, and a hostile name cannot send it escapes"""
    torrent = make_torrent(box / 't.torrent', box / 'payload', [('x', 300000)], single=True)
    info = dict(torrent.info, name='a\x1b]0;owned\x07\x1b[2Jb\u202etxt')
    path = box / 'escape.torrent'
    path.write_bytes(bencode({'info': info, 'comment': '\x1b[31mred'}))

    class Renamed(type('T', (), vars(torrent))):
        info_hash = sha1(bencode(info))
        read = staticmethod(torrent.read)

    wirepeer.Seed(Renamed, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3')
    argv = [str(a) for a in leech.arguments(path, box / 'arrived', SEED) if a != '--json'] + ['--down-limit', '150K']
    pid, terminal_fd = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    shown, end = b'', time.monotonic() + 30
    while time.monotonic() < end:
        try:
            chunk = os.read(terminal_fd, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown[-500:]
    assert b'%' in shown, shown[-500:]
    for bad in (b'\x1b]0;', b'\x07', b'\x1b[2J', '\u202e'.encode()):
        assert bad not in shown, shown[-500:]
    for command in (['show', path], ['check', path, '-o', box / 'arrived']):
        _, out, err = ccbt(*command)
        assert not CONTROL.search(out + err), repr(out + err)


@case
def check_command(box):
    """check: exit 0 and whole files when all is right, 1 and the damaged file named when not; writes nothing"""
    torrent = make_multi(box)
    code, out, err = ccbt('check', torrent.path, '-o', torrent.folder)
    assert code == 0, (out, err)
    code, out, err = ccbt('check', torrent.path, '-o', torrent.folder, '--json')
    assert code == 0 and [json.loads(line) for line in out.splitlines()], out
    victim = torrent.payload / 'big' / 'large.bin'
    data = bytearray(victim.read_bytes())
    data[500000] ^= 1
    victim.write_bytes(data)
    stamp = victim.stat().st_mtime_ns
    code, out, _ = ccbt('check', torrent.path, '-o', torrent.folder)
    assert code == 1 and 'large.bin' in out, (code, out)
    assert victim.stat().st_mtime_ns == stamp and victim.read_bytes() == bytes(data)
    code, out, err = ccbt('check', torrent.path, '-o', box / 'nowhere')
    assert code == 1 and not (box / 'nowhere').exists(), (code, out, err)


@case
def select_files(box):
    """--files: only those arrive; nothing of the others lands in the folder"""
    files = [('a.bin', 100000), ('b.bin', 150001), ('c.bin', 70000), ('d.bin', 90000)]
    torrent = make_torrent(box / 'four.torrent', box / 'payload', files, 65536)
    wirepeer.Seed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', '--files', '1,3', dial=SEED)
    assert leech.process.wait(30) == 0, leech.process.tail()
    found = sorted(p.name for p in (box / 'arrived').rglob('*') if p.is_file())
    assert found == ['a.bin', 'c.bin'], found
    for name in found:
        assert (box / 'arrived' / 'four' / name).read_bytes() == (torrent.payload / name).read_bytes(), name
    assert leech.status()['wanted'] == sum(n for f, n in files if f in found), leech.status()
    # Then all of it: what lay in the parts file is used.
    leech.leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)


@case
def sequential(box):
    """--sequential asks for the pieces in order"""
    torrent = make_single(box, size=4 * 1024 * 1024)
    order = []

    class Watching(wirepeer.Seed):
        def on_request(self, wire, index, offset, length):
            if index not in order:
                order.append(index)
            super().on_request(wire, index, offset, length)

    Watching(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', '--sequential', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    assert order == sorted(order), order


@case
def rarest_first_is_not_sequential(box):
    """without --sequential the order is not that of the file"""
    torrent = make_single(box, size=4 * 1024 * 1024)
    order = []

    class Watching(wirepeer.Seed):
        def on_request(self, wire, index, offset, length):
            order.append(index)
            super().on_request(wire, index, offset, length)

    Watching(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)
    assert order != sorted(order)


@case
def rate_limits(box):
    """--down-limit and --up-limit hold"""
    torrent = make_single(box, size=4 * 1024 * 1024)
    for side in ('down', 'up'):
        (box / side).mkdir()
        seed = Ccbt(box / side, '10.77.0.4').seed(torrent, torrent.folder, *(['--up-limit', '1M'] if side == 'up' else []))
        leech = Ccbt(box / side, '10.77.0.5')
        begin = time.monotonic()
        leech.leech(torrent, box / side / 'arrived', *(['--down-limit', '1M'] if side == 'down' else []),
                    dial=[('10.77.0.4', 7000)])
        leech.wait_done(torrent, box / side / 'arrived', 30)
        seconds = time.monotonic() - begin
        assert seconds >= 2.5, '%s: 4 MiB at 1 MiB/s took %.1f s' % (side, seconds)
        seed.stop()


@case
def interrupted_seed(box):
    """--seed stays after completion; SIGINT ends it with 130 quickly"""
    torrent = make_single(box)
    seed = Ccbt(box, '10.77.0.2').seed(torrent, torrent.folder)
    wirepeer.download(torrent, '10.77.0.2', 7000, [0, torrent.n_pieces - 1])
    assert seed.process.poll() is None
    seed.process.signal(signal.SIGINT)
    assert seed.process.wait(3) == 130, seed.process.tail()


@case
def torrent_from_url(box):
    """a http URL of a .torrent"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    server = Tracker(answer=lambda handler, query: reply(handler, torrent.path.read_bytes()))
    leech = Ccbt(box, '10.77.0.3').leech(server.url.replace('announce', 'x.torrent'), box / 'arrived', dial=SEED)
    leech.wait_done(torrent, box / 'arrived', 30)


@case
def settings(box):
    """--config and --set: a good value works, a bad file is reported with its line and does not stop the download"""
    torrent = make_single(box)
    wirepeer.Seed(torrent, '10.77.0.2')
    config = box / 'ccbt.toml'
    config.write_text('[network]\nlisten_port = 7123\nno_such_key = 1\n')
    leech = Ccbt(box, '10.77.0.3')
    argv = leech.arguments(torrent, box / 'arrived', SEED)
    at = argv.index('--port')
    del argv[at:at + 2]
    leech.start([*argv, '--config', config])
    leech.wait_done(torrent, box / 'arrived', 30)
    assert leech.messages('listening')[0]['port'] == 7123, leech.messages()[0]
    said = leech.process.error_text() + leech.process.text()
    assert 'ccbt.toml:3' in said, said[-500:]


@case
def magnet_with_peer(box):
    """a magnet link with x.pe needs no tracker"""
    torrent = make_single(box)
    wirepeer.MetadataSeed(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent.magnet(peers=SEED), box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', 30)
    assert leech.events('metadata-received'), leech.messages('event')


@case
def magnet_killed_after_metadata(box):
    """a magnet killed in the middle goes on from what it had"""
    torrent = make_single(box, size=6 * 1024 * 1024)

    class Paced(wirepeer.MetadataSeed, wirepeer.PacedSeed):
        pass

    seed = Paced(torrent, '10.77.0.2')
    leech = Ccbt(box, '10.77.0.3').leech(torrent.magnet(peers=SEED), box / 'arrived')
    wait_until(lambda: leech.status().get('done', 0) > torrent.size // 4, 30, leech.process.tail)
    leech.process.kill()
    leech.leech(torrent.magnet(peers=SEED), box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', 30)
    again = seed.n_blocks * wirepeer.BLOCK - torrent.size
    assert again <= 0.02 * torrent.size + 8 * torrent.piece_length, again


@case
def data_flows_quickly(box):
    """data flows within 0.2 s of the start (median of five)"""
    torrent = make_single(box)
    times = []

    class Watching(wirepeer.Seed):
        first = None

        def on_request(self, wire, index, offset, length):
            self.first = self.first or time.monotonic()
            super().on_request(wire, index, offset, length)

    seed = Watching(torrent, '10.77.0.2')
    for number in range(5):
        (box / str(number)).mkdir()
        seed.first, begin = None, time.monotonic()
        leech = Ccbt(box / str(number), '10.77.0.3').leech(torrent, box / str(number) / 'arrived', dial=SEED)
        leech.process.wait(20)
        times.append(seed.first - begin)
    # Two other tests may be running on these cores: twice the figure is still seen as broken.
    assert sorted(times)[2] < 0.4, times


main()
