#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trackers of a running torrent as its user wants them."""
import wirepeer
from harness import case, main, wait_until
from instance import OFFLINE, Instance
from localtracker import Tracker
from torrents import make_multi, make_single


def call(instance, verb, arguments):
    return instance.btbt('call', verb, arguments)


def done(instance, verb, arguments):
    result = call(instance, verb, arguments)
    assert result.returncode == 0, (verb, arguments, result)
    return result.stdout.strip()


def trackers(instance, name):
    return [(t['tier'], t['url']) for t in instance.json('trackers', name)]


@case
def edited_while_it_runs(box):
    """trackers are added, moved and removed; each hears what concerns it, and a restart changes nothing"""
    first, second, third = (Tracker(port=6969 + n) for n in range(3))
    torrent = make_single(box, 'film', 100000, trackers=[first.url, second.url])
    instance = Instance(box).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'))
    wait_until(lambda: first.events() == ['started'], 30, first.events)
    assert trackers(instance, 'film') == [(0, first.url), (1, second.url)]

    done(instance, 'torrent.add-tracker', "('%s', '%s', 2)" % (torrent.hex, third.url))
    assert trackers(instance, 'film') == [(0, first.url), (1, second.url), (2, third.url)]
    again = call(instance, 'torrent.add-tracker', "('%s', '%s', 0)" % (torrent.hex, third.url))
    assert again.returncode != 0 and 'already' in again.stderr, again

    done(instance, 'torrent.remove-tracker', "('%s', '%s')" % (torrent.hex, first.url))
    wait_until(lambda: first.events() == ['started', 'stopped'], 30, first.events)
    wait_until(lambda: second.events() == ['started'], 30, second.events)
    gone = call(instance, 'torrent.remove-tracker', "('%s', '%s')" % (torrent.hex, first.url))
    assert gone.returncode == 4, gone

    done(instance, 'torrent.set-trackers', "('%s', [(0, '%s'), (5, '%s')])" % (torrent.hex, third.url, second.url))
    assert trackers(instance, 'film') == [(0, third.url), (5, second.url)]
    wait_until(lambda: third.events() == ['started'], 30, third.events)

    instance.stop()
    instance.run()
    assert trackers(instance, 'film') == [(0, third.url), (5, second.url)]
    wait_until(lambda: third.events()[-2:] == ['stopped', 'started'], 30, third.events)
    assert first.events() == ['started', 'stopped'], first.events()

    done(instance, 'torrent.set-trackers', "('%s', [])" % torrent.hex)
    instance.stop()
    instance.run()
    assert trackers(instance, 'film') == []


@case
def nonsense_changes_nothing(box):
    """what is no tracker, comes twice or too often is refused as a whole"""
    torrent = make_single(box, 'film', 100000, trackers=['http://10.77.0.1:6969/announce'])
    instance = Instance(box).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'), '--paused')
    done(instance, 'torrent.add', "({'path': <'%s'>, 'trackers': <['wss://t.example/announce']>},)" % torrent.path)
    before = trackers(instance, 'film')
    assert len(before) == 2, before
    many = ', '.join("(0, 'udp://t.example:%d')" % (n + 1) for n in range(201))
    for verb, arguments in (('add-tracker', "'ftp://t.example/', 0"), ('add-tracker', "'http://t.example/\\u0001', 0"),
                            ('add-tracker', "'http://t.example/%s', 0" % ('x' * 2048)), ('add-tracker', "'', 0"),
                            ('set-trackers', "[(0, 'udp://t.example:1'), (1, 'udp://t.example:1')]"),
                            ('set-trackers', "[(0, 'udp://t.example:1'), (0, 'gopher://t.example/')]"),
                            ('set-trackers', '[%s]' % many)):
        result = call(instance, 'torrent.' + verb, "('%s', %s)" % (torrent.hex, arguments))
        assert result.returncode == 2, (verb, arguments[:100], result)
        assert trackers(instance, 'film') == before, trackers(instance, 'film')
    # One of a kind that cannot be asked may stay where it is there already.
    done(instance, 'torrent.set-trackers', "('%s', [(0, 'wss://t.example/announce')])" % torrent.hex)
    assert trackers(instance, 'film') == [(0, 'wss://t.example/announce')]


@case
def private_torrents_take_trackers_from_their_user_only(box):
    """a private torrent that is added once more keeps its trackers; its user may add one"""
    torrent = make_single(box, 'film', 100000, trackers=['http://10.77.0.1:6969/announce'], private=True)
    instance = Instance(box).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'), '--paused')
    other = make_single(box, 'film', 100000, trackers=['http://10.77.0.1:7000/announce'], private=True)
    assert other.hex == torrent.hex
    assert instance.json('add', str(other.path))[0]['new'] is False
    done(instance, 'torrent.add', "({'path': <'%s'>, 'trackers': <['http://10.77.0.1:7001/announce']>},)" % other.path)
    assert trackers(instance, 'film') == [(0, 'http://10.77.0.1:6969/announce')], trackers(instance, 'film')
    done(instance, 'torrent.add-tracker', "('%s', 'udp://10.77.0.1:7002', 1)" % torrent.hex)
    assert trackers(instance, 'film') == [(0, 'http://10.77.0.1:6969/announce'), (1, 'udp://10.77.0.1:7002')]


@case
def scraped_when_told(box):
    """the size of the swarm is asked for at once, and not again before the minimum interval"""
    tracker = Tracker()
    torrent = make_single(box, 'film', 100000, trackers=[tracker.url])
    tracker.add_peer(torrent, '10.77.0.1', 9)
    instance = Instance(box).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'), '--paused')
    assert done(instance, 'torrent.scrape', "('%s',)" % torrent.hex) in ('(int64 0,)', '(0,)')
    wait_until(lambda: instance.json('trackers', 'film')[0]['seeds'] == 1, 30, lambda: instance.json('trackers', 'film'))
    n = len(tracker.scrapes)
    wait = done(instance, 'torrent.scrape', "('%s',)" % torrent.hex)
    assert 0 < int(wait.strip('(),').replace('int64 ', '')) <= 60, wait
    assert len(tracker.scrapes) == n
    done(instance, 'torrent.set-trackers', "('%s', [])" % torrent.hex)
    assert call(instance, 'torrent.scrape', "('%s',)" % torrent.hex).returncode != 0


@case
def http_can_be_turned_off(box):
    """with discovery.enable_http_trackers = false no tracker hears of us over HTTP, and the list says why"""
    tracker = Tracker()
    torrent = make_single(box, 'film', 100000, trackers=[tracker.url])
    instance = Instance(box, [*OFFLINE, '--set=discovery.enable_http_trackers=false']).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'))
    listed = instance.json('trackers', 'film')
    assert listed[0]['state'] == 'failed' and 'settings' in listed[0]['message'], listed
    instance.btbt('announce', 'film')
    assert call(instance, 'torrent.scrape', "('%s',)" % torrent.hex).returncode != 0
    done(instance, 'torrent.add-tracker', "('%s', '%s', 0)" % (torrent.hex, tracker.url + '?again'))
    assert all(t['state'] == 'failed' for t in instance.json('trackers', 'film'))
    instance.stop()
    assert tracker.requests == tracker.scrapes == [], tracker.requests


@case
def choice_of_a_magnet_can_be_ignored(box):
    """with discovery.magnet_respect_indices = false so= of a link chooses nothing"""
    torrent = make_multi(box, n_tiny=3)
    tracker = Tracker()
    wirepeer.MetadataSeed(torrent, '10.77.0.2', 7000)
    tracker.add_peer(torrent, '10.77.0.2', 7000)
    for setting, skipped in (('true', True), ('false', False)):
        (box / setting).mkdir()
        instance = Instance(box / setting, [*OFFLINE, '--set=discovery.magnet_respect_indices=' + setting]).run()
        instance.json('add', torrent.magnet(tracker.url) + '&so=0', '--folder', str(box / setting / 'files'))
        files = wait_until(lambda: instance.json('files', torrent.hex), 60, 'no metadata')
        assert any(f['priority'] in (0, 'skip') for f in files) == skipped, files
        instance.stop()


if __name__ == '__main__':
    main()
