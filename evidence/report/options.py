"""What a report shows beyond the default, and what it says that it leaves out."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.report.i18n import ENGLISH, N_
from evidence.report.model import Person
from evidence.report.variants import PARTS, variant_of

_WITHHELD = (
    N_("Content of messages, pictures and files."),
    N_("Positions (GPS), serial numbers and other metadata of devices."),
    N_("Texts, senders and participants of chats."),
    N_("Host and user names of the machine that acquired, and its command lines."),
)
_SOURCES_WITHHELD = N_(
    "Paths and names of the sources, and of items that were left out; references, "
    "issuers and conditions of the authorities."
)
_DECISIONS_WITHHELD = N_("The words of decisions and of interference items.")
_MATRIX_WITHHELD = N_("Statements and the corroboration matrix.")
_LOG_TELLS = N_(
    "Not withheld: the log inside this file has the public words of every entry: "
    "closed words, numbers, times and pseudonyms."
)
_LOSSES_WITHHELD = N_("The words and amounts of presumed harm and proceeds.")
_TEXTS_WITHHELD = N_(
    "Descriptions of exhibits, and the words of facts and assessments."
)

_STAFF_WITHHELD = N_(
    "Names and organisations of those who acted: they are shown by pseudonym or key, "
    "and role."
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a report shows beyond the default.

    Attributes:
        rendered_at: UTC time printed as time of verification, RFC 3339; fixing it
            makes the report's bytes reproducible.
        texts: show what examiners wrote: descriptions, facts, assessments.
        sources: show where exhibits came from.
        named_staff: show the names and organisations of those who acted; without,
            they are shown by pseudonym or key, and role.
        classification: printed on every page, in the issuer's words.
        issuer: who issues the report, when it is entered in the manifest.
        time_given: `rendered_at` was chosen by a person, not read from the clock;
            the report says so, and whether entries are later than it.
        decisions: show decisions and interference items with their sealed words.
        matrix: show the corroboration matrix.
        checks: catalogues the case is compared with (`evidence.conformity`).
        persons: show the pseudonyms of persons with their category.
        losses: show harm and proceeds with their sealed words and amounts.
        variant: name in `evidence.report.variants`, "" for none.
        only: exhibits a receipt is about; contact: whom its holder can ask.
        thumbnails: exhibits shown as strongly blurred pictures.
        template: wording of the certification (`evidence.report.certificates`).
        language: of the rendering, one of `evidence.report.i18n.LANGUAGES`.
        pades: level of the signature the PDF is going to get; "" for none.
    """

    rendered_at: str
    texts: bool = False
    sources: bool = False
    named_staff: bool = False
    classification: str = ""
    issuer: Person | None = None
    time_given: bool = False
    decisions: bool = False
    matrix: bool = False
    checks: tuple[str, ...] = ()
    losses: bool = False
    persons: bool = False
    variant: str = ""
    only: tuple[str, ...] = ()
    contact: str = ""
    thumbnails: tuple[str, ...] = ()
    template: str = "general"
    language: str = ENGLISH
    pades: str = ""


def withheld(options: Options) -> tuple[str, ...]:
    """Say what this variant leaves out."""
    left = [*_WITHHELD]
    if not options.texts:
        left.append(_TEXTS_WITHHELD)
    if not options.sources:
        left.append(_SOURCES_WITHHELD)
    if not options.decisions:
        left.append(_DECISIONS_WITHHELD)
    if not options.matrix:
        left.append(_MATRIX_WITHHELD)
    if not options.losses:
        left.append(_LOSSES_WITHHELD)
    hidden = variant_of(options.variant).hidden
    if not options.persons and "persons" not in hidden:
        left.append(PARTS["persons"])
    if not options.named_staff:
        left.append(_STAFF_WITHHELD)
    left += [PARTS[part] for part in hidden if part != "losses"]
    if "entries" in hidden and variant_of(options.variant).log:
        left.append(_LOG_TELLS)
    return tuple(left)
