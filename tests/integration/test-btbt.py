#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""btbt against a real `ccbt daemon run`."""
from harness import case, main, wait_until
from instance import Instance
from torrents import make_single


@case
def without_instance(box):
    """no instance: code 3, and how to start one; usage errors come first"""
    instance = Instance(box)
    result = instance.btbt('list')
    assert result.returncode == 3 and 'ccbt daemon' in result.stderr and result.stdout == '', result
    assert instance.btbt('lsit').returncode == 2
    assert instance.btbt('version').returncode == 0


@case
def life_of_a_torrent(box):
    """add, list, show, files, limit, category, pause, resume, events, remove"""
    instance = Instance(box).run()
    torrent = make_single(box, 'film', 100000)
    added = instance.json('add', str(torrent.path), '--folder', str(box / 'files'), '--paused')
    assert added[0]['new'] is True, added
    info_hash = added[0]['info-hash']
    assert instance.json('add', str(torrent.path))[0]['new'] is False

    listed = instance.json('list')
    assert [(t['name'], t['info-hash'], t['state']) for t in listed] == [('film.bin', info_hash, 'paused')], listed
    assert instance.json('list', '--filter=seeding') == []
    assert 'film.bin' in instance.btbt('list', '--filter=FILM').stdout
    assert instance.json('show', info_hash[:6])['total-size'] == 100000
    files = instance.json('files', '#%d' % listed[0]['id'])
    assert files[0]['length'] == 100000, files
    assert instance.json('peers', 'film') == [] and isinstance(instance.json('trackers', 'film'), list)

    assert instance.btbt('limit', 'torrent', 'film', '1M', '2K').returncode == 0
    assert instance.btbt('category', 'film', 'tests').returncode == 0

    def has_options():
        shown = instance.json('show', 'film')
        return (shown['download-limit'], shown['upload-limit'], shown['category']) == (1048576, 2048, 'tests')
    wait_until(has_options, 30, 'the options are shown')
    assert instance.btbt('limit', '5M', '0').returncode == 0

    assert instance.btbt('resume', '--all').returncode == 0
    wait_until(lambda: instance.json('show', 'film')['state'] == 'downloading', 30, 'the torrent runs')
    assert instance.btbt('pause', 'film').returncode == 0
    wait_until(lambda: instance.json('show', 'film')['state'] == 'paused', 30, 'the torrent is paused')
    assert any(e.get('info-hash') == info_hash for e in instance.json('events')), instance.json('events')
    assert instance.btbt('call', 'session.pause-all').returncode == 0
    assert instance.btbt('remove', 'film').returncode == 0
    wait_until(lambda: instance.json('list') == [], 30, 'the torrent is gone')
    assert instance.btbt('show', 'film').returncode == 4


@case
def queue_options_and_files(box):
    """queue, set, tags, alternative limits, export, import and wait"""
    instance = Instance(box).run()
    for name in ('a', 'b', 'c'):
        torrent = make_single(box, name, 50000)
        instance.json('add', str(torrent.path), '--folder', str(box / 'files'), '--paused')

    def order():
        return ''.join(t['name'][0] for t in instance.json('queue'))
    assert order() == 'abc', order()
    assert instance.btbt('queue', 'move', 'c.bin', 'top').returncode == 0
    wait_until(lambda: order() == 'cab', 10, order)
    assert instance.btbt('queue', 'move', 'c.bin', 'aside').returncode == 2
    for option, text in (('priority', 'high'), ('forced', 'true'), ('ratio-goal', '1.5'), ('upload-limit', '2K')):
        result = instance.btbt('set', 'b.bin', option, text)
        assert result.returncode == 0, result
    for words in (('set', 'b.bin', 'priority', 'highest'), ('set', 'b.bin', 'colour', 'red'),
                  ('set', 'b.bin', 'ratio-goal', 'much')):
        assert instance.btbt(*words).returncode == 2, words
    for tag in ('x', 'y'):
        assert instance.btbt('tag', 'add', 'b.bin', tag).returncode == 0
        wait_until(lambda: tag in instance.json('show', 'b.bin')['tags'], 10, 'the tag is shown')
    assert instance.btbt('tag', 'remove', 'b.bin', 'x').returncode == 0
    wait_until(lambda: instance.json('show', 'b.bin')['tags'] == ['y'], 10, 'the tag is gone')
    shown = instance.json('show', 'b.bin')
    assert (shown['priority'], shown['forced'], shown['ratio-goal'], shown['upload-limit']) \
        == ('high', True, 1.5, 2048), shown
    assert instance.btbt('set', 'b.bin', 'display-name', 'Größe').returncode == 0
    wait_until(lambda: 'Größe' in [t['name'] for t in instance.json('list')], 10, 'the new name is shown')
    assert instance.btbt('alternative', 'on').returncode == 0
    wait_until(lambda: instance.json('status')['alternative-limits'], 10, 'the alternative limits are on')
    assert instance.btbt('export', 'Größe', str(box / 'again.torrent')).returncode == 0
    assert instance.json('add', str(box / 'again.torrent'))[0]['new'] is False
    assert instance.btbt('import', 'rtorrent', str(box)).returncode == 0  # .torrent files are there: all known
    assert all(not row['taken'] for row in instance.json('import', 'rtorrent', str(box)))
    # What is on disk is complete once it was looked at.
    seed = make_single(box, 'seed', 70000)
    instance.json('add', str(seed.path), '--folder', str(seed.folder))
    assert instance.btbt('wait', 'seed.bin').returncode == 0


@case
def settings_trackers_and_moves(box):
    """a setting is changed and reset; trackers come and go; files move"""
    instance = Instance(box).run()
    torrent = make_single(box, 'film', 100000)
    instance.json('add', str(torrent.path), '--folder', str(torrent.folder), '--category', 'films')
    wait_until(lambda: instance.json('show', 'film')['state'] == 'seeding', 30, instance.process.tail)
    assert instance.json('show', 'film')['category'] == 'films'

    assert instance.btbt('config', 'set', 'limits.download_rate', '12345').returncode == 0
    assert instance.json('config', 'get', 'limits.download_rate')['value'] == '12345'
    wait_until(lambda: instance.json('status')['download-limit'] == 12345, 10, lambda: instance.json('status'))
    assert 'restart' in instance.btbt('config', 'set', 'disk.threads', '3').stdout
    assert instance.btbt('config', 'set', 'limits.download_rate', 'fast').returncode != 0
    assert instance.btbt('config', 'reset', 'limits.download_rate').returncode == 0
    origins = {row['key']: row['origin'] for row in instance.json('config')}
    assert origins['limits.download_rate'] == 'default' and origins['disk.threads'] != 'default', origins

    url = 'http://10.77.0.9:1/announce'
    assert instance.btbt('tracker', 'add', 'film', url, '2').returncode == 0
    assert [(t['tier'], t['url']) for t in instance.json('trackers', 'film')] == [(2, url)]
    assert instance.btbt('tracker', 'add', 'film', url, 'first').returncode == 2
    assert instance.btbt('scrape', 'film').returncode == 0
    assert instance.btbt('tracker', 'remove', 'film', url).returncode == 0
    assert instance.btbt('tracker', 'remove', 'film', url).returncode == 4

    assert instance.btbt('move', 'film', str(box / 'elsewhere')).returncode == 0
    wait_until(lambda: instance.json('show', 'film')['folder'] == str(box / 'elsewhere'), 30, instance.process.tail)
    assert (box / 'elsewhere' / torrent.name).stat().st_size == 100000 and not (torrent.folder / torrent.name).exists()
    assert instance.btbt('move', 'cancel', 'film').returncode == 0


@case
def hostile_arguments(box):
    """mistakes: code 2 or 4, a clear line without control characters, and nothing changed"""
    instance = Instance(box).run()
    torrent = make_single(box, 'film', 100000)
    instance.json('add', str(torrent.path), '--paused')
    before = instance.json('list')
    for code, words in ((4, ['resume', 'film', 'no\x1b[2Jsuch\u202e']), (2, ['resume', '--all', 'film']), (2, ['resume']),
                        (2, ['limit', '1M', '-1']), (2, ['call', 'torrent.resume', "('x', 1)"]),
                        (1, ['add', '/nonexistent']), (1, ['add', str(torrent.path), str(box)]), (2, ['A' * 100000])):
        result = instance.btbt(*words)
        assert result.returncode == code, (words, result)
        assert result.stderr.startswith('btbt: ') and len(result.stderr) < 1000, result.stderr
        assert '\x1b' not in result.stderr and '\u202e' not in result.stderr, result.stderr
    assert instance.json('list') == before



main()
