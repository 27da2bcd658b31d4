"""The tar: read back by two engines that are not ours, GNU tar and tarfile."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

from evidence.copying import PayloadSink
from evidence.packing import Member, TarPacker
from evidence.reading import Span
from evidence.tarheader import Attributes, general_header, safe_name

BLOCK = 16 << 10


def pack(path: Path, *files: tuple[bytes, bytes]) -> list[Member]:
    """Write a tar of (name, content) files at `path`."""
    with PayloadSink(path, block_bytes=BLOCK, blocks=2) as sink:
        packer = TarPacker(sink)
        members = []
        for name, content in files:
            packer.begin_file(name, len(content), Attributes(0o644, 1000, 100, 10**18))
            packer.write(content)
            members.append(packer.end_file())
        packer.finish()
        sink.finish()
    return members


def gnu_names(path: Path, locale: str = "C.UTF-8") -> list[bytes]:
    done = subprocess.run(
        ["tar", "--list", "--quoting-style=escape", "-f", path],
        check=True,
        capture_output=True,
        env={"LC_ALL": locale, "PATH": os.environ["PATH"]},
    )
    lines = done.stdout.decode("utf-8", "surrogateescape").splitlines()
    return [unescape(line) for line in lines]


def unescape(text: str) -> bytes:
    """Undo GNU tar's escape style (C escapes and octal)."""
    return os.fsencode(text).decode("unicode_escape").encode("latin-1")


def gnu_content(path: Path, number: int) -> bytes:
    """Return the bytes of the member at `number`, whatever its name."""
    folder = path.parent
    (folder / "count").write_text("0\n")
    keep = f'[ "$(cat count)" = {number} ] && cat > out || cat > /dev/null'
    step = "echo $(( $(cat count) + 1 )) > count"
    subprocess.run(
        ["tar", "--extract", "--to-command", f"{keep}; {step}", "-f", path],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    return (folder / "out").read_bytes()


ODD_NAMES = [
    b"plain.txt",
    b"with space ",
    b" leading",
    b"new\nline",
    b"tab\tand\\backslash",
    b"quote'\"",
    "žluťoučký-kůň.txt".encode(),
    "emoji-😀".encode(),
    b"latin1-\xe9\xff",
    b"dir/\xff\xfe/deep",
    b"-dash",
    b"a" * 100,
    b"a" * 101,
    b"a" * 255,
    b"d" * 155 + b"/" + b"n" * 100,
    b"d" * 156 + b"/" + b"n" * 100,
    b"d" * 100 + b"/" + b"n" * 101,
    b"/".join([b"x" * 200] * 30),
    b"\xff" * 120,
    "é".encode() * 60,
    b"\x01\x1b[31mred\x7f",
    b"12 path=evil",
    b"30 hdrcharset=BINARY",
    b"%2e",
    b"..hidden",
    b"trailing.",
    b"...",
]


@pytest.mark.parametrize("name", ODD_NAMES, ids=lambda name: repr(name[:20]))
def test_odd_names_are_read_the_same_by_both(tmp_path: Path, name: bytes) -> None:
    tar = tmp_path / "payload.tar"
    content = os.urandom(777)
    _, member, _ = pack(tar, (b"before", b"1"), (name, content), (b"after", b"2"))
    assert member.name == name
    raw = tar.read_bytes()
    assert raw[member.offset : member.offset + member.length] == content
    with tarfile.open(tar, encoding="utf-8", errors="surrogateescape") as read:
        names = [os.fsencode(m.name) for m in read.getmembers()]
        assert names == [b"before", name, b"after"]
        found = read.getmembers()[1]
        assert found.isreg()
        assert (found.mode, found.uid, found.gid) == (0o644, 1000, 100)
        assert (found.mtime, found.uname, found.gname) == (10**9, "", "")
        file = read.extractfile(found)
        assert file is not None
        assert file.read() == content
    for locale in ("C.UTF-8", "C"):
        assert gnu_names(tar, locale) == [b"before", name, b"after"]
    assert gnu_content(tar, 1) == content


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, BLOCK, 5 * BLOCK + 7])
def test_content_round_trips_and_members_name_their_place(
    tmp_path: Path, size: int
) -> None:
    tar = tmp_path / "payload.tar"
    content = os.urandom(size)
    (member,) = pack(tar, (b"file", content))
    assert member.length == size
    assert member.sha256 == hashlib.sha256(content).hexdigest()
    raw = tar.read_bytes()
    assert raw[member.offset : member.offset + size] == content
    assert len(raw) % 10_240 == 0
    assert raw.endswith(bytes(1024))
    assert gnu_content(tar, 0) == content


def test_a_tar_with_nothing_in_it_is_valid(tmp_path: Path) -> None:
    tar = tmp_path / "payload.tar"
    pack(tar)
    assert tar.stat().st_size == 10_240
    assert gnu_names(tar) == []


def test_folders_and_links(tmp_path: Path) -> None:
    tar = tmp_path / "payload.tar"
    long_target = b"../" * 50 + b"\xff target"
    with PayloadSink(tar) as sink:
        packer = TarPacker(sink)
        assert (
            packer.add_directory(b"top", Attributes(0o40755, 1, 2, 3 * 10**9)) == b"top"
        )
        packer.add_directory(b"top/" + b"d" * 200)
        packer.begin_file(b"top/first", 5)
        packer.write(b"hello")
        first = packer.end_file()
        packer.add_hardlink(b"top/second", first.name)
        packer.add_symlink(b"top/link", b"/etc/passwd")
        packer.add_symlink(b"top/far", long_target)
        packer.finish()
        sink.finish()
    with tarfile.open(tar, encoding="utf-8", errors="surrogateescape") as read:
        top, deep, file, second, link, far = read.getmembers()
        assert top.isdir() and deep.isdir() and file.isreg()
        assert (top.mode, top.uid, top.gid, top.mtime) == (0o755, 1, 2, 3)
        assert second.islnk() and second.linkname == "top/first"
        assert link.issym() and link.linkname == "/etc/passwd"
        assert far.issym() and os.fsencode(far.linkname) == long_target
    assert gnu_names(tar) == [
        b"top/",
        b"top/" + b"d" * 200 + b"/",
        b"top/first",
        b"top/second",
        b"top/link",
        b"top/far",
    ]
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run(["tar", "-x", "-C", out, "-f", tar], check=True)
    assert (out / "top/second").samefile(out / "top/first")
    assert os.readlink(os.fsencode(out / "top/far")) == long_target


@pytest.mark.parametrize(
    ("attributes", "mtime"),
    [
        (Attributes(0o644, 0, 0, 1_700_000_000_123_456_789), "1700000000.123456789"),
        (Attributes(0o644, 0, 0, 1_700_000_000_500_000_000), "1700000000.5"),
        (Attributes(0o644, 0, 0, -1_500_000_000), "-1.5"),
        (Attributes(0o644, 0, 0, -86_400_000_000_000), "-86400"),
        (Attributes(0o644, 0, 0, 8**11 * 1_000_000_000), str(8**11)),
    ],
)
def test_times_beyond_ustar_stand_in_the_pax_header(
    attributes: Attributes, mtime: str
) -> None:
    header = general_header(b"name", b"0", 0, attributes)
    with tarfile.open(fileobj=io.BytesIO(header + bytes(1024))) as read:
        (member,) = read.getmembers()
    assert member.pax_headers == {"mtime": mtime}


def test_large_numbers_stand_in_the_pax_header() -> None:
    size = 8 << 30
    attributes = Attributes(0o644, 4_294_967_294, 2_097_152, 0)
    header = general_header(b"name", b"0", size, attributes)
    read = tarfile.TarInfo.frombuf(header[-512:], "utf-8", "strict")
    assert (read.size, read.uid, read.gid) == (0, 0, 0)
    text = header[512:1024].rstrip(b"\0").splitlines()
    assert text == [b"19 size=8589934592", b"18 uid=4294967294", b"15 gid=2097152"]
    small = general_header(b"name", b"0", size - 1, Attributes(0o644, 2_097_151, 0, 0))
    assert len(small) == 512


def test_ustar_holds_what_it_can_without_extensions() -> None:
    plain = Attributes(0o644, 0, 0, 0)
    assert len(general_header(b"a" * 100, b"0", 1, plain)) == 512
    assert len(general_header(b"d" * 155 + b"/" + b"n" * 100, b"0", 1, plain)) == 512
    assert len(general_header(b"a" * 101, b"0", 1, plain)) > 512


@pytest.mark.parametrize("length", range(80, 110))
def test_a_record_counts_its_own_length(length: int) -> None:
    header = general_header(b"n" * length * 2, b"0", 0, Attributes())
    with tarfile.open(fileobj=io.BytesIO(header + bytes(1024))) as read:
        assert read.getnames() == ["n" * length * 2]


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (b"/etc/passwd", b"etc/passwd"),
        (b"//x", b"x"),
        (b"../../x", b"%2E%2E/%2E%2E/x"),
        (b"a/../b", b"a/%2E%2E/b"),
        (b"a/..", b"a/%2E%2E"),
        (b"a/./b", b"a/%2E/b"),
        (b"a//b", b"a/%2F/b"),
        (b"a/", b"a/%2F"),
        (b"", b"%2F"),
        (b"/", b"%2F"),
        (b".", b"%2E"),
        (b"%2E%2E/x", b"%252E%2E/x"),
        (b"%252E", b"%25252E"),
        (b"..x/x../...", b"..x/x../..."),
        (b"..\n/x", b"..\n/x"),
        (b"100%25", b"100%25"),
    ],
)
def test_names_stay_below_the_folder_they_are_unpacked_in(
    raw: bytes, stored: bytes
) -> None:
    assert safe_name(raw) == stored


def test_a_short_file_is_filled_and_a_long_one_cut(tmp_path: Path) -> None:
    tar = tmp_path / "payload.tar"
    with PayloadSink(tar) as sink:
        packer = TarPacker(sink)
        packer.begin_file(b"short", 1000)
        packer.write(b"x" * 10)
        packer.fill(90)
        packer.write(b"y" * 10)
        short = packer.end_file()
        packer.begin_file(b"long", 10)
        packer.write(b"z" * 8)
        packer.write(b"z" * 8)
        packer.write(b"z")
        long = packer.end_file()
        packer.finish()
        sink.finish()
    assert short.fill == (Span(10, 90), Span(110, 890))
    expected = b"x" * 10 + bytes(90) + b"y" * 10 + bytes(890)
    assert gnu_content(tar, 0) == expected
    assert short.sha256 == hashlib.sha256(expected).hexdigest()
    assert (long.length, long.cut) == (10, 7)
    assert gnu_content(tar, 1) == b"z" * 10


def test_members_are_read_straight_into_the_sink(tmp_path: Path) -> None:
    tar = tmp_path / "payload.tar"
    content = os.urandom(3 * BLOCK + 100)
    with PayloadSink(tar, block_bytes=BLOCK, blocks=2) as sink:
        packer = TarPacker(sink)
        packer.begin_file(b"file", len(content))
        done = 0
        while done < len(content):
            space = packer.space()
            assert 0 < len(space) <= len(content) - done
            count = min(len(space), 1000)
            space[:count] = content[done : done + count]
            packer.advance(count)
            done += count
        with pytest.raises(ValueError, match="all its bytes"):
            packer.space()
        member = packer.end_file()
        packer.finish()
        sink.finish()
    assert member.sha256 == hashlib.sha256(content).hexdigest()
    assert gnu_content(tar, 0) == content


def test_wrong_order_is_refused(tmp_path: Path) -> None:
    with PayloadSink(tmp_path / "payload.tar") as sink:
        packer = TarPacker(sink)
        with pytest.raises(ValueError, match="no file"):
            packer.end_file()
        packer.begin_file(b"a", 1)
        for call in (
            lambda: packer.begin_file(b"b", 1),
            lambda: packer.add_directory(b"b"),
            packer.finish,
        ):
            with pytest.raises(ValueError, match="still open"):
                call()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    files = [(name, name * 3) for name in ODD_NAMES]
    pack(tmp_path / "one.tar", *files)
    pack(tmp_path / "two.tar", *files)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_names_that_are_not_utf8_are_announced(tmp_path: Path) -> None:
    tar = tmp_path / "payload.tar"
    pack(tar, (b"latin1-\xe9", b""), ("utf-8-é".encode(), b""))
    with tarfile.open(tar, encoding="utf-8", errors="surrogateescape") as read:
        found = [member.pax_headers.get("hdrcharset") for member in read]
    assert found == ["BINARY", None]
