"""Sentences of other modules that a report carries, marked for the catalogues.

The verifier (`manifests`) and the modules that tell entries in words know no languages:
their sentences stand here once more, word for word, with a place for each figure, and
`evidence.report.retelling` finds them again. One that is worded differently there stays
English in a report; a test composes a case and sees that the usual ones are found.
"""

from __future__ import annotations

from evidence.report.i18n import N_

COUNTED = (
    ("{count} byte", "{count} bytes"),
    ("{count} entry", "{count} entries"),
    ("{count} exhibit", "{count} exhibits"),
    ("{count} record", "{count} records"),
    ("{count} sealed record", "{count} sealed records"),
    ("{count} checkpoint", "{count} checkpoints"),
    ("{count} key", "{count} keys"),
    ("{count} file", "{count} files"),
    ("{count} finding", "{count} findings"),
    ("{count} remark", "{count} remarks"),
    ("{count} time stamp", "{count} time stamps"),
)

AXES = (
    N_("complete"),
    N_("intact"),
    N_("consistent"),
    N_("signed"),
    N_("trusted"),
    N_("timestamped"),
    N_("witnessed"),
)

VERIFIER = (
    N_("Is everything the manifest names there, and nothing else?"),
    N_("Do all bytes match the digests recorded when they were acquired?"),
    N_("Do the entries form one unbroken, ordered log that every checkpoint confirms?"),
    N_("Is every entry signed by a key that was allowed to sign then?"),
    N_("Are these keys known from outside the case?"),
    N_("Does an independent authority confirm the time?"),
    N_("Has another party countersigned the head of the log?"),
    N_("There: {exhibits} and {sealed}; nothing is unlisted."),
    N_("Payload and inventory of {exhibits} match their digests."),
    N_("One chain of {entries}, confirmed by {checkpoints}."),
    N_("The signatures on {signed} of {entries} hold, by {keys}."),
    N_("ML-DSA-44 signatures hold on {checkpoints}."),
    N_("No checkpoint carries a checked ML-DSA-44 signature."),
    N_("The case names no usable key."),
    N_("Every signing key is one you gave as trusted."),
    N_("Every signing key is one your policy gives for this log."),
    N_("Every signing key is your own or one you trust ('identity trusted')."),
    N_("Of {n} keys you know all but {named}: see 'identity trust'."),
    N_("No key was given from outside: whose keys these are is not checked."),
    N_("No checkpoint carries a time stamp of an outside authority."),
    N_("No countersignature of another party is there."),
    N_("That the content of any exhibit is true, or what it means."),
    N_("That the source held nothing else than what was acquired."),
    N_("Whose keys signed: compare the key id with one from the person."),
    N_("That the recorded times are true: they are the acquirer's clock."),
    N_(
        "When an act happened: a time stamp proves that its entry existed by then, not "
        "that it was made at the time it states; nor was it checked whether the "
        "authority's certificate has been revoked."
    ),
    N_(
        "That nothing was cut off the end: whoever can write to the only copy of a "
        "case can remove its newest acts with their checkpoints, and the holder of the "
        "key can rewrite all of it, as far as no checkpoint was kept outside the case "
        "(none was given)."
    ),
)

LEVEL = (
    N_(
        "Entries and checkpoints are signed with {schemes} keys held by the persons "
        "named."
    ),
    N_("{n} checkpoint(s) carry an ML-DSA-44 signature, too."),
    N_("Time stamps: {explanation}"),
    N_("Countersignatures: {explanation}"),
    N_("This report itself is not electronically signed."),
    N_(
        "This report is made to be signed with a PAdES signature of level {level}; "
        "whether it was, by whom, and what was reached is shown by the reader's "
        "program and by 'custody verify', not by this page."
    ),
    N_(
        "That any of these signatures is a qualified electronic signature or seal in "
        "the sense of Regulation (EU) No 910/2014 is not established; those made with "
        "keys in files are not."
    ),
    N_(
        "When this verification was made: the time printed, {time}, was given by the "
        "person who made the report, not read from a clock."
    ),
    N_("It cannot be right: {n} of the entries covered are later."),
)

GAPS = (
    N_("The clock was set back before this entry."),
    N_("The case was restored from an older state before this entry."),
    N_("Work was interrupted before this entry (crash or power cut)."),
)

LOST = (
    N_("Could not be read"),
    N_("Changed while it was read (kept as read)"),
    N_("Skipped, with a reason in the inventory"),
    N_("Named but not there"),
    N_("Refused as unsafe or malformed (the bytes are kept in the payload)"),
    N_("The content was parsed in part only; the payload is complete."),
    N_("The parser failed; the payload is complete."),
    N_("The content has no layout this version reads; kept as it is."),
)

HAND_CHECK = (
    N_(
        "In the case folder, with a scratch folder outside it (a file left inside the "
        "case would count as unlisted):"
    ),
    N_(
        "The payload of {exhibit} has the digest printed in this report (the same for "
        "every other exhibit):"
    ),
    N_("The leaf hash of the first entry is the value 'prev' of the second:"),
    N_(
        "The sealed record of entry 0 is the one that entry commits to (value "
        "'private'):"
    ),
    N_(
        "The checkpoint names the number of entries and the root printed on every page "
        "(base64; this shows it in hexadecimal):"
    ),
    N_("Or all of it, and every other axis, with this tool:"),
    N_(
        "The key id is the digest of the founder's public key, which stands in entry "
        "0. Compare it with the one the person gives you:"
    ),
    N_(
        "The key id is the digest of the public key that an entry enrolled. Compare it "
        "with the one the person gives you:"
    ),
    N_(
        "The checkpoint names its signers by four bytes; those of this key ({bytes}) "
        "follow from it:"
    ),
    N_(
        "The checkpoint is signed by that key (lines of other keys, such as a "
        "post-quantum key or witnesses, are left out):"
    ),
)

ATTACHED = (
    N_(
        "The log, its checkpoints and keys: this variant carries none of them; whoever "
        "may see them can ask the issuer."
    ),
    N_(
        "Transmission manifests: each stays with its package, as it names sender, "
        "recipient and orders; the entries of the log name the package."
    ),
    N_("Sealed records, inventories and payloads: a report carries no evidence."),
    N_("How to take the attachments out and check them by hand."),
    N_("The signed log this report was made from, as far as it covers it."),
    N_(
        "The log ({file}): its {entries} of {bytes} are more than the {most} a report "
        "carries, so that it can be sent and opened; it stays in the case. SHA-256 of "
        "these entries: {digest}."
    ),
    N_("{n} public key(s): the log has none."),
    N_(
        "{n} description(s) of keys (names, organisations): the case holds none in "
        "clear."
    ),
    N_("The same entries in the CASE 1.4 and UCO ontology, without signatures."),
    N_("Transmission manifest of {number} (Implementing Regulation (EU) 2025/1550)."),
    N_(
        "The log as CASE/UCO ({file}): more than the {most} a report carries of it; "
        "see 'custody export case-uco'."
    ),
    N_("Descriptions of keys (names, organisations): this variant names no staff."),
    N_("The public keys of those who acted (base64 SPKI), by key id."),
    N_("The public description of a key, as its holder gave it."),
    N_(
        "{n} earlier checkpoint(s) that carry neither time stamp nor "
        "countersignature: their roots follow from the log."
    ),
    N_(
        "{n} signature(s) with a certificate ({suffix}): the certificate names its "
        "holder, and this variant names no staff."
    ),
    N_(
        "{n} older file(s) with checkpoints, time stamps, countersignatures or lists "
        "of digests: more than the {files} files or {most} a report carries; they stay "
        "in the case."
    ),
    N_("{n} file(s) beside the log that do not have the form their name promises."),
    N_("A signed head of the log."),
    N_("A time stamp (RFC 3161 token)."),
    N_("Countersignatures of witnesses."),
    N_("A signature with a certificate, over a signed head of the log."),
    N_("Second digests, made by a renewal."),
    N_("Every row of the list: {name}."),
    N_("This report as data: what its pages say, and what is attached to it."),
)

LOSSES = (
    N_("Entry {seq} claims a number out of turn and is not used."),
    N_("Items whose words could not be read: {n}; no sum holds them."),
    N_("(the sealed record is not available)"),
    N_("Presumed harm"),
    N_("Presumed proceeds"),
    N_("Known from"),
    N_("Fact"),
    N_("Assessment"),
    N_("Persons"),
    N_("Statements"),
    N_("Words"),
    N_("Kind"),
    N_("Time"),
    N_("wages not paid"),
    N_("other earnings lost"),
    N_("cost of treatment and care"),
    N_("property lost or damaged"),
    N_("non-material harm"),
    N_("other harm"),
    N_("cash"),
    N_("transfer of money"),
    N_("crypto-asset"),
    N_("goods or services"),
    N_("land or other property"),
    N_("other proceeds"),
)

GAPS_BETWEEN = (
    N_("only told, not signed since {time}"),
    N_("not answered since {time}"),
    N_("the two clocks disagree: answered before it was offered"),
    N_("{days} days on the way, from {start} to {end}"),
    N_("informal"),
    N_("emergency"),
)

PICTURES = (
    N_("it is not one single file, or is not there"),
    N_("it is no picture that can be decoded"),
)

ENTRIES = (
    N_("An entry of a kind this variant withholds."),
    N_("Case opened."),
    N_("Case opened (synthetic training data)."),
    N_("Authority {number} recorded: {kind}, for {covers} data."),
    N_("{kind} acquired, {amount}, complete: {outcomes}."),
    N_("{kind} acquired, {amount}, incomplete: {outcomes}."),
    N_("Report {report} issued."),
    N_("Restored from an older state; {n} entries had been vouched for."),
    N_("Interrupted work tidied: {n} item(s) moved to quarantine."),
    N_("Sealed content looked at: {kind}, for {purpose}."),
    N_("Note added ({kind}); its text is sealed."),
    N_("Entry {entry} corrected ({kind}); the words are sealed."),
    N_("Time stamps put under a new one."),
    N_("Consent {number} recorded: {levels}."),
    N_("Key {key} enrolled, rights: {rights}, any role."),
    N_("Key {key} revoked from {time} on ({reason})."),
)

RARER = (
    N_(
        "Self-test of the tool: {passed} checks passed, {failed} failed, {skipped} not "
        "checked."
    ),
    N_("Consent {number} withdrawn, from {at} on."),
    N_("Consent {number} withdrawn in part, from {at} on."),
    N_("Recipients put on the no-contact list."),
    N_("Recipients taken off the no-contact list."),
    N_("Entry {seq} approved by a second person."),
    N_("Entry {seq} refused by a second person."),
    N_("Breach {number} recorded, known since {at}."),
    N_("Breach {number} notified, {at}."),
    N_("A {kind} may decrypt the case."),
    N_("A {kind} is left out when keys are encrypted from now on."),
    N_("Register of persons: {person} added."),
    N_("Register of persons: {person} altered."),
    N_("Register of persons: {person} is {other}."),
    N_("Register of persons consulted: {persons}."),
    N_("Decision {number} recorded ({kind}); its words are sealed."),
    N_("Second signature on {number}: {answer}."),
    N_("Presumed harm {number} recorded; it is sealed."),
    N_("Presumed proceeds {number} recorded; they are sealed."),
    N_("Presumed interference {number} recorded ({kind})."),
    N_("Link between an item and a presumed element; it is sealed."),
    N_("The link in entry {seq} withdrawn."),
    N_("Passage {passage} marked."),
    N_("Statement {number} recorded, version {version}."),
    N_("Notice of the correction in entry {entry} made out."),
    N_(
        "{number}: {what} offered to {party} for {purpose} by {channel}, until {until}."
    ),
    N_("{number}: an offer by {sender} answered: {result}."),
    N_("{number}: package {package} written."),
    N_("{number}: {result}, as told; the receiver signed nothing."),
    N_("{number}: receipt taken: {result}."),
    N_("{number} given back ({how})."),
    N_("{about} restricted to use as evidence: {ground}."),
    N_("Restriction of {about} lifted: {ground}."),
    N_("{about} erased: {reason}. Digests remain."),
    N_("Legal hold {hold} on {about}: nothing is erased."),
    N_("Legal hold {hold} lifted."),
    N_("Erasure of entry {entry} carried out."),
    N_("Retention of {about} decided: {rule}, {times}."),
    N_("Disclosed {what} to {recipient} for {purpose}."),
    N_("The whole case"),
    N_("offered"),
    N_("accepted"),
    N_("declined"),
    N_("overdue"),
    N_("returned"),
    N_("accepted-with-differences"),
    N_("lasts"),
    N_("ended"),
    N_("kept: {rule}"),
    N_("legal hold {number}"),
    N_("restricted: {ground}"),
    N_("erased: {reason}"),
    N_("Renew"),
    N_("Copy"),
    N_("Analyse"),
    N_("Identify"),
    N_("Review retention"),
    N_("Lift restriction"),
    N_("Correction notice"),
)

WORDS = (
    N_("acquired"),
    N_("unreadable"),
    N_("changed-while-read"),
    N_("skipped"),
    N_("missing"),
    N_("refused"),
    N_("fact"),
    N_("assessment"),
    N_("yes"),
    N_("no"),
    N_("none"),
    N_("unknown"),
    N_("Chat export"),
    N_("Screenshot"),
    N_("Disk artefact"),
    N_("Files"),
    N_("Document"),
    N_("Case open"),
    N_("Authority add"),
    N_("Acquire"),
    N_("Annotate"),
    N_("Rectify"),
    N_("Transfer out"),
    N_("Transfer in"),
    N_("Consult"),
    N_("Disclose"),
    N_("Verify"),
    N_("Recovery"),
    N_("Report issue"),
    N_("Consent add"),
    N_("Consent withdraw"),
    N_("Restrict"),
    N_("Erase"),
    N_("Key enrol"),
    N_("Key revoke"),
    N_("Data category"),
    N_("Reading began"),
    N_("Outcomes"),
    N_("Content"),
    N_("Traffic"),
    N_("Subscriber"),
    N_("Handling"),
    N_("Use restriction"),
    N_("Quality of the data"),
    N_("Own initiative"),
    N_("in force; entries {entries}"),
    N_("the whole case"),
    N_("the case"),
    N_("nothing yet"),
    N_("nobody"),
    N_("met"),
    N_("not applicable"),
    N_("parsed completely"),
    N_("parsed in part"),
    N_("not recognised (kept as it is)"),
    N_("parser failed (kept as it is)"),
)
