"""Wordings of the certification page by law or country, as data files (TOML).

They stand in the language of their law and are not translated: a declaration counts in
its own words. The general wording is in `evidence.report.sections.certification`.
"""

from __future__ import annotations

from dataclasses import dataclass

from evidence import datafile

FORMAT = "custody-certificate-1"
GENERAL = "general"
_MOST = 12  # statements or blanks of one template


@dataclass(frozen=True, slots=True)
class Template:
    """One wording.

    Attributes:
        title: which law it is for; source: where its form comes from.
        statements: with ``{exhibits}`` and the like for numbers of chapters.
        formula: the declaration itself, word for word; "" for none.
        blanks: labels of the lines to be filled in by hand.
    """

    title: str
    source: str
    statements: tuple[str, ...]
    formula: str
    blanks: tuple[str, ...]


def template_names() -> tuple[str, ...]:
    """Return the names that can be asked for, the general one first."""
    return (GENERAL, *datafile.shipped_names(__name__))


def template(name: str) -> Template:
    """Return a shipped template other than the general one.

    Raises:
        DataFileError: it has not the form of a template.
        FileNotFoundError: there is none of that name.
    """
    file = datafile.shipped(__name__, name)
    values = file.values
    if values.get("format") != FORMAT or values.get("name") != name:
        raise file.refuse("it has not the form of a certificate")
    formula = values.get("formula")
    return Template(
        file.text(values, "title"),
        file.text(values, "source"),
        _texts(file, "statements"),
        file.text(values, "formula") if formula else "",
        _texts(file, "blanks"),
    )


def _texts(file: datafile.DataFile, name: str) -> tuple[str, ...]:
    value = file.values.get(name)
    if not isinstance(value, list) or not 0 < len(value) <= _MOST:
        raise file.refuse(f"'{name}' is not a list of texts")
    return tuple(file.text({name: text}, name) for text in value)
