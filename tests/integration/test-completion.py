#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The completion of btbt in bash, zsh and fish, each in a terminal."""
import os
import subprocess

from harness import case, main, wait_until
from instance import BTBT, Instance
from terminal import Terminal
from torrents import make_single

SCRIPTS = os.environ['CCBT_COMPLETION']


def begin(box, *shell):
    """A shell that has read the script, in a folder with one folder, and an instance with two torrents."""
    instance = Instance(box).run()
    for name in ('My Film (1)', 'other'):
        instance.json('add', str(make_single(box, name, 50000).path), '--folder', str(box / 'files'), '--paused')
    wait_until(lambda: len(instance.json('list')) == 2, 20, 'they are not there')
    (box / 'here' / 'a folder').mkdir(parents=True)
    (box / 'bin').mkdir()
    (box / 'bin' / 'btbt').write_text('#!/bin/sh\nexec "%s" --state-dir="%s" "$@"\n' % (BTBT, instance.state))
    (box / 'bin' / 'btbt').chmod(0o755)
    terminal = Terminal(box, {**instance.environment, 'PATH': '%s:%s' % (box / 'bin', os.environ['PATH'])}, width=100)
    terminal.run('cd', box / 'here')
    terminal.run(*shell)
    return instance, terminal


def complete(terminal, typed, *expected):
    """What is on the screen after Tab; the line is taken back then."""
    terminal.type(typed)
    terminal.press('Tab')
    terminal.wait_for(*expected)
    terminal.press('C-u')
    terminal.wait_for(absent=[typed])
    terminal.press('C-l')


def use(instance, terminal):
    """The same lines in every shell."""
    complete(terminal, 'btbt interac', 'btbt interactive')
    complete(terminal, 'btbt que', 'btbt queue')
    complete(terminal, 'btbt queue mo', 'btbt queue move')
    complete(terminal, 'btbt config get limits.download_r', 'limits.download_rate')
    complete(terminal, 'btbt add --pau', 'btbt add --paused')
    complete(terminal, 'btbt watch add a', 'a\\ folder')
    complete(terminal, 'btbt queue move oth', 'btbt queue move other.bin')
    terminal.type('btbt category My')
    terminal.press('Tab')
    terminal.wait_for('Film', '1')
    terminal.type('found')
    terminal.press('Enter')
    wait_until(lambda: instance.json('show', 'My')['category'] == 'found', 15, terminal.screen)
    terminal.type('btbt queue move other.bin to')
    terminal.press('Tab')
    terminal.wait_for('top')
    terminal.press('Enter')
    wait_until(lambda: instance.json('queue')[0]['name'] == 'other.bin', 15, terminal.screen)


@case
def in_bash(box):
    """commands, options, settings, torrents whose names need quotes, files"""
    instance, terminal = begin(box, 'bash', '--norc', '--noprofile')
    terminal.run('.', SCRIPTS + '/btbt.bash')
    use(instance, terminal)
    terminal.type('btbt category "My')
    terminal.press('Tab')
    terminal.wait_for('"My Film (1).bin"')
    terminal.type(' again')
    terminal.press('Enter')
    wait_until(lambda: instance.json('show', 'My')['category'] == 'again', 15, terminal.screen)


@case
def in_zsh(box):
    """the same, found by its place among the functions, and by eval"""
    instance, terminal = begin(box, 'zsh', '-f')
    terminal.type('PS1="zsh> "; fpath=(%s $fpath); autoload -U compinit; compinit -u -D' % SCRIPTS)
    terminal.press('Enter')
    terminal.run('clear')
    terminal.wait_for('zsh>', absent=['fpath'])
    use(instance, terminal)
    checked = subprocess.run(['zsh', '-fc', 'autoload -U compinit; compinit -u -D; eval "$(%s completion zsh)"; '
                              'print $_comps[btbt]' % BTBT], capture_output=True, text=True, cwd=box,
                             env={**os.environ, **instance.environment}, timeout=60)
    assert checked.stdout == '_btbt\n' and checked.stderr == '', checked


@case
def in_fish(box):
    """the same"""
    instance, terminal = begin(box, 'fish', '--no-config', '--private')
    terminal.wait_for('>')
    terminal.run('source', SCRIPTS + '/btbt.fish')
    use(instance, terminal)


@case
def without_an_instance(box):
    """what the table knows is offered; nothing is said and nothing started; hostile words break nothing"""
    instance = Instance(box)

    def candidates(*words):
        result = instance.btbt('complete', *words)
        assert result.stderr == '', result
        return result.stdout.split('\n')[:-1]

    assert candidates('--', 'pause', '') == []
    assert candidates('--', 'queue', '') == ['move']
    assert candidates('--quoted', '--', "'que") == ['queue']
    assert candidates('--', '') and 'help' not in candidates('--', '')
    for words in (['\x1b[2J'], ['"x'], ['\\'], ['$(id)', ''], ['', '', '', ''], ['config', 'get', '\u202e']):
        assert candidates('--quoted', '--', *words) == [], words


main()
