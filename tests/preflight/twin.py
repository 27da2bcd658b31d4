"""A PDF/A-1b twin of a report, for checkers that know no younger part.

Pages, fonts, colours, tags and document information are the report's own. Taken away is
what part 1 forbids: attachments, object streams, version 1.7. Added is what only part 1
asks for: a `CIDSet` of each subset font.
"""

from __future__ import annotations

import io

import pikepdf

from evidence.report.archival import archive


def twin(rendered: bytes) -> bytes:
    """Return the PDF/A-1b twin of what `evidence.report.pdf.render` wrote."""
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(archive(rendered))) as pdf:
        packet = pdf.Root.Metadata.read_bytes()
        changed = packet.replace(b"<pdfaid:part>3<", b"<pdfaid:part>1<")
        assert changed != packet
        pdf.Root.Metadata.write(changed)
        for made in pdf.objects:
            is_font = (
                isinstance(made, pikepdf.Dictionary) and "/DescendantFonts" in made
            )
            if is_font:
                _add_set(pdf, made.DescendantFonts[0])
        pdf.save(
            target,
            deterministic_id=True,
            force_version="1.4",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return target.getvalue()


def _add_set(pdf: pikepdf.Pdf, font: pikepdf.Object) -> None:
    """Name the characters of a font: bit 7 of the first byte is character 0."""
    count = len(font.CIDToGIDMap.read_bytes()) // 2
    bits = bytearray((count + 7) // 8)
    for character in range(count):
        bits[character // 8] |= 0x80 >> character % 8
    font.FontDescriptor.CIDSet = pdf.make_stream(bytes(bits))
