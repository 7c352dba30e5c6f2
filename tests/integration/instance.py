# SPDX-License-Identifier: GPL-3.0-or-later
"""A running `ccbt daemon run`, and btbt that speaks to it."""
import json
import os
import subprocess

from harness import Process, wait_until

CCBT = os.environ['CCBT']
BTBT = os.environ['BTBT']
OFFLINE = ['--port=0', '--set=discovery.enable_dht=false', '--set=discovery.enable_lsd=false',
           '--set=nat.auto_map_ports=false']


class Instance:
    """@settings: of the command line; without a DHT, local discovery and routers unless told otherwise."""

    def __init__(self, box, settings=OFFLINE):
        self.state = box / 'state-dir'
        runtime = box / 'runtime'
        runtime.mkdir(mode=0o700, exist_ok=True)
        self.environment = {'HOME': str(box), 'XDG_RUNTIME_DIR': str(runtime), 'LC_ALL': 'C.UTF-8'}
        self.box, self.settings, self.process = box, settings, None

    def start(self):
        self.process = Process([CCBT, 'daemon', 'run', '--state-dir=%s' % self.state, *self.settings], self.box, 'daemon',
                               env=self.environment)

    def run(self):
        self.start()
        wait_until(lambda: self.btbt('status').returncode == 0 or self.process.poll() is not None, 30, self.process.tail)
        assert self.process.poll() is None, self.process.tail()
        return self

    def stop(self):
        self.process.stop(20)

    def btbt(self, *arguments):
        return subprocess.run([BTBT, '--state-dir=%s' % self.state, *arguments],
                              env={**os.environ, **self.environment}, capture_output=True, text=True, timeout=60)

    def json(self, *arguments):
        result = self.btbt('--json', *arguments)
        assert result.returncode == 0, (arguments, result)
        return json.loads(result.stdout) if result.stdout.strip() else None
