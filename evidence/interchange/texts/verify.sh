#!/bin/sh
# verify.sh: checks a court bundle. It needs a POSIX shell, find, grep, sed and sha256sum;
# with openssl, jq, xxd and base64 it checks the signatures of the record, too.
#
# Exit: 0 all that could be checked holds; 10 something does not; 3 the files are as
# listed, but a program is missing and signatures were not checked.
set -fu
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 2
bad=0
wrong() {
  printf 'WRONG: %s\n' "$1"
  bad=1
}

# Every file is as listed, and no other is there.
sha256sum --check --strict --quiet SHA256SUMS || wrong 'files are not as listed'
here=$(find . -type f | wc -l)
listed=$(wc -l <SHA256SUMS)
[ "$here" -eq $((listed + 1)) ] || wrong "$here files here, $listed listed"
[ -z "$(find . ! -type f ! -type d)" ] || wrong 'there is a link or a device'

# Each payload is the one that its own signed entry names.
count=0
for path in $(find evidence -name 'EX-*.payload*' | sort); do
  name=${path#evidence/}
  exhibit=${name%%.*}
  digest=$(sha256sum "$path")
  digest=${digest%% *}
  line=$(grep "\"exhibits\":\[\"$exhibit\"\]" record/manifest/entries.jsonl |
    grep '"type":"acquire"')
  case $line in
    *"\"payload\":{"*"\"sha256\":\"$digest\""*) count=$((count + 1)) ;;
    *) wrong "$exhibit is not the payload the record names" ;;
  esac
done
printf '%s payload(s) are those the record names.\n' "$count"

# The record: one chain, every entry and checkpoint signed.
missing=
for program in openssl jq xxd base64; do
  command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
if [ -n "$missing" ]; then
  printf 'NOT CHECKED: signatures of the record; missing:%s\n' "$missing"
else
  said=$(sh record/check.sh record)
  printf '%s\n' "$said" | grep -E '^(consistent|signed) '
  for axis in consistent signed; do
    printf '%s\n' "$said" | grep -q "^$axis *PASS" || wrong "the record: $axis"
  done
fi

printf 'This bundle is named by the SHA-256 of SHA256SUMS:\n'
sha256sum SHA256SUMS
[ "$bad" -eq 0 ] || { echo 'It does NOT hold.'; exit 10; }
[ -z "$missing" ] || { echo 'The files are as listed.'; exit 3; }
echo 'It holds.'
