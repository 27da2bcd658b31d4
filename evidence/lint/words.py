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
abbot about account acquire acquired acquirer acquisition act acted acts added admin
administrator again all allowed allows alone aloud also always amber and android angle
annotate another answers any anybody anyone apart app appears append april archer are
arranged art artefact asked assessment assessments attachments attempted august
authorities authority autumn axis baby back backslash backup bad baker bar baron base
basis bdc became been before began begins being belongs below best between bill bind
bishop bit black boss both bound break breaking bridge brook brother brown but byte
bytes can cannot carol carolina carries carry carter case cat category certain
certification chain chance changed changes changing chapter chapters character
characters chase chat chats check checked checkpoint checkpoints chronological church
classification clay cliff clock codes coloured command commands commitment commits
committed compare comparing complete completed completely completeness component compute
computed computer computing conclusion conclusions conditions confirm confirmed confirms
consent consistent consultation contact content contents contradict convicted cook
coordinated copied copy correction corrections corroboration could count counted
countersignature countersignatures countersigned countersigns counts court cover covered
covers crystal custodian custody cut daa dad daisy dakota dale data date dawn day dean
december decide decided decisions deleted demo demonstration der describe description
desktop details deviations devices did differ different digest digests digital
directories disclosed disk dmy document documents does done dos dot down download
downloads drew dsa duke each earl earlier east eat echo eight electronic electronically
elements else empty end ending entries entry erased errors establish established eve
even event ever every everybody everything evidence exact exactly examined examiner
example exhibit exhibits existed explained explains explanation export ext fact facts
fail faith false far fast fat father feasible february few field file files findings
fingerprint first fisher fixed fixes flat florence folder follow for force ford forest
form format found founder four frank friday friend from full gap gaps gave gene georgia
give given gives glance glen glossary goes gold good gps grace grades gray green grep
grey ground group groups guest guy had hall hand has hash have head heath height held
her here hexadecimal hide hill his history hold holder holds home hope host house how
hunter identified identity image incomplete independent info information initiative
inkey inside intact interference into invalid inventory investigation israel issued
issuers item items its itself ivy jack jade january jay jean job jordan joy jpeg json
jsonl july june just justifications keeps kept key keyform keys kib kind king know
knowledge known lance lane laptop last law lawful layout leaf least left legal less
level like lily line lines list listed little local localhost log london long longer
look looked love machine made mail major make mama manifest many march mark marked marks
marshal martin mason match matches matching matrix max may meaning means members merkle
message messages metadata mib might miller min minutes missing mktemp mobile mom monday
more most mother much mum must myself name named names national near need neither never
new newest next night nobody none nor north not note noted nothing november now number
numbered numbers obeyed observed october off offence offer office offline often old
omitted once one ones only open opened openssl opinion opinions order ordered
organisation organisations origin original other others otherwise our out outcome
outcomes outside over own packing page papa paris parsed part participants partitions
party pass pat paths patterns payload pearl people per person persons phone photo
picture pictures pkeyutl place platform png point police pope position positions post
potter presumably presumed prev prince printed printf private proceedings profile
programs proof protection proves pseudonym pubin public purpose put qualification
qualified quality quantum queen question quotes rain rawin ray read readable reading
real reason receives recipient recomputing record recorded recording records recruiter
reference references referral referred refused register regulation relates relied
remarks remove removing rendered rendering reorder reordering repeated replace report
reported reproduces request require restrictions rests result results reveals rewrite
rich right river rob robin rod role root rose ruby said same sample say says scope
scratch screenshot seal sealed second security sed see seem self senders sense separate
september sequence serial server service set sets several sha shall short should show
showed showing shown shows side sierra sig sigfile sign signature signatures signed
signers signing signs silver since single sister size skipped sky smith software sol
some somebody something source sources south spelled spring staff stamp stamping stamps
stand stands star state stated statement states status stick still stone stood street
stretch strong subscriber such sufficed sum summer sunday supersedes supervision support
suspect synthetic system table tags tail take taking tar taylor telegram tell test
tester text texts than that the their them then there therefore these they thing think
third this those three time times timestamped timezone title together told too tool
tools traffic training transcript tree true truncated trust trusted turn turner two
types unbroken under unicode unit universal unknown unless unlisted unnamed unnoticed
unreadable until upon usb use used user utc value variant verdict verification verified
verifies verify very victim video virginia volume vouches want warrant was way well went
were west what whatsapp when where whether which while white who whoever wholly whose
why width will winter wise with withheld withholds without witness witnessed witnesses
wood woods word wording words work world would write written xff xxd year years yes ymd
you young your yyyy
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
