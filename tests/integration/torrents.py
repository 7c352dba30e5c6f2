# SPDX-License-Identifier: GPL-3.0-or-later
"""Bencode, torrents made by hand, and comparing what arrived with what was sent."""
import hashlib
import os
import random
import shutil
import urllib.parse
from pathlib import Path


def bencode(value):
    if isinstance(value, bool):
        value = int(value)
    if isinstance(value, int):
        return b'i%de' % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b'%d:%s' % (len(value), value)
    if isinstance(value, (list, tuple)):
        return b'l' + b''.join(map(bencode, value)) + b'e'
    pairs = sorted((k.encode() if isinstance(k, str) else k, v) for k, v in value.items())
    return b'd' + b''.join(bencode(k) + bencode(v) for k, v in pairs) + b'e'


def bdecode(data, start=0):
    """The value at @start and where it ends; dictionary keys are bytes."""
    head = data[start:start + 1]
    if head == b'i':
        end = data.index(b'e', start)
        return int(data[start + 1:end]), end + 1
    if head == b'l':
        items, at = [], start + 1
        while data[at:at + 1] != b'e':
            item, at = bdecode(data, at)
            items.append(item)
        return items, at + 1
    if head == b'd':
        result, at = {}, start + 1
        while data[at:at + 1] != b'e':
            key, at = bdecode(data, at)
            result[key], at = bdecode(data, at)
        return result, at + 1
    colon = data.index(b':', start)
    end = colon + 1 + int(data[start:colon])
    if end > len(data):
        raise ValueError('string runs past the end')
    return data[colon + 1:end], end


class Torrent:
    """A payload on disk and its .torrent. @folder/@name is the payload; @path the .torrent."""

    def __init__(self, path, folder, info, files, hashes):
        self.path, self.folder, self.info, self.files, self.hashes = path, folder, info, files, hashes
        self.name = info['name']
        self.piece_length = info['piece length']
        self.size = sum(length for _, length in files)
        self.n_pieces = len(hashes)
        self.info_bytes = bencode(info)
        self.info_hash = hashlib.sha1(self.info_bytes).digest()
        self.hex = self.info_hash.hex()

    @property
    def payload(self):
        return self.folder / self.name

    def magnet(self, *trackers, peers=()):
        text = 'magnet:?xt=urn:btih:%s&dn=%s' % (self.hex, urllib.parse.quote(self.name))
        text += ''.join('&tr=' + urllib.parse.quote(t, safe='') for t in trackers)
        return text + ''.join('&x.pe=%s:%d' % p for p in peers)

    def read(self, offset, length):
        """Bytes of the torrent's whole run of files."""
        result, at = b'', 0
        for relative, size in self.files:
            first, last = max(offset, at), min(offset + length, at + size)
            if first < last:
                with open(self.folder / relative, 'rb') as f:
                    f.seek(first - at)
                    result += f.read(last - first)
            at += size
        return result

    def piece_size(self, index):
        return min(self.piece_length, self.size - index * self.piece_length)

    def differences(self, folder, empty_files=True):
        """Why what lies below @folder is not this torrent; [] when it is. @empty_files: must files of length 0 exist?"""
        problems = []
        for relative, length in self.files:
            if length == 0 and not empty_files:
                continue
            mine, theirs = self.folder / relative, Path(folder) / relative
            if not theirs.exists():
                problems.append('%s is missing' % relative)
            elif theirs.stat().st_size != length:
                problems.append('%s has %d bytes instead of %d' % (relative, theirs.stat().st_size, length))
            elif not same_bytes(mine, theirs):
                problems.append('%s differs' % relative)
        return problems


def same_bytes(a, b):
    with open(a, 'rb') as fa, open(b, 'rb') as fb:
        while True:
            x, y = fa.read(1 << 20), fb.read(1 << 20)
            if x != y:
                return False
            if not x:
                return True


def fill(path, length, seed):
    """Writes @length bytes that no piece repeats, quickly."""
    path.parent.mkdir(parents=True, exist_ok=True)
    base = random.Random(seed).randbytes(min(length, 1 << 20))
    with open(path, 'wb') as f:
        for number in range(0, length, 1 << 20):
            chunk = bytearray(base[:min(1 << 20, length - number)])
            for at in range(0, len(chunk), 4096):  # each 4 KiB differs from every other
                stamp = (seed << 64 | number + at).to_bytes(16, 'big')
                chunk[at:at + 16] = stamp[:min(16, len(chunk) - at)]
            f.write(chunk)


def hash_pieces(folder, files, piece_length):
    hashes, current, room = [], hashlib.sha1(), piece_length
    for relative, _ in files:
        with open(folder / relative, 'rb') as f:
            while chunk := f.read(room):
                current.update(chunk)
                room -= len(chunk)
                if room == 0:
                    hashes.append(current.digest())
                    current, room = hashlib.sha1(), piece_length
    if room != piece_length:
        hashes.append(current.digest())
    return hashes


def make_torrent(path, folder, files, piece_length=32768, trackers=(), single=False, private=False, make_files=True,
                 seed=1, **extra):
    """@files: (relative path below the torrent's folder, length). With @single: one pair, its path is the name."""
    path, folder = Path(path), Path(folder)
    name = files[0][0] if single else path.stem
    listed = [(f if single else '%s/%s' % (name, f), length) for f, length in files]
    if make_files:
        for number, (relative, length) in enumerate(listed):
            fill(folder / relative, length, seed * 1000 + number)
    hashes = hash_pieces(folder, listed, piece_length)
    info = {'name': name, 'piece length': piece_length, 'pieces': b''.join(hashes)}
    if single:
        info['length'] = files[0][1]
    else:
        info['files'] = [{'length': length, 'path': f.split('/')} for f, length in files]
    if private:
        info['private'] = 1
    top = {'info': info, **extra}
    if trackers:
        top['announce'] = trackers[0]
        top['announce-list'] = [[t] for t in trackers]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bencode(top))
    return Torrent(path, folder, info, listed, hashes)


def make_single(box, name='single', size=3 * 1024 * 1024 + 12345, **options):
    """One file whose last piece is odd."""
    return make_torrent(box / (name + '.torrent'), box / 'payload', [(name + '.bin', size)], single=True, **options)


def make_multi(box, name='multi', n_tiny=300, **options):
    """Many tiny files, files of length zero first, last and in a row, pieces that span many files."""
    files = [('empty-first', 0)]
    files += [('tiny/%03d/file %d.txt' % (n % 7, n), (n * 37) % 500) for n in range(n_tiny)]
    files += [('empty-a', 0), ('empty-b', 0), ('big/large.bin', 1024 * 1024 + 77), ('größe ✓.dat', 70001), ('z-empty-last', 0)]
    return make_torrent(box / (name + '.torrent'), box / 'payload', files, **options)


def copy_payload(torrent, folder):
    """The payload once more below @folder, for a seed of its own."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if torrent.payload.is_dir():
        shutil.copytree(torrent.payload, folder / torrent.name)
    else:
        shutil.copy(torrent.payload, folder / torrent.name)
    return folder


def tree_bytes(folder):
    """Bytes allocated below @folder."""
    return sum(os.lstat(os.path.join(d, f)).st_blocks * 512 for d, _, names in os.walk(folder) for f in names)
