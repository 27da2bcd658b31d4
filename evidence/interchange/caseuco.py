"""A case as CASE/UCO 1.4 JSON-LD, from public facts alone.

One entry is one ``InvestigativeAction`` informed by the one before; an exhibit is a
``File`` with size and digest and the ``ProvenanceRecord`` that bears its number; an
authority or consent is an ``Authorization``; a key or alias is an ``Identity``. Ids are
UUIDs of version 5 (RFC 9562) over the log's origin and the thing's own number, so that
two exports of one log agree. The graph is written node by node, sorted keys, nothing of
it kept: memory does not grow with the log except by what names keys and tools.

Source: CASE 1.4.0 and UCO 1.4.0 (ontology.caseontology.org). What maps to what stands
in docs/spec/interchange-v1.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evidence.interchange.caseuco_terms import (
    CONTEXT,
    VALID,
    Node,
    encoded,
    facts_ground,
    hash_value,
    is_digest,
    is_time,
    time_value,
    uuid5,
    word,
)
from evidence.interchange.source import Source, party
from evidence.narration import describe
from manifests.canonical import Json
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.verifying.expected import ExpectedExhibit, expected_exhibit

NAME = "case.jsonld"
VERSION = "1.4.0"
_ROLES = {"examiner": "Examiner", "investigator": "Investigator"}


def case_jsonld(source: Source) -> bytes:
    """Return the whole document, for an attachment.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    return b"".join(case_uco(source))


def case_uco(source: Source) -> Iterator[bytes]:
    """Yield the document in pieces, UTF-8, one node a line.

    Raises:
        CaseUnreadableError, MalformedError: the log cannot be read.
    """
    yield b'{"@context":' + encoded(CONTEXT) + b',\n"@graph":[\n'
    graph = _Graph(source.origin)
    for entry in source.read():
        for node in graph.entry(entry):
            yield encoded(node) + b",\n"
    for node in graph.checkpoint(source):
        yield encoded(node) + b",\n"
    yield from _investigation(graph)
    yield b"]}\n"


def _investigation(graph: _Graph) -> Iterator[bytes]:
    """Yield the node that holds all others, a piece at a time."""
    node = graph.investigation()
    head = encoded(node)
    yield head[:-1] + b',"uco-core:object":['
    for number in range(graph.count):
        comma = b"," if number else b""
        yield comma + encoded(graph.ref("action", number))
    for name in sorted(graph.exhibits):
        yield b"," + encoded(graph.ref("provenance", name))
    yield b"]}\n"


@dataclass(slots=True)
class _Graph:
    """Makes nodes; knows which keys, tools and exhibits were told of already."""

    origin: str
    count: int = 0
    opened: str = ""
    kind: str = ""
    exhibits: set[str] = field(default_factory=set)
    authorizations: list[str] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)
    _space: bytes = field(init=False)

    def __post_init__(self) -> None:
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, f"https://{self.origin}").bytes

    def ref(self, kind: str, name: object) -> Node:
        """Return a reference to a thing by its kind and its own name."""
        return {"@id": f"kb:{uuid5(self._space, f'{kind}/{name}')}"}

    def _once(self, key: str) -> bool:
        new = key not in self._told
        self._told.add(key)
        return new

    # -- entries -----------------------------------------------------------------------

    def entry(self, entry: Entry) -> Iterator[Node]:
        """Yield the nodes that an entry adds."""
        facts, number = entry.facts, self.count
        if number == 0:
            self.opened = entry.time if is_time(entry.time) else ""
            self.kind = word(facts.get("profile"))
        action = self._action(entry, number)
        yield from self._performer(entry, action)
        yield from self._tool(facts, action)
        yield from self._authorization(entry, action)
        yield from self._recipient(facts, action)
        if entry.type == EntryType.ACQUIRE:
            yield from self._exhibit(entry, action)
        else:
            objects = [self.ref("provenance", name) for name in entry.exhibits
                       if name in self.exhibits]  # fmt: skip
            if objects:
                action["uco-action:object"] = objects
        yield self._leaf(entry, number)
        yield action
        self.count += 1

    def _action(self, entry: Entry, number: int) -> Node:
        facts = entry.facts
        kind = word(facts.get("kind"))
        node: Node = {
            **self.ref("action", number),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": f"{entry.type}: {kind}" if kind else entry.type,
            "uco-core:description": f"Entry {number}. {describe(entry)}",
            "uco-core:externalReference": self.ref("leaf", number),
        }
        begun, ended = facts.get("started"), facts.get("ended")
        for name, told in (("startTime", begun), ("endTime", ended)):
            time = told if isinstance(told, str) and is_time(told) else entry.time
            if is_time(time):
                node[f"uco-action:{name}"] = time_value(time)
        if number:
            before = self.ref("action", number - 1)
            node["case-investigation:wasInformedBy"] = before
        return node

    def _leaf(self, entry: Entry, number: int) -> Node:
        return {
            **self.ref("leaf", number),
            "@type": "uco-core:ExternalReference",
            "uco-core:definingContext": f"RFC 6962 leaf hash in {self.origin}",
            "uco-core:externalIdentifier": entry.leaf.hex(),
        }

    def _performer(self, entry: Entry, action: Node) -> Iterator[Node]:
        key, role = entry.actor, word(entry.body.get("role"))
        action["uco-action:performer"] = self.ref("identity", key)
        yield from self._identity(key, f"key {key}")
        if not role or not self._once(f"role/{key}/{role}"):
            return
        kind = (
            f"case-investigation:{_ROLES[role]}" if role in _ROLES else "uco-role:Role"
        )
        if self._once(f"role/{role}"):
            yield {**self.ref("role", role), "@type": kind, "uco-core:name": role}
        yield {
            **self.ref("has-role", f"{key}/{role}"),
            "@type": "uco-core:Relationship",
            "uco-core:isDirectional": True,
            "uco-core:kindOfRelationship": "Has_Role",
            "uco-core:source": self.ref("identity", key),
            "uco-core:target": self.ref("role", role),
        }

    def _identity(self, name: str, shown: str) -> Iterator[Node]:
        if self._once(f"identity/{name}"):
            yield {
                **self.ref("identity", name),
                "@type": "uco-identity:Identity",
                "uco-core:name": shown,
            }

    def _tool(self, facts: Mapping[str, Json], action: Node) -> Iterator[Node]:
        found: list[Node] = []
        tool, parse = facts.get("tool"), facts.get("parse")
        told: list[tuple[str, str, str]] = []
        if isinstance(tool, dict):
            running = f"Python {tool.get('python')}, {tool.get('system')}"
            told.append((word(tool.get("name")), word(tool.get("version")), running))
        if isinstance(parse, dict) and word(parse.get("parser")):
            told.append((word(parse.get("parser")), "", "Parser of the tool"))
        for name, version, words in told:
            key = f"{name}/{version}/{words}"
            found.append(self.ref("tool", key))
            if self._once(f"tool/{key}"):
                node = {
                    **self.ref("tool", key),
                    "@type": "uco-tool:Tool",
                    "uco-core:description": words,
                    "uco-core:name": name,
                }
                yield {**node, "uco-tool:version": version} if version else node
        if found:
            action["uco-action:instrument"] = found

    def _recipient(self, facts: Mapping[str, Json], action: Node) -> Iterator[Node]:
        names = [party(facts), facts.get("alias"), facts.get("sender")]
        parties = sorted({word(name) for name in names if word(name)})
        if parties:
            found = [self.ref("identity", name) for name in parties]
            action["uco-action:participant"] = found
        for name in parties:
            shown = f"key {name}" if len(name) == 64 else name
            yield from self._identity(name, shown)

    def _authorization(self, entry: Entry, action: Node) -> Iterator[Node]:
        facts, ground = entry.facts, facts_ground(entry)
        number, kind = word(facts.get("number")), word(facts.get("type"))
        if entry.type == EntryType.CONSENT_ADD:
            number, kind = word(facts.get("number")), "consent"
        elif entry.type == EntryType.CASE_OPEN and ground:
            number, kind, facts = "AU-0001", word(ground.get("type")), ground
        elif entry.type != EntryType.AUTHORITY_ADD:
            number = ""
        if number and self._once(f"authorization/{number}"):
            self.authorizations.append(number)
            node = {
                **self.ref("authorization", number),
                "@type": "case-investigation:Authorization",
                "case-investigation:authorizationIdentifier": number,
                "case-investigation:authorizationType": kind or "unknown",
            }
            for name, keys in VALID.items():
                time = next((t for k in keys if is_time(t := word(facts.get(k)))), "")
                if time:
                    node[f"uco-core:{name}"] = time_value(time)
            yield node
            action["uco-action:result"] = [self.ref("authorization", number)]
        own = word(entry.body.get("authority"))
        if own and f"authorization/{own}" in self._told:
            relation = self.ref("authorized-by", self.count)
            yield {
                **relation,
                "@type": "uco-core:Relationship",
                "uco-core:isDirectional": True,
                "uco-core:kindOfRelationship": "Authorized_By",
                "uco-core:source": self.ref("action", self.count),
                "uco-core:target": self.ref("authorization", own),
            }

    # -- exhibits ----------------------------------------------------------------------

    def _exhibit(self, entry: Entry, action: Node) -> Iterator[Node]:
        try:
            expected = expected_exhibit(entry)
        except MalformedError:
            return  # the verifier says so; the act itself stays in the graph
        if expected.id in self.exhibits or not is_digest(expected.payload_sha256):
            return
        self.exhibits.add(expected.id)
        file, facts = self.ref("file", expected.id), entry.facts
        action["uco-action:result"] = [file, self.ref("provenance", expected.id)]
        kind, category = word(facts.get("kind")), word(facts.get("category"))
        whole = "" if facts.get("complete") is True else "; NOT complete"
        record: Node = {
            **self.ref("provenance", expected.id),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": expected.id,
            "uco-core:description": f"{kind or 'exhibit'}, {category or 'data'}{whole}",
            "uco-core:object": [file],
        }
        lineage = facts.get("lineage")
        if isinstance(lineage, dict) and word(lineage.get("exhibit")):
            root = word(lineage.get("exhibit"))
            record["case-investigation:rootExhibitNumber"] = [root]
        yield record
        yield from self._file(expected)

    def _file(self, expected: ExpectedExhibit) -> Iterator[Node]:
        name = f"exhibits/{expected.id}/{expected.payload_name}"
        facet, data = self.ref("facet", expected.id), self.ref("content", expected.id)
        yield {
            **self.ref("file", expected.id),
            "@type": "uco-observable:File",
            "uco-core:hasFacet": [facet, data],
        }
        yield {
            **facet,
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": expected.payload_name,
            "uco-observable:filePath": name,
            "uco-observable:sizeInBytes": expected.payload_bytes,
        }
        yield from self._content(
            data, "payload/" + expected.id, expected.payload_bytes,
            expected.payload_sha256, encrypted=expected.encrypted,
        )  # fmt: skip

    def _content(
        self, facet: Node, name: str, size: int, digest: str, *, encrypted: bool = False
    ) -> Iterator[Node]:
        yield {
            **facet,
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:hash": [self.ref("hash", name)],
            "uco-observable:isEncrypted": encrypted,
            "uco-observable:sizeInBytes": size,
        }
        yield {
            **self.ref("hash", name),
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": "SHA256",
            "uco-types:hashValue": hash_value(digest),
        }

    # -- the whole ---------------------------------------------------------------------

    def checkpoint(self, source: Source) -> Iterator[Node]:
        """Yield the newest checkpoint: a signed note over the whole log."""
        head = source.head
        if head is None:
            return
        name = f"manifest/checkpoints/{head.name}"
        facets = [self.ref(kind, name) for kind in ("facet", "content", "signature")]
        yield {
            **self.ref("file", name),
            "@type": "uco-observable:File",
            "uco-core:description": f"Signed head of {self.origin}: {head.size} "
            f"entries, RFC 6962 root {head.root}.",
            "uco-core:hasFacet": facets,
        }
        yield {
            **facets[0],
            "@type": "uco-observable:FileFacet",
            "uco-observable:fileName": head.name,
            "uco-observable:filePath": name,
            "uco-observable:sizeInBytes": len(head.note),
        }
        yield from self._content(facets[1], name, len(head.note), head.sha256)
        yield {
            **facets[2],
            "@type": "uco-observable:DigitalSignatureInfoFacet",
            "uco-observable:signatureDescription": "C2SP signed note; each entry bears "
            "its own signature (DSSE). Not verified by this export.",
            "uco-observable:signatureExists": True,
        }

    def investigation(self) -> Node:
        """Return the node that holds all others, without its objects."""
        node: Node = {
            **self.ref("investigation", "case"),
            "@type": "case-investigation:Investigation",
            "case-investigation:investigationForm": "case",
            "uco-core:description": f"Log {self.origin}, profile {self.kind}.",
            "uco-core:name": self.origin,
            "uco-core:specVersion": VERSION,
        }
        if self.opened:
            node["uco-core:startTime"] = time_value(self.opened)
        if self.authorizations:
            told = [self.ref("authorization", name) for name in self.authorizations]
            node["case-investigation:relevantAuthorization"] = told
        return node
