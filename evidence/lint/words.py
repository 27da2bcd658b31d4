"""Words that say nothing about anybody: those of our own reports, and common ones.

A name that is one of these is reported as doubtful where it stands alone, because else
no report could be issued in the case of somebody called Page. A test compares the list
with the words of a report.
"""

from __future__ import annotations

COMMON = frozenset(
    """
aarsmor abbot abefa about account acf acquire acquired acquirer acquisition act
acted acts added admin administrator aea aeb again agj ahkvyfnmnwbm aii ajh ajnjmy
ajweqbwhciry akt ali all allowed allows alone aloud also alt always amber amgnaic
amjotgh and android angle annotate another answers any anyone apart app appears
append april archer are arlfjbt arranged art artefact asked assessment assessments
attachments attempted aucgkqx august authorities authority autumn axis ayila
azghanxtsxydy baby back backslash backup bad baf baker bar baron base basis
baxrmbzczao bcf bdc bdfe bdorfduwx became been before began begins being belongs
below best between bfa bfdhu bill bishop bit black blchcdmf bnkhnfihtmf boss both
bound bqbuov break breaking bridge brook brother brown bruons but bvl byol bytes
byxdhyip bznv cab caf can cannot carol carolina carries carry carter case casuxmzdw
cat category cbb cbrnblhv ccdkrckpgfirhwnflliywmn ccpefy cctlrhd cdalgsislhc ced
certain certification cfb cfee cff cfytkkmbysfslolrsy chain chance changed changes
changing chapter chapters character characters chase chat chats check checked
checkpoint checkpoints chht chronological church classification clay cliff clock cmr
cof coloured command commands commitment commits committed compare comparing
complete completed completely completeness component compute computed computer
computing conclusion conclusions conditions confirm confirmed confirms consent
consistent contact content contents cook coordinated copied copy could count counted
countersignature countersignatures countersigned countersigns counts court cov cover
covered covers crvxcx crystal cus custodian custody cut cxjojb cxwst cytg daa dad
daisy dakota dale daqrdlavmoiz data date dawn day dca dce dean decide deleted demo
demonstration der describe description desktop details deviations devices did differ
different digest digests digital directories disclosed disk dmuaw dmy dnqoahyqidh
dntllbdahm document documents does done dos dot doujt down download downloads
dqyaguj drew dsa dsek duke duzapq dvvaaaaaaaaaaaaaaaaaaaaaawdmua dwjpqzn
dwspjiudeida each eae earl earlier east eat ebcdzzyr ebea ebm echo edudjbk eee
egawkwaprxtrmrjf ehhjqaw eight ejoquh electronic electronically else empty end
ending enirecae enpbna entries entry erased errors establish established
etwrpbkdsimw eunn euqe eve even event ever every everybody everything evidence evqm
exact exactly examined examiner example exfqluefsr exhibit exhibits existed exkux
exmp explained explains explanation export ext eyup fact facts fad fail faith false
far fast fat father fbroj fdmr fdsarfkewslbmmc feasible fefacb few ffxy
fhmbapztdgketqgbdktkogyhb field file files findings fingerprint first fisher fixed
fixes fkfu flat florence fmaxb fnft folder follow for ford fordb forest form format
found founder four fpngatq frank frhpx friday friend from ftoxx full fwqzyb fzu gaje
gakpjt galdg gap gaps gave geim gene georgia give given gives gjd glance glen glff
glossary gmpqjnt gnqo goes gogm gold good gps grace gray green grep grey grjpll
ground group groups guest guy gxizymy gxyn gzvgndbn had hand has hash have hbdvjr
head heath height held her here hexadecimal hide hilfwrocgvggjmzsohu hill him
hipvnlvmrhgigozihpxshm his history hold holder holds home hope host house how
hpurbwrpeqc hqi hunter hwflahoqxwnts iae iba idaout identified identity iiasgkohr
iipmclts ikdl ikl ilrsa image incomplete independent info inkey inside intact into
invalid inventory investigation israel issued iszjn item items its itself
itwqoicqserc iun ivy iwgbnawq iwhesh iwlbafie ixqoa jack jade jay jean jeb jeybfv
jezdtkkyhnhsggy jfjxp jfkzo jfvp jgfr jglcm jjs jkgg jmrymov job jordan joy jpeg
jrnatolwarjcrssnzxohbafjqdntuz json jsonl jsxgqmhdth jti june just jxj jxwpls jzit
kdp keeps kept key keyform keys kfa kfd kib kic kieyf kilx kind king kknu
klnmscxlcwqsla klrije knfr knnfgvxnws know knowledge known knud kotydctcvuecxdz
kqjbckrt kwhu kzimlmfgjut kzm lance lane laptop last law layout lccqetciyhwt lcyw
ldzn leaf least leedtuemmy left legal less level lfvbgm lih like lily line lines
list listed little ljvqvxseq llxwlsjy lmkn local localhost log london long longer
look looked losoogb lossl love ltyb lvn lxq lxsjrpzq lzfrv machine made mafojkcpd
mail major make mama manifest many mark marked marks marshal martin mason match
matches matching max may mdjlqqylhvtcezfjdunlnomc meaning means members merkle
message messages metadata mib might miller min minutes missing mjtt mjvg mktemp
mmixasg mmrvz mnpyjeqyxgp mobile mom monday more mornzexjkcoqchelxfdqmt most mother
mremqgwkbpzz much mum must mwosexuzzroscw myfvjf myself name named names national
nbkjitnqozksa nbriurjhbv ncakmlmvrlpaq ncvbcjss near need neither never new newest
next nfby night nobody none nor north not note nothing now nrj nszt ntenwnc number
numbered numbers nuy nwtoqywauqdf nxgluuhoso nxz nzk oace oaiksxal obeyed observed
ocymv off offer office offline often ojykghablg old olh omitted once one only
onsfpuipcxkhlxf open opened openssl opinion opinions order ordered organisation
origin original other others otherwise otnydhxsgwb ouj our out outcome outcomes
outside over own page papa paris parsed part participants partitions party pass pat
paths patterns payload pbaalrwrwrlkajcwdsc pbjqtf pcmlbp pcnrjsspyp pearl people per
person persons pfyiwdhasb pgllkcknios phone photo picture pictures piiwvwvsm pkeyutl
place platform pldfkezob pndzmp png point police pope position positions post potter
pqz presumably prev prince printed printf private proceedings profile proof proves
ptealkoyjffo pubin public puedwcpg put pvkvhevlsuj pwek pwxwt pywcxck pzrgs
qcyeoigiammd qdqzrbvx qiuzd qje qlt qmstom qoktk qpnnr qrjlnyhr qualification
qualified quantum queen question quotes rain rawin ray rbyvhp rdivkeie rdtujzryftyjm
read readable reading real reason recomputing record recorded recording records
recruiter reference refused register regulation relates relied remarks remove
removing rendered rendering reorder reordering repeated replace report reported
reproduces request require restrictions rests result results reveals rewrite
rfsygsyzgh rich right rilogjrxdk river rjmlctfpnohtvhfj rmggwqaaaaaaaaaa rmivnojud
rmtd rob robin rod role root rose rqf rqv rsbmv ruby rvnlyrvhwgmlk rwnybo said same
say says sbce scope scratch screenshot seal sealed second sed see seem self senders
sense separate sequence serial server service set sets several sgbf sha shall she
short should show showing shown shows shxepyj side sierra sig sigfile sign signature
signatures signed signers signing signs sihumq silver since single sister size
sjdoontw skipped sky smith sobzi software sol some somebody something soqym source
sources south spczcwcgjbbasno spelled spring sqea sqs stamp stamping stamps stand
stands star state stated statement states status stick still stone stood street
stretch strong suan such sum summer sunday supersedes sxwcyt synthetic system table
tags tail take taking tar taylor tbhjakwyb telegram tell test tester text texts
tfhydo than that thcjmrpltp the thebrqnbhitij their them then there therefore these
they thing think third this those three time times timestamped timezone title tkt
tnu together too tool tools towj tpj training tree true truncated trust trusted turn
turner tvxpzdjwsci twcqisy two types ucqecu udqv uec ugg ulxv umsfzv unbroken under
unicode unit universal unknown unless unlisted unnamed unnoticed unreadable until
unvov upnd upon upovher urhu usb use used user utc value variant vbhq vbmmi vbzpujje
verdict verification verified verifies verify very vfo video virginia vjww vkxcccyit
vnzqy volume vouches vpmyzjh vpudgnqodfucyr vrcwo vry vthcja vtzjdnmru vue vwy vxb
vypbftk want warrant was way well went were west weuunjku what whatsapp when where
whether which while white who whoever wholly whose whuq why width will winter wise
with withheld withholds without witness witnessed witnesses wjyl wku wlw wma wmz
wnvyc wood woods word wording words work world would wpjbj write written wxlfuwrmpl
wxrsqb wxxdmjpartfsrvh wzd xbaixx xdo xexi xff xhj xiuqnnuimf xjf xjtcwymmtr
xkgpoyjsblae xlrgpwm xmtrmzqcdqrvs xmvyqbqznao xsenqlysyoaw xtkdrxojt xtvtrakrhf
xugqvdekyk xurk xwwku xxd xzn ybhu ydsxesa year years yefbrgeljasv yes yfomuytjgv
ygwt ykvyqbbgd ylxjeaox ylzdnvn ymd you young your yuh yvqe ywbwznzed yxzoxdbtd yyyy
zacqonwnqyomb zbe zcetu zdmk ziage zkb znyrccezddapquwh zojm zpmqmyrts zqpdntp
ztofsk zvc zvxttywbe
""".split()
)
