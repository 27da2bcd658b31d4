"""Entries, consents, hand-overs, labels and decisions, told in words."""

from __future__ import annotations

from evidence.report.i18n import N_

SENTENCES = (
    N_("OVERRIDDEN: {codes}; the reason is sealed."),
    N_("Legal basis in doubt: {doubts}."),
    N_("Referred to {to}, not copied ({why}): {outcome}."),
    N_("no purpose given"),
    N_("Digests of {files} files renewed by SHA-512."),
    N_("{exhibit} ({records} records, {withheld} withheld, payload {payload})"),
    N_(
        "{exhibit} ({records} records, {withheld} withheld, payload {payload}, IN"
        " CLEAR)"
    ),
    N_("{number}: kept sealed until {until} while {subject} reflects."),
    N_("Reflection period {number} ended early by the person."),
    N_("Authority {number} {done}, {at}."),
    N_("Let through in what left: {count} of identifiers."),
    N_(
        "Let through in what left: {count} of identifiers, {missed} part(s) not "
        "searched."
    ),
    N_("Key {key} enrolled in the place of {old}, rights: {rights}, any role."),
    N_("Key {key} enrolled, rights: {rights}, roles: {roles}."),
    N_("Key {key} enrolled in the place of {old}, rights: {rights}, roles: {roles}."),
    N_("Guided preservation: {step}."),
    N_("Label on {about}: {said}."),
    N_("Label that says nothing known."),
    N_("Handed over: {exhibit} of {log}."),
    N_("Handed over: part of {exhibit} of {log}."),
    N_("Open packages a crash had left beside the case destroyed: {count}."),
    N_("in an emergency"),
    N_("taken into a case in clear"),
    N_("exhibits"),
    N_("until {time}"),
    N_("review {time}"),
    N_("review by {time}"),
    N_("given {time}"),
    N_("withdrawn {time} (entry {n})"),
    N_("no end"),
    N_("lifted by entry {n}"),
    N_("NOT IN FORCE (no second person approved it): {told}"),
    N_("NOT CARRIED OUT"),
    N_("IN SPITE OF A LEGAL HOLD"),
    N_("{time} by key {key}"),
    N_("{about} restricted to use as evidence: {ground}, until {time}."),
    N_("Erasure of entry {entry} carried out, and in {n} named copy."),
    N_("Erasure of entry {entry} carried out, and in {n} named copies."),
    N_("offered {time} by {channel} for {purpose}; {n} package(s)"),
    N_("{result}, signed {time}"),
    N_("{result}, told {time}, not signed"),
    N_("the receiver signed both that it took it and that it did not"),
    N_("entry {seq} of {log}"),
    N_("{what} ({reason})"),
    N_("every {kind}"),
    N_("nothing leaves (reflection period)"),
    N_("{subject} (minor)"),
    N_("{subject} (age unknown)"),
    N_("{n} condition(s), withheld in this variant."),
    N_("{number}: {n} condition(s), withheld in this variant."),
    N_("{subject}: {effect} ({axis}, entry {n})."),
    N_("{value} (entry {n})"),
    N_("{axis} of record {n}"),
    N_("relied on in {number}"),
    N_("noted as {number}"),
    N_("reason of {number}"),
    N_("risk assessed in {number}"),
    N_("about {number}"),
    N_("Correction of entry {n}"),
    N_("CORRECTED by entry {n}"),
    N_(
        "Correction in entry {seq}: of {n} earlier recipient {told} told, {left} "
        "NOT told yet."
    ),
    N_(
        "Correction in entry {seq}: of {n} earlier recipients {told} told, {left}"
        " NOT told yet."
    ),
    N_("Decision: {kind}"),
    N_("Presumed interference: {kind}"),
    N_("not countersigned"),
    N_("{answer}: {who} (entry {n})"),
    N_(
        "Counts of links that persons made between items, passages and presumed "
        "elements."
    ),
    N_(
        "They weigh nothing and prove nothing; an empty place does not mean that "
        "something did not happen."
    ),
    N_("Links for and against: {elements}."),
    N_("No link supports: {elements}."),
    N_("{n} link could not be read."),
    N_("{n} links could not be read."),
    N_("Entry {seq}, {time}; SHA-256 of the sealed result: {digest}."),
    N_(
        "It shows damage and careless changes, not an attacker who changed "
        "program and records together."
    ),
    N_("{covers}; data from {start} to {end}"),
    N_("{covers}; data from {start} to {end}; only {limited}"),
    N_("only {what}"),
    N_("any time"),
    N_("no data category"),
    N_("validation {word}"),
    N_("entries {entries}"),
    N_("is of a type this version does not know"),
    N_("waits for a second person's approval"),
    N_("was withdrawn at {time}"),
    N_("holds a time that is none"),
    N_("is valid from {time} on"),
    N_("was valid until {time}"),
    N_("was not validated afterwards"),
    N_("had to be validated by {time}"),
    N_("key {key}"),
    N_("{word} {stamp}"),
    N_("{word} ({reason}) {stamp}"),
)
