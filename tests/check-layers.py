#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Enforces the layers of docs/architecture.md: a folder of the engine includes only itself and folders above it in the
list; the window includes only control/, session/ and base/, the command line also wire/; `-private.h` headers stay in their
folder; the engine never includes a toolkit. Prints TAP; first proves on a made-up tree that it sees violations."""
import re
import sys
import tempfile
from pathlib import Path

ENGINE_LAYERS = ['base', 'wire', 'picker', 'storage', 'net', 'peer', 'discovery', 'torrent', 'monitor', 'protocol',
                 'session', 'control']
FRONT_ENDS = {'app': ['control', 'session', 'base'], 'cli': ['control', 'session', 'base', 'wire']}
TOOLKITS = ('gtk/', 'gdk/', 'adwaita', 'libadwaita', 'libnotify/')
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def without_comments(text):
    """Comments hold examples; strings are kept, since an include's own quotes are strings."""
    return re.sub(r'/\*.*?\*/|//[^\n]*', ' ', text, flags=re.S)


def folder_of_include(target, source, source_root):
    """(area, folder): ('engine', 'wire'), ('app', None), ('cli', None), or None for files made by the build and for
    other projects' headers."""
    beside = source.parent / target
    in_engine = source_root / 'engine' / target
    path = beside if beside.exists() else in_engine if in_engine.exists() else source_root / target
    if not path.exists():
        parts = Path(target).parts
        return ('engine', parts[0]) if len(parts) > 1 and parts[0] in ENGINE_LAYERS else None
    return area_of(path.resolve(), source_root)


def area_of(path, source_root):
    parts = path.relative_to(source_root.resolve()).parts
    if parts[0] == 'engine':
        return ('engine', parts[1] if len(parts) > 2 else None)
    return (parts[0], None)


def allowed_for(area, folder):
    if area == 'engine':
        return ENGINE_LAYERS[:ENGINE_LAYERS.index(folder) + 1] if folder in ENGINE_LAYERS else []
    return FRONT_ENDS.get(area, [])


def problems_of_file(source, source_root):
    area, folder = area_of(source.resolve(), source_root)
    name = source.relative_to(source_root)
    if area == 'engine' and folder not in ENGINE_LAYERS:
        yield '%s: folder is not in the list of layers' % name
        return
    if area not in FRONT_ENDS and area != 'engine':
        yield '%s: src/%s is not in the list of front ends' % (name, area)
        return
    for quote, target in INCLUDE.findall(without_comments(source.read_text(encoding='utf-8'))):
        if area == 'engine' and target.startswith(TOOLKITS):
            yield '%s: the engine includes the toolkit header %s' % (name, target)
        found = folder_of_include(target, source, source_root)
        if found is None:
            continue
        same_folder = found == (area, folder)
        if found[0] == 'engine' and not same_folder and found[1] not in allowed_for(area, folder):
            yield '%s: includes %s, which is not its own folder nor a layer above' % (name, target)
        if found[0] != 'engine' and not same_folder:
            yield '%s: includes %s of src/%s' % (name, target, found[0])
        if target.endswith('-private.h') and not same_folder:
            yield '%s: includes the private header %s of another folder' % (name, target)


def check_tree(source_root):
    files = sorted(p for p in source_root.rglob('*') if p.suffix in ('.c', '.h'))
    return len(files), [problem for f in files for problem in problems_of_file(f, source_root)]


# Each: the including file, the included file, and whether that is allowed.
SELF_TEST = [
    ('engine/wire/a.c', 'base/x.h', True),
    ('engine/wire/a.c', 'wire/x.h', True),
    ('engine/base/a.c', 'wire/x.h', False),
    ('engine/picker/a.h', 'storage/x.h', False),
    ('engine/torrent/a.c', 'session/x.h', False),
    ('engine/torrent/a.c', 'peer/x-private.h', False),
    ('engine/peer/a.c', 'peer/x-private.h', True),
    ('app/a.c', 'session/x.h', True),
    ('app/a.c', 'torrent/x.h', False),
    ('app/a.c', 'session/x-private.h', False),
    ('cli/a.c', 'wire/x.h', True),
    ('cli/a.c', 'control/x.h', True),
    ('cli/a.c', 'storage/x.h', False),
    ('engine/net/a.c', 'gtk/gtk.h', False),
    ('engine/nonsense/a.c', 'base/x.h', False),
    ('cli/a.c', '../app/x.h', False),
]


def self_test(including, included, allowed):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / 'src'
        target = root / 'cli' / included if included.startswith('..') else root / 'engine' / included
        for path in (root / including, target):
            path.parent.mkdir(parents=True, exist_ok=True)
        if not included.startswith('gtk/'):
            target.resolve().write_text('#pragma once\n')
        (root / including).write_text('/* #include "session/no.h" */\n#include <glib.h>\n#include "%s"\n' % included)
        problems = list(problems_of_file(root / including, root))
    return (not problems) == allowed, problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / 'src')
    print('1..%d' % (len(SELF_TEST) + 1))
    n_failed = 0
    for number, (including, included, allowed) in enumerate(SELF_TEST, 1):
        right, problems = self_test(including, included, allowed)
        n_failed += not right
        print('%s %d - self-test: %s %s %s' % ('ok' if right else 'not ok', number, including,
                                               'may include' if allowed else 'may not include', included))
        for problem in problems if not right else []:
            print('# ' + problem)
    n_files, problems = check_tree(root)
    if n_files == 0:
        problems.append('no C file below %s' % root)
    n_failed += bool(problems)
    print('%s %d - the tree keeps to its layers (%d files)' % ('not ok' if problems else 'ok', len(SELF_TEST) + 1, n_files))
    for problem in problems:
        print('# ' + problem)
    return 1 if n_failed else 0


if __name__ == '__main__':
    sys.exit(main())
