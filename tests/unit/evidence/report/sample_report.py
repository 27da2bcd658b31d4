"""Models to render: one that reads like a real case, and hostile variants of it.

Nothing here is real: names, references, keys and digests are made up.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from evidence.report.model import (
    AccessLine,
    Authority,
    AxisResult,
    Casework,
    CaseworkLine,
    Event,
    Exhibit,
    FindingLine,
    LabelLine,
    MatrixLine,
    NotAcquired,
    Person,
    Report,
    Statement,
)


def made_up(seed: str) -> str:
    """64 hex digits that depend on `seed` alone."""
    return hashlib.sha256(seed.encode()).hexdigest()


INVESTIGATOR = Person(
    "Elena Ionescu-Țurcanu", "examiner", "Regional Forensic Unit", made_up("elena")
)
CASEWORKER = Person(None, "caseworker", "Shelter Network", made_up("sealed"))
PROSECUTOR = Person(
    "Nicos Παπαδόπουλος", "custodian", "District Prosecutor's Office", made_up("nicos")
)
ORIGIN = "custody.example/case/2026-thb-0117"
_ROOT_B64 = "mC3V2lq0m0Yc2o1c3Jb0YjXn1mG4r1yJ9Qm0oYc2o1c="
CHECKPOINT = (
    f"{ORIGIN}\n14\n{_ROOT_B64}\n\n"
    f"— {ORIGIN} Zk3vQ0p6c1hYb2R5" + "QUJDRGVmZ2hJSktM" * 5 + "==\n"
    f"— {ORIGIN} 9hXq" + "kZ0vbmVzdGx5TWFkZVVw" * 160 + "\n"
)

AXES = (
    AxisResult(
        "complete",
        "Is everything the manifest lists here, and nothing else?",
        "pass",
        "3 exhibits listed, 3 found; no unlisted file in the case folder.",
    ),
    AxisResult(
        "intact",
        "Do the bytes match the recorded digests?",
        "pass",
        "Every payload and inventory was read again and matches.",
    ),
    AxisResult(
        "consistent",
        "Does every entry follow from the one before, and every checkpoint extend "
        "the one before?",
        "pass",
        "14 entries, 2 checkpoints, one history.",
    ),
    AxisResult(
        "signed",
        "Was each entry signed by a key allowed at that point?",
        "pass",
        "14 of 14 signatures verify.",
    ),
    AxisResult(
        "trusted",
        "Are the keys anchored outside the case?",
        "not checked",
        "No trust anchor was given to the verification.",
    ),
    AxisResult(
        "timestamped",
        "Did an independent service confirm when the record existed?",
        "not checked",
        "The case holds no time-stamp token.",
    ),
    AxisResult(
        "witnessed",
        "Did somebody else countersign the checkpoint?",
        "fail",
        "The witness policy asks for 1 cosignature; the checkpoint carries none.",
    ),
)

EXHIBITS = (
    Exhibit(
        id="EX-0001",
        kind="chat export",
        description="Export of one conversation, made on the complainant's phone in "
        "her presence.",
        acquired_at="2026-03-02T09:14:31.204118Z",
        examiner="Elena Ionescu-Țurcanu",
        authority="AU-0001",
        source="WhatsApp Chat with Агентство «Робота в ЄС».zip",
        payload_name="payload",
        payload_bytes=18_734_112,
        sha256=made_up("exhibit 1"),
        inventory_records=1_284,
        inventory_root=made_up("inventory 1"),
        summary=(
            ("Messages", "1,271"),
            ("Attachments", "13 present, 2 missing"),
            ("First message", "2025-08-11 17:02 (export's own zone)"),
            ("Last message", "2026-02-27 08:40 (export's own zone)"),
            ("Parser", "whatsapp-txt 1"),
        ),
        complete=False,
        entry=4,
    ),
    Exhibit(
        id="EX-0002",
        kind="screenshot",
        description="",
        acquired_at="2026-03-02T09:40:02.000517Z",
        examiner="Elena Ionescu-Țurcanu",
        authority="AU-0001",
        source=None,
        payload_name="payload",
        payload_bytes=482_119,
        sha256=made_up("exhibit 2"),
        inventory_records=1,
        inventory_root=made_up("inventory 2"),
        summary=(("Width × height", "1170 × 2532"), ("Format", "PNG")),
        complete=True,
        entry=5,
    ),
    Exhibit(
        id="EX-0003",
        kind="disk image",
        description="Memory card from the kitchen drawer, label “მზია”, 32 GB",
        acquired_at="2026-03-03T11:05:47.881002Z",
        examiner="Elena Ionescu-Țurcanu",
        authority=None,
        source="/dev/sdb (serial 0x1f2e3d4c)",
        payload_name="payload",
        payload_bytes=31_914_983_424,
        sha256=made_up("exhibit 3"),
        inventory_records=20_412,
        inventory_root=made_up("inventory 3"),
        summary=(
            ("File systems", "1 (FAT32)"),
            ("Files", "20,377 allocated, 35 deleted"),
            ("Unreadable sectors", "8 at offset 1,073,741,824, filled with zeros"),
        ),
        complete=False,
        entry=7,
    ),
)

EVENTS = (
    Event(0, "2026-03-01T08:00:00.000001Z", "case_open", "Elena Ionescu-Țurcanu", None,
          (), "Case opened with the key of the founder."),
    Event(1, "2026-03-01T08:02:10.400000Z", "authority_add", "Elena Ionescu-Țurcanu",
          None, (), "AU-0001 recorded."),
    Event(2, "2026-03-01T08:04:55.120000Z", "key_enrol", "Elena Ionescu-Țurcanu", None,
          (), "Key of a caseworker enrolled."),
    Event(3, "2026-03-02T09:01:00.000000Z", "identify", "caseworker (name sealed)",
          "AU-0001", (), "Phone handed over voluntarily by the complainant."),
    Event(4, "2026-03-02T09:14:31.204118Z", "acquire", "Elena Ionescu-Țurcanu",
          "AU-0001", ("EX-0001",), "Chat export acquired; 2 attachments missing."),
    Event(5, "2026-03-02T09:40:02.000517Z", "acquire", "Elena Ionescu-Țurcanu",
          "AU-0001", ("EX-0002",), "Screenshot acquired."),
    Event(6, "2026-03-02T10:00:00.000000Z", "checkout", "Elena Ionescu-Țurcanu",
          "AU-0001", ("EX-0001", "EX-0002"), "Taken from the evidence room."),
    Event(7, "2026-03-03T11:05:47.881002Z", "acquire", "Elena Ionescu-Țurcanu", None,
          ("EX-0003",), "Memory card imaged behind a write blocker.",
          gap="25 h 5 min 47 s without an entry while EX-0001 and EX-0002 were checked "
          "out of the evidence room."),
    Event(8, "2026-03-03T12:30:00.000000Z", "verify", "Elena Ionescu-Țurcanu", None,
          ("EX-0001", "EX-0002", "EX-0003"), "All payloads match their digests."),
    Event(9, "2026-03-04T08:15:00.000000Z", "annotate", "Elena Ionescu-Țurcanu", None,
          ("EX-0001",), "Fact recorded."),
    Event(10, "2026-03-04T08:20:00.000000Z", "annotate", "Elena Ionescu-Țurcanu", None,
          ("EX-0001",), "Assessment recorded."),
    Event(11, "2026-03-05T13:00:00.000000Z", "transfer_out", "Elena Ionescu-Țurcanu",
          "AU-0001", ("EX-0001", "EX-0002"), "Offered to the District Prosecutor."),
    Event(12, "2026-03-06T07:45:00.000000Z", "transfer_in", "Nicos Παπαδόπουλος",
          "AU-0001", ("EX-0001", "EX-0002"), "Accepted after verifying the package."),
    Event(13, "2026-03-06T07:50:00.000000Z", "report_issue", "Nicos Παπαδόπουλος",
          "AU-0001", (), "Custody report ordered."),
)  # fmt: skip

SAMPLE = Report(
    report_id="R-3f9a1c02d47be865",
    rendered_at="2026-03-06T08:00:12.000000Z",
    tool="evidence-custody 0.1.0 (Python 3.11, Linux)",
    origin=ORIGIN,
    size=14,
    root=made_up("root"),
    checkpoint=CHECKPOINT,
    case_id="2026-THB-0117",
    title="Recruitment of seasonal workers through “Робота в ЄС”",
    opened_at="2026-03-01T08:00:00.000001Z",
    profile="police",
    founder=INVESTIGATOR,
    people=(INVESTIGATOR, CASEWORKER, PROSECUTOR),
    authorities=(
        Authority(
            "AU-0001", "consent", "Written consent no. 12/2026 of the complainant",
            "Regional Forensic Unit", "2026-03-01T07:30:00Z",
        ),
        Authority("AU-0002", "warrant", "Search warrant 3 Gs 214/26", "District Court",
                  "2026-03-02T16:00:00Z"),
    ),
    exhibits=EXHIBITS,
    events=EVENTS,
    facts=(
        Statement(
            9, "2026-03-04T08:15:00Z", "Elena Ionescu-Țurcanu", "EX-0001",
            "The export names a contact “Samira” and the message «مرحبا، العمل جاهز».\n"
            "The two missing attachments are voice messages of 14 and 31 seconds.",
        ),
    ),
    assessments=(
        Statement(
            10, "2026-03-04T08:20:00Z", "Elena Ionescu-Țurcanu", "EX-0001",
            "The wording of the offers is the same in three conversations, which "
            "suggests one author.",
        ),
    ),
    axes=AXES,
    findings=(
        FindingLine(
            "witnessed", "W-0101", "checkpoint 14",
            "The witness policy is not met: 0 of 1 cosignatures.",
        ),
    ),
    not_acquired=(
        NotAcquired("EX-0001", "missing", 2, "Named in the export, not in the ZIP."),
        NotAcquired("EX-0003", "unreadable", 8,
                    "Sectors that could not be read; filled with zeros.",
                    "sectors 2097152 to 2097159"),
    ),
    level="Ed25519 signatures with keys made by this tool; no certificate, no time "
    "stamp. This is neither an advanced nor a qualified electronic signature.",
    not_established=(
        "That a key belongs to the person named with it.",
        "That the exhibits are authentic: only that they are unchanged since they were "
        "acquired.",
        "When anything happened: no independent time stamp covers the record.",
    ),
    withheld=(
        "Names of persons in the inventories of the exhibits.",
        "The sealed record of entry 3.",
    ),
    hand_check=(
        ("The payload of an exhibit. Compare the result with chapter 4.",
         "sha256sum exhibits/EX-0001/payload"),
        ("The hash of one entry (here the first), as it stands in the Merkle tree. "
         "Compare it with the next entry's “prev”.",
         "{ printf '\\000'; sed -n 1p manifest/entries.jsonl | tr -d '\\n'; } | "
         "sha256sum"),
        ("The signature of the checkpoint.",
         "openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey founder.spki.der "
         "-sigfile checkpoint.sig -in checkpoint.text"),
    ),
    synthetic=True,
    classification="For official use only",
    issuer=PROSECUTOR,
    conditions=("Use only in proceedings 2026-THB-0117 (AU-0001).",),
    labels=(
        LabelLine("EX-0001", "Handling", "H2", 11, "2026-03-04T09:00:00Z",
                  "Elena Ionescu-Țurcanu", in_force=False),
        LabelLine("EX-0001", "Handling", "H1", 12, "2026-03-04T09:30:00Z",
                  "Elena Ionescu-Țurcanu", in_force=True),
        LabelLine("EX-0001#7", "Grade", "B/2", 13, "2026-03-04T09:31:00Z",
                  "Nicos Παπαδόπουλος", in_force=True),
    ),
    access=(
        AccessLine(14, "2026-03-05T08:00:00Z", "PE-0002 (examiner)", "transcript",
                   ("EX-0001",), "investigation", "AU-0001"),
        AccessLine(15, "2026-03-05T08:10:00Z", "key 00112233", "person: PE-0001",
                   (), "court", ""),
    ),
    casework=Casework(
        counts=(("Decision: arrest", 1), ("Presumed interference: threat", 2)),
        decisions=(
            CaseworkLine("DE-0001", "arrest", 14, "2026-03-05T08:00:00Z",
                         "Elena Ionescu-Țurcanu",
                         "agrees: Nicos Παπαδόπουλος (entry 15)",
                         (("Decided", "To ask for a warrant."),)),
        ),
        interference=(),
        matrix=(
            MatrixLine("EX-0001#7", "ST-0001#p1", "means: deception", 2, 1, "harm"),
            MatrixLine("IN-0001", "", "means", 0, 1, ""),
        ),
        matrix_notes=("Counts of links that persons made.",),
    ),
    corrections=("Correction in entry 16: of 2 earlier recipients 1 told, 1 NOT.",),
)  # fmt: skip

HOSTILE_WORDS = {
    "markup": "<b>bold</b> &amp; <font color=red>x</font> <para>",
    "image": '<img src="file:///etc/passwd"/> %PDF-1.4 (\\) Tj ET',
    "override": "invoice\u202egpj.exe",
    "nul": "a\x00b\x1b[31mc",
    "zalgo": "Z\u0338\u0327\u0322\u0328\u0334\u0337a\u0335\u0336\u0337l\u0338go",
    "emoji": "😀👩\u200d👩\u200d👧 漢字 \ufe0f",
    "raw byte": "caf\udce9",
    "long": "x" * 10_000,
    "path": "/very/long" * 200,
}


def hostile() -> Report:
    """The sample with every text field attacked at once."""
    evil = " ".join(text for key, text in HOSTILE_WORDS.items() if key != "long")
    long = HOSTILE_WORDS["long"]
    lines = "\n".join(f"line {number} {evil[:40]}" for number in range(3_000))
    exhibit = replace(
        EXHIBITS[0],
        kind=evil,
        description=long,
        examiner=evil,
        source=evil,
        payload_name=long,
        summary=((evil, evil), ("label", long)),
        labels=((evil, evil), ("label", long)),
    )
    person = Person(evil, evil, long, made_up("evil"))
    return replace(
        SAMPLE,
        title=evil + long,
        case_id=evil,
        tool=evil,
        profile=evil,
        origin=evil,
        founder=person,
        issuer=person,
        people=(person, Person(None, "", None, "not a digest (")),
        exhibits=(exhibit, *EXHIBITS[1:]),
        events=(
            Event(0, evil, evil, evil, evil, (evil, long), long, gap=evil + long),
            *EVENTS[1:],
        ),
        facts=(Statement(1, evil, evil, evil, lines),),
        assessments=(Statement(2, long, long, long, evil),),
        hand_check=((evil, long), (evil, evil), ("", "echo '" + "a b " * 200 + "'")),
        checkpoint=lines[:5_000] + long,
        classification=evil,
        level=evil,
        withheld=(evil, long),
        conditions=(long,),
        labels=(
            LabelLine(evil, evil, long, 1, evil, evil, in_force=True),
            LabelLine(long, long, evil, 2, long, long, in_force=False),
        ),
        access=(
            AccessLine(1, evil, evil, long, (evil, long), evil, long, evil),
            AccessLine(2, long, long, evil, (), long, evil, long),
        ),
        casework=Casework(
            counts=((evil, 1), (long, 2)),
            decisions=(CaseworkLine(evil, evil, 1, evil, evil, evil, ((evil, long),)),),
            interference=(
                CaseworkLine(long, long, 2, long, long, "", ((evil, long),)),
            ),
            matrix=(MatrixLine(evil, long, evil, 1, 2, evil),),
            matrix_notes=(evil, long),
            unread=(long,),
        ),
        corrections=(evil, long),
        findings=(FindingLine(evil, evil, evil, long),),
        axes=(AxisResult(evil, evil, evil, long), *AXES),
    )
