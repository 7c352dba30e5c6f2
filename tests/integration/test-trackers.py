#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trackers: what we tell them, and what hostile ones tell us (threats B59-B71)."""
import gzip
import re
import signal
import socket
import time

import wirepeer
from harness import case, main, wait_until
from localtracker import Tracker, compact, reply
from swarm import Ccbt, OpenTracker
from torrents import bencode, make_single

BAD, GOOD = '10.77.0.1', '10.77.0.11'
SEED = ('10.77.0.2', 7000)
MIB = 1024 * 1024


def url(address):
    return 'http://%s:6969/announce' % address


# ---------------------------------------------------------------- what we say

@case
def announce_parameters(box):
    """every announce has all parameters; started, completed, stopped come once each and in this order"""
    torrent = make_single(box, trackers=[url(BAD)])
    wirepeer.Seed(torrent, *SEED)
    tracker = Tracker(BAD)
    tracker.add_peer(torrent, *SEED)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived', '--seed')
    leech.wait_done(torrent, box / 'arrived', 30)
    wait_until(lambda: 'completed' in tracker.events(), 10, lambda: 'no completed: %s' % tracker.events())
    leech.process.signal(signal.SIGINT)
    leech.process.wait(5)
    events = [e for e in tracker.events() if e]
    assert events == ['started', 'completed', 'stopped'], tracker.events()
    needed = {'info_hash', 'peer_id', 'port', 'uploaded', 'downloaded', 'left', 'compact', 'key', 'numwant'}
    for path, query in tracker.requests:
        missing = needed - set(query) - ({'numwant'} if query.get('event') == b'stopped' else set())
        assert not missing and query['info_hash'] == torrent.info_hash and len(query['peer_id']) == 20, (missing, path)
        assert query['port'] == b'7000' and query['compact'] == b'1', path
    assert len({q['key'] for _, q in tracker.requests}) == 1 and len({q['peer_id'] for _, q in tracker.requests}) == 1
    by_event = {q.get('event'): q for _, q in tracker.requests}
    assert by_event[b'started']['left'] == b'%d' % torrent.size and by_event[b'started']['downloaded'] == b'0'
    assert by_event[b'completed']['left'] == b'0', by_event[b'completed']
    assert int(by_event[b'stopped']['downloaded']) >= torrent.size


@case
def seed_announces_no_completion(box):
    """a seed that had everything before says started with left 0, and never completed"""
    torrent = make_single(box, trackers=[url(BAD)])
    tracker = Tracker(BAD)
    seed = Ccbt(box, '10.77.0.3').seed(torrent, torrent.folder)
    wait_until(lambda: tracker.requests, 10, 'no announce')
    time.sleep(1.5)
    seed.process.signal(signal.SIGINT)
    seed.process.wait(5)
    assert 'completed' not in tracker.events() and 'started' in tracker.events(), tracker.events()
    assert all(query['left'] == b'0' for _, query in tracker.requests), tracker.requests


@case
def odd_hashes_and_queries(box):
    """binary info-hashes with %, &, +, = and NUL arrive whole, a query in the announce URL is kept"""
    n_odd = 0
    tracker = Tracker(BAD)
    for number in range(400):
        torrent = make_single(box, 'odd-%d' % number, size=10, trackers=[url(BAD) + '?passkey=a%2Fb%26c'])
        if len(set(torrent.info_hash) & set(b'%&+= \0#?/')) < 2:
            continue
        n_odd += 1
        (box / str(n_odd)).mkdir()
        seed = Ccbt(box / str(n_odd), '10.77.0.3').seed(torrent, torrent.folder)
        wait_until(lambda: any(q['info_hash'] == torrent.info_hash for _, q in tracker.requests), 10,
                   lambda: 'announced %s for %s' % (tracker.requests[-1:], torrent.hex))
        assert tracker.requests[-1][1]['passkey'] == b'a/b&c' and 'passkey=a%2Fb%26c' in tracker.requests[-1][0]
        seed.stop()
        if n_odd == 3:
            return
    raise AssertionError('found %d odd hashes only' % n_odd)


@case
def tiers(box):
    """tiers: the next is asked when all of one failed, and a dead one does not hold up the download"""
    torrent = make_single(box, trackers=['http://10.77.0.99:1/announce', url(GOOD)])
    wirepeer.Seed(torrent, *SEED)
    tracker = Tracker(GOOD)
    tracker.add_peer(torrent, *SEED)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', 15)


@case
def udp_opentracker(box):
    """by UDP two of us meet at opentracker, which is told started, completed and stopped"""
    torrent = make_single(box)
    known = OpenTracker(box, torrent, address=GOOD)
    udp = make_single(box, trackers=['udp://%s:6969/announce' % GOOD])
    assert udp.info_hash == torrent.info_hash
    (box / 'seed').mkdir()
    (box / 'leech').mkdir()
    seed = Ccbt(box / 'seed', '10.77.0.2').seed(udp, udp.folder)
    known.wait_for_seeds(udp, 1, seed)
    leech = Ccbt(box / 'leech', '10.77.0.3').leech(udp, box / 'arrived', '--seed')
    leech.wait_done(udp, box / 'arrived', 30)
    wait_until(lambda: known.count(udp) == (2, 0), 10, lambda: 'counted %s' % (known.count(udp),))
    leech.process.signal(signal.SIGINT)
    leech.process.wait(5)
    wait_until(lambda: known.count(udp) == (1, 0), 10, lambda: 'counted %s' % (known.count(udp),))


@case
def interval_is_kept(box):
    """no more announces than the tracker's interval allows, whatever happens to the peers"""
    torrent = make_single(box, trackers=[url(BAD)])
    tracker = Tracker(BAD)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    wait_until(lambda: tracker.requests, 10, 'no announce')
    time.sleep(6)
    assert len(tracker.requests) == 1 and leech.process.poll() is None, tracker.events()


@case
def silent_tracker_and_quit(box):
    """a tracker that never answers delays the end by 2 s at most"""
    torrent = make_single(box, trackers=[url(BAD), url(GOOD)])
    Tracker(BAD, answer=lambda handler, query: time.sleep(60))

    def only_first(handler, query):
        if query.get('event') == b'stopped':
            time.sleep(60)
        reply(handler, bencode({'interval': 1800, 'peers': b''}))

    good = Tracker(GOOD, answer=only_first)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    wait_until(lambda: good.requests, 20, 'the second tier is not asked while the first is silent')
    time.sleep(0.5)
    begin = time.monotonic()
    leech.process.signal(signal.SIGINT)
    assert leech.process.wait(10) == 130
    assert time.monotonic() - begin < 6, '%.1f s' % (time.monotonic() - begin)


@case
def dictionary_and_ipv6_peers(box):
    """peers as dictionaries and as peers6; host names among them are not looked up (B70)"""
    torrent = make_single(box, trackers=[url(BAD)])
    wirepeer.Seed(torrent, *SEED)

    def answer(handler, query):
        peers = [{'ip': 'name.example', 'port': 80}, {'ip': SEED[0], 'port': 0}, {'ip': 7, 'port': 'x'}, 5,
                 {'ip': SEED[0], 'port': SEED[1], 'peer id': b'x' * 20}]
        reply(handler, bencode({'interval': 1800, 'peers': peers}))

    Tracker(BAD, answer=answer)
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    leech.wait_done(torrent, box / 'arrived', 30)

    other = make_single(box, 'six', trackers=['http://[fd77::1]:6969/announce'])
    wirepeer.Seed(other, 'fd77::2')
    six = socket.inet_pton(socket.AF_INET6, 'fd77::2') + (7000).to_bytes(2, 'big')
    Tracker('fd77::1', answer=lambda h, q: reply(h, bencode({'interval': 1800, 'peers': b'', 'peers6': six})))
    leech = Ccbt(box, 'fd77::3').leech(other, box / 'arrived')
    leech.wait_done(other, box / 'arrived', 30)


# ---------------------------------------------------------------- what they say

def expect_survived(name, title, answer, seconds=45, n_most=None, says=None):
    """A hostile tracker in the first tier, an honest one in the second, which alone knows the seed: the download
    completes, memory stays, and nothing of theirs reaches the terminal raw. For replies that count as answers, so that
    the second tier is never asked, the seed is dialled as well."""
    def run(box):
        torrent = make_single(box, trackers=[url(BAD), url(GOOD)])
        seed = wirepeer.Seed(torrent, *SEED)
        bad, good = Tracker(BAD, answer=answer), Tracker(GOOD)
        good.add_peer(torrent, *SEED)
        leech = Ccbt(box, '10.77.0.3')
        leech.leech(torrent, box / 'arrived', *(['--peer', '%s:%d' % SEED, '--down-limit', '600K'] if says else []))
        peak = leech.peak_until_done(torrent, seconds, lambda: 'not complete: announces %d bad, %d good, %d dials\n%s' % (
            len(bad.requests), len(good.requests), seed.n_connections, leech.process.tail()))
        assert not torrent.differences(box / 'arrived')
        assert bad.requests, 'the hostile tracker was never asked: nothing was tested'
        assert peak < 120 * MIB, 'took %d MiB' % (peak // MIB)
        assert n_most is None or len(bad.requests) <= n_most, '%d requests' % len(bad.requests)
        raw = leech.process.log.read_bytes() + leech.process.errors.read_bytes()
        assert not re.search(rb'[\x00-\x09\x0b-\x1f\x7f]', raw), 'control characters came through'
        if says:
            assert says in raw, raw[-600:]
    run.__doc__ = 'survived: ' + title
    run.__name__ = name
    case(run)


def redirect(target):
    return lambda handler, query: reply(handler, b'', 302, [('Location', target)])


def raw(data, then=None):
    """An answer without the help of a server's manners."""
    def answer(handler, query):
        handler.wfile.write(data)
        if then:
            then(handler)
        handler.close_connection = True
    return answer


def endless(handler):
    while True:
        handler.wfile.write(b'10000\r\n' + bytes(0x10000) + b'\r\n')


def drip(handler):
    while True:
        handler.wfile.write(b'1\r\nd\r\n')
        time.sleep(1)


def endless_header(handler):
    while True:
        handler.wfile.write(b'X-Filler: ' + b'x' * 8000 + b'\r\n')


def bomb(handler, query):
    reply(handler, gzip.compress(bytes(64 * MIB)), headers=[('Content-Encoding', 'gzip')])


def respond(**values):
    body = bencode({k.replace('_', ' '): v for k, v in values.items()})
    return lambda handler, query: reply(handler, body)


CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
expect_survived('redirect_loop', 'a redirect loop (B59)', redirect(url(BAD)), n_most=12)
expect_survived('redirect_file', 'a redirect to file: (B61)', redirect('file:///etc/passwd'))
expect_survived('redirect_long', 'a redirect of 64 KiB (B61)', redirect(url(BAD) + '?' + 'x' * 65536))
expect_survived('redirect_script', 'a redirect to javascript: (B61)', redirect('javascript:alert(1)'))
expect_survived('gzip_bomb', 'a gzip bomb of 64 MiB (B62)', bomb)
expect_survived('broken_gzip', 'broken gzip (B62)',
                lambda h, q: reply(h, b'\x1f\x8b\x08\x00garbage', headers=[('Content-Encoding', 'gzip')]))
expect_survived('endless_body', 'a body without end (B63)', raw(CHUNKED, endless))
expect_survived('endless_header', 'headers without end (B63)', raw(b'HTTP/1.1 200 OK\r\n', endless_header))
expect_survived('dripping', 'one byte a second (B64)', raw(CHUNKED, drip), 20)
expect_survived('silent', 'silence (B64)', lambda h, q: time.sleep(100), 20)
expect_survived('short_body', 'a body shorter than its length (B65)',
                raw(b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nd8:interval'))
expect_survived('bad_chunk', 'chunk lengths that lie (B65)', raw(CHUNKED + b'ffffffffffffffff\r\nabc\r\n'))
expect_survived('status_500', 'status 500 with 2 MiB of HTML (B66)', lambda h, q: reply(h, b'<html>' * 350000, 500))
expect_survived('no_http', 'no HTTP at all (B66)', raw(b'\x16\x03\x01 hello \xff\xfe'))
expect_survived('no_bencode', 'no bencode (B66)', lambda h, q: reply(h, b'<html>hello</html>'))
expect_survived('deep', 'lists 100,000 deep (B01)', lambda h, q: reply(h, b'l' * 100000 + b'e' * 100000))
expect_survived('failure', 'a failure reason with escapes, markup and 1 MiB (B68)',
                respond(failure_reason=b'\x1b]0;owned\x07<b>no</b>\xff\xfe' + b'y' * 900000))
expect_survived('failure_short', 'a failure reason is shown, escapes are not (B68)',
                respond(failure_reason=b'\x1b[31mgo away\x07'), says=b'go away')
expect_survived('bad_lengths', 'compact peers that are no multiple of six (B70)',
                respond(interval=1800, peers=b'x' * 1003), says=b'"type"')
expect_survived('no_ports', 'peers that nobody can be: port 0, multicast, broadcast, 0.0.0.0, ourselves (B52, B53)',
                respond(interval=1800, peers=compact([('10.77.0.2', 0), ('224.0.0.1', 99), ('255.255.255.255', 9),
                                                      ('0.0.0.0', 9), ('10.77.0.3', 7000)])), says=b'"type"')
expect_survived('many_peers', '150,000 peers (B70)',
                respond(interval=1800, peers=b''.join(compact([('10.77.%d.%d' % (40 + n // 250, 1 + n % 250), 9)])
                                                      for n in range(5000)) * 30), says=b'"type"')
expect_survived('odd_numbers', 'counts and intervals that make no sense (B67, B71)',
                respond(interval=-1, min_interval=1 << 62, complete=-5, incomplete=1 << 62, peers=b''), n_most=3, says=b'"type"')
expect_survived('interval_zero', 'an interval of 0 (B67)', respond(interval=0, peers=b''), n_most=3, says=b'"type"')


@case
def tracker_id(box):
    """a tracker id with line ends and & cannot add headers or parameters, a huge one is not sent back (B69)"""
    for number, value in enumerate((b'a&left=9\r\nX-Evil: 1\r\n', b'x' * 1000000)):
        torrent = make_single(box, 'id%d' % number, trackers=[url(BAD)])
        seed = wirepeer.Seed(torrent, *SEED)
        seen = []

        def answer(handler, query):
            seen.append(dict(handler.headers))
            reply(handler, bencode({'interval': 1800, 'tracker id': value, 'peers': compact([SEED])}))

        tracker = Tracker(BAD, answer=answer)
        (box / str(number)).mkdir()
        leech = Ccbt(box / str(number), '10.77.0.3').leech(torrent, box / 'arrived')
        leech.wait_done(torrent, box / 'arrived', 30)
        wait_until(lambda: len(tracker.requests) >= 2, 10, 'only one announce')
        for path, query in tracker.requests[1:]:
            assert len(path) < 4000 and query['left'] == b'0', path[:300]
            assert number == 1 or query.get('trackerid') == value, path
        assert not any('X-Evil' in headers for headers in seen), seen
        tracker.stop()
        seed.stop()


@case
def passkeys_stay_secret(box):
    """a passkey in an announce URL is not in what we print (B78)"""
    torrent = make_single(box, trackers=[url(BAD) + '?passkey=verysecret', 'http://10.77.0.99:1/announce?passkey=verysecret'])
    Tracker(BAD, answer=lambda h, q: reply(h, bencode({'failure reason': 'no'})))
    leech = Ccbt(box, '10.77.0.3').leech(torrent, box / 'arrived')
    wait_until(lambda: leech.events('tracker-failed') or 'no' in leech.process.text(), 15, leech.process.tail)
    assert 'verysecret' not in leech.process.text() + leech.process.error_text(), leech.process.tail()


main()
