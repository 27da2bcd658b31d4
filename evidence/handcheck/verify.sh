#!/bin/sh
# verify.sh: checks a case folder without the tool that wrote it.
#
#   sh verify.sh CASE [--key KEYID|FILE]... [--checkpoint NOTE]... [--tsa-root PEM]...
#
# It follows section 13 of the manifest specification, format version 1, with a POSIX
# shell and its usual programs (awk cat cut find head mkdir mktemp rm sed sha256sum sort
# split tail tr wc) and openssl, xxd, base64 and jq 1.6 or newer. It writes only into a
# folder of its own below $TMPDIR, needs no network, and follows no link among the
# evidence. What it does not do is said at the end of its output and in VERIFY.txt.
#
# Exit: 0 no axis failed; 10 intact, 11 complete, 12 consistent, 20 signed, 21 trusted,
# 22 timestamped; 2 wrong use or a program is missing; 3 not everything could be checked;
# 32 newer format; 39 no case of this format; 45 the log cannot be read.

set -fu
LC_ALL=C
export LC_ALL
unset IFS CDPATH 2>/dev/null
umask 077

MAX_LOG=1073741824    # bytes of entries.jsonl
MAX_NOTE=1048576      # bytes of a checkpoint note
MAX_LINE=65535        # bytes of an entry
MAX_RECORD=8388608    # bytes of a sealed record or inventory line
MAX_NAMES=200000      # names in the folders that are listed

say() { printf '%s\n' "$*"; }
stop() { # exit code, sentence
  printf 'verify.sh: %s\n' "$2" >&2
  exit "$1"
}
usage() {
  stop 2 'sh verify.sh CASE [--key KEYID|FILE]... [--checkpoint NOTE]... [--tsa-root PEM]...'
}

# --- arguments ---------------------------------------------------------------------

case ${1-} in '' | -*) usage ;; esac
CASE=$1
shift
case $CASE in /*) ;; *) CASE=./$CASE ;; esac
for program in awk base64 cat cut find head jq mkdir mktemp openssl rm sed sha256sum \
  sort split tail tr wc xxd; do
  command -v "$program" >/dev/null 2>&1 || stop 2 "the program $program is not there"
done
[ "$(jq -cn '[9007199254740991, (try ("x"|fromjson) catch 1)]' 2>/dev/null)" = \
  '[9007199254740991,1]' ] || stop 2 'jq 1.6 or newer is needed'

W=$(mktemp -d "${TMPDIR:-/tmp}/verify.XXXXXXXX") || stop 2 'no temporary folder'
[ -d "$W" ] || stop 2 'no temporary folder'
trap 'rm -rf "$W"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir "$W/n" "$W/k" || stop 2 'no temporary folder'
: >"$W/roots.pem"
: >"$W/trusted"
: >"$W/notes.names"
WITH_ROOTS=false
OUTSIDE=0

# A name as one harmless word: "=" and the name, or "x" and its hex.
word_of() {
  case $1 in
    *[!A-Za-z0-9._-]*) printf 'x%s' "$(printf '%s' "$1" | xxd -p | tr -d '\n')" ;;
    *) printf '=%s' "$1" ;;
  esac
}

# What is there at path $1: sets IS to missing, odd or plain.
look() {
  if [ -L "$1" ]; then IS=odd
  elif [ -f "$1" ] && [ -r "$1" ]; then IS=plain
  elif [ -e "$1" ]; then IS=odd
  else IS=missing
  fi
}

# Keep a copy of a note: number, hex of its name, 1 for outside, path, 1 if a plain file.
NOTES=0
keep_note() { # name, outside, path
  NOTES=$((NOTES + 1))
  plain=true
  if [ -L "$3" ] && ! "$2"; then plain=false; fi
  [ -f "$3" ] && [ -r "$3" ] || plain=false
  if "$plain"; then
    { head -c $((MAX_NOTE + 1)) <"$3" | tr '\000' '\001'; printf 'E\n'; } \
      >"$W/n/$NOTES"
  else
    printf '\001E\n' >"$W/n/$NOTES"
  fi
  printf '%s\t%s\t%s\n' "$NOTES" "$(word_of "$1")" "$2" >>"$W/notes.names"
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --key)
      if [ ${#2} -eq 64 ] && case $2 in *[!0-9a-f]*) false ;; esac; then
        printf '%s\n' "$2" >>"$W/trusted"
      else
        { [ -f "$2" ] && head -c 65536 <"$2" >"$W/given"; } || stop 2 'a key file is not there'
        # A public identity (JSON), or SubjectPublicKeyInfo as DER or PEM.
        id=$(jq -er 'select(.format == "custody-identity-1") | .public' \
          <"$W/given" 2>/dev/null | base64 -d 2>/dev/null | sha256sum | cut -c 1-64)
        if ! jq -e '.format == "custody-identity-1"' <"$W/given" >/dev/null 2>&1; then
          form=DER
          case $(head -c 10 <"$W/given" | tr -d '\000') in -----BEGIN) form=PEM ;; esac
          openssl pkey -pubin -inform "$form" -in "$W/given" -outform DER \
            -out "$W/given.der" 2>/dev/null || stop 2 'a key file holds no public key'
          id=$(sha256sum <"$W/given.der" | cut -c 1-64)
        fi
        printf '%s\n' "$id" >>"$W/trusted"
      fi
      ;;
    --checkpoint)
      if ! [ -f "$2" ] || ! [ -r "$2" ]; then stop 2 'a checkpoint file is not there'; fi
      OUTSIDE=$((OUTSIDE + 1))
      case $2 in /*) keep_note "${2##*/}" true "$2" ;; *) keep_note "${2##*/}" true "./$2" ;; esac
      ;;
    --tsa-root)
      { [ -f "$2" ] && cat <"$2" >>"$W/roots.pem"; } || stop 2 'a root file is not there'
      printf '\n' >>"$W/roots.pem"
      WITH_ROOTS=true
      ;;
    *) usage ;;
  esac
  shift 2
done

# --- hashing and signatures --------------------------------------------------------

# Read lines of 130 hex digits (65 bytes each), write the SHA-256 of each.
hash_nodes() {
  rm -rf "$W/b"
  mkdir "$W/b"
  xxd -r -p >"$W/b.bin"
  (cd "$W/b" && split -a 8 -b 65 - h) <"$W/b.bin" || stop 3 'the temporary folder is full'
  (cd "$W/b" && find . -type f -exec sha256sum '{}' +) | sort -k 2 | cut -c 1-64
  rm -rf "$W/b"
}

# Write the leaf hash of each line of file $1, one a line. Lines are cut from the file
# byte for byte; a few thousand at a time, so that little space is needed.
hash_leaves() {
  rm -rf "$W/c"
  mkdir "$W/c"
  (cd "$W/c" && split -a 8 -l 5000 - c) <"$1" || stop 3 'the temporary folder is full'
  set +f
  for chunk in "$W"/c/c*; do
    [ -f "$chunk" ] || continue
    rm -rf "$W/b"
    mkdir "$W/b"
    (cd "$W/b" && split -a 6 -l 1 - l) <"$chunk"
    for line in "$W"/b/l*; do
      { printf '\000'; tr -d '\n' <"$line"; } >"$line.leaf"
    done
    (cd "$W/b" && find . -name 'l*.leaf' -exec sha256sum '{}' +) | sort -k 2 | cut -c 1-64
    rm -f "$chunk"
  done
  set -f
  rm -rf "$W/b" "$W/c"
}


# "SIZE ROOT" for each size (from 1) in file $2, over the leaf hashes in file $1. All
# nodes of one level are hashed together, and so are all roots, step by step.
tree_roots() {
  cat "$1" >"$W/level"
  height=0
  awk '{ print 0, $1 }' "$W/level" >"$W/nodes"
  while [ "$(wc -l <"$W/level")" -gt 1 ]; do
    height=$((height + 1))
    awk 'NR % 2 { left = $1; next } { print "01" left $1 }' "$W/level" |
      hash_nodes >"$W/level.next"
    cat "$W/level.next" >"$W/level"
    awk -v height="$height" '{ print height, $1 }' "$W/level" >>"$W/nodes"
  done
  # A size is a sum of powers of two: its trees, from the left, largest first.
  awk -v top="$height" '
    NF == 2 { node[$1, ++count[$1]] = $2; next }
    {
      rest = $1; at = 0; out = $1
      for (l = top; l >= 0; l--) {
        width = 2 ^ l
        if (rest >= width) {
          out = out " " node[l, at / width + 1]
          at += width; rest -= width
        }
      }
      print out
    }' "$W/nodes" "$2" >"$W/folds"
  while awk 'NF > 2 { found = 1 } END { exit !found }' "$W/folds"; do
    awk 'NF > 2 { print "01" $(NF - 1) $NF }' "$W/folds" | hash_nodes >"$W/folded"
    awk -v folded="$W/folded" '
      NF > 2 {
        getline hash <folded
        out = $1
        for (i = 2; i < NF - 1; i++) out = out " " $i
        print out " " hash
        next
      }
      { print }' "$W/folds" >"$W/folds.next"
    cat "$W/folds.next" >"$W/folds"
  done
  cat "$W/folds"
}

# Is the P-256 signature (hex of DER) one with s in the lower half of the group? The
# rest of its form is openssl's to refuse.
is_low() {
  awk -v h="$1" 'BEGIN {
    if (length(h) < 16 || length(h) > 144) exit 1
    r = 2 * (index("0123456789abcdef", substr(h, 7, 1)) * 16 - 16 + \
      index("0123456789abcdef", substr(h, 8, 1)) - 1)
    s = substr(h, 9 + r + 4)
    sub(/^0+/, "", s)
    while (length(s) < 64) s = "0" s
    half = "7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8"
    exit !(length(s) == 64 && s "" <= half "")
  }'
}

# Are these 64 hex digits a point of small order, or in no canonical encoding?
is_weak() {
  # Without the sign bit.
  y=$(printf '%s' "$1" | sed \
    's/8\(.\)$/0\1/; s/9\(.\)$/1\1/; s/a\(.\)$/2\1/; s/b\(.\)$/3\1/; s/c\(.\)$/4\1/; s/d\(.\)$/5\1/; s/e\(.\)$/6\1/; s/f\(.\)$/7\1/')
  case $y in
    0000000000000000000000000000000000000000000000000000000000000000) ;;
    0100000000000000000000000000000000000000000000000000000000000000) ;;
    26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05) ;;
    c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a) ;;
    e[cdef]ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f) ;;
    f?ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f) ;;
    *) return 1 ;;
  esac
}

# Does key number $1 verify the signature in $W/sig over file $2?
is_signed() {
  if [ -f "$W/k/$1.ed" ]; then
    [ "$(wc -c <"$W/sig")" -eq 64 ] || return 1
    is_weak "$(xxd -p -l 32 <"$W/sig" | tr -d '\n')" && return 1
    openssl pkeyutl -verify -rawin -pubin -inkey "$W/k/$1.ed" -sigfile "$W/sig" \
      -in "$2" >/dev/null 2>&1
  elif [ -f "$W/k/$1.ec" ]; then
    is_low "$(xxd -p <"$W/sig" | tr -d '\n')" || return 1
    openssl dgst -sha256 -verify "$W/k/$1.ec" -signature "$W/sig" "$2" >/dev/null 2>&1
  else
    return 1
  fi
}

# --- step 1: settings --------------------------------------------------------------

SETTINGS=$CASE/custody.toml
if ! [ -f "$SETTINGS" ] || ! [ -r "$SETTINGS" ]; then stop 39 'this is no case folder'; fi
head -c 65536 <"$SETTINGS" | tr '\000' '\001' | sed '/^[[:space:]]*\[/,$d' >"$W/settings"
case $(cat "$W/settings") in *\"\"\"* | *\'\'\'*) stop 39 'custody.toml has an unusual form' ;; esac
FORMAT=$(sed -n 's/^[[:space:]]*format[[:space:]]*=[[:space:]]*\([0-9][0-9]*\)[[:space:]]*\(#.*\)\{0,1\}$/\1/p' "$W/settings")
ORIGIN=$(sed -n 's/^[[:space:]]*origin[[:space:]]*=[[:space:]]*"\([!-~]*\)"[[:space:]]*\(#.*\)\{0,1\}$/\1/p' "$W/settings")
case $FORMAT in
  1) ;;
  '' | *[!0-9]*) stop 39 'custody.toml names no format' ;;
  *) stop 32 "the case uses format $FORMAT; this script knows format 1" ;;
esac
case $ORIGIN in '' | *\"* | *\\* | *+*) stop 39 'custody.toml names no origin' ;; esac

# --- step 2: notes and what stands beside them -------------------------------------

# List a folder of the case: folder, kind (f file, d folder, o other; l a link), name.
: >"$W/listing"
NAMES=0
list() { # path below the case, "" for the case itself
  folder=$CASE${1:+/$1}
  [ -d "$folder" ] || return 0
  set +f
  for path in "$folder"/* "$folder"/.[!.]* "$folder"/..?*; do
    if [ -L "$path" ]; then kind=l
    elif [ -f "$path" ]; then kind=f
    elif [ -d "$path" ]; then kind=d
    elif [ -e "$path" ]; then kind=o
    else continue
    fi
    NAMES=$((NAMES + 1))
    [ "$NAMES" -le "$MAX_NAMES" ] || stop 3 'there are more names than this script lists'
    name=${path##*/}
    printf '%s\t%s\t%s\n' "$1" "$kind" "$(word_of "$name")" >>"$W/listing"
    case $1/$name in
      manifest/checkpoints/*.note) keep_note "$name" false "$path" ;;
    esac
  done
  set -f
}
list ''
list manifest
list manifest/checkpoints

# Notes as JSON arrays [number, line]; null for a line with control characters. A line
# that is not UTF-8 shows because jq does not give the same bytes back.
n=0
while [ "$n" -lt "$NOTES" ]; do
  n=$((n + 1))
  awk -v note="$n" '/[\001-\037]/ { print "!" note; exit } { print note "\t" $0 }' \
    "$W/n/$n"
done >"$W/note.lines"
TAB=$(printf '\t')
sed -e '/^!/s/!\(.*\)/[\1,null]/' -e t \
  -e 's/[\\"]/\\&/g' -e "s/^\\([0-9]*\\)$TAB/[\\1,\"/" -e 's/$/"]/' \
  "$W/note.lines" >"$W/note.json"
jq -r 'if .[1] == null then "!\(.[0])" else "\(.[0])\t\(.[1])" end' "$W/note.json" \
  >"$W/note.again" || stop 3 'jq could not read the notes'
awk -v again="$W/note.again" '{
  other = ""
  getline other <again
  if (other "" != $0 "") { sub(/\t.*/, ""); print }
}' "$W/note.lines" | sort -u >"$W/note.bad"
# A note that is too long was cut when it was copied.
(cd "$W/n" && find . -type f -size +"$MAX_NOTE"c) >"$W/note.big"
while read -r name; do
  # Over the limit with the sentinel (two bytes) may still be within it without.
  [ "$(wc -c <"$W/n/${name#./}")" -le $((MAX_NOTE + 2)) ] || echo "${name#./}"
done <"$W/note.big" >>"$W/note.bad"
awk -F '\t' '{ print "{\"note\":" $1 ",\"name\":\"" $2 "\",\"outside\":" $3 "}" }' \
  "$W/notes.names" >"$W/note.names.json"

cat >"$W/prelude.jq" <<'JQ'
def b64: type == "string" and test("\\A(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?\\z");
def b64size: length / 4 * 3 - (if endswith("==") then 2 elif endswith("=") then 1 else 0 end);
def sixes: explode | map(
  if . >= 97 then . - 71 elif . >= 65 then . - 65 elif . == 43 then 62
  elif . == 47 then 63 elif . == 61 then 0 else . + 4 end);
# The first $n bytes of base64 as hex.
def b64hex($n):
  ($n * 4 / 3 | ceil) as $chars |
  (.[0:$chars] | sixes) as $s |
  [range(0; $s | length; 4) as $i |
    (($s[$i] * 64 + ($s[$i + 1] // 0)) * 64 + ($s[$i + 2] // 0)) * 64 + ($s[$i + 3] // 0) |
    (. / 65536 | floor), (. / 256 | floor % 256), (. % 256)] |
  .[0:$n] | map("0123456789abcdef"[(. / 16 | floor):(. / 16 | floor) + 1] + "0123456789abcdef"[. % 16:. % 16 + 1]) | add;
def hex64: type == "string" and test("\\A[0-9a-f]{64}\\z");
def moment: type == "string" and test("\\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z\\z");
def whole: type == "number";
JQ

cat "$W/prelude.jq" - >"$W/notes.jq" <<'JQ'
# Section 9. Out: one object a note, "good" false when it has not the prescribed form.
def blank: . as $c | [133, 160, 5760, 8232, 8233, 8239, 8287, 12288] | index($c) != null or ($c >= 8192 and $c <= 8202) or $c == 32;
def signature:
  if startswith("\u2014 ") | not then null
  else .[2:] | split(" ") |
    if length != 2 or .[0] == "" then null
    else {name: .[0], sig: .[1]} |
      if (.name | (index("+") != null) or any(explode[]; blank)) or (.sig | b64 | not)
      then null
      elif (.sig | b64size) < 5 then null
      else .id4 = (.sig | b64hex(4)) end
    end
  end;
def note:
  if any(.[]; . == null) or length < 2 or .[-1] != "E" then null
  else .[0:-1] + [""] | . as $l |
    ([range(1; length - 1) | select($l[.] == "")] | max) as $j |
    if $j == null or $j == (length - 2) then null
    else ($l[0:$j]) as $text | [$l[$j + 1:-1][] | signature] as $lines |
      if ($text | length) < 3 or any($text[]; . == "") or any($lines[]; . == null)
        or ($lines | length) > 64
        or ($text[1] | test("\\A(?:0|[1-9][0-9]{0,14})\\z") | not)
        or ($text[2] | (b64 | not) or b64size != 32)
      then null
      else {origin: $text[0], size: ($text[1] | tonumber), root: ($text[2] | b64hex(32)), lines: $lines}
      end
    end
  end;
(reduce .[] as $pair ({}; .[$pair[0] | tostring] += [$pair[1]])) as $of |
$names[] | . + {good: true} + (
  ($of[.note | tostring] // [] | note) as $read |
  if $read == null or ([.note] | inside($bad)) then {good: false} else $read end)
JQ
jq -cs --slurpfile names "$W/note.names.json" --slurpfile bad "$W/note.bad" \
  -f "$W/notes.jq" "$W/note.json" >"$W/notes" || stop 3 'jq could not read the notes'
# --- step 3: lines -----------------------------------------------------------------

LOG=$CASE/manifest/entries.jsonl
look "$LOG"
[ "$IS" = plain ] || stop 45 'entries.jsonl is not a file that can be read'
head -c $((MAX_LOG + 1)) <"$LOG" >"$W/log" || stop 3 'the temporary folder is full'
BYTES=$(wc -c <"$W/log")
[ "$BYTES" -le "$MAX_LOG" ] || stop 3 'entries.jsonl is longer than this script reads'
COUNT=$(wc -l <"$W/log")
COUNT=$((COUNT))
head -n "$COUNT" "$W/log" >"$W/lines"
TORN=$((BYTES - $(wc -c <"$W/lines")))
rm -f "$W/log"
hash_leaves "$W/lines" >"$W/leaves"
[ "$(wc -l <"$W/leaves")" -eq "$COUNT" ] || stop 3 'not every entry could be hashed'

# The text of the lines for awk and jq. What cannot be an entry becomes "x": too long, or
# with control characters. DEL becomes "d", because jq writes it in two ways.
tr '\000\177' '\001d' <"$W/lines" |
  awk -v max="$MAX_LINE" 'length($0) > max || /[\001-\037]/ { print "x"; next } { print }' \
    >"$W/text"
# Section 3. A line is canonical when jq, sorting members, writes the same bytes again,
# and its numbers and depth are right, which is seen without the strings.
sed -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$/"/' "$W/text" |
  jq -cS 'try fromjson catch "no JSON"' >"$W/again" || stop 3 'jq could not read the log'
sed -e 's/\\\\//g' -e 's/\\"//g' -e 's/"[^"]*"/s/g' "$W/text" >"$W/bare"
tr '\000' '\001' <"$W/lines" | awk -v again="$W/again" -v bare="$W/bare" -v text="$W/text" '
  function is_plain(s,   i, c, depth) {
    if (s ~ /[0-9][.eE]/ || s ~ /-0/) return 0
    while (match(s, /[0-9]+/)) {
      if (RLENGTH > 16) return 0
      if (RLENGTH == 16 && substr(s, RSTART, RLENGTH) "" > "9007199254740991") return 0
      s = substr(s, 1, RSTART - 1) "n" substr(s, RSTART + RLENGTH)
    }
    gsub(/[^][{}]/, "", s)
    for (i = 1; i <= length(s); i++) {
      c = substr(s, i, 1)
      if (c == "[" || c == "{") { if (++depth > 32) return 0 } else depth--
    }
    return 1
  }
  {
    a = b = t = ""
    getline a <again; getline b <bare; getline t <text
    if (t != "x" && a "" == t "" && is_plain(b)) print; else print "null"
  }' >"$W/clean"

# --- step 4: form ------------------------------------------------------------------

cat "$W/prelude.jq" - >"$W/form.jq" <<'JQ'
def keys_ascii: all(.. | objects | keys_unsorted[]; explode | all(. < 128));
def entry:
  if type != "object" then null elif keys != ["body", "signatures"] then null
  else .body as $b | .signatures as $s |
    if ($b | type) != "object" or ($s | type) != "array" then null
    elif ($s | length) < 1 or ($s | length) > 16 then null
    elif all($s[]; type == "object" and keys == ["key", "sig"] and (.key | type == "string") and (.sig | b64)) | not then null
    elif (all($b.type, $b.time, $b.actor; type == "string")
      and ($b.seq | whole and . >= 0)
      and ($b.exhibits | type == "array" and all(.[]; type == "string"))
      and ($b.facts | type == "object")
      and ($b.private | . == null or hex64)) | not then null
    else $b + {signatures: $s} end
  end;
if keys_ascii then entry else null end
JQ
jq -c -f "$W/form.jq" "$W/clean" >"$W/entries" || stop 3 'jq could not read the log'
[ "$(wc -l <"$W/entries")" -eq "$COUNT" ] || stop 3 'not every entry could be read'

# --- section 5: every key the log names --------------------------------------------

cat "$W/prelude.jq" - >"$W/named.jq" <<'JQ'
select(. != null) | .facts | .founder, .enrols, (.approvers | arrays | .[]) | objects
JQ
{ cat "$W/named.jq"; cat <<'JQ'
| (.public | select(b64) | select(length == 60 or length == 124) | "public \(.)"),
  (.post_quantum | select(b64) | select(b64size == 1312) | "pq \(.)")
JQ
} >"$W/publics.jq"
jq -r -f "$W/publics.jq" "$W/entries" | sort -u >"$W/named"
sed -n 's/^public //p' "$W/named" >"$W/publics"
sed -n 's/^pq //p' "$W/named" >"$W/pqs"
n=0
while read -r public; do
  n=$((n + 1))
  printf '%s' "$public" | base64 -d >"$W/der"
  hex=$(xxd -p <"$W/der" | tr -d '\n')
  id=$(sha256sum <"$W/der" | cut -c 1-64)
  { echo '-----BEGIN PUBLIC KEY-----'
    printf '%s\n' "$public" | sed 's/.\{64\}/&\
/g' | sed '/^$/d'
    echo '-----END PUBLIC KEY-----'; } >"$W/pem"
  case $hex in
    302a300506032b6570032100*)
      [ ${#hex} -eq 88 ] || continue
      kind=ed25519
      id4=$({ printf '%s\n\001' "$ORIGIN"; tail -c 32 "$W/der"; } | sha256sum | cut -c 1-8)
      # A key of small order binds its holder to nothing.
      is_weak "$(printf '%s' "$hex" | cut -c 25-88)" || cat "$W/pem" >"$W/k/$n.ed"
      ;;
    3059301306072a8648ce3d020106082a8648ce3d03010703420004*)
      [ ${#hex} -eq 182 ] || continue
      kind=ecdsa-p256
      openssl pkey -pubin -in "$W/pem" -noout >/dev/null 2>&1 || continue
      id4=$(printf '%s' "$id" | cut -c 1-8)
      cat "$W/pem" >"$W/k/$n.ec"
      ;;
    *) continue ;;
  esac
  printf '{"public":"%s","id":"%s","kind":"%s","id4":"%s","n":%s}\n' \
    "$public" "$id" "$kind" "$id4" "$n"
done <"$W/publics" >"$W/keys"
while read -r text; do
  id4=$({ printf '%s\n\006' "$ORIGIN"; printf '%s' "$text" | base64 -d; } | sha256sum | cut -c 1-8)
  hash=$(printf '%s' "$text" | base64 -d | sha256sum | cut -c 1-64)
  printf '{"key":"%s","id4":"%s","hash":"%s"}\n' "$text" "$id4" "$hash"
done <"$W/pqs" >"$W/pq"

# --- step 6, first part: which signatures hold -------------------------------------

# What is signed in entry N (from 0) goes to the file N.
mkdir "$W/m"
awk -v folder="$W/m" '$0 != "null" && match($0, /.*,"signatures":\[/) {
  body = substr($0, 9, RLENGTH - 23)
  file = folder "/" (NR - 1)
  printf "DSSEv1 37 application/vnd.custody.entry.v1+json %d %s", length(body), body >file
  close(file)
}' "$W/clean"
# One task a line: "entry N PLACE KEY SIG", "proof KEY ID PUBLIC SIG HASH" (of the ML-DSA
# key beside it, or "-"), "note N KEY ID SIG"
# and, for the roots, "size N".
cat "$W/prelude.jq" - >"$W/tasks.jq" <<'JQ'
($keys | map({(.id): .n}) | add // {}) as $number |
($keys | map({(.public): .}) | add // {}) as $of |
($pq | map({(.key): .hash}) | add // {}) as $hash |
($entries | to_entries[] | .key as $i | .value | select(. != null) | .actor as $actor |
  select($number[$actor] != null) | .signatures | to_entries[] |
  select(.value.key == $actor) | "entry \($i) \(.key) \($number[$actor]) \(.value.sig)"),
($entries[] | select(. != null) | .facts | .enrols, (.approvers | arrays | .[]) | objects |
  select((.public | type == "string") and (.possession | b64 and . != "")) | . as $o |
  $of[.public] | select(. != null) | "proof \(.n) \(.id) \($o.public) \($o.possession) " +
    ($o.post_quantum | if type == "string" then $hash[.] // "-" else "-" end)),
($notes[] | select(.good and .origin == $origin) | . as $note |
  (if .size > 0 and .size <= ($entries | length) then "size \(.size)" else empty end),
  ($keys[] | . as $key | $note.lines[] | select(.name == $origin and .id4 == $key.id4) |
    "note \($note.note) \($key.n) \($key.id) \(.sig)"))
JQ
jq -rn --arg origin "$ORIGIN" --slurpfile keys "$W/keys" --slurpfile pq "$W/pq" \
  --slurpfile notes "$W/notes" \
  --slurpfile entries "$W/entries" -f "$W/tasks.jq" >"$W/tasks" || stop 3 'jq could not read the log'
sed -n 's/^entry //p' "$W/tasks" | while read -r entry place key sig; do
  printf '%s' "$sig" | base64 -d >"$W/sig"
  is_signed "$key" "$W/m/$entry" && printf '"%s:%s"\n' "$entry" "$place"
done >"$W/signed"
# Proofs of possession: each over the key's id and the origin.
sed -n 's/^proof //p' "$W/tasks" | sort -u | while read -r key id public proof hash; do
  body=$(printf '{"key":"%s","log":"%s"}' "$id" "$ORIGIN")
  [ "$hash" = - ] ||
    body=$(printf '{"key":"%s","log":"%s","post_quantum":"%s"}' "$id" "$ORIGIN" "$hash")
  printf 'DSSEv1 42 application/vnd.custody.possession.v1+json %d %s' ${#body} "$body" >"$W/message"
  printf '%s' "$proof" | base64 -d >"$W/sig"
  is_signed "$key" "$W/message" && printf '"%s %s %s"\n' "$public" "$proof" "$hash"
done >"$W/proofs"
# Notes: every line that names a key of the log must hold.
sed -n 's/^note //p' "$W/tasks" | while read -r note key id sig; do
  sed '/^$/,$d' "$W/n/$note" >"$W/message"
  printf '%s' "$sig" | base64 -d | tail -c +5 >"$W/sig"
  good=false
  is_signed "$key" "$W/message" && good=true
  printf '{"at":"%s:%s","good":%s}\n' "$note" "$id" "$good"
done >"$W/noted"

# --- section 8: roots --------------------------------------------------------------

{ sed -n 's/^size //p' "$W/tasks"
  [ "$COUNT" -eq 0 ] || echo "$COUNT"; } | sort -un >"$W/sizes"
tree_roots "$W/leaves" "$W/sizes" >"$W/roots"
[ "$(awk 'length($2) == 64' "$W/roots" | wc -l)" -eq "$(wc -l <"$W/sizes")" ] ||
  stop 3 'not every root could be computed'
awk '{ print "{\"size\":\"" $1 "\",\"root\":\"" $2 "\"}" }' "$W/roots" >"$W/tree"

# --- steps 4 to 9: the log ---------------------------------------------------------

cat "$W/prelude.jq" - >"$W/judge.jq" <<'JQ'
def types: ["case_open", "key_enrol", "key_revoke", "authority_add", "consent_add", "consent_withdraw", "identify", "collect", "acquire", "import", "verify", "seal", "unseal", "checkout", "checkin", "transfer_out", "transfer_in", "consult", "copy", "derive", "analyse", "annotate", "combine", "disclose", "transmit", "restrict", "lift_restriction", "rectify", "review_retention", "erase", "renew", "correction_notice", "recovery", "report_issue", "report_supersede", "case_close"];
def origin_notes: [$notes[] | select(.good and .size > 0 and .origin == $origin)];
(types | map({(.): true}) | add) as $types |
(reduce $keys[] as $k ({}; .[$k.public] = $k)) as $key_of |
(reduce $pq[] as $k ({}; .[$k.key] = $k.id4)) as $pq_of |
(reduce $pq[] as $k ({}; .[$k.key] = $k.hash)) as $pq_hash |
(reduce $proofs[] as $k ({}; .[$k] = true)) as $proven |
(reduce $signed[] as $k ({}; .[$k] = true)) as $verified |
(reduce $noted[] as $r ({}; .[$r.at] = ($r.good and (.[$r.at] != false)))) as $note_signed |
(reduce $tree[] as $t ({}; .[$t.size] = $t.root)) as $roots |
(origin_notes | group_by(.size) | map({(.[0].size | tostring): .}) | add // {}) as $waiting_notes |
def find($axis; $code; $subject): .findings += [{axis: $axis, code: $code, subject: $subject, fails: true}];
def remark($axis; $code; $subject): .findings += [{axis: $axis, code: $code, subject: $subject, fails: false}];
def role: type == "string" and test("\\A[a-z]{2,20}(?:-[a-z]{1,20})?\\z");
# A key object (section 6.3): the holding it gives, or null.
def key_of:
  if type != "object" or (.public | type) != "string" then null
  else . as $o | $key_of[.public] as $k |
    if $k == null then null
    elif $o.algorithm != $k.kind or ($o.key != null and $o.key != $k.id) then null
    elif $o.post_quantum != null and ($o.post_quantum | (type != "string") or ($pq_of[.] == null)) then null
    else {id: $k.id, pq: $o.post_quantum} end
  end;
def enrolment:
  . as $o | key_of as $k |
  if $k == null then null
  elif ($o.possession | type != "string") or ($proven["\($o.public) \($o.possession) \(if $o.post_quantum == null then "-" else $pq_hash[$o.post_quantum] end)"] | not) then null
  elif ($o.roles | type != "array") or ($o.roles | length > 16 or (all(.[]; role) | not)) then null
  elif ($o.rights | type != "array") or ($o.rights | length > 3 or (all(.[]; . == "act" or . == "approve" or . == "keys") | not)) then null
  elif any($o.not_before, $o.not_after; . != null and (moment | not)) then null
  else $k + {roles: $o.roles, rights: $o.rights, not_before: ($o.not_before // ""), not_after: ($o.not_after // "")}
  end;
def bad_claim: .bad = true;
# Section 6.4: who may sign. "bad" marks what is refused; the state before is kept then.
def counts($h; $time): $h.void_from == null or $time < $h.void_from;
def in_force: [.holdings[] | select(.ended == null)];
def somebody($keys; $second):
  [$keys[] | select(.not_after == "")] as $lasting |
  any($lasting[]; . as $one | (.rights | index(["keys"])) and
    (($second | not) or any($lasting[]; (.rights | index(["approve"])) and .person != $one.person)));
def put($held; $vouchers; $person):
  .holdings[$held.id] = $held + {vouchers: $vouchers, person: $person, ended: null, void_from: null, acts: [], heads: []} |
  .named[$held.id] = 1;
def enrol_form($e):
  if $e.facts.replaces != null and ($e.facts.replaces | hex64 | not) then null
  else $e.facts.enrols | enrolment end;
def revoke_form($e): $e.facts as $f |
  ($f.key | hex64) and ($f.from | moment) and $f.from <= $e.time
  and ($f.reason | . == "superseded" or . == "compromised" or . == "lost" or . == "left" or . == "other");
def enrol($e; $by):
  enrol_form($e) as $held | $e.facts.replaces as $old | [$by[] | {key: .actor, time: .time}] as $vouchers |
  if $held == null then bad_claim
  elif .holdings[$held.id] != null or (.holdings | length) >= 1000 then bad_claim
  elif $old == null then put($held; $vouchers; $held.id)
  elif .holdings[$old] == null or .holdings[$old].ended != null or (($by | length) > 1 and $by[1].actor == $old) then bad_claim
  else .holdings[$old].person as $person |
    if somebody([in_force[] | select(.id != $old)] + [$held + {person: $person}]; (.two | length) > 0) | not then bad_claim
    else .holdings[$old].ended = $by[-1].seq | put($held; $vouchers; $person) end
  end;
def fallen($key; $since):
  .holdings as $h |
  def grow: . as $v |
    [$h[] | select($v[.id] != "" and .void_from != "") | select(any(.vouchers[]; $v[.key] != null and .time >= $v[.key])) | .id] as $more |
    if ($more | length) == 0 then $v else reduce $more[] as $id ($v; .[$id] = "") | grow end;
  {($key): $since} | grow;
def make_void($id; $since; $at):
  .holdings[$id] as $h |
  reduce (($h.acts[] | select(.time >= $since and counts($h; .time) and ($h.ended == null or .seq <= $h.ended)) | "entry \(.seq)"),
    ($h.heads[] | select(.time >= $since and counts($h; .time)) | .name)) as $subject
    (.; find("signed"; "KEY_REVOKED"; $subject)) |
  .holdings[$id].void_from = $since |
  if $h.ended == null then .holdings[$id].ended = $at else . end;
def forget:
  reduce (.approved | keys[]) as $k (.;
    .approved[$k] as $p |
    if counts(.holdings[$p.by.actor]; $p.by.time) then .
    else del(.approved[$k]) |
      if $p.asked.entry.type == "key_enrol" or $p.asked.entry.type == "key_revoke" then . else .waiting[$k] = $p.asked end
    end) |
  reduce (.waiting | keys[]) as $k (.;
    .waiting[$k].entry as $w |
    if counts(.holdings[$w.actor]; $w.time) then . else del(.waiting[$k]) end);
def revoke($f; $by):
  .holdings[$f.key] as $h |
  if $h == null then bad_claim
  elif $h.ended != null and (counts($h; $f.from) | not) then bad_claim
  else fallen($f.key; $f.from) as $v |
    if $v[$by.actor] != null then bad_claim
    elif somebody([in_force[] | select($v[.id] == null)]; (.two | length) > 0) | not then bad_claim
    else reduce ($v | keys[]) as $id (.; make_void($id; $v[$id]; $by.seq)) | forget end
  end;
def effect($e; $by):
  if $e.type == "key_enrol" then enrol($e; $by)
  elif $e.type == "key_revoke" then (if revoke_form($e) then revoke($e.facts; $by[-1]) else bad_claim end)
  else . end;
def is_answer: .type == "annotate" and (.facts.kind == "approval" or .facts.kind == "refusal");
def waits($e):
  (.two | index([$e.type]) != null)
  or ($e.type == "key_enrol" and $e.facts.replaces != null and (.two | index(["key_revoke"]) != null));
def propose($e; $leaf):
  (if $e.type == "key_enrol" then
     enrol_form($e) as $held | if $held == null then bad_claim else .named[$held.id] = 1 end
   elif $e.type == "key_revoke" and (revoke_form($e) | not) then bad_claim
   else . end) |
  .waiting[$e.seq | tostring] = {entry: $e, leaf: $leaf};
def answer($e):
  $e.facts as $f |
  if ($f.seq | whole | not) or ($f.entry | hex64 | not) then bad_claim
  else ($f.seq | tostring) as $k | .waiting[$k] as $asked |
    if $asked == null then bad_claim
    elif $asked.leaf != $f.entry or .holdings[$asked.entry.actor].person == .holdings[$e.actor].person then bad_claim
    elif $f.kind == "refusal" then .refused[$k] = 1 | del(.waiting[$k])
    else effect($asked.entry; [$asked.entry, $e]) | .approved[$k] = {asked: $asked, by: $e} | del(.waiting[$k])
    end
  end;
def rules($e):
  ($e.facts | if has("two_person") then .two_person else [] end) as $two |
  ($e.facts | if has("approvers") then .approvers else [] end) as $items |
  if ($two | type) != "array" or (all($two[]; type == "string") | not) then bad_claim
  elif any($two[]; $types[.] != true or . == "case_open" or . == "annotate" or . == "recovery") then bad_claim
  elif ($two | length) > 0 and ($two | index(["key_enrol"]) == null) then bad_claim
  elif ($items | type) != "array" or ($items | length) > 16 then bad_claim
  else [$items[] | enrolment] as $found | [.holdings[].id] + [$found[] | select(. != null) | .id] | . as $ids |
    {found: $found, ids: $ids}
  end;
def open_rules($e):
  . as $state | rules($e) as $read |
  if $read.bad == true then bad_claim
  elif any($read.found[]; . == null) or ($read.ids | length != (unique | length)) then bad_claim
  else ($e.facts.two_person // []) as $two |
    if somebody(in_force + [$read.found[] | . + {person: .id}]; ($two | length) > 0) | not then bad_claim
    else .two = $two | reduce $read.found[] as $held (.; put($held; [{key: $e.actor, time: $e.time}]; $held.id)) end
  end;
def apply($e; $leaf):
  . as $before | .bad = false |
  if $leaf == .opening then open_rules($e)
  elif waits($e) then propose($e; $leaf)
  elif $e | is_answer then answer($e)
  else effect($e; [$e]) end |
  if .bad then $before | find("signed"; "KEY_CLAIM"; "entry \($e.seq)") else . end;
def open_case($e; $leaf):
  if $e.type == "case_open" and $e.seq == 0 and .founder == null then
    ($e.facts.founder | key_of) as $k |
    if $k == null then find("signed"; "SIGNER_UNKNOWN"; "entry 0")
    else .founder = $k.id | .opening = $leaf |
      put($k + {roles: [], rights: ["act", "approve", "keys"], not_before: "", not_after: ""}; []; $k.id)
    end
  else . end;
def objection($e):
  .holdings[$e.actor] as $h |
  if $h == null then "SIGNER_UNKNOWN"
  elif $h.ended != null then "KEY_REVOKED"
  elif $e.time < $h.not_before or ($h.not_after != "" and $e.time >= $h.not_after) then "KEY_EXPIRED"
  elif ($h.rights | index([if $e.type == "key_enrol" or $e.type == "key_revoke" then "keys" elif $e | is_answer then "approve" else "act" end]) | not) then "KEY_RIGHT"
  elif ($h.roles | length > 0) and ($h.roles | index([$e.role]) | not) then "KEY_RIGHT"
  else null end;
# Erasure-v1, section 2.
def erase_form($e): $e.facts.reason as $why | $e.exhibits as $x | $e.facts.reports as $r |
  ($why | type == "string" and length <= 40 and test("\\A[a-z][a-z0-9]*(?:-[a-z0-9]+)*\\z"))
  and ($e.authority | . == null or (type == "string" and test("\\A(?:AU|CO)-[0-9]{4,9}\\z")))
  and ($x | length) > 0 and all($x[]; test("\\AEX-[0-9]{4,9}\\z")) and ($x | length == (unique | length))
  and ($r | . == null or (type == "array" and all(.[]; type == "string")));
def erasure($e):
  if $e.type != "erase" then .
  elif erase_form($e) then .erasures += [$e]
  else find("consistent"; "ENTRY_MALFORMED"; "entry \($e.seq)") end;
def sign($e; $i; $leaf; $placed):
  "entry \($e.seq)" as $subject | objection($e) as $no |
  (if $no then find("signed"; $no; $subject) else . end) |
  if $no == "SIGNER_UNKNOWN" then .
  else .holdings[$e.actor].acts += [{seq: $e.seq, time: $e.time}] |
    [$e.signatures | to_entries[] |
      if .value.key != $e.actor then "SIGNER_UNKNOWN"
      elif $verified["\($i):\(.key)"] | not then "SIGNATURE_WRONG"
      else empty end] as $wrong |
    (if any($e.signatures[]; .key == $e.actor) then $wrong else $wrong + ["SIGNATURE_WRONG"] end) as $wrong |
    reduce $wrong[] as $code (.; find("signed"; $code; $subject)) |
    if $no or ($wrong | length > 0) then . else .signed += 1 | if $placed then apply($e; $leaf) | erasure($e) else . end end
  end;
def place($e; $leaf):
  "entry \($e.seq)" as $subject | ($e.seq | tostring) as $key |
  (if $e.log != $origin then find("consistent"; "ENTRY_FOREIGN"; $subject) else . end) |
  (if $types[$e.type] then . else find("consistent"; "ENTRY_UNKNOWN"; $subject) end) |
  (if .seen[$key] == $leaf then find("consistent"; "ENTRY_DOUBLED"; $subject)
   elif .seen[$key] != null then find("consistent"; "ENTRY_FORKED"; $subject)
   elif $e.seq <= .last then find("consistent"; "ENTRY_SWAPPED"; $subject) | .unordered = true
   elif $e.seq == .last + 1 and $e.prev != .before then find("consistent"; "CHAIN_BROKEN"; $subject)
   else . end) |
  (if .seen[$key] == null then .seen[$key] = $leaf else . end) |
  .last = ([.last, $e.seq] | max);
def exhibit($e):
  $e.facts.payload as $p | $e.facts.inventory as $v | $e.exhibits[0] as $id |
  if ($e.exhibits | length) != 1 or ($id | test("\\AEX-[0-9]{4,9}\\z") | not)
    or ($p | type) != "object" or ($v | type) != "object"
    or ($p.name | [.] | inside(["payload", "payload.tar", "payload.age", "payload.tar.age"]) | not)
    or ($p.name | endswith(".age")) and ($v.name != "inventory.jsonl.age" or ($v.bytes | whole | not) or ($v.sha256 | type) != "string")
    or (all($p.bytes, $v.records; whole) | not)
    or (all($p.sha256, $v.root; type == "string") | not)
  then find("consistent"; "ENTRY_MALFORMED"; "entry \($e.seq)")
  elif .exhibits[$id] then
    if .exhibits[$id].seq != $e.seq then find("consistent"; "ENTRY_FORKED"; $id) else . end
  else ((.exhibits | length) + 1 | tostring) as $n |
    (if $id != "EX-" + "0000"[($n | length):] + $n and (.unordered | not) then find("complete"; "EXHIBIT_GAP"; $id) else . end) |
    .exhibits[$id] = {id: $id, seq: $e.seq, name: $p.name, bytes: $p.bytes, sha256: $p.sha256, records: $v.records, root: $v.root}
      + (if $p.name | endswith(".age") then {age: true, inventory_bytes: $v.bytes, inventory_sha256: $v.sha256} else {} end)
  end;
def private_file: type == "object" and (.bytes | whole and . >= 0) and (.sha256 | hex64)
  and (.key | type == "string" and test("\\A(?:case|EX-[0-9]{4,9})\\z"));
# Erasure-v1, section 3: what takes effect, and what it takes away.
def take_effect:
  reduce .erasures[] as $e (.;
    ($e.seq | tostring) as $k |
    (if counts(.holdings[$e.actor]; $e.time) | not then null
     elif .waiting[$k] != null or .refused[$k] != null then null
     elif .approved[$k] != null then .approved[$k].by.seq
     elif .two | index(["erase"]) != null then null
     else $e.seq end) as $effect |
    if $effect == null then .
    else
      reduce ($e.facts.reports // [])[] as $name (.; .erased_reports[$name] = 1) |
      reduce $e.exhibits[] as $id (.;
        if .exhibits[$id] == null or .exhibits[$id].seq >= $effect then .
        else .erased[$id] = ([.erased[$id] // $effect, $effect] | min) end)
    end) |
  .erased as $erased |
  reduce (.about | to_entries[] | select((.key | tonumber) as $seq |
    (.value | length) > 0 and all(.value[]; $erased[.] != null and $seq < $erased[.])) | .key) as $k
    (.; .erased_records[$k] = 1);
def rehash_form($e): $e.facts as $f | ($e.seq | tostring) as $n |
  $f.algorithm == "sha512" and $f.list == "0000000000"[($n | length):] + $n + ".sha512" and $f.entries == $e.seq
  and ($f.sha256 | hex64) and ($f.sha512 | type == "string" and test("\\A[0-9a-f]{128}\\z"))
  and all($f.files, $f.bytes; whole and . >= 0);
def collect($e):
  (if $e.private != null and .private[$e.seq | tostring] == null then
     .private[$e.seq | tostring] = $e.private |
     (if $e.type == "erase" then . else .about[$e.seq | tostring] = $e.exhibits end) |
     if $e.private_file == null then .
     elif $e.private_file | private_file then .age[$e.seq | tostring] = $e.private_file.sha256
     else find("consistent"; "ENTRY_MALFORMED"; "entry \($e.seq)") end
   else . end) |
  (if $e.type == "case_open" and $e.seq == 0 and ($e.facts.encryption | type) == "object" then .encrypted = true else . end) |
  if $e.type == "acquire" then exhibit($e)
  elif $e.type == "recovery" then
    reduce ($e.facts.quarantined | arrays | .[] | objects | select(.name | type == "string")) as $q
      (.; .quarantined[$q.name] = "\($q.digest) \($q.files) \($q.bytes)")
  elif $e.type == "report_issue" and ($e.facts | (.file | type == "string") and (.sha256 | type == "string")) then
    .reports[$e.facts.file] = $e.facts.sha256
  elif $e.type == "renew" and $e.facts.kind == "rehash" then
    if rehash_form($e) | not then find("consistent"; "ENTRY_MALFORMED"; "entry \($e.seq)")
    elif .lists[$e.seq | tostring] == null then .lists[$e.seq | tostring] = $e.facts
    else . end
  else . end;
def compare($size):
  if $waiting_notes[$size | tostring] == null then .
  else
    reduce $waiting_notes[$size | tostring][] as $n (.;
      (if $n.root == $roots[$size | tostring] then true else false end) as $same |
      (if $same then . else find("consistent"; (if $n.outside then "ROLLBACK" else "CHECKPOINT_ROOT" end); $n.name) end) |
      [.holdings[] | select(.ended == null and $note_signed["\($n.note):\(.id)"] == true)] as $by |
      (if ($by | length) == 0 then find("signed"; "CHECKPOINT_SIGNATURE"; $n.name) else . end) |
      .late = false |
      reduce $by[] as $h (.;
        .time as $time | .holdings[$h.id].heads += [{name: $n.name, time: $time}] |
        (if $h.not_after != "" and $time >= $h.not_after then find("signed"; "KEY_EXPIRED"; $n.name) | .late = true else . end) |
        if $h.pq == null then .
        elif any($n.lines[]; .name == $origin and .id4 == $pq_of[$h.pq])
        then remark("signed"; "POST_QUANTUM_UNCHECKED"; $n.name)
        else remark("signed"; "POST_QUANTUM_ABSENT"; $n.name) end) |
      ($same and ($by | length) > 0 and (.late | not)) as $holds |
      .heads += [{note: $n.note, name: $n.name, size: $size, outside: $n.outside, holds: $holds}] |
      if $holds and $n.outside then .outside = ([.outside, $size] | max)
      elif $holds then .held += 1 else . end)
  end;
def malformed($leaf):
  .last += 1 | find("consistent"; "ENTRY_MALFORMED"; "entry \(.last)") |
  if .seen[.last | tostring] == null then .seen[.last | tostring] = $leaf else . end;
def line($e; $i):
  $leaves[$i] as $leaf |
  (if $e == null then malformed($leaf)
   else
     (if ($e.v | type) == "number" and $e.v > 1 then .newer = true else . end) |
     (if $e.v != 1 or ($e.time | moment | not) then find("consistent"; "ENTRY_MALFORMED"; "entry \($e.seq)") else . end) |
     ($e.log == $origin and $e.seq > .last) as $placed |
     place($e; $leaf) | open_case($e; $leaf) | sign($e; $i; $leaf; $placed) |
     (if $e.time < .time then remark("consistent"; "TIME_BACKWARDS"; "entry \($e.seq)") else . end) |
     .time = $e.time | collect($e)
   end) |
  .before = $leaf | compare($i + 1);
def gaps:
  ([.seen | keys_unsorted[] | tonumber] | sort) as $numbers |
  reduce range(0; $numbers | length) as $i (.;
    (if $i == 0 then -1 else $numbers[$i - 1] end) as $low |
    if $numbers[$i] > $low + 1 then find("consistent"; "ENTRY_MISSING"; "entry \($low + 1)") else . end);
def note_form($n):
  if ($n.good | not) or $n.size == 0 then find("consistent"; "CHECKPOINT_MALFORMED"; $n.name)
  elif $n.origin != $origin then find("consistent"; "CHECKPOINT_FOREIGN"; $n.name)
  else ("0000000000\($n.size)"[-10:]) as $ten |
    (if ($n.size | tostring | length) > 10 then "\($n.size)" else $ten end) as $number |
    (if $n.outside or $n.name == "=\($number).note" then . else find("consistent"; "CHECKPOINT_MISNAMED"; $n.name) end)
  end;
def companions:
  [$listing[] | select(.folder == "manifest/checkpoints") | .name | select(test("\\A=[0-9]{10}\\.[a-z0-9-]{1,64}\\.(?:cosig|tsr|p7s)\\z"))] | sort | group_by(.[1:11]);
def beside:
  reduce companions[] as $group (.;
    ($group[0][1:11] | tonumber) as $size |
    reduce $group[64:][] as $name (.; find("consistent"; "COMPANION_MALFORMED"; $name)) |
    if $waiting_notes[$size | tostring] != null then .
    else reduce $group[0:64][] as $name (.; remark("consistent"; "COMPANION_ALONE"; $name)) end);

JQ
cat >>"$W/judge.jq" <<'JQ'
{findings: [], seen: {}, last: -1, before: ("0" * 64), time: "", unordered: false, founder: null, holdings: {}, named: {}, opening: null, waiting: {}, refused: {}, approved: {}, two: [], exhibits: {}, private: {}, age: {}, encrypted: false, reports: {}, quarantined: {}, lists: {}, erasures: [], erased: {}, erased_records: {}, erased_reports: {}, about: {}, heads: [], signed: 0, held: 0, outside: 0, newer: false} |
reduce $notes[] as $n (.; note_form($n)) |
reduce range(0; $entries | length) as $i (.; line($entries[$i]; $i)) |
(if $torn > 65535 then find("consistent"; "ENTRY_MALFORMED"; "entry \(.last + 1)")
 elif $torn > 0 then remark("consistent"; "ENTRY_TORN"; "entry \(.last + 1)") else . end) |
gaps |
($entries | length) as $count |
reduce ($waiting_notes[][] | select(.size > $count)) as $n (.; find("consistent"; (if $n.outside then "ROLLBACK" else "CHECKPOINT_BEYOND" end); $n.name)) |
beside |
([$waiting_notes[][] | select(.outside | not) | .size] | max // 0) as $newest |
(if $newest == 0 and $count > 0 then find("consistent"; "CHECKPOINT_NONE"; "checkpoints")
 elif $newest < $count then remark("consistent"; "CHECKPOINT_LAGS"; "entries from \($newest)") else . end) |
reduce (.waiting | keys[]) as $seq (.; remark("signed"; "APPROVAL_PENDING"; "entry \($seq)")) |
reduce (.refused | keys[]) as $seq (.; remark("signed"; "APPROVAL_REFUSED"; "entry \($seq)")) |
(if .founder == null then find("consistent"; "NO_CASE_OPEN"; "entry 0") else . end) |
take_effect |
.count = $count | .root = ($roots[$count | tostring] // "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855") |
del(.seen)
JQ
awk -F '\t' '{ print "{\"folder\":\"" $1 "\",\"kind\":\"" $2 "\",\"name\":\"" $3 "\"}" }' \
  "$W/listing" >"$W/listing.json"
sed 's/.*/"&"/' "$W/leaves" >"$W/leaves.json"
jq -cn --arg origin "$ORIGIN" --argjson torn "$TORN" --slurpfile keys "$W/keys" \
  --slurpfile pq "$W/pq" --slurpfile proofs "$W/proofs" --slurpfile signed "$W/signed" \
  --slurpfile noted "$W/noted" --slurpfile tree "$W/tree" --slurpfile notes "$W/notes" \
  --slurpfile entries "$W/entries" --slurpfile leaves "$W/leaves.json" \
  --slurpfile listing "$W/listing.json" -f "$W/judge.jq" >"$W/log.json" ||
  stop 3 'jq could not judge the log'
# What the log names, one a line. Names in it may hold any character: as base64.
jq -r '"newer \(.newer)", (.exhibits[] | "exhibit \(.id) \(.name)"),
  (.age as $age | .private | keys[] | "private \(.) .json\(if $age[.] then ".age" else "" end)"),
  (if .encrypted then "key case.age" else empty end), (.exhibits[] | select(.age) | "key \(.id).age"), (.reports | keys[] | "report \(@base64)"),
  (.quarantined | keys[] | "quarantined \(@base64)"),
  (.lists | to_entries[] | "list \(.key) \(.value.list) \(.value.sha256) \(.value.sha512) \(.value.files)"),
  (.heads[] | select(.outside | not) | "head \(.note) \(.size) \(.holds)")' \
  "$W/log.json" >"$W/names" || stop 3 'jq could not judge the log'
case $(head -n 1 "$W/names") in 'newer false') ;; *) stop 32 'a newer version wrote the log' ;; esac
for kind in exhibit private key report quarantined list head; do
  sed -n "s/^$kind //p" "$W/names" >"$W/$kind"
done

# --- steps 10 to 12: what the log names --------------------------------------------

: >"$W/seen"
while read -r id name; do
  folder=$CASE/exhibits/$id
  look "$folder/$name"
  bytes=0 digest=
  if [ "$IS" = plain ]; then
    digest=$(sha256sum <"$folder/$name" | cut -c 1-64)
    bytes=$(($(wc -c <"$folder/$name")))
    [ ${#digest} -eq 64 ] || IS=odd
  fi
  printf '{"what":"payload","id":"%s","is":"%s","bytes":%s,"sha256":"%s"}\n' \
    "$id" "$IS" "$bytes" "$digest" >>"$W/seen"
  case $name in
    *.age)
      inventory=$folder/inventory.jsonl.age
      look "$inventory"
      records=0 digest=
      if [ "$IS" = plain ]; then
        digest=$(sha256sum <"$inventory" | cut -c 1-64)
        records=$(($(wc -c <"$inventory")))
      fi
      printf '{"what":"inventory","id":"%s","is":"%s","bytes":%s,"sha256":"%s"}\n' \
        "$id" "$IS" "$records" "$digest" >>"$W/seen"
      continue
      ;;
  esac
  look "$folder/inventory.jsonl"
  records=0 digest=
  if [ "$IS" = plain ]; then
    inventory=$folder/inventory.jsonl
    records=$(($(wc -l <"$inventory")))
    last=$(tail -c 1 <"$inventory" | xxd -p)
    [ "$records" -lt 20000 ] || say "Hashing $records records of $id." >&2
    digest=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
    if [ -n "$last" ] && [ "$last" != 0a ]; then
      digest=torn
    elif ! awk -v max="$MAX_RECORD" 'length($0) > max { exit 1 }' <"$inventory"; then
      digest=long
    elif [ "$records" -gt 0 ]; then
      hash_leaves "$inventory" >"$W/hashes"
      echo "$records" >"$W/one"
      digest=$(tree_roots "$W/hashes" "$W/one" | cut -d ' ' -f 2)
      [ "$(wc -l <"$W/hashes")" -eq "$records" ] || digest=unstable
    fi
  fi
  printf '{"what":"inventory","id":"%s","is":"%s","records":%s,"root":"%s"}\n' \
    "$id" "$IS" "$records" "$digest" >>"$W/seen"
done <"$W/exhibit"

mkdir "$W/p"
# shellcheck disable=SC2129 # three loops that append to one file
while read -r seq suffix; do
  path=$CASE/private/$(printf '%010d' "$seq")$suffix
  look "$path"
  if [ "$IS" = plain ]; then
    # Of an encrypted record the file counts, of another one the leaf hash.
    { [ "$suffix" = .json.age ] || printf '\000'; head -c $((MAX_RECORD + 65537)) <"$path"; } \
      >"$W/p/$seq"
  fi
  printf '{"what":"private","id":"%s","is":"%s"}\n' "$seq" "$IS"
done <"$W/private" >>"$W/seen"
(cd "$W/p" && find . -type f -exec sha256sum '{}' +) |
  awk '{ print "{\"what\":\"commitment\",\"id\":\"" substr($2, 3) "\",\"is\":\"" $1 "\"}" }' \
    >>"$W/seen"

while read -r name; do
  is=missing
  [ ! -f "$CASE/keys/$name" ] || is=there
  printf '{"what":"key","id":"%s","is":"%s"}\n' "$name" "$is"
done <"$W/key" >>"$W/seen"

while read -r word; do
  name=$(printf '%s' "$word" | base64 -d | tr '\000' /; echo .)
  name=${name%.}
  is=missing
  case $name in
    '' | . | .. | */*) ;;
    *)
      if [ ${#name} -le 255 ]; then
        look "$CASE/reports/$name"
        is=$IS
        [ "$IS" != plain ] || is=$(sha256sum <"$CASE/reports/$name" | cut -c 1-64)
      fi
      ;;
  esac
  printf '{"what":"report","id":"%s","is":"%s"}\n' "$word" "$is"
done <"$W/report" >>"$W/seen"

# Write "hex of the path below, components between slashes; SHA-256; bytes" for every
# regular file below folder $1. $2: hex of what stands before. A subshell of its own for
# each folder, so that nothing outside changes.
walk() (
  cd "$1" 2>/dev/null || { echo 'x x x'; exit; }
  set +f
  for path in ./* ./.[!.]* ./..?*; do
    [ -L "$path" ] && continue
    part=$2$(printf '%s' "${path#./}" | xxd -p | tr -d '\n')
    if [ -f "$path" ]; then
      { [ -r "$path" ] &&
        printf '%s %s %s\n' "$part" "$(sha256sum <"$path" | cut -c 1-64)" "$(($(wc -c <"$path")))"; } ||
        echo 'x x x'
    elif [ -d "$path" ]; then
      walk "$path" "$part/"
    fi
  done
)
while read -r word; do
  name=$(printf '%s' "$word" | base64 -d | tr '\000' /; echo .)
  name=${name%.}
  case $name in
    quarantine/*) base=${name#quarantine/} ;;
    manifest/quarantine/*) base=${name#manifest/quarantine/} ;;
    *) base= ;;
  esac
  is=missing
  case $base in
    '' | . | .. | */*) ;;
    *)
      path=$CASE/$name
      : >"$W/found"
      if [ ${#base} -gt 255 ]; then
        :
      elif [ -L "$path" ]; then
        is=there
      elif [ -f "$path" ]; then
        is=there
        printf '%s %s %s\n' "$(printf '%s' "$base" | xxd -p | tr -d '\n')" \
          "$(sha256sum <"$path" | cut -c 1-64)" "$(($(wc -c <"$path")))" >"$W/found"
      elif [ -e "$path" ]; then
        is=there
        [ ! -d "$path" ] || walk "$path" '' >"$W/found"
      fi
      if [ "$is" = there ]; then
        digest=$(sort "$W/found" | while read -r hex sum _; do
          printf '%s  ' "$sum"
          printf '%s' "$hex" | sed 's|/|2f|g' | xxd -r -p
          echo
        done | sha256sum | cut -c 1-64)
        is=$(awk -v digest="$digest" '$1 == "x" { bad = 1 } { bytes += $3 }
          END { printf "%s", bad ? "odd" : digest " " NR " " sprintf("%.0f", bytes) }' "$W/found")
      fi
      ;;
  esac
  printf '{"what":"quarantined","id":"%s","is":"%s"}\n' "$word" "$is"
done <"$W/quarantined" >>"$W/seen"

# --- lists of second digests (renewals, section 6 of the time-stamp specification) ---

# "SHA-512 *path" of every file that a list can name, each read once.
: >"$W/sums"
: >"$W/lists.good"
if [ -s "$W/list" ]; then
  (cd "$CASE" && find -H exhibits identities private manifest manifest/checkpoints \
    manifest/renewals -type f -exec openssl dgst -sha512 -r '{}' +) >"$W/sums" 2>/dev/null
fi
while read -r seq name short long files; do
  path=$CASE/manifest/renewals/$name
  look "$path"
  is=$IS
  if [ "$IS" = plain ]; then
    is=modified
    if [ "$(sha256sum <"$path" | cut -c 1-64)" = "$short" ] &&
      [ "$(openssl dgst -sha512 -r <"$path" | cut -c 1-128)" = "$long" ]; then
      is=good
      [ "$(tail -c 1 <"$path" | xxd -p)" = 0a ] || is=malformed
      [ "$(wc -c <"$path")" -le 268435456 ] || is=malformed
      tr '\000' '\001' <"$path" | awk -v files="$files" '
        {
          hex = substr($0, 1, 128); name = substr($0, 131)
          if (length(hex) != 128 || hex ~ /[^0-9a-f]/ || substr($0, 129, 2) != "  ") bad = 1
          if (NR == 1) { if (name != "-") bad = 1 }
          else {
            n = split(name, part, "/")
            if (n < 2 || n > 3 || part[1] !~ /^(exhibits|identities|manifest|private)$/) bad = 1
            for (i = 2; i <= n; i++)
              if (part[i] !~ /^[A-Za-z0-9][A-Za-z0-9._-]*$/ || length(part[i]) > 128) bad = 1
            if (NR > 2 && name "" <= before "") bad = 1
            before = name
          }
          if (!bad) print hex, name
        }
        END { if (bad || NR - 1 != files) print "bad" }' >"$W/listed"
      [ "$(tail -n 1 "$W/listed")" != bad ] || is=malformed
    fi
  fi
  printf '{"what":"list","id":"=%s","is":"%s"}\n' "$name" "$is" >>"$W/seen"
  [ "$is" = good ] || continue
  echo "$name" >>"$W/lists.good"
  {
    # The first line is that of the first entries.
    digest=$(head -n "$seq" <"$LOG" | openssl dgst -sha512 -r | cut -c 1-128)
    [ "$(head -n 1 "$W/listed")" = "$digest -" ] || echo modified entries.jsonl
    awk -v sums="$W/sums" '
      BEGIN {
        while ((getline line <sums) > 0) {
          hex = substr(line, 1, 128); path = substr(line, 131)
          if (length(hex) != 128 || hex ~ /[^0-9a-f]/ || substr(line, 129, 2) != " *") continue
          if (!(path in now)) now[path] = hex
          else if (now[path] "" != hex "") now[path] = "!"
        }
      }
      NR == 1 { next }
      !($2 in now) { if ($2 !~ /^(exhibits|private)\//) print "unseen", $2; next }
      now[$2] "" != $1 "" { print "modified", $2 }' "$W/listed"
  } >"$W/differing"
  while read -r is name; do
    if [ "$is" = unseen ]; then
      look "$CASE/$name"
      is=$IS
      [ "$is" != plain ] || is=odd
    fi
    printf '{"what":"renewed","id":"=%s","is":"%s"}\n' "$name" "$is" >>"$W/seen"
  done <"$W/differing"
done <"$W/list"

# --- step 13: what the log does not name -------------------------------------------

list manifest/renewals
list private
[ ! -s "$W/key" ] || list keys
list identities
list exhibits
list staging
list quarantine
list manifest/quarantine
while read -r id name; do list "exhibits/$id"; done <"$W/exhibit"
awk -F '\t' '{ print "{\"folder\":\"" $1 "\",\"kind\":\"" $2 "\",\"name\":\"" $3 "\"}" }' \
  "$W/listing" >"$W/listing.json"

# --- step 15: time stamps ----------------------------------------------------------

# Seconds since 1970 of "Mon DD HH:MM:SS[.f] YYYY GMT".
seconds_of() {
  awk -v text="$1" 'BEGIN {
    n = split(text, p, /[ :]+/)
    if (n < 6) exit 1
    m = (index("JanFebMarAprMayJunJulAugSepOctNovDec", p[1]) + 2) / 3
    y = p[6]; if (m <= 2) { y--; m += 12 }
    days = 365 * y + int(y / 4) - int(y / 100) + int(y / 400) + int((153 * (m - 3) + 2) / 5) + p[2] - 719469
    printf "%.0f", ((days * 24 + p[3]) * 60 + p[4]) * 60 + int(p[5])
  }'
}
# Judge the tokens over file $1 that stand beside $2. $3: does what they are over hold?
# $4: is it a list, which an imprint by SHA-256 does not renew?
stamps() {
  set +f
  for token in "$2".*.tsr; do
    [ -e "$token" ] || [ -L "$token" ] || continue
    name=${token##*/}
    case $name in
      *[!a-z0-9.-]*) continue ;;
    esac
    code=TIMESTAMP_MALFORMED
    look "$token"
    : >"$W/token"
    [ "$IS" != plain ] || head -c 65537 <"$token" >"$W/token"
    kind=
    if openssl ts -reply -in "$W/token" -text >"$W/told" 2>/dev/null; then kind=answer
    elif openssl ts -reply -token_in -in "$W/token" -text >"$W/told" 2>/dev/null; then kind=-token_in
    fi
    [ "$(wc -c <"$W/token")" -le 65536 ] || kind=
    moment=$(sed -n 's/^Time stamp: \([A-Za-z0-9:. ]*\) GMT$/\1/p' "$W/told" | head -n 1)
    weak=$4
    case $(sed -n 's/^Hash Algorithm: //p' "$W/told" | head -n 1) in sha384 | sha512) weak=false ;; esac
    [ -n "$moment" ] || kind=
    if [ -n "$kind" ]; then
      at=$(seconds_of "$moment")
      [ "$kind" = answer ] && kind=
      # shellcheck disable=SC2086 # no word when it is a whole answer
      if openssl ts -verify $kind -in "$W/token" -data "$1" \
        -CAfile "$W/roots.pem" -attime "$at" >"$W/told" 2>&1; then code=
      else
        case $(cat "$W/told") in
          *"message imprint mismatch"*) code=TIMESTAMP_OTHER_BYTES ;;
          *"certificate verify error"* | *"local issuer"*) code=TIMESTAMP_UNTRUSTED ;;
          *) code=TIMESTAMP_SIGNATURE ;;
        esac
      fi
    fi
    printf '{"what":"token","id":"=%s","is":"%s","holds":%s,"time":"%s","weak":%s}\n' \
      "$name" "$code" "$3" "$moment" "$weak"
  done
  set -f
}
if "$WITH_ROOTS"; then
  while read -r note size holds; do
    number=$(printf '%010d' "$size")
    # The note as it stands in the case: without the sentinel.
    awk 'NR > 1 { print line } { line = $0 }' "$W/n/$note" >"$W/stamped"
    stamps "$W/stamped" "$CASE/manifest/checkpoints/$number" "$holds" false
  done <"$W/head" >>"$W/seen"
  while read -r list; do
    stamps "$CASE/manifest/renewals/$list" "$CASE/manifest/renewals/$list" true true
  done <"$W/lists.good" >>"$W/seen"
fi

# --- the verdict -------------------------------------------------------------------

sort -u "$W/trusted" | sed 's/.*/"&"/' >"$W/trusted.json"
cat >"$W/verdict.jq" <<'JQ'
def find($axis; $code; $subject): .findings += [{axis: $axis, code: $code, subject: $subject, fails: true}];
def remark($axis; $code; $subject): .findings += [{axis: $axis, code: $code, subject: $subject, fails: false}];
def seen($what): [$seen[] | select(.what == $what)];
def utf8: explode | map(
  if . < 128 then .
  elif . < 2048 then (192 + (. / 64 | floor)), (128 + . % 64)
  elif . < 65536 then (224 + (. / 4096 | floor)), (128 + (. / 64 | floor) % 64), (128 + . % 64)
  else (240 + (. / 262144 | floor)), (128 + (. / 4096 | floor) % 64), (128 + (. / 64 | floor) % 64), (128 + . % 64) end);
def word:
  if test("\\A[A-Za-z0-9._-]*\\z") then "=" + .
  else "x" + (utf8 | map("0123456789abcdef"[(. / 16 | floor):(. / 16 | floor) + 1] + "0123456789abcdef"[. % 16:. % 16 + 1]) | add) end;
$log[0] |
((.lists | map({("=" + .list): 1}) | add // {}) + ([$listing[] | select(.folder == "manifest/renewals") | .name |
  select(test("\\A=[0-9]{10}\\.sha512\\.[a-z0-9-]{1,64}\\.tsr\\z")) | select($log[0].lists[.[1:11] | tonumber | tostring])] |
  group_by(.[1:11]) | map(sort[0:64][] | {(.): 1}) | add // {})) as $renewals |
{private: (.age as $age | .private | keys | map({("=" + "0000000000"[length:] + . + ".json" + if $age[.] then ".age" else "" end): 1}) | add // {}),
 keys: (seen("key") | map({("=" + .id): 1}) | add // {}),
 identities: (.named | keys | map({("=\(.).json"): 1}) | add // {}),
 exhibits: (.exhibits | keys | map({("=" + .): 1}) | add // {})} as $allowed |
(.quarantined | keys | map((rindex("/") // -1) as $at | if $at < 0 then empty else {(.[0:$at] + "/" + (.[$at + 1:] | word)): 1} end) | add // {}) as $set_aside |
(seen("commitment") | map({(.id): .is}) | add // {}) as $commitments |
def still($s; $subject): if $s.is == "missing" then . else find("complete"; "ERASED_STILL_PRESENT"; $subject) end;
def payload($s): .exhibits[$s.id] as $x |
  if .erased[$s.id] then remark("complete"; "ERASED"; $s.id) | still($s; $s.id)
  elif $s.is == "missing" then find("complete"; "PAYLOAD_MISSING"; $s.id)
  elif $s.is == "odd" then find("intact"; "UNREADABLE"; $s.id)
  elif $s.bytes == $x.bytes and $s.sha256 == $x.sha256 then .
  else find("intact"; "PAYLOAD_MODIFIED"; $s.id) end;
def inventory($s): .exhibits[$s.id] as $x |
  if .erased[$s.id] then still($s; $s.id)
  elif $s.is == "missing" then find("complete"; "INVENTORY_MISSING"; $s.id)
  elif $s.is == "odd" then find("intact"; "UNREADABLE"; $s.id)
  elif $x.age then
    if $s.bytes == $x.inventory_bytes and $s.sha256 == $x.inventory_sha256 then .
    else find("intact"; "INVENTORY_MODIFIED"; $s.id) end
  elif $s.records == $x.records and $s.root == $x.root then .
  else find("intact"; "INVENTORY_MODIFIED"; $s.id) end;
def private($s):
  if .erased_records[$s.id] then still($s; "entry \($s.id)")
  elif $s.is == "missing" then find("complete"; "PRIVATE_MISSING"; "entry \($s.id)")
  elif $s.is == "odd" then find("intact"; "UNREADABLE"; "entry \($s.id)")
  elif $commitments[$s.id] == (.age[$s.id] // .private[$s.id]) then .
  else find("intact"; "PRIVATE_MODIFIED"; "entry \($s.id)") end;
def key($s):
  if .erased[$s.id | rtrimstr(".age")] then still($s; "=keys/" + $s.id)
  elif $s.is == "missing" then find("complete"; "KEY_FILE_MISSING"; "=keys/" + $s.id)
  else . end;
def side($s; $told; $missing; $modified):
  if $missing == "REPORT_MISSING" and .erased_reports[$told.key] then still($s; "=" + $told.key)
  elif $s.is == "missing" then remark("complete"; $missing; "=" + $told.key)
  elif $s.is == $told.value then .
  else find("intact"; $modified; "=" + $told.key) end;
def renewal($s):
  if $s.is == "missing" then find("complete"; "RENEWAL_MISSING"; $s.id)
  elif $s.is == "odd" then find("intact"; "UNREADABLE"; $s.id)
  elif $s.is == "modified" then find("intact"; "RENEWAL_MODIFIED"; $s.id)
  elif $s.is == "malformed" then find("intact"; "RENEWAL_MALFORMED"; $s.id)
  else . end;
def renewed($s):
  if $s.is == "missing" then find("complete"; "RENEWED_MISSING"; $s.id)
  elif $s.is == "odd" then find("intact"; "UNREADABLE"; $s.id)
  else find("intact"; "RENEWED_MODIFIED"; $s.id) end;
def unfinished: startswith("=.incomplete-");
def at($folder): if $folder == "" then . else .[0:1] + "\($folder)/" + .[1:] end;
def around($s):
  . as $log | ($s.name | at($s.folder)) as $subject |
  ($s.folder | startswith("exhibits/")) as $exhibit |
  (if $s.folder == "" then {"=custody.toml": 1, "=.lock": 1, "=manifest": 1, "=private": 1, "=exhibits": 1, "=identities": 1, "=staging": 1, "=quarantine": 1, "=reports": 1, "=packages": 1}
      + (if $allowed.keys == {} then {} else {"=keys": 1} end)
   elif $s.folder == "manifest" then {"=entries.jsonl": 1, "=checkpoints": 1, "=quarantine": 1, "=pending": 1, "=renewals": 1}
   elif $s.folder == "manifest/renewals" then $renewals
   elif $s.folder == "private" then $allowed.private
   elif $s.folder == "identities" then $allowed.identities
   elif $s.folder == "keys" then $allowed.keys
   elif $s.folder == "exhibits" then $allowed.exhibits
   elif $exhibit then $log.exhibits[$s.folder[9:]] as $x |
     {("=inventory.jsonl" + if $x.age then ".age" else "" end): 1, ("=" + $x.name): 1}
   else {} end) as $named |
  if $s.folder == "staging" then remark("complete"; "UNFINISHED"; $subject)
  elif $s.folder == "quarantine" or $s.folder == "manifest/quarantine" then
    if $set_aside["\($s.folder)/\($s.name)"] then . else remark("complete"; "UNFINISHED"; $subject) end
  elif ($s.name | unfinished) and ($exhibit | not) then remark("complete"; "UNFINISHED"; $subject)
  elif $s.folder == "manifest/checkpoints" then
    if $s.name | (endswith(".note") and . != "=.note") or test("\\A=[0-9]{10}\\.[a-z0-9-]{1,64}\\.(?:cosig|tsr|p7s)\\z") or (startswith("x") and endswith("2e6e6f7465")) then .
    else find("complete"; "UNLISTED"; $subject) end
  elif $named[$s.name] == null or ($s.kind == "l" and ($s.folder == "" or $s.folder == "manifest" or $s.folder == "exhibits"))
  then find("complete"; "UNLISTED"; $subject)
  else . end;
JQ
cat >>"$W/verdict.jq" <<'JQ'
reduce seen("payload")[] as $s (.; payload($s)) |
reduce seen("inventory")[] as $s (.; inventory($s)) |
reduce seen("private")[] as $s (.; private($s)) |
reduce seen("key")[] as $s (.; key($s)) |
(if (seen("key") | length) > 0 or (.age | length) > 0 then remark("intact"; "PLAINTEXT_UNCHECKED"; "the case") else . end) |
(.reports | to_entries | map({(.key | @base64): .}) | add // {}) as $reports |
(.quarantined | to_entries | map({(.key | @base64): .}) | add // {}) as $quarantined |
reduce seen("report")[] as $s (.; side($s; $reports[$s.id]; "REPORT_MISSING"; "REPORT_MODIFIED")) |
reduce seen("quarantined")[] as $s (.; side($s; $quarantined[$s.id]; "QUARANTINE_MISSING"; "QUARANTINE_MODIFIED")) |
reduce seen("list")[] as $s (.; renewal($s)) |
reduce seen("renewed")[] as $s (.; renewed($s)) |
reduce $listing[] as $s (.; around($s)) |
($trusted | map({(.): true}) | add // {}) as $trust |
(if ($trusted | length) == 0 then . else reduce (.holdings | keys[] | select($trust[.] | not)) as $id (.; find("trusted"; "KEY_NOT_ANCHORED"; "key \($id)")) end) |
reduce (seen("token")[] | select(.is != "")) as $s (.;
  if $s.is == "TIMESTAMP_UNTRUSTED" then remark("timestamped"; $s.is; $s.id) else find("timestamped"; $s.is; $s.id) end) |
reduce (seen("token")[] | select(.is == "" and .weak)) as $s (.; remark("timestamped"; "RENEWAL_WEAK"; $s.id)) |
JQ
cat >>"$W/verdict.jq" <<'JQ'
def escape: explode | map(
  if . >= 32 and . < 127 and . != 92 then [.] | implode
  else . as $c | "\\u{" + ([20, 16, 12, 8, 4, 0] | map(pow(2; .) as $p | ($c / $p | floor) % 16 | "0123456789abcdef"[.:. + 1]) | add | sub("\\A0*(?=.)"; "")) + "}" end) | add // "";
def shown:
  if startswith("=") then .[1:] | escape
  elif startswith("x") then .[1:] + " (name in hexadecimal)"
  else escape end;
([.findings[] | select(.fails) | .axis] | unique) as $failed |
def status($axis):
  if $failed | index([$axis]) then "FAIL"
  elif $axis == "trusted" then (if ($trusted | length) > 0 and (.holdings | length) > 0 then "PASS" else "not checked" end)
  elif $axis == "timestamped" then (if any(seen("token")[]; .is == "" and .holds) then "PASS" else "not checked" end)
  elif $axis == "witnessed" then "not checked"
  else "PASS" end;
def why($axis):
  if $failed | index([$axis]) then "see the findings"
  elif $axis == "complete" then "\(.exhibits | length) exhibit(s), \(.private | length) sealed record(s); nothing is unlisted"
  elif $axis == "intact" then "payloads, inventories and sealed records have their digests"
  elif $axis == "consistent" then "one chain of \(.count) entries, confirmed by \(.held) checkpoint(s)" + (if .outside > 0 then "; one kept outside confirms the first \(.outside)" else "" end)
  elif $axis == "signed" then "\(.signed) of \(.count) entries signed by \(.holdings | length) key(s); ML-DSA-44 lines are not checked by this script"
  elif $axis == "trusted" then (if ($trusted | length) > 0 then "every key of the case is one you gave" else "no key was given from outside (--key)" end)
  elif $axis == "timestamped" then (if $roots then "\([seen("token")[] | select(.is == "" and .holds)] | length) time stamp(s) hold: \([seen("token")[] | select(.is == "" and .holds) | .time] | join(", "))" else "no root was given (--tsa-root)" end)
  else "this script does not check cosignatures" end;
["complete", "intact", "consistent", "signed", "trusted", "timestamped", "witnessed"] as $axes |
{complete: 11, intact: 10, consistent: 12, signed: 20, trusted: 21, timestamped: 22} as $codes |
. as $all |
"log origin \($origin | escape)",
"entries    \(.count)",
"root       \(.root)",
(.holdings | to_entries[] | "key        \(.key)" + (if .value.ended then " (ended)" else "" end)),
"",
($axes[] | . as $axis | $all | "\($axis + "           "[($axis | length):]) \(status($axis) + "           "[(status($axis) | length):]) \(why($axis))"),
"",
(.findings[0:1000][] | "\(if .fails then "FAIL  " else "remark" end) \(.axis) \(.code) \(.subject | shown)"),
(if (.findings | length) > 1000 then "... and \((.findings | length) - 1000) more findings" else empty end),
"",
"Not established: that contents are true; that the source held nothing else; whose",
"keys these are, unless you gave them (--key); that nothing was cut off the end, unless",
"you gave a checkpoint from elsewhere (--checkpoint). Not checked by this script:",
"ML-DSA-44 signatures, cosignatures, CAdES signatures, the content of identities/ and",
"packages/. VERIFY.txt says what a pass means.",
"exit \([("intact", "complete", "consistent", "signed", "trusted", "timestamped") as $axis | select($failed | index([$axis])) | $codes[$axis]] | first // 0)"
JQ
jq -rn --arg origin "$ORIGIN" --argjson roots "$WITH_ROOTS" \
  --slurpfile log "$W/log.json" --slurpfile seen "$W/seen" \
  --slurpfile listing "$W/listing.json" --slurpfile trusted "$W/trusted.json" \
  -f "$W/verdict.jq" >"$W/said" || stop 3 'jq could not put the verdict together'
sed '$d' "$W/said"
CODE=$(sed -n '$s/^exit //p' "$W/said")
case $CODE in
  '' | *[!0-9]*) stop 3 'no verdict was reached' ;;
esac
exit "$CODE"
