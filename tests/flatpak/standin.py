# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the GNOME runtime, made of the packages of the Debian or Ubuntu that this runs on.

It carries the names and the version that the manifest asks for, so that the manifest builds as it is, without a download
from anywhere but the system's own package source. It is not GNOME's runtime: the libraries in it are the system's, often
older ones. What it shows is that the manifest is whole and that the program lives with the sandbox."""
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REVISION = 1  # counts up when the recipe below changes in another way than by its packages
PACKAGES = """
    bash coreutils diffutils findutils gawk grep gzip sed tar xz-utils file patch
    gcc libc6-dev make meson ninja-build pkg-config gettext binutils elfutils python3-minimal
    libglib2.0-dev libglib2.0-dev-bin libglib2.0-bin libgtk-4-dev libgtk-4-bin libadwaita-1-dev libsoup-3.0-dev libssl-dev
    libnotify-dev libjson-glib-dev libsqlite3-dev libncurses-dev libreadline-dev ncurses-base
    desktop-file-utils appstream appstream-util adwaita-icon-theme gsettings-desktop-schemas shared-mime-info
    fonts-cantarell fonts-dejavu-core librsvg2-common ca-certificates glib-networking dbus-bin
""".split()
LEFT_OUT = ('doc', 'doc-base', 'info', 'lintian', 'locale', 'man')
# Of the machine, not of the runtime: flatpak brings its own.
FOREIGN_ETC = ('apt', 'group*', 'gshadow*', 'host*', 'ld.so.c*', 'localtime', 'machine-id', 'mtab', 'passwd*',
               'resolv.conf', 'shadow*')
METADATA = """[Runtime]
name=%(name)s
runtime=org.gnome.Platform/%(arch)s/%(version)s
sdk=org.gnome.Sdk/%(arch)s/%(version)s

[Environment]
PATH=/app/bin:/usr/bin:/usr/sbin
"""


def run(*argv, **options):
    subprocess.run([str(a) for a in argv], check=True, stdout=sys.stderr, **{'stdin': subprocess.DEVNULL, **options})


def system_value(key):
    for line in Path('/etc/os-release').read_text().splitlines():
        name, _, value = line.partition('=')
        if name == key:
            return value.strip('"')
    sys.exit('flatpak-check: /etc/os-release does not say %s' % key)


def package_sources():
    """Where this machine's packages come from: the lists that apt itself reads, without those of other systems."""
    folder = Path('/etc/apt/sources.list.d')
    listed = [Path('/etc/apt/sources.list'), *sorted(folder.glob('*.list')), *sorted(folder.glob('*.sources'))]
    suite = system_value('VERSION_CODENAME')
    own = [p for p in listed if p.exists() and any(
        word == suite for line in p.read_text().splitlines() if not line.startswith('#') for word in line.split())]
    if not own:
        sys.exit('flatpak-check: no package source of %s under /etc/apt' % suite)
    return own


def unpack_system(tree):
    """The packages with all they need, installed below @tree; only what a runtime has: usr and etc."""
    argv = ['mmdebstrap', '--variant=apt', '--format=tar', '--include=' + ','.join(PACKAGES)]
    argv += ['--dpkgopt=path-exclude=/usr/share/%s/*' % name for name in LEFT_OUT]
    argv += [system_value('VERSION_CODENAME'), '-', *package_sources()]
    with subprocess.Popen([str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as packer:
        run('tar', '-x', '--no-same-owner', '--no-same-permissions', '-C', tree, './usr', './etc', stdin=packer.stdout)
    if packer.returncode != 0:
        sys.exit('flatpak-check: mmdebstrap ended with %d' % packer.returncode)


def make_runtime(tree):
    """What flatpak wants: etc within usr, and a ldconfig where it looks for it."""
    runtime = tree / 'runtime'
    (runtime / 'files').mkdir(parents=True)
    (runtime / 'var').mkdir()
    (tree / 'usr').rename(runtime / 'usr')
    (tree / 'etc').rename(runtime / 'usr' / 'etc')
    for pattern in FOREIGN_ETC:
        for path in (runtime / 'usr' / 'etc').glob(pattern):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    if not (runtime / 'usr' / 'bin' / 'ldconfig').exists():
        (runtime / 'usr' / 'bin' / 'ldconfig').symlink_to('../sbin/ldconfig')
    return runtime


class StandIn:
    """The runtime of @version, installed for flatpak below @cache and nowhere else."""

    def __init__(self, cache, version):
        self.cache, self.version = cache, version
        self.arch = subprocess.run(['flatpak', '--default-arch'], check=True, capture_output=True, text=True).stdout.strip()
        recipe = '\n'.join([str(REVISION), system_value('VERSION_CODENAME'), version, *PACKAGES, *LEFT_OUT, *FOREIGN_ETC])
        self.stamp = cache / 'stand-in'
        self.recipe = hashlib.sha256(recipe.encode()).hexdigest()
        self.installation = cache / 'installation'
        self.repository = cache / 'repository'
        # Nothing of the user's own flatpak is read or written.
        self.environment = dict(os.environ, FLATPAK_USER_DIR=str(self.installation))

    def exists(self):
        return self.stamp.exists() and self.stamp.read_text() == self.recipe

    def make(self):
        for path in (self.installation, self.repository):
            shutil.rmtree(path, ignore_errors=True)
        self.stamp.unlink(missing_ok=True)
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix='system-', dir=self.cache) as folder:
            unpack_system(Path(folder))
            self.publish(make_runtime(Path(folder)))
        self.install()
        self.stamp.write_text(self.recipe)

    def publish(self, runtime):
        # The mode that installations have too: files are linked into them, not packed and unpacked again.
        run('ostree', 'init', '--repo', self.repository, '--mode=bare-user-only')
        for name in ('org.gnome.Sdk', 'org.gnome.Platform'):
            (runtime / 'metadata').write_text(METADATA % {'name': name, 'arch': self.arch, 'version': self.version})
            run('flatpak', 'build-export', '--runtime', '--no-update-summary', self.repository, runtime, self.version)
        run('flatpak', 'build-update-repo', self.repository)

    def install(self):
        run('flatpak', '--user', 'remote-add', '--no-gpg-verify', 'stand-in', self.repository, env=self.environment)
        run('flatpak', '--user', 'install', '-y', '--noninteractive', '--no-related', 'stand-in',
            'org.gnome.Platform//' + self.version, 'org.gnome.Sdk//' + self.version, env=self.environment)
