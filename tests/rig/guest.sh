#!/bin/sh
# Runs as init in a user-mode kernel (kernel_rig_test.cpp starts it and judges what it leaves). It builds disks with
# faults from the kernel's own fault targets, and puts the tests on them. Environment, from the kernel's command line:
# ASSAY (the program), SHARE (a folder of the host, for the results), MODULES (a root with lib/modules).
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmp /run
mount -t hostfs results /mnt -o "$SHARE"
exec > /mnt/log 2>&1
set -x

load() { modprobe -d "$MODULES" "$@"; }
# Not for ever: what does not come about must not hold up the rest.
wait_for() {
  tries=0
  until eval "$1"; do
    tries=$((tries + 1))
    if [ $tries -gt 20000 ]; then echo "never came about: $1"; return 1; fi
    read -r _ < /proc/uptime
  done
}
power_off() { sync; echo o > /proc/sysrq-trigger; read -r never < /proc/self/fd/0; }

# test_on NAME TEST DEVICE PARAMETERS [OPTION...]: results go to $SHARE/NAME, the exit code to $SHARE/NAME.exit.
test_on() {
  name=$1 test=$2 device=$3 parameters=$4
  shift 4
  cat > "/run/$name.toml" <<PLAN
[plan]
id = "rig"
title.en = "Rig"
prove = "none"
confirm = 0
[[stage]]
id = "a"
[[stage.test]]
use = "$test"
required = true
parameters = { $parameters }
PLAN
  "$ASSAY" run "/run/$name.toml" --target "$device" --out "/mnt/$name" "$@" > "/mnt/$name.txt" 2>&1
  echo $? > "/mnt/$name.exit"
}
overwrite() { name=$1; device=$2; shift 2; test_on "$name" storage.capacity "$device" 'cache = 8, duration = "10m"' --allow destructive --backup made "$@"; }
# Nobody makes names in /dev/mapper here.
mapped() { echo "/dev/dm-$(dmsetup info -c --noheadings -o minor "$1" | tr -d " ")"; }
sectors() { blockdev --getsz "$1"; }

load dm-mod; load dm-delay; load dm-flakey; load dm-dust; load sd_mod; load loop; load quota_v2

# A SCSI disk with ten bad blocks from 0x1234 on.
load scsi_debug dev_size_mb=32 opts=2 delay=0
wait_for "[ -b /dev/sda ]"
cat /sys/block/sda/device/vpd_pg80 > /mnt/serial
test_on medium-error storage.surface /dev/sda 'duration = "2m"'
modprobe -d "$MODULES" -r scsi_debug

# A counterfeit: 1 GB claimed, 64 MB there, addresses wrap.
load scsi_debug dev_size_mb=64 virtual_gb=1 delay=0
wait_for "[ -b /dev/sda ]"
overwrite wrap /dev/sda
modprobe -d "$MODULES" -r scsi_debug

# Blocks of 4096 bytes; then, with data on it, its serial number must be typed.
load scsi_debug dev_size_mb=32 sector_size=4096 delay=0
wait_for "[ -b /dev/sda ]"
test_on sector-4096 storage.surface /dev/sda 'duration = "2m"'
overwrite empty-4096 /dev/sda
test_on wrap-4096 storage.capacity /dev/sda 'cache = 8' --allow destructive --backup made --erase "$(tail -c +5 /sys/block/sda/device/vpd_pg80 | tr -d '\0 ')" --inject storage.capacity:wrap
overwrite not-typed /dev/sda
overwrite path-typed /dev/sda --erase /dev/sda
overwrite serial-typed /dev/sda --erase "$(tail -c +5 /sys/block/sda/device/vpd_pg80 | tr -d '\0 ')"

# In use, in all the ways; the name is typed each time.
serial=$(tail -c +5 /sys/block/sda/device/vpd_pg80 | tr -d '\0 ')
mkswap /dev/sda; swapon /dev/sda
overwrite swap /dev/sda --erase "$serial"
swapoff /dev/sda
dmsetup create --noudevsync -u LVM-rig volume --table "0 $(sectors /dev/sda) linear /dev/sda 0"
overwrite lvm /dev/sda --erase "$serial"
mkfs.ext4 -q -F "$(mapped volume)"
mkdir -p /run/usr; mount "$(mapped volume)" /run/usr
overwrite lvm-mounted /dev/sda --erase "$serial"
test_on scratch-on-volume storage.verify /dev/sda 'duration = "20s", size = 8' --allow scratch
umount /run/usr
dmsetup remove --noudevsync volume
modprobe -d "$MODULES" -r scsi_debug

# One partition of 8 MiB, as the oldest kind of table says it.
load scsi_debug dev_size_mb=32 delay=0
wait_for "[ -b /dev/sda ]"
printf '\000\000\000\000\203\000\000\000\000\010\000\000\000\100\000\000' | dd of=/dev/sda bs=1 seek=446 conv=notrunc
printf '\125\252' | dd of=/dev/sda bs=1 seek=510 conv=notrunc
blockdev --rereadpt /dev/sda
overwrite table /dev/sda
overwrite partition /dev/sda1 --erase /dev/sda1
mkfs.ext4 -q -F -O ^has_journal /dev/sda1
mkdir -p /run/part; mount /dev/sda1 /run/part
overwrite part-mounted /dev/sda --erase "$serial"
umount /run/part
mount /dev/sda1 /boot
overwrite system /dev/sda --erase "$serial"
umount /boot
modprobe -d "$MODULES" -r scsi_debug

# Mapped faults over a disk in memory.
truncate -s 64M /run/image
base=$(losetup --find --show /run/image)
size=$(sectors "$base")
dmsetup create --noudevsync slow --table "0 $size delay $base 0 25"
test_on delay storage.latency "$(mapped slow)" 'duration = "2s"'
dmsetup remove --noudevsync slow
printf '0 8192 linear %s 0\n8192 8 error\n8200 %s linear %s 8200\n' "$base" $((size - 8200)) "$base" > /run/table
dmsetup create --noudevsync error /run/table
test_on error storage.surface "$(mapped error)" 'duration = "2m"'
dmsetup remove --noudevsync error
dmsetup create --noudevsync dust --table "0 $size dust $base 0 512"
dmsetup message dust 0 addbadblock 20000
dmsetup message dust 0 enable
test_on dust storage.surface "$(mapped dust)" 'duration = "2m"'
dmsetup remove --noudevsync dust
printf '0 65536 linear %s 0\n65536 %s flakey %s 65536 0 1 1 drop_writes\n' "$base" $((size - 65536)) "$base" > /run/table
dmsetup create --noudevsync drops /run/table
overwrite drops "$(mapped drops)"
dmsetup remove --noudevsync drops
# The 33rd byte of each write becomes 0x63, in the second half of the disk.
printf '0 65536 linear %s 0\n65536 %s flakey %s 65536 0 1 5 corrupt_bio_byte 33 w 99 0\n' "$base" $((size - 65536)) "$base" > /run/table
dmsetup create --noudevsync corrupt /run/table
overwrite corrupt "$(mapped corrupt)" --erase "$(mapped corrupt)"
dmsetup remove --noudevsync corrupt

# A disk that is taken out while it is read.
load scsi_debug dev_size_mb=32 delay=0
wait_for "[ -b /dev/sda ]"
test_on vanished storage.latency /dev/sda 'duration = "60s"' &
wait_for '[ "$(cut -c-8 < /sys/block/sda/stat)" -gt 1000 ]'
echo 1 > /sys/block/sda/device/delete
wait

modprobe -d "$MODULES" -r scsi_debug
load scsi_debug dev_size_mb=64 delay=1
wait_for "[ -b /dev/sda ]"
test_on vanished-writing storage.capacity /dev/sda 'cache = 8' --allow destructive --backup made &
wait_for '[ "$(cut -c36-44 < /sys/block/sda/stat)" -gt 20 ]'
echo 1 > /sys/block/sda/device/delete
wait

# A user whose quota is 3 MiB. Only root may write to the host's folder.
truncate -s 64M /run/quota.image
quota=$(losetup --find --show /run/quota.image)
mkfs.ext4 -q -F -O ^has_journal,quota "$quota"
mkdir -p /run/quota /run/by-nobody
mount -o usrquota "$quota" /run/quota
chmod 777 /run/quota /run/by-nobody
setquota -u 65534 0 3072 0 0 /run/quota
# That user cannot walk to a build below /root: it gets a door of its own.
mkdir -p /run/assay
mount --bind "$(dirname "$(dirname "$ASSAY")")" /run/assay
setpriv --reuid=65534 --regid=65534 --clear-groups /run/assay/bin/assay run /run/scratch-on-volume.toml --target /run/quota \
  --allow scratch --out /run/by-nobody/quota > /mnt/quota.txt 2>&1
echo $? > /mnt/quota.exit
cp -r /run/by-nobody/quota /mnt/quota
umount /run/quota

modprobe -d "$MODULES" -r scsi_debug
load scsi_debug dev_size_mb=64 delay=1
wait_for "[ -b /dev/sda ]"
mkfs.ext4 -q -F -O ^has_journal /dev/sda
mount /dev/sda /run/part
test_on vanished-scratch storage.verify /dev/sda 'duration = "60s", size = 40' --allow scratch &
wait_for '[ "$(cut -c36-44 < /sys/block/sda/stat)" -gt 300 ]'
echo 1 > /sys/block/sda/device/delete
wait

# Disks that do not answer: one while it is read, so that not even SIGKILL ends the reader; one from the start.
dmsetup create --noudevsync mute --table "0 $size delay $base 0 200"
test_on mute storage.surface "$(mapped mute)" 'duration = "5m", read-limit = 1.0' &
wait_for '[ "$(cut -c-8 < "/sys/block/$(basename "$(mapped mute)")/stat")" -gt 5 ]'
dmsetup suspend --nolockfs --noflush --noudevsync mute
wait
overwrite mute-from-start "$(mapped mute)"
dmsetup resume --noudevsync mute

dmesg > /mnt/dmesg
power_off
