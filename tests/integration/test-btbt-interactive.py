#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`btbt interactive`: commands from a pipe, and typed in a terminal."""
import os
import subprocess

from harness import case, main, wait_until
from instance import BTBT, Instance
from terminal import Terminal
from torrents import make_single


def script(instance, text, *options):
    if isinstance(text, str):
        text = text.encode()
    result = subprocess.run([BTBT, '--state-dir=%s' % instance.state, 'interactive', *options], input=text,
                            env={**os.environ, **instance.environment}, capture_output=True, timeout=60)
    return result.returncode, result.stdout.decode(), result.stderr.decode()


@case
def commands_from_a_pipe(box):
    """comments, quotes, one connection; the first line that fails is the last, with its code"""
    instance = Instance(box).run()
    film = make_single(box, 'my film', 50000)
    code, out, err = script(instance, '''# what follows is run
  add '%s' --folder "%s" --paused   # with a comment

category 'my film.bin' two\\ words
limit 1M 2K
exit
remove --all
''' % (film.path, box / 'files'))
    assert (code, err) == (0, ''), (code, out, err)
    assert out.startswith('#1 ') and len(out.splitlines()) == 1, out
    wait_until(lambda: instance.json('show', '#1')['category'] == 'two words', 10, 'the category is shown')
    wait_until(lambda: instance.json('status')['upload-limit'] == 2048, 10, 'the limit holds')
    assert len(instance.json('list')) == 1  # what follows "exit" was not run

    for lines, expected in (('list\npause nothing\nremove --all\n', 4), ('lst\nremove --all\n', 2),
                            ("show 'open\nremove --all\n", 2), ('remove --all'.join(('\0', '\n')), 2),
                            ('x' * 1000000 + '\nremove --all\n', 2), (b'pause \xff\xfe\nremove --all\n', 2),
                            ('interactive\nremove --all', 2), ('add /nonexistent\nremove --all', 1)):
        code, out, err = script(instance, lines)
        assert code == expected and 'failed; nothing after it' in err and len(err) < 1000, (lines[:20], code, err)
        assert '\x1b' not in err, err
        assert len(instance.json('list')) == 1
    code, out, err = script(instance, 'pause nothing\nlst\ncategory film.bin other\n', '--keep-going')
    assert code == 4 and 'line 1 failed' in err and 'line 2 failed' in err, (code, out, err)
    wait_until(lambda: instance.json('show', 'film')['category'] == 'other', 10, 'the last line was run')
    # A last line without an end, and one with the end of another system.
    assert script(instance, 'version\r\nremove --all')[0] == 0
    wait_until(lambda: instance.json('list') == [], 10, 'it is removed')

    instance.stop()
    code, out, err = script(instance, 'version\nstatus\nversion\n')
    assert code == 3 and out.count('btbt ') == 1 and 'ccbt daemon' in err, (code, out, err)


@case
def many_lines(box):
    """more commands than an instance takes connections; JSON holds for all of them"""
    instance = Instance(box).run()
    code, out, err = script(instance, 'status\n' * 100, '--json')
    assert code == 0 and len(out.splitlines()) == 100 and out.startswith('{'), (code, err)


@case
def a_line_is_edited_and_completed(box):
    """history, completion of commands, torrents and files, Ctrl+C, Ctrl+D; the terminal is left clean"""
    instance = Instance(box).run()
    for name in ('My Film (1)', 'other'):
        instance.json('add', str(make_single(box, name, 50000).path), '--folder', str(box / 'files'), '--paused')
    (box / 'a folder').mkdir()
    terminal = Terminal(box, {**instance.environment}, width=100)
    terminal.run('cd', box)
    terminal.run(BTBT, '--state-dir=%s' % instance.state, 'interactive')
    terminal.wait_for('2 torrents.', 'btbt>')
    terminal.type('cate')
    terminal.press('Tab')
    terminal.type('My')
    terminal.press('Tab')
    terminal.wait_for('category My\\ Film\\ \\(1\\).bin')
    terminal.type("'some")
    terminal.press('Tab')
    terminal.type(" thing'")
    terminal.press('Enter')
    wait_until(lambda: instance.json('show', 'My')['category'] == 'some thing', 10, terminal.screen)
    terminal.type('watch add a')
    terminal.press('Tab')
    terminal.wait_for('a folder')
    terminal.press('C-u')
    terminal.type('show "My')
    terminal.press('Tab', 'Enter')
    terminal.wait_for('some thing')

    # Ctrl+C takes back a line, and ends a command that waits; the shell goes on with the same connection.
    terminal.type('remove --all')
    terminal.press('C-c')
    terminal.type('wait other')
    terminal.press('Enter')
    terminal.wait_for('wait other')
    terminal.press('C-c')
    terminal.wait_for('btbt: interrupted')
    terminal.type('events --follow')
    terminal.press('Enter')
    terminal.press('C-c')
    wait_until(lambda: terminal.screen().count('btbt: interrupted') == 2, 15, terminal.screen)
    terminal.press('C-l')
    terminal.type('list')
    terminal.press('Enter')
    terminal.wait_for('other.bin', 'My Film (1).bin')

    terminal.type(' version')
    terminal.press('Enter')
    terminal.wait_for('btbt 0.')
    terminal.press('C-d')
    terminal.wait_for(terminal.PROMPT)
    terminal.type('echo code $?; stty -a | tr ";" "\\n" | grep -w -e echo -e icanon')
    terminal.press('Enter')
    terminal.wait_for('code 0', ' echo ')
    assert ' -echo ' not in terminal.screen(), terminal.screen()

    history = instance.state / 'btbt-history'
    assert history.stat().st_mode & 0o777 == 0o600
    lines = history.read_text().splitlines()
    assert 'wait other' in lines and lines[-1] == 'list' and ' version' not in lines, lines
    terminal.run('clear')
    terminal.run(BTBT, '--state-dir=%s' % instance.state, 'interactive')
    terminal.wait_for('2 torrents.')
    terminal.press('Up')
    terminal.wait_for('btbt> list')
    terminal.press('C-u')
    # The instance ends, and another begins: the next command finds it.
    instance.stop()
    terminal.type('status')
    terminal.press('Enter')
    terminal.wait_for('ccbt daemon')
    instance.run()
    terminal.type('status')
    terminal.press('Enter')
    terminal.wait_for('n-torrents')
    terminal.type('exit')
    terminal.press('Enter')
    terminal.wait_for(terminal.PROMPT)


main()
