"""The catalogue ``e-evidence``: Regulation (EU) 2023/1543 and its technical rules."""

from __future__ import annotations

from evidence.conformity import course, handing, keeping, orders
from evidence.conformity.answers import outside
from evidence.conformity.model import Catalogue, Duty

_ORDER = (
    Duty(
        "2",
        "Art. 2, 5(2), 6(2)",
        "Orders are issued for criminal proceedings, or to execute a sentence.",
        orders.proceedings,
    ),
    Duty(
        "3-8",
        "Art. 3(8)",
        "Only data stored when the order is received are asked for.",
        orders.stored,
    ),
    Duty(
        "3-9-order",
        "Art. 3(9)-(12), 5(5)(d), 6(4)(d)",
        "The order names the categories of data requested.",
        orders.categories,
    ),
    Duty(
        "3-9-data",
        "Art. 3(9)-(12)",
        "Data acquired are of a category the order covers.",
        orders.data_categories,
    ),
    Duty(
        "3-18",
        "Art. 3(18)",
        "An emergency is an imminent threat to life, physical integrity, safety or "
        "critical infrastructure.",
        orders.threat,
    ),
    Duty(
        "4",
        "Art. 4(1)-(4)",
        "A judge or court issues or validates; a prosecutor suffices for subscriber "
        "data, identification and preservation.",
        orders.issuer,
    ),
    Duty(
        "4-5",
        "Art. 4(5)",
        "Validation afterwards is sought within 48 hours; refused, the order is "
        "withdrawn and its data are deleted or restricted.",
        orders.ex_post,
    ),
    Duty(
        "5-4",
        "Art. 5(3), (4)",
        "Traffic and content data need an offence above the threshold.",
        orders.threshold,
    ),
    Duty(
        "5-5-a",
        "Art. 5(5)(a), 6(4)(a)",
        "The issuing and the validating authority are named.",
        orders.authority_named,
    ),
    Duty("5-5-b", "Art. 5(5)(b), 6(4)(b)", "The addressee is named.", orders.addressee),
    Duty(
        "5-5-c",
        "Art. 5(5)(c), 6(4)(c)",
        "The user, or another unique identifier, is given.",
        orders.identifier,
    ),
    Duty(
        "5-5-e",
        "Art. 5(5)(e), 6(4)(e)",
        "The time range is given, where there is one.",
        orders.time_range,
    ),
    Duty(
        "5-5-f",
        "Art. 5(5)(f), 6(4)(f)",
        "The applicable criminal law is given.",
        orders.provision,
    ),
    Duty(
        "5-5-g",
        "Art. 5(5)(g)",
        "An emergency is given reasons.",
        orders.emergency_reasons,
    ),
    Duty(
        "5-5-h",
        "Art. 5(5)(h), 5(6)",
        "The order goes to the controller, or says why to the processor.",
        orders.controller,
    ),
    Duty(
        "5-5-i",
        "Art. 5(5)(i), 6(4)(g)",
        "Necessity and proportionality are shown.",
        orders.necessity,
    ),
    Duty("5-5-j", "Art. 5(5)(j)", "The case is summarised.", orders.summary),
    Duty(
        "8",
        "Art. 8",
        "The enforcing authority is notified of an order for traffic or content.",
        course.notification,
    ),
    Duty(
        "9-1", "Art. 9(1)", "The certificate itself is in the case.", course.certificate
    ),
    Duty(
        "9-1-sign",
        "Art. 9(1)",
        "The certificate is signed and certified as accurate.",
        orders.authentic,
    ),
)
_COURSE = (
    Duty(
        "10-2",
        "Art. 10(2)-(4)",
        "Data are produced within 10 days, in an emergency within 8 hours.",
        course.produced,
    ),
    Duty(
        "10-6",
        "Art. 10(6)-(8), 11(5)",
        "Questions of the addressee (Annex III) are answered within 5 days.",
        course.clarified,
    ),
    Duty(
        "10-9",
        "Art. 10(1), (9)",
        "Data preserved and produced stay as they were.",
        course.kept_unchanged,
    ),
    Duty(
        "11",
        "Art. 11",
        "Data are preserved 60 days, once 30 more, and until a confirmed production.",
        course.preserved,
    ),
    Duty(
        "12",
        "Art. 10(4), 12",
        "An objection of the enforcing authority (96 hours in an emergency) is obeyed.",
        outside("Objections come from outside; no entry says that none was raised."),
        outside=True,
    ),
    Duty(
        "12-use",
        "Art. 12",
        "Conditions on use are kept with the data.",
        course.conditions,
    ),
    Duty(
        "13-1",
        "Art. 13(1)",
        "The person whose data are asked for is informed.",
        handing.informed,
    ),
    Duty(
        "13-2",
        "Art. 13(2)",
        "Where informing is put off, ground and reasons are in the case file.",
        handing.put_off,
    ),
    Duty(
        "13-3",
        "Art. 13(3)",
        "The information names the remedies.",
        outside("What the person was told stands in the letter to them."),
        outside=True,
    ),
)
_KEEPING = (
    Duty(
        "13-4-integrity",
        "Art. 13(4)",
        "Integrity of the data is ensured.",
        keeping.integrity,
    ),
    Duty(
        "13-4-origin",
        "Art. 13(4)",
        "Who did what is signed and cannot be changed unnoticed.",
        keeping.origin,
    ),
    Duty(
        "13-4-secrecy",
        "Art. 13(4)",
        "Confidentiality is ensured: data are stored encrypted.",
        keeping.encrypted,
    ),
    Duty(
        "13-4-time",
        "Art. 13(4)",
        "State of the art: the time of the record is confirmed from outside.",
        keeping.stamped,
    ),
    Duty(
        "13-4-witness",
        "Art. 13(4)",
        "State of the art: another party countersigned the record.",
        keeping.witnessed,
    ),
    Duty(
        "13-4-access",
        "Art. 13(4)",
        "Looks at sealed content are recorded with reasons.",
        keeping.consulted,
    ),
    Duty(
        "18-5",
        "Art. 18(5)",
        "The defence can see the whole record, and what was not acquired.",
        keeping.reported,
    ),
)
_HANDING = (
    Duty(
        "19-1",
        "Art. 19(1), (4)",
        "Orders travel through the decentralised IT system, or it is said how.",
        handing.channel,
    ),
    Duty(
        "19-5",
        "Art. 19(5)",
        "Alternative means let the recipient establish authenticity.",
        handing.authenticity,
    ),
    Duty(
        "19-6",
        "Art. 19(6)",
        "A transmission is recorded: time, sender, recipient, file names, sizes.",
        handing.transmission,
    ),
    Duty("2025-a1", "3.3.3(a)(1)", "Sender and recipient are given.", handing.parties),
    Duty(
        "2025-a2",
        "3.3.3(a)(2)",
        "The evidence is tied to its orders.",
        handing.orders_named,
    ),
    Duty("2025-a3", "3.3.3(a)(3)", "The time is given.", handing.sent_at),
    Duty("2025-a4", "3.3.3(a)(4)", "The means is given.", handing.means),
    Duty("2025-a5", "3.3.3(a)(5)", "Files are named in full.", handing.names),
    Duty("2025-a6", "3.3.3(a)(6)", "Sizes are given.", handing.sizes),
    Duty(
        "2025-a7",
        "3.3.3(a)(7)",
        "Each file has a digest of a strong, named algorithm.",
        handing.digests,
    ),
    Duty(
        "2025-b",
        "3.3.3(b)",
        "Evidence is available for 10 to 45 days.",
        handing.available,
    ),
    Duty("2025-c", "3.3.3(c)", "Remarks, where there are any.", handing.remarks),
    Duty(
        "20",
        "Art. 20",
        "Documents are not refused legal effect only for being electronic.",
        outside("This binds courts and authorities."),
        outside=True,
    ),
    Duty(
        "21",
        "Art. 21, eIDAS",
        "Where a seal or signature is asked for, it is a qualified one.",
        handing.level,
        outside=True,
    ),
    Duty(
        "28",
        "Art. 28",
        "What the yearly statistics count is recorded.",
        handing.countable,
    ),
)

E_EVIDENCE = Catalogue(
    "e-evidence",
    "Regulation (EU) 2023/1543; rows 3.3.3: Annex of Implementing Regulation (EU) "
    "2025/1550",
    "The Regulation binds issuing and enforcing authorities and service providers. "
    "Rows about orders look at every EPOC and EPOC-PR recorded. A case without one is "
    "not under it; the rows of Art. 13(4) and 18 to 21 then serve as a yardstick only.",
    (*_ORDER, *_COURSE, *_KEEPING, *_HANDING),
)
