#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trackers with addresses of both families are told of us over each (BEP 7)."""
import subprocess

from harness import at_end, case, main, wait_until
from instance import Instance, OFFLINE
from localtracker import Tracker
from torrents import make_single

NAMES = {'both.test': ('10.77.0.1', 'fd77::1'), 'four.test': ('10.77.0.1',), 'six.test': ('fd77::1',)}


def name_hosts(box):
    path = box / 'hosts'
    path.write_text(''.join('%s %s\n' % (address, name) for name, addresses in NAMES.items() for address in addresses))
    subprocess.run(['mount', '--bind', path, '/etc/hosts'], check=True)
    at_end(lambda: subprocess.run(['umount', '/etc/hosts'], check=True))


def both():
    return Tracker('10.77.0.1'), Tracker('fd77::1')


def run(box, name, settings=OFFLINE):
    torrent = make_single(box, 'film', 100000, trackers=['http://%s:6969/announce' % name])
    instance = Instance(box, settings).run()
    instance.json('add', str(torrent.path), '--folder', str(box / 'files'))
    return torrent, instance


def remove(instance):
    assert instance.btbt('remove', 'film').returncode == 0


@case
def told_over_both(box):
    """started and stopped go over IPv4 and IPv6, once each and with the same key; peers of both are taken"""
    name_hosts(box)
    four, six = both()
    for n, tracker in enumerate((four, six)):
        tracker.add_peer(make_single(box, 'film', 100000), '10.77.0.2', 7000 + n)
    torrent, instance = run(box, 'both.test')
    wait_until(lambda: four.requests and six.requests, 30, lambda: (four.requests, six.requests))
    wait_until(lambda: instance.json('trackers', 'film')[0]['state'] == 'working', 30, 'the tracker works')
    wait_until(lambda: instance.json('trackers', 'film')[0]['peers-received'] == 2, 30, 'peers of both')
    keys = {query['key'] for tracker in (four, six) for _, query in tracker.requests}
    assert len(keys) == 1, keys
    remove(instance)
    wait_until(lambda: four.events() == six.events() == ['started', 'stopped'], 30, lambda: (four.events(), six.events()))


@case
def one_family_is_told_once(box):
    """a tracker with addresses of one family is asked once, and the other family is no failure"""
    name_hosts(box)
    four, six = both()
    for name, asked, other in (('four.test', four, six), ('six.test', six, four)):
        (box / name).mkdir()
        torrent, instance = run(box / name, name)
        wait_until(lambda: asked.events() == ['started'], 30, asked.events)
        wait_until(lambda: instance.json('trackers', 'film')[0]['state'] == 'working', 30, 'the tracker works')
        assert not instance.json('trackers', 'film')[0].get('message'), instance.json('trackers', 'film')
        remove(instance)
        wait_until(lambda: asked.events() == ['started', 'stopped'], 30, asked.events)
        instance.stop()
        assert other.requests == [], other.requests
        asked.requests.clear()


@case
def one_family_is_silent(box):
    """a tracker that answers over one of its two families only works"""
    name_hosts(box)
    six = Tracker('fd77::1')
    torrent, instance = run(box, 'both.test')
    wait_until(lambda: six.events() == ['started'], 30, six.events)
    wait_until(lambda: instance.json('trackers', 'film')[0]['state'] == 'working', 30, 'the tracker works')


@case
def why_it_failed_is_told(box):
    """what a tracker of one family says counts, not that it has no address of the other"""
    name_hosts(box)

    def refuse(handler, query):
        handler.send_error(503)
    Tracker('10.77.0.1', answer=refuse)
    torrent, instance = run(box, 'four.test')

    def message():
        return instance.json('trackers', 'film')[0].get('message') or ''
    wait_until(message, 30, 'the tracker failed')
    assert '503' in message(), message()


@case
def a_bound_address_has_one_family(box):
    """bound to an IPv4 address nothing is asked over IPv6"""
    name_hosts(box)
    four, six = both()
    torrent, instance = run(box, 'both.test', [*OFFLINE, '--bind=10.77.0.9'])
    wait_until(lambda: four.events() == ['started'], 30, four.events)
    remove(instance)
    wait_until(lambda: four.events() == ['started', 'stopped'], 30, four.events)
    assert six.requests == [], six.requests


@case
def without_ipv6(box):
    """where IPv6 is turned off, a tracker of both families works (the last case: it stays off)"""
    name_hosts(box)
    with open('/proc/sys/net/ipv6/conf/all/disable_ipv6', 'w') as f:
        f.write('1')
    four = Tracker('10.77.0.1')
    torrent, instance = run(box, 'both.test')
    wait_until(lambda: instance.json('trackers', 'film')[0]['state'] == 'working', 30, 'the tracker works')
    remove(instance)
    wait_until(lambda: four.events() == ['started', 'stopped'], 30, four.events)


if __name__ == '__main__':
    main()
