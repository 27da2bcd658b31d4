"""What somebody could do to a report's PDF: each returns other bytes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def appended(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Append a revision, as any editor that saves incrementally does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    writer._update_meta = lambda: None
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def rewritten(data: bytes, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Save the whole file anew, as it is before anybody signs it."""
    pdf = pikepdf.open(io.BytesIO(data))
    change(pdf)
    output = io.BytesIO()
    pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return output.getvalue()


# -- appended revisions (shadow attacks: hide, replace, hide-and-replace) ----------


def hide(writer: IncrementalPdfFileWriter) -> None:
    """Cover a page with a picture of an annotation."""
    page = writer.root["/Pages"]["/Kids"][0]
    box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 600, 900)])
    note = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Square"),
            generic.pdf_name("/Rect"): box,
        }
    )
    marks = page.get("/Annots", generic.ArrayObject())
    marks.append(writer.add_object(note))
    page["/Annots"] = marks
    writer.update_container(page)


def replace(writer: IncrementalPdfFileWriter) -> None:
    """Put other content under the first page."""
    page = writer.root["/Pages"]["/Kids"][0]
    stream = generic.StreamObject(stream_data=b"BT ET")
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)


def plant(writer: IncrementalPdfFileWriter) -> None:
    """Leave an object that a later revision could bring up (hide-and-replace)."""
    writer.add_object(generic.StreamObject(stream_data=b"0 0 600 900 re f"))


def pretend_widget(writer: IncrementalPdfFileWriter) -> None:
    """Draw over a page with what calls itself a signature's box."""
    page = writer.root["/Pages"]["/Kids"][1]
    box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 600, 900)])
    widget = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Widget"),
            generic.pdf_name("/FT"): generic.pdf_name("/Sig"),
            generic.pdf_name("/Rect"): box,
        }
    )
    page["/Annots"] = generic.ArrayObject([writer.add_object(widget)])
    writer.update_container(page)


def swap_attachment(writer: IncrementalPdfFileWriter) -> None:
    """Replace the bytes of the guide."""
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    for place in range(0, len(names), 2):
        if names[place] == "VERIFY.txt":
            reference = names[place + 1]["/EF"].raw_get("/F")
            stream = generic.StreamObject(stream_data=b"All is well.\n")
            writer.objects[(reference.generation, reference.idnum)] = stream


# -- files made anew ---------------------------------------------------------------


def attachment_names(pdf: pikepdf.Pdf) -> Array:
    return pdf.Root.Names.EmbeddedFiles.Names


def content(pdf: pikepdf.Pdf, name: str) -> pikepdf.Object:
    """Return the stream of an attachment."""
    names = list(attachment_names(pdf))
    return next(
        spec.EF.F
        for word, spec in zip(names[::2], names[1::2], strict=True)
        if str(word) == name
    )


def remove_guide(pdf: pikepdf.Pdf) -> None:
    names = list(attachment_names(pdf))
    at = next(n for n in range(0, len(names), 2) if str(names[n]) == "VERIFY.txt")
    gone = names[at + 1]
    pdf.Root.Names.EmbeddedFiles.Names = Array(names[:at] + names[at + 2 :])
    pdf.Root.AF = Array([one for one in pdf.Root.AF if one.objgen != gone.objgen])


def add_attachments(count: int) -> Callable[[pikepdf.Pdf], None]:
    def change(pdf: pikepdf.Pdf) -> None:
        names = attachment_names(pdf)
        stream = pdf.make_stream(b"more\n", Type=Name.EmbeddedFile)
        for number in range(count):
            name = f"zz{number:05d}.txt"
            spec = Dictionary(
                Type=Name.Filespec,
                F=name,
                UF=name,
                EF=Dictionary(F=stream, UF=stream),
                AFRelationship=Name.Data,
            )
            names.append(pikepdf.String(name))
            names.append(pdf.make_indirect(spec))

    return change


def add_layer(pdf: pikepdf.Pdf) -> None:
    layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="x"))
    pdf.Root.OCProperties = Dictionary(
        OCGs=Array([layer]), D=Dictionary(OFF=Array([layer]))
    )


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS="app.alert(1)")


def cover(pdf: pikepdf.Pdf) -> None:
    """Draw a white box over the first page; its text stays."""
    page = pdf.pages[0]
    page.contents_add(pdf.make_stream(b"q 1 1 1 rg 0 0 600 900 re f Q"))


def edit_model(old: bytes, new: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Edit report.json and leave the pages alone."""

    def change(pdf: pikepdf.Pdf) -> None:
        stream = content(pdf, "report.json")
        data = stream.read_bytes()
        assert old in data, data[:200]
        stream.write(data.replace(old, new, 1))

    return change
