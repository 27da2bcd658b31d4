#!/bin/sh
# How disk.img.gz was made (invented contents; nothing from a real device).
#
# Needs e2fsprogs, dosfstools and mtools; run it in an empty folder. The project itself
# needs only the packed result, which `evidence.samples.disks.disk_image` unpacks.
#
# 2 MiB raw image, 512-byte sectors, MBR:
#   row 2  sectors  128..1151  FAT12, the card of a camera
#   row 3  sectors 1152..4095  ext4 without journal, the home of a phone backup
# (rows as mmls numbers them; 0 is the table itself, 1 the gap before the first)
set -eu
export LC_ALL=C.UTF-8 TZ=UTC0 E2FSPROGS_FAKE_TIME=1700000000 SOURCE_DATE_EPOCH=1700000000
export MTOOLS_SKIP_CHECK=1 MTOOLS_NO_VFAT=0

rm -rf home card
mkdir -p home/chats/group home/pictures home/deep/er/est home/empty card

printf 'Export of an invented chat\n12.05.24, 18:03 - Ana: hello\n' > home/chats/chat.txt
printf '{"messages": [{"id": 1, "text": "see you"}]}\n' > home/chats/group/result.json
printf 'the letters of this name are Cyrillic\n' > 'home/chats/Переписка.txt'
printf 'this name is Latin-1, not UTF-8\n' > "home/chats/$(printf 'caf\351.txt')"
printf 'kept for the test of deleted files\n' > home/chats/removed.txt
i=0; while [ $i -lt 2000 ]; do printf 'line %05d of a longer file\n' $i; i=$((i + 1)); done \
  > home/pictures/long.log
printf 'at the bottom\n' > home/deep/er/est/leaf.db
printf 'before the hole' > home/sparse.bin
truncate -s 65536 home/sparse.bin
: > home/nothing
ln -s ../../etc/passwd home/link
mkfifo home/pipe
find home -exec touch -h -d '2024-05-12 18:03:04.123456789 UTC' {} +
touch -d '1999-12-31 23:59:59.5 UTC' home/nothing

truncate -s 2097152 disk.img
# ext4: 1472 KiB from byte 589824
mke2fs -q -t ext4 -b 1024 -N 64 -O ^has_journal,^metadata_csum -I 256 -m 0 \
  -L HOME -U 11111111-2222-3333-4444-555555555555 \
  -E offset=589824,root_owner=0:0,hash_seed=66666666-7777-8888-9999-aaaaaaaaaaaa,nodiscard \
  -d home disk.img 1472k
dd if=disk.img of=ext4.part bs=512 skip=1152 status=none
# mke2fs keeps whole seconds and the clock's change times: set both, then delete one
{
  i=12; while [ $i -le 29 ]; do
    echo "set_inode_field <$i> ctime 20240512180400"; i=$((i + 1))
  done
  echo 'set_inode_field /chats/chat.txt mtime_extra 493827156'  # 123456789 ns
  echo 'rm /chats/removed.txt'
  echo 'set_inode_field <17> dtime 20240513080000'
} | debugfs -w -f - ext4.part > /dev/null 2>&1
dd if=ext4.part of=disk.img bs=512 seek=1152 conv=notrunc status=none

# FAT12: 512 KiB
truncate -s 524288 fat.part
mkfs.vfat -F 12 -n CARD -i 12345678 --invariant fat.part > /dev/null
printf 'not really a picture\n' > card/IMG_0001.JPG
printf 'deleted from the card\n' > card/IMG_0002.JPG
printf 'long name in Cyrillic\n' > 'card/Заметка о встрече.txt'
touch -d '2024-03-31 02:30:02 UTC' card/*  # an hour Central Europe does not have
mmd -i fat.part ::/DCIM
mcopy -m -i fat.part card/IMG_0001.JPG card/IMG_0002.JPG ::/DCIM
mcopy -m -i fat.part 'card/Заметка о встрече.txt' ::/
mdel -i fat.part ::/DCIM/IMG_0002.JPG
dd if=fat.part of=disk.img bs=512 seek=128 conv=notrunc status=none

# MBR: disk signature 0xCAFEF00D; rows (type, first sector, sectors), little-endian
printf '\015\360\376\312\000\000' | dd of=disk.img bs=1 seek=440 conv=notrunc status=none
printf '\000\000\000\000\001\000\000\000\200\000\000\000\000\004\000\000' \
  | dd of=disk.img bs=1 seek=446 conv=notrunc status=none
printf '\000\000\000\000\203\000\000\000\200\004\000\000\200\013\000\000' \
  | dd of=disk.img bs=1 seek=462 conv=notrunc status=none
printf '\125\252' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none

gzip -9 -n -k -f disk.img
rm -rf home card fat.part ext4.part
