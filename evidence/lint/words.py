"""Words that say nothing about anybody: those of our own reports, and common ones.

A name that is one of these is reported as doubtful where it stands alone, because else
no report could be issued in the case of somebody called Page. A test compares the list
with the words of a report. A report in another language also has the words of its
catalogue: they count while it is searched (`evidence.report.i18n.speaking`).
"""

from __future__ import annotations

import re
from functools import cache

from evidence.lint import folding
from evidence.report.i18n import ENGLISH, current, language_of

_TEXT = """
abbot about above access account accurate acquire acquired acquirer acquisition act
acted acts added admin administrator again all allowed allows alone aloud also always
amber amount amounts and android angle annotate another answer answers any anybody
anyone anything apart app appears append applied april archer are arranged art artefact
asked assessment assessments attachments attempted august authenticated author
authorities authority autumn available axis baby back backslash backup bad baker bar
baron base basis bdc became because been before began begins being belief believe
belongs below beside best between beyond bill bind bishop bit black blurred boss both
bound break breaking bridge brook brother brown but byte bytes called can cannot care
carol carolina carries carry carter case cat categories category cells certain
certificate certification certify chain chance changed changes changing chapter chapters
character characters chase chat chats check checked checkpoint checkpoints chronological
church claim claims classification clay cliff clock closed code codes colour coloured
command commands commitment commits committed compare comparing compensation complete
completed completely completeness component compute computed computer computing
conclusion conclusions conditions confirm confirmed confirms confiscation consent
consents consistent consultation contact content contents contradict converted convicted
cook coordinated copied copies copy correct corrected correction corrections
corroboration cost could count counted countersignature countersignatures countersigned
countersigns counts court cover covered covers crystal currency custodian custody cut
daa dad daisy dakota dale damaged data date dawn day dean december decide decided
decimal decision decisions declare decoded defence deleted demo demonstration der
describe described description desktop details deviations device devices did differ
different digest digests digital digits directories disclosed disk dmy document
documents does done dos dot doubt down download downloads drew dsa duke duplicates each
earl earlier earnings east eat echo eight electronic electronically element elements
else empty end ending ends enrolled entered entries entry erased erasure errors
establish established eve even event ever every everybody everything evidence exact
exactly examined examiner example exhibit exhibits existed exists experience explained
explains explanation export ext face fact facts fail faith false far fast fat father
feasible february few field figures file files finding findings fingerprint first fisher
fixed fixes flat florence folder follow follows for force ford foregoing forest form
format forms found founder four frank friday friend from full gained gap gaps gave gene
generated georgia give given gives glance glen glossary goes gold good goods gps grace
grades gray green grep grey ground group groups guest guy had hall hand handed happened
happens harm has hash have head heath height held her here hexadecimal hide hill his
history hold holder holds home hope host house how hunter identification identified
identifies identify identity image incomplete independent info informal information
initiative inkey inside intact interference into invalid inventories inventory
investigation israel issued issuer issuers item items its itself ivy jack jade january
jay jean job jordan joy jpeg json jsonl july june just justifications justified keep
keeping keeps kept key keyform keys kib kind kinds king know knowing knowledge known
labels lance land lane laptop last law lawful laws layout leads leaf least left legal
less letter letters level liable like lily limits line lines link list listed lists
little local localhost log london long longer look looked lost love machine made mail
major make mama manifest manifests many march mark marked marks marshal martin mason
match matches matching matrix max may meaning means media medium members merkle message
messages metadata mib might miller min minutes missing mktemp mobile mom monday money
more most mother much mum must myself name named names national near need needs neither
never new newest next night nobody none nor north not note noted nothing november now
number numbered numbers obeyed observed october off offence offer offered office
official offline often old older omitted once one ones only open opened openssl opinion
opinions order ordered orders organisation organisations origin original other others
otherwise our out outcome outcomes outside over overlap own package packing page paid
papa paper paris parsed part participants partitions party pass passage pat paths
patterns payload payloads pearl penalty people per perjury person persons phone photo
picture pictures pixels pkeyutl place places plain platform png point police pope
position positions post potter preservation presumably presumed prev prince printed
printf private proceedings proceeds process produce produces profile programs promises
proof property prosecution protected protection proves pseudonym pseudonyms pubin public
purpose put qualification qualified quality quantum queen question quotes rain rawin ray
read readable reading reads real reason receipt received receives recipient recomputing
record recorded recording records recovered recruiter reduced reference references
referral referred refusal refused register registered registers regulation relates
relied remarks remove removing rendered rendering renewal reorder reordering repeated
replace report reported reproduces request require rest restriction restrictions rests
result results reveals rewrite rich right river rob robin rod role root roots rose
routine rows ruby safe said same sample say says scope scratch screenshot seal sealed
second section security sed see seem self sender senders sense sent separate separated
september sequence serial server service services session set sets several sha shall
share short should show showed showing shown shows side sierra sig sigfile sign
signature signatures signed signers signing signs silver since single sister sitting
size skipped sky smith software sol some somebody something source sources south spaces
spelled spring staff stamp stamping stamps stand stands star start state stated
statement statements states status stay stays step stick still stone stood storage
street stretch strong subscriber such suffered sufficed sum summer sunday supersedes
supervision supplement support suspect synthetic system table tables tags tail take
taking tar taylor telegram telephone tell tendered test tester text texts than that the
their them then there therefore these they thing think third this those three time times
timestamped timezone title together token told too tool tools traffic training
transcript transfer travels treatment tree true truncated trust trusted turn turner two
types unbroken unchanged under unicode unit universal unknown unless unlisted unnamed
unnoticed unreadable until upon usb use used user utc value values variant verdict
verification verified verifies verify version very victim video virginia volume vouches
wages want warrant was way well went were west what whatsapp when where whether which
while white who whoever wholly whom whose why width wilfully will winter wise with
withdrawn withheld withholds without witness witnessed witnesses wood woods word wording
words work worked world would write written xff xxd year years yes ymd you young your
yyyy
"""
COMMON = frozenset(_TEXT.split())
_WORD = re.compile(r"[^\W\d_]{3,}")


def is_common(word: str) -> bool:
    """Tell whether a folded word is common, in English or the language in force."""
    return word in COMMON or word in _translated(current().code)


@cache
def _translated(code: str) -> frozenset[str]:
    """Words of the catalogue of a language, folded as the texts that are searched."""
    if code == ENGLISH:
        return frozenset()
    from babel.dates import get_month_names

    months = " ".join(get_month_names("wide", locale=code).values())
    words = {w.translate(folding.PLAIN) for w in _WORD.findall(months)}
    for said in language_of(code).sentences.values():
        for text in (said,) if isinstance(said, str) else said:
            words.update(w.translate(folding.PLAIN) for w in _WORD.findall(text))
    return frozenset(words)
