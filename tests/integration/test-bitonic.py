#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bitonic in a terminal, over a real `ccbt daemon run`."""
import json
import os
import re
import signal
import subprocess
import time

from harness import Process, case, diagnose, main, wait_until
from instance import CCBT, OFFLINE, Instance
from terminal import Terminal
from torrents import bencode, make_multi, make_single, make_torrent

BITONIC = os.environ['BITONIC']


class Watched(Instance):
    def add(self, torrent, *options):
        return self.json('add', str(torrent.path), '--folder', str(torrent.folder), *options)[0]['info-hash']

    def state_of(self, name):
        return next((t['state'] for t in self.json('list') if t['name'] == name), None)

    def show(self, width=80, height=24, arguments=('--refresh=0.2',), **environment):
        """bitonic in a terminal, at work."""
        terminal = Terminal(self.box, {**self.environment, **environment}, width, height)
        terminal.run(BITONIC, '--state-dir=%s' % self.state, *arguments)
        terminal.wait_for('1 Torrents', 'Help')
        return terminal


def find_pid(terminal):
    found = subprocess.run(['pgrep', '-P', terminal.flag('pane_pid'), '-x', 'bitonic'], capture_output=True, text=True)
    return int(found.stdout)


def is_running(pid):
    try:
        with open('/proc/%d/stat' % pid) as f:
            return f.read().rsplit(')', 1)[1].split()[0] not in 'ZX'  # nobody may be there to bury it
    except FileNotFoundError:
        return False


def cpu_seconds(pid):
    with open('/proc/%d/stat' % pid) as f:
        fields = f.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def read_modes(terminal, box):
    """What stty says of the terminal, when the shell has it."""
    path = box / 'modes'
    path.unlink(missing_ok=True)
    terminal.type('stty -g > %s.new; mv %s.new %s' % (path, path, path))
    terminal.press('Enter')
    wait_until(path.exists, 10, terminal.screen)
    return path.read_text()


def check_restored(terminal, box, modes):
    """The shell is back on its own screen, which works as before."""
    terminal.wait_for(terminal.PROMPT, absent=['1 Torrents'])
    assert terminal.flag('alternate_on') == '0', terminal.screen()
    assert terminal.flag('cursor_flag') == '1' and terminal.flag('mouse_any_flag') == '0'
    assert read_modes(terminal, box) == modes


@case
def without_instance(box):
    """no instance: code 3, and how to start one; wrong usage: code 2; no terminal: code 1"""
    instance = Watched(box)

    def bitonic(*arguments):
        return subprocess.run([BITONIC, '--state-dir=%s' % instance.state, *arguments], capture_output=True, text=True,
                              env={**os.environ, **instance.environment}, stdin=subprocess.DEVNULL, timeout=30)
    result = bitonic()
    assert result.returncode == 3 and 'ccbt daemon' in result.stderr and result.stdout == '', result
    for wrong in (['x'], ['--refresh=0'], ['--refresh=nan'], ['--colour']):
        assert bitonic(*wrong).returncode == 2, wrong
    assert bitonic('--version').stdout.startswith('bitonic ')
    instance.run()
    result = bitonic()
    assert result.returncode == 1 and 'terminal' in result.stderr, result


@case
def views_show_a_torrent(box):
    """torrents, details, peers, trackers, files, pieces, log, queue, network and help"""
    instance = Watched(box).run()
    album = make_multi(box, 'album', 5, trackers=['http://127.0.0.1:9/announce'])
    instance.add(album)
    instance.add(make_single(box, 'film', 100000), '--paused')
    terminal = instance.show()
    terminal.wait_for('album', 'film.bin', 'seeding', 'paused', 'Port: ', '2 torrents')
    for key, expected in (('2', ['album: seeding, 100%', 'Info-hash', album.hex, str(album.folder)]),
                          ('3', ['Address', 'Client']),
                          ('4', ['http://127.0.0.1:9', 'Leechers']),
                          ('5', ['album/größe ✓.dat', '1.0 MiB', 'normal']),
                          ('6', ['%d of %d pieces' % (album.n_pieces, album.n_pieces), '█' * 20]),
                          ('7', ['torrent-added', 'check-finished', 'film.bin']),
                          ('8', ['Place', 'Priority', 'album', 'film.bin']),
                          ('9', ['IPv4', 'DHT', 'Router'])):
        terminal.press(key)
        terminal.wait_for(*expected)
    terminal.press('?')
    terminal.wait_for('Keys', 'pause', 'Del')
    terminal.press('Escape')
    terminal.press('Escape')
    terminal.wait_for('Port: ')
    # What happens elsewhere is seen here.
    instance.add(make_single(box, 'later', 50000))
    terminal.wait_for('later.bin', '3 torrents')


@case
def transfer_is_seen(box):
    """a peer that downloads: its row, the rates, the graph"""
    instance = Watched(box).run()
    film = make_single(box, 'film', 8 * 1024 * 1024)
    instance.add(film)
    wait_until(lambda: instance.state_of('film.bin') == 'seeding', 30, 'seeding')
    Process([CCBT, film.path, '--output=%s' % (box / 'there'), '--state-dir=%s' % (box / 'other'), '--down-limit=500K',
             '--peer=127.0.0.1:%d' % instance.json('status')['port'], *OFFLINE], box, 'leech')
    terminal = instance.show(120, 40)
    wait_until(lambda: re.search(r'Up [\d.]+ [KM]iB/s.*[▁▂▃▄▅▆▇█]', terminal.screen()), 15, terminal.screen)
    terminal.wait_for('film.bin', 'iB/s')
    terminal.press('3')
    wait_until(lambda: re.search(r'127\.0\.0\.1:\d+ .* [KM]iB/s', terminal.screen()), 15, terminal.screen)
    terminal.press('9')
    terminal.wait_for('Limits in force')


@case
def keys_act(box):
    """pause, resume, marks, filter, sort, command, add, remove with a question"""
    instance = Watched(box).run()
    for name, size in (('alpha', 300000), ('beta', 200000), ('gamma', 100000)):
        instance.add(make_single(box, name, size))
    terminal = instance.show()
    terminal.wait_for('alpha.bin', 'beta.bin', 'gamma.bin')

    def order():
        return [w for line in terminal.lines() for w in ('alpha', 'beta', 'gamma') if w + '.bin' in line]
    wait_until(lambda: [instance.state_of(n + '.bin') for n in ('alpha', 'beta', 'gamma')] == ['seeding'] * 3, 30, 'seeding')
    terminal.press('p')
    wait_until(lambda: instance.state_of('alpha.bin') == 'paused', 10, 'alpha pauses')
    terminal.wait_for('paused')
    terminal.press('r')
    wait_until(lambda: instance.state_of('alpha.bin') == 'seeding', 10, 'alpha resumes')
    terminal.press('Down', 'Space', 'Space', 'p')
    terminal.wait_for('2 marked')
    wait_until(lambda: [instance.state_of(n + '.bin') for n in ('alpha', 'beta', 'gamma')]
               == ['seeding', 'paused', 'paused'], 10, 'those marked pause')
    terminal.press('Escape')
    terminal.wait_for('3 torrents', absent=['marked'])
    # By size: the fourth column.
    assert order() == ['alpha', 'beta', 'gamma'], order()
    terminal.press('>', '>', '>')
    wait_until(lambda: order() == ['gamma', 'beta', 'alpha'], 10, terminal.screen)
    terminal.press('v')
    wait_until(lambda: order() == ['alpha', 'beta', 'gamma'], 10, terminal.screen)
    terminal.press('/')
    terminal.type('BET')
    wait_until(lambda: order() == ['beta'], 10, terminal.screen)
    terminal.press('Enter')
    terminal.press(':')
    terminal.type('limit 1M 2K')
    terminal.press('Enter')
    wait_until(lambda: instance.json('show', 'beta.bin')['upload-limit'] == 2048, 10, 'the limit')
    terminal.press('DC')
    terminal.wait_for('Remove?', 'beta.bin', 'files stay')
    terminal.press('n')
    terminal.wait_for('beta.bin', absent=['Remove?'])
    terminal.press('DC')
    terminal.wait_for('Remove?')
    terminal.press('y')
    wait_until(lambda: instance.state_of('beta.bin') is None, 10, 'beta is removed')
    assert (box / 'payload' / 'beta.bin').exists()
    terminal.press('Escape')
    wait_until(lambda: order() == ['alpha', 'gamma'], 10, terminal.screen)
    terminal.press('i')
    terminal.type(str(box / 'beta.torrent'))
    terminal.press('Enter')
    wait_until(lambda: instance.state_of('beta.bin') is not None, 10, 'beta is back')
    terminal.press('i')
    terminal.type('magnet:?xt=urn:btih:%s&dn=delta' % ('12' * 20))
    terminal.press('Enter')
    terminal.wait_for('delta', 'Added')
    terminal.press('i')
    terminal.type('/nonexistent')
    terminal.press('Enter')
    terminal.wait_for('/nonexistent', 'No such file')
    terminal.press(':')
    terminal.type('limit 1X')
    terminal.press('Enter')
    terminal.wait_for('limit DOWN UP')


@case
def forms_and_browser(box):
    """options of a torrent, limits of the instance, a form to add, files by their priority, the queue"""
    instance = Watched(box).run()
    album = make_multi(box, 'album', 3)
    instance.add(album)
    instance.add(make_single(box, 'film', 100000))
    terminal = instance.show()
    terminal.wait_for('album', 'film.bin')
    terminal.press('t')
    terminal.wait_for('Options of the torrent', 'Upload limit')
    terminal.press('Space', 'Tab', 'Tab', 'Tab', 'BSpace')
    terminal.type('3K')
    terminal.press('Enter')
    wait_until(lambda: (instance.json('show', 'album')['priority'], instance.json('show', 'album')['upload-limit'])
               == ('high', 3072), 10, 'the options')
    terminal.press('g')
    terminal.wait_for('Limits of the instance')
    terminal.type('5')  # after the 0 that is there
    terminal.press('Enter')
    wait_until(lambda: instance.json('status')['download-limit'] == 5, 10, 'the limit')
    terminal.press('5')
    terminal.wait_for('album/tiny')
    terminal.press('Down', 'Space')
    wait_until(lambda: instance.json('files', 'album')[1]['priority'] == 0, 10, 'the file is skipped')
    terminal.wait_for('skip')
    terminal.press('a')
    wait_until(lambda: instance.json('files', 'album')[1]['priority'] == 4, 10, 'all files')
    terminal.press('8')
    terminal.wait_for('Place', 'high')
    terminal.press('+')
    wait_until(lambda: [t['name'] for t in instance.json('queue')] == ['film.bin', 'album'], 10, 'the queue')
    wait_until(lambda: terminal.screen().index('film.bin') < terminal.screen().index('album '), 10, terminal.screen)
    make_single(box, 'new', 50000)
    terminal.press('b')
    terminal.wait_for('Add a .torrent file')
    for _ in range(12):
        terminal.press('Left')
    terminal.wait_for('etc/', 'dev/')
    terminal.press('Escape', 'o')
    terminal.wait_for('Folder for its files')
    terminal.type(str(box / 'new.torrent'))
    terminal.press('Tab')
    terminal.type(str(box / 'elsewhere'))
    terminal.press('Tab', 'Space', 'Enter')
    wait_until(lambda: instance.state_of('new.bin') == 'paused', 10, 'it is added, paused')
    assert instance.json('show', 'new.bin')['folder'] == str(box / 'elsewhere')


@case
def mouse(box):
    """rows, headings, views and keys are clicked"""
    instance = Watched(box).run()
    for name in ('alpha', 'beta'):
        instance.add(make_single(box, name, 100000))
    terminal = instance.show()
    terminal.wait_for('alpha.bin', 'beta.bin')

    def click(text):
        """As terminals of this kind report a press and a release."""
        lines = terminal.lines()
        y = next(n for n, line in enumerate(lines) if text in line)
        place = '%c%c' % (33 + lines[y].index(text), 33 + y)
        terminal.type('\x1b[M ' + place + '\x1b[M#' + place)
    assert terminal.flag('mouse_any_flag') == '1'
    click('beta.bin')
    click('p Pause')
    wait_until(lambda: [instance.state_of(n) for n in ('alpha.bin', 'beta.bin')] == ['seeding', 'paused'], 10, 'beta pauses')
    click('Name')
    wait_until(lambda: terminal.screen().index('beta.bin') < terminal.screen().index('alpha.bin'), 10, terminal.screen)
    click('9 Network')
    terminal.wait_for('Router')


@case
def ten_thousand_torrents(box):
    """ten thousand torrents are shown, filtered, sorted and marked, and one command meets them all"""
    instance = Watched(box).run()
    folder = box / 'many'
    folder.mkdir()
    for number in range(10000):
        info = {'name': 'file %05d' % number, 'piece length': 16384, 'length': 100, 'pieces': number.to_bytes(20, 'big')}
        (folder / ('%05d.torrent' % number)).write_bytes(bencode({'info': info}))
    names = sorted(str(f) for f in folder.iterdir())
    for at in range(0, len(names), 2000):
        assert instance.btbt('add', '--paused', '--folder', str(box), *names[at:at + 2000]).returncode == 0
    begin = time.monotonic()
    terminal = instance.show(arguments=())
    terminal.wait_for('10000 torrents', 'file 00000')
    shown = time.monotonic() - begin
    time.sleep(3)  # what is fetched behind the list
    begin = time.monotonic()
    terminal.press('End')
    terminal.wait_for('file 09999')
    terminal.press('/')
    terminal.type('0777')
    terminal.wait_for('file 07771', absent=['file 09999'])
    terminal.press('Escape', 'v', 'Home')
    terminal.wait_for('file 09999')
    acted = time.monotonic() - begin
    pid = find_pid(terminal)
    time.sleep(1)
    before = cpu_seconds(pid)
    time.sleep(5)
    busy = (cpu_seconds(pid) - before) / 5
    diagnose('shown after %.2f s, keys acted in %.2f s, then %.1f %% of a core' % (shown, acted, 100 * busy))
    # One call for each: more than an instance bears at once.
    terminal.press('/')
    terminal.type('0')
    terminal.press('Enter', '*')
    terminal.wait_for('10000 marked')
    terminal.press(':')
    terminal.type('limit 7 7')
    terminal.press('Enter')
    last = lambda: [t['upload-limit'] for t in map(lambda n: instance.json('show', n), ('file 00000', 'file 09999'))]
    wait_until(lambda: last() == [7, 7], 60, 'all are limited', step=1)
    assert 'NOT CONNECTED' not in terminal.screen()


@case
def resizes(box):
    """larger, 80x24, and smaller than anything fits"""
    instance = Watched(box).run()
    instance.add(make_single(box, 'film', 100000))
    terminal = instance.show(80, 24)
    terminal.wait_for('film.bin')
    assert 'Ratio' not in terminal.screen()
    terminal.resize(150, 45)
    screen = terminal.wait_for('film.bin', 'Ratio', 'Added')
    assert terminal.lines()[44].startswith('p Pause'), screen
    for width, height in ((10, 3), (1, 1), (3, 60)):
        terminal.resize(width, height)
        terminal.press('2', '6', '?', 'Escape', 'DC', 'n', '1')
    terminal.resize(80, 24)
    terminal.wait_for('film.bin', 'q Quit', absent=['Ratio'])
    assert terminal.lines()[23].startswith('p Pause'), terminal.screen()


@case
def hostile_names(box):
    """control characters and direction overrides are shown as what they are not"""
    instance = Watched(box).run()
    instance.add(make_torrent(box / 'evil.torrent', box / 'payload', [('evil\x1b]0;owned\x07\u202egpj.exe', 40000)],
                              single=True))
    terminal = instance.show()
    screen = terminal.wait_for('evil', 'gpj.exe')
    assert '\u202e' not in screen and ']0;owned' in screen, screen
    assert terminal.flag('pane_title') != 'owned'
    # Nor does what is typed here get to the terminal as it is.
    terminal.press('/')
    terminal.type('a\u202eb\u200bc')
    screen = terminal.wait_for('Filter: a�b�c')
    assert '\u202e' not in screen, screen


@case
def plain_locale(box):
    """ASCII only: everything is there, in ASCII"""
    instance = Watched(box).run()
    album = make_multi(box, 'album', 5)
    instance.add(album)
    instance.add(make_single(box, 'Größe', 100000))
    terminal = instance.show(LC_ALL='C')
    terminal.wait_for('album', 'Grosse.bin')
    for key, expected in (('5', 'grosse ?.dat'), ('6', '####'), ('2', '####'), ('?', 'Keys')):
        terminal.press(key)
        screen = terminal.wait_for(expected)
        assert screen.isascii(), screen


@case
def terminal_is_restored(box):
    """after q, SIGTERM, SIGHUP's kin, a crash; after being stopped and continued"""
    instance = Watched(box).run()
    instance.add(make_single(box, 'film', 100000))
    terminal = Terminal(box, instance.environment)
    modes = read_modes(terminal, box)

    def start():
        terminal.run('clear')
        terminal.run(BITONIC, '--state-dir=%s' % instance.state)
        terminal.wait_for('film.bin', 'Help')
    start()
    terminal.press('q')
    check_restored(terminal, box, modes)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGSEGV, signal.SIGABRT, signal.SIGQUIT):
        start()
        assert terminal.flag('alternate_on') == '1' and terminal.flag('mouse_any_flag') == '1'
        os.kill(find_pid(terminal), number)
        check_restored(terminal, box, modes)
    start()
    terminal.press('C-c')
    check_restored(terminal, box, modes)
    start()
    terminal.press('C-z')
    check_restored(terminal, box, modes)
    terminal.run('fg')
    terminal.wait_for('film.bin', 'Help')
    terminal.press('2')
    terminal.wait_for('Info-hash')
    terminal.press('q')
    check_restored(terminal, box, modes)


@case
def terminal_goes_away(box):
    """so does bitonic"""
    instance = Watched(box).run()
    instance.add(make_single(box, 'film', 100000))
    terminal = instance.show()
    pid = find_pid(terminal)
    terminal.tmux('kill-server')
    wait_until(lambda: not is_running(pid), 10, 'it is gone')
    wait_until(lambda: instance.state_of('film.bin') == 'seeding', 10, 'the instance goes on')


@case
def instance_ends_and_comes_back(box):
    """it says so, and goes on with the next"""
    instance = Watched(box).run()
    instance.add(make_single(box, 'film', 100000))
    terminal = instance.show()
    terminal.wait_for('film.bin')
    instance.process.stop()
    terminal.wait_for('has ended')
    instance.run()
    terminal.wait_for('film.bin', absent=['NOT CONNECTED', 'has ended'])
    instance.add(make_single(box, 'second', 100000))
    terminal.wait_for('second.bin')


main()
