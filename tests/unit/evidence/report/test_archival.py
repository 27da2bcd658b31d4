"""Reports as PDF/A-3b: read back with qpdf and poppler, judged by our preflight."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageCms

from evidence.report import srgb
from evidence.report.archival import MOST_BYTES, archive, xmp
from evidence.report.attachments import Attachment
from evidence.report.pdf import render
from tests.preflight.check import own_problems
from tests.unit.evidence.report.reading import tool
from tests.unit.evidence.report.sample_report import SAMPLE, hostile

ATTACHED = (
    Attachment(
        "entries.jsonl", "application/jsonl", "Source", "The log.", b'{"a":1}\n'
    ),
    Attachment("Z.txt", "text/plain", "Supplement", "Text.", b"\r\n\0\xff"),
    Attachment("0000000001.note", "text/plain", "Source", "A head.", b""),
)


def rendered(report: object = SAMPLE) -> bytes:
    stream = io.BytesIO()
    render(report, stream)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.fixture(scope="module")
def plain() -> bytes:
    return rendered()


@pytest.fixture(scope="module")
def made(plain: bytes) -> bytes:
    return archive(plain, ATTACHED)


@pytest.fixture
def file(made: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(made)
    return path


def test_the_preflight_accepts_a_report(made: bytes) -> None:
    assert own_problems(made) == []


@pytest.mark.conformance
def test_the_preflight_accepts_hostile_reports() -> None:
    assert own_problems(archive(rendered(hostile()), ATTACHED)) == []


def test_same_input_same_bytes(plain: bytes, made: bytes) -> None:
    assert archive(plain, ATTACHED) == made
    assert archive(plain, tuple(reversed(ATTACHED))) == made
    assert archive(plain, ATTACHED[:2]) != made


def test_other_tools_read_it(file: Path) -> None:
    assert "No syntax or stream encoding errors found" in tool(
        "qpdf", "--check", str(file)
    )
    told = dict(line.split(":", 1) for line in tool("pdfinfo", str(file)).splitlines())
    told = {name: text.strip() for name, text in told.items()}
    wanted = {"Tagged": "yes", "JavaScript": "no", "Metadata Stream": "yes"}
    assert {**told, **wanted} == told
    assert told["Encrypted"] == "no"


def test_attachments_come_out_as_they_went_in(file: Path, tmp_path: Path) -> None:
    listed = tool("pdfdetach", "-list", str(file))
    assert re.findall(r"^\d+: (.*)$", listed, re.MULTILINE) == sorted(
        attachment.name for attachment in ATTACHED
    )
    out = tmp_path / "out"
    out.mkdir()
    tool("pdfdetach", "-saveall", "-o", str(out), str(file))
    found = {path.name: path.read_bytes() for path in out.iterdir()}
    assert found == {attachment.name: attachment.content for attachment in ATTACHED}


def test_attachments_say_what_they_are(made: bytes) -> None:
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert len(pdf.Root.AF) == len(ATTACHED)
        for attachment in ATTACHED:
            found = next(f for f in pdf.Root.AF if str(f.F) == attachment.name)
            assert str(found.UF) == attachment.name
            assert found.AFRelationship == Name(f"/{attachment.relationship}")
            stream = found.EF.F
            assert stream.Subtype == Name(f"/{attachment.media_type}")
            assert int(stream.Params.Size) == len(attachment.content)
            digest = hashlib.md5(attachment.content, usedforsecurity=False).digest()
            assert bytes(stream.Params.CheckSum) == digest
            assert str(stream.Params.ModDate) == "D:20260306080012Z"


@pytest.mark.parametrize(
    ("attachments", "what"),
    [
        ((ATTACHED[0], ATTACHED[0]), "same name"),
        (
            (Attachment("a", "text/plain", "Data", "", b"\0" * (MOST_BYTES + 1)),),
            "too big",
        ),
    ],
)
def test_what_cannot_be_attached(
    plain: bytes, attachments: tuple[Attachment, ...], what: str
) -> None:
    with pytest.raises(ValueError, match=what):
        archive(plain, attachments)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "../x"},
        {"name": "a/b"},
        {"name": ".hidden"},
        {"name": "a..b"},
        {"name": "n\u202ename"},
        {"name": ""},
        {"media_type": "text"},
        {"media_type": "text/plain; x=1"},
        {"relationship": "Malicious"},
        {"description": "tab\t"},
        {"description": "Номер"},
    ],
)
def test_attachments_have_plain_names(change: dict[str, str]) -> None:
    fields = {
        "name": "a.txt",
        "media_type": "text/plain",
        "relationship": "Data",
        "description": "Text.",
    }
    Attachment(**fields, content=b"")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"not a|printable"):
        Attachment(**{**fields, **change}, content=b"")  # type: ignore[arg-type]


def test_metadata_cannot_be_broken_out_of() -> None:
    evil = "</rdf:li><evil/>&\x00\x0b\ufffe"
    packet = xmp({"/Title": evil, "/Producer": evil, "/ModDate": "D:1"}, "en-GB")
    assert "<evil" not in packet
    assert packet.count("&lt;evil/&gt;&amp;\ufffd\ufffd\ufffd") == 2
    assert "ModifyDate" not in packet


def test_the_profile_is_srgb_for_another_engine() -> None:
    """LittleCMS, through Pillow: colours come out as with its own sRGB."""
    ours = ImageCms.ImageCmsProfile(io.BytesIO(srgb.profile()))
    theirs = ImageCms.createProfile("sRGB")
    steps = bytes(range(256))
    picture = Image.frombytes(
        "RGB", (16, 16), bytes(v for s in steps for v in (s, 255 - s, s * 7 % 256))
    )
    changed = ImageCms.profileToProfile(picture, ours, theirs)
    assert changed is not None
    pairs = zip(picture.tobytes(), changed.tobytes(), strict=True)
    assert max(abs(before - after) for before, after in pairs) <= 1


# -- the preflight refuses what must not be -----------------------------------------


def _no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


def _no_metadata(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.Metadata


def _other_title(pdf: pikepdf.Pdf) -> None:
    pdf.docinfo["/Title"] = String("another")


def _script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("1"))


def _launch(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("x")))


def _hidden(pdf: pikepdf.Pdf) -> None:
    next(p for p in pdf.pages if "/Annots" in p).Annots[0].F = 6


def _no_font(pdf: pikepdf.Pdf) -> None:
    font = next(iter(pdf.pages[0].Resources.Font.values()))
    del font.DescendantFonts[0].FontDescriptor.FontFile2


def _unrelated(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AF = Array(list(pdf.Root.AF)[1:])


def _no_media_type(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.AF[0].EF.F.Subtype


def _part_two(pdf: pikepdf.Pdf) -> None:
    packet = pdf.Root.Metadata.read_bytes()
    pdf.Root.Metadata.write(packet.replace(b"part>3<", b"part>2<"))


def _open_mark(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].contents_add(b"/P BMC")


@pytest.mark.parametrize(
    ("spoil", "clause"),
    [
        (_no_intent, "own-colour"),
        (_no_metadata, "6.6.2.1-1"),
        (_other_title, "own-info"),
        (_script, "6.5.1-1"),
        (_launch, "6.5.1-1"),
        (_hidden, "6.3.2-1"),
        (_no_font, "6.2.11.4.1-1"),
        (_unrelated, "6.8-4"),
        (_no_media_type, "6.8-1"),
        (_part_two, "6.6.4-1"),
        (_open_mark, "own-marked"),
    ],
)
def test_the_preflight_can_refuse(
    made: bytes, spoil: Callable[[pikepdf.Pdf], None], clause: str
) -> None:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(made)) as pdf:
        spoil(pdf)
        pdf.save(target)
    assert clause in {found for found, _ in own_problems(target.getvalue())}
