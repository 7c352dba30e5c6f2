# SPDX-License-Identifier: GPL-3.0-or-later
"""Test cases as TAP, each in a temporary folder, all in a network, process and mount namespace of their own: addresses
and ports never collide, nothing leaves the computer, and nothing outlives the test.

Inside: 127/8, ::1, 10.77.0.0/16 and fd77::1 to fd77::5 are local. 10.77 exists because Transmission refuses 127/8 peers."""
import inspect
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

CASES = []
PROCESSES = []
CLEANUPS = []


def case(function):
    CASES.append(function)
    return function


def at_end(function):
    """Runs @function () when the case is over, however it ends."""
    CLEANUPS.append(function)


def is_root_mounted():
    """False in a plain chroot."""
    with open('/proc/self/mountinfo') as f:
        return any(line.split()[4] == '/' for line in f)


def enter_namespace():
    if os.environ.get('CCBT_TEST_NAMESPACE') == '1':
        return
    os.environ['CCBT_TEST_NAMESPACE'] = '1'
    unshare = ['unshare', '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
    if not is_root_mounted():  # nothing there whose mounts could be made private
        unshare.append('--propagation=unchanged')
    if os.geteuid() != 0:
        unshare.append('--map-root-user')
        if subprocess.run(['unshare', '--user', 'true'], capture_output=True).returncode != 0:
            sys.exit('The network of the tests needs a user namespace, which is not allowed here (a chroot, or '
                     'kernel.unprivileged_userns_clone = 0), or root.')
    prepare = ('ip link set lo up && ip address add 10.77.0.1/16 dev lo && '
               'for n in 1 2 3 4 5; do ip -6 address add fd77::$n/128 dev lo nodad || exit 1; done && exec "$0" "$@"')
    os.execvp('unshare', [*unshare, 'sh', '-c', prepare, sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])


class Process:
    """A program with its output in a file; stopped at the end of its case."""

    def __init__(self, argv, folder, name, env=None, stdin=subprocess.DEVNULL):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.argv = [str(a) for a in argv]
        self.log = self.folder / (name + '.out')
        self.errors = self.folder / (name + '.err')
        home = {'HOME': str(self.folder), 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8'}
        home.update({'XDG_%s_HOME' % kind: str(self.folder / kind.lower()) for kind in ('CONFIG', 'DATA', 'CACHE', 'STATE')})
        with open(self.log, 'ab') as out, open(self.errors, 'ab') as err:
            self.process = subprocess.Popen(self.argv, stdin=stdin, stdout=out, stderr=err, cwd=self.folder,
                                            env={**os.environ, **home, **(env or {})}, start_new_session=True)
        self.pid = self.process.pid
        PROCESSES.append(self)

    def poll(self):
        return self.process.poll()

    def wait(self, seconds):
        """The exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError('%s did not end within %.0f s\n%s' % (self.name, seconds, self.tail())) from None

    def signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds=5):
        """SIGTERM, then SIGKILL."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        if self in PROCESSES:
            PROCESSES.remove(self)

    def text(self):
        return self.log.read_text(errors='replace')

    def error_text(self):
        return self.errors.read_text(errors='replace')

    def tail(self):
        return '%s: %s\n...%s\n...%s' % (self.name, ' '.join(self.argv), self.text()[-1200:], self.error_text()[-1200:])

    def memory(self):
        """Resident bytes."""
        with open('/proc/%d/statm' % self.pid) as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')

    def cpu_seconds(self):
        with open('/proc/%d/stat' % self.pid) as f:
            fields = f.read().rsplit(')', 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')

    def n_descriptors(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))


def wait_until(condition, seconds, what, step=0.05):
    """Returns the first true value of @condition."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError('not within %.0f s: %s' % (seconds, what() if callable(what) else what))
        time.sleep(step)


def diagnose(text):
    for line in str(text).rstrip().splitlines():
        print('# ' + line)


def run_case(function, number, arguments):
    # opentracker gives up its rights: the folders on the way to its own must be passable.
    box = Path(tempfile.mkdtemp(prefix='ccbt-test-'))
    os.chmod(box, 0o755)
    begin = time.monotonic()
    title = (inspect.getdoc(function) or function.__name__).splitlines()[0]
    title = ' '.join([*map(str, arguments), title]).replace('#', '')
    problem = None
    try:
        function(box, *arguments)
    except BaseException as error:  # a case that is interrupted has failed as well
        problem = error
        if not isinstance(error, Exception):
            raise
    finally:
        print('%s %d - %s' % ('ok' if problem is None else 'not ok', number, title))
        if problem is not None:
            diagnose(''.join(traceback.format_exception(problem)))
            for process in PROCESSES:
                diagnose('---- ' + process.tail())
        for process in list(PROCESSES):
            process.stop(2)
        while CLEANUPS:
            CLEANUPS.pop()()
        shutil.rmtree(box, ignore_errors=True)
        diagnose('%.1f s' % (time.monotonic() - begin))
        sys.stdout.flush()
    return problem is None


def main(*arguments):
    """Runs all cases of the script, those whose name holds CCBT_TEST_ONLY when it is set."""
    enter_namespace()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a test that took too long cleans up
    only = os.environ.get('CCBT_TEST_ONLY', '')
    chosen = [c for c in CASES if only in c.__name__]
    print('1..%d' % len(chosen), flush=True)
    results = [run_case(c, n, arguments) for n, c in enumerate(chosen, 1)]
    sys.exit(0 if all(results) and results else 1)
