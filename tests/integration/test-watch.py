#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watched folders: what is put there is added."""
import os
import shutil
import time

from harness import case, main, wait_until
from instance import Instance
from torrents import make_single


def names(instance):
    return sorted(t['name'] for t in instance.json('list'))


def content(folder):
    return sorted(p.name for p in folder.iterdir())


@case
def what_is_put_there(box):
    """torrent files and links are added as the folder says, and put away; what is none is named so"""
    drop, files = box / 'drop', box / 'files'
    drop.mkdir()
    before, after, slow = (make_single(box, n, 100000) for n in ('before', 'after', 'slow'))
    shutil.copy(before.path, drop / 'before.torrent')
    instance = Instance(box).run()
    assert instance.btbt('watch', 'add', str(drop), '--folder', str(files), '--category', 'dropped',
                         '--paused').returncode == 0
    wait_until(lambda: names(instance) == [before.name], 20, lambda: names(instance))
    shown = instance.json('show', before.name)
    assert (shown['folder'], shown['category'], shown['paused']) == (str(files), 'dropped', True), shown
    wait_until(lambda: content(drop) == ['before.torrent.added'], 20, lambda: content(drop))

    shutil.copy(after.path, drop / 'after.torrent')
    (drop / 'link.magnet').write_text('\n  magnet:?xt=urn:btih:%s&dn=linked\n' % ('ab' * 20))
    (drop / 'wrong.torrent').write_bytes(b'this is none')
    (drop / 'empty.magnet').write_text('nothing\n')
    (drop / 'note.txt').write_text('left alone')
    os.symlink(before.path, drop / 'elsewhere.torrent')
    expected = ['after.torrent.added', 'before.torrent.added', 'elsewhere.torrent', 'empty.magnet.invalid',
                'link.magnet.added', 'note.txt', 'wrong.torrent.invalid']
    wait_until(lambda: content(drop) == expected, 20, lambda: content(drop))
    assert names(instance) == [after.name, before.name, 'linked'], names(instance)
    failures = instance.json('events', '--type', 'watch-failed')
    assert len(failures) == 2, failures

    # One that is being written is not taken before it is whole.
    whole = slow.path.read_bytes()
    with open(drop / 'slow.torrent', 'wb', buffering=0) as target:
        for position in range(0, len(whole), 40):
            target.write(whole[position:position + 40])
            time.sleep(.02)
    wait_until(lambda: slow.name in names(instance), 20, lambda: names(instance))
    assert 'slow.torrent.added' in content(drop), content(drop)


@case
def the_list_stays(box):
    """what is watched is remembered, changed and forgotten; wrong settings change nothing"""
    drop, later = box / 'drop', box / 'later'
    drop.mkdir()
    first, second = (make_single(box, n, 100000) for n in ('first', 'second'))
    instance = Instance(box).run()
    assert instance.btbt('watch', 'add', str(drop), '--delete').returncode == 0
    assert instance.btbt('watch', 'add', str(later)).returncode == 0
    for wrong in "{'folder': <'relative'>}", "{'path': <'/x'>}", "{'paused': <1>}", "{'options': <{'ratio-goal': <'x'>}>}":
        assert instance.btbt('call', 'watch.set', "('/somewhere', %s)" % wrong).returncode != 0, wrong
    assert instance.btbt('watch', 'remove', '/nowhere').returncode == 4
    instance.stop()
    shutil.copy(first.path, drop / 'first.torrent')
    instance.run()
    assert instance.json('watch') == [[str(drop), {'delete': True}], [str(later), {}]], instance.json('watch')
    wait_until(lambda: names(instance) == [first.name] and not content(drop), 20, lambda: (names(instance), content(drop)))
    assert instance.btbt('watch', 'remove', str(drop)).returncode == 0
    shutil.copy(second.path, drop / 'second.torrent')
    assert instance.json('watch') == [[str(later), {}]]
    # A folder that comes later is seen when it is watched anew.
    later.mkdir()
    shutil.copy(second.path, later / 'second.torrent')
    assert instance.btbt('watch', 'add', str(later), '--paused').returncode == 0
    wait_until(lambda: second.name in names(instance), 20, lambda: names(instance))
    assert content(drop) == ['second.torrent'] and content(later) == ['second.torrent.added']


main()
