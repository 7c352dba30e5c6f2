# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in a terminal: tmux shows what is on its screen, and presses keys."""
import os
import shlex
import subprocess

from harness import at_end, wait_until


class Terminal:
    """A shell in a terminal of a size of its own; it shows PROMPT when it waits."""
    PROMPT = 'ready>'

    def __init__(self, box, environment, width=80, height=24):
        self.socket = str(box / 'tmux')
        shell = {**environment, 'PS1': self.PROMPT, 'ENV': '', 'TERM': 'tmux-256color'}
        locale = environment.get('LC_ALL', 'C.UTF-8')
        # tmux itself shows UTF-8 whatever the program's locale is.
        self.environment = {**os.environ, 'LC_ALL': 'C.UTF-8', 'TMUX_TMPDIR': str(box)}
        assignments = [shlex.quote('%s=%s' % pair) for pair in {**shell, 'LC_ALL': locale}.items()]
        self.tmux('-f', '/dev/null', '-u', 'new-session', '-d', '-x', str(width), '-y', str(height),
                  'exec env %s sh' % ' '.join(assignments))
        at_end(lambda: self.tmux('kill-server', check=False))
        self.wait_for(self.PROMPT)

    def tmux(self, *arguments, check=True):
        return subprocess.run(['tmux', '-S', self.socket, *arguments], env=self.environment, capture_output=True, text=True,
                              check=check, timeout=30).stdout

    def screen(self):
        return self.tmux('capture-pane', '-p')

    def lines(self):
        return self.screen().split('\n')

    def press(self, *keys):
        """Names as tmux knows them: 'Enter', 'Escape', 'DC', 'C-n'."""
        self.tmux('send-keys', *keys)

    def type(self, text):
        self.tmux('send-keys', '-l', text)

    def run(self, *words):
        self.type(shlex.join(map(str, words)))
        self.press('Enter')

    def resize(self, width, height):
        self.tmux('resize-window', '-x', str(width), '-y', str(height))

    def wait_for(self, *texts, absent=(), seconds=15):
        """Until all @texts and none of @absent are on the screen. Returns the screen."""
        def seen():
            screen = self.screen()
            return all(t in screen for t in texts) and not any(t in screen for t in absent) and screen
        return wait_until(seen, seconds, lambda: '%r, and not %r, in:\n%s' % (texts, absent, self.screen()))

    def flag(self, name):
        """Of tmux: 'alternate_on', 'cursor_flag', 'mouse_any_flag', 'pane_pid' ..."""
        return self.tmux('display-message', '-p', '#{%s}' % name).strip()
