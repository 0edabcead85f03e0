#include <catch2/catch.hpp>
#include <fstream>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "watch/kernel_log.hpp"

using namespace assay;
using core::Result;
using watch::KernelEvent;
using watch::KernelRules;

TEST_CASE("the rules know hardware errors, and leave the rest alone") {
  const auto rules = KernelRules::built_in();
  struct Row {
    const char* line;
    const char* rule;
    Result severity;
    const char* device;
  };
  const Row table[] = {
      {"mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 5: 9c00004000010090", "machine-check", Result::fail,
       "CPU 3"},
      {"[Hardware Error]: CPU:2 (17:1:2) MC4_STATUS[Over|CE|MiscV]: 0x9c", "machine-check-corrected", Result::marginal,
       "CPU 2"},
      {"mce: [Hardware Error]: Machine check events logged", "hardware-error-corrected", Result::marginal, ""},
      {"EDAC MC0: 1 CE memory read error on CPU_SrcID#0_Channel#1 (channel:1 page:0x1)", "edac-corrected",
       Result::marginal, "MC0"},
      {"EDAC MC1: 1 UE memory read error on DIMM_B2 (page:0x1)", "edac-uncorrected", Result::fail, "MC1"},
      {"Memory failure: 0x12345: recovery action for dirty LRU page: Recovered", "memory-failure", Result::fail,
       "0x12345"},
      {"pcieport 0000:00:1c.1: AER: Corrected error received: 0000:00:1c.1", "pcie-corrected", Result::marginal,
       "0000:00:1c.1"},
      {"pcieport 0000:00:1c.1: AER: Correctable error message received from 0000:02:00.0", "pcie-corrected",
       Result::marginal, "0000:02:00.0"},
      {"pcieport 0000:00:01.0: AER: Uncorrectable (Fatal) error message received from 0000:01:00.0", "pcie-fatal",
       Result::fail, "0000:01:00.0"},
      {"nvme nvme0: I/O 5 QID 2 timeout, reset controller", "nvme-timeout", Result::fail, "nvme0"},
      {"nvme nvme1: controller is down; will reset: CSTS=0xffffffff, PCI_STATUS=0x10", "nvme-down", Result::fail,
       "nvme1"},
      {"blk_update_request: I/O error, dev sda, sector 4096", "disk-io", Result::fail, "sda"},
      {"critical medium error, dev nvme0n1, sector 77 op 0x0:(READ) flags 0x0", "disk-medium", Result::fail, "nvme0n1"},
      {"ata3.00: exception Emask 0x10 SAct 0x4 SErr 0x400000 action 0x6 frozen", "ata-exception", Result::fail,
       "ata3.00"},
      {"ata3.00: error: { ICRC ABRT }", "ata-link", Result::fail, "ata3.00"},
      {"CPU4: Core temperature is above threshold, cpu clock is throttled (total events = 1)", "throttled",
       Result::marginal, ""},
      {"CPU4: Core temperature above threshold, cpu clock throttled (total events = 1)", "throttled", Result::marginal,
       ""},
      {"usb 1-2: device descriptor read/64, error -71", "usb-fault", Result::marginal, "1-2"},
      {"Out of memory: Killed process 77 (firefox) total-vm:1kB", "out-of-memory", Result::none, "firefox"},
      // The forms of older and newer kernels, and lines with a second prefix.
      {"mce: [Hardware Error]: CPU 1: Machine Check Exception: 5 Bank 3: be00000000800400", "machine-check",
       Result::fail, "CPU 1"},
      {"[Hardware Error]: CPU:0\tMC4_STATUS[-|UE|-|PCC|AddrV|-]: 0xb600000000070f0f", "machine-check", Result::fail,
       "CPU 0"},
      {"{1}[Hardware Error]: event severity: corrected", "hardware-error-corrected", Result::marginal, ""},
      {"{12}[Hardware Error]: event severity: fatal", "hardware-error", Result::fail, ""},
      {"[Hardware Error]: Deferred error, no action required.", "hardware-error", Result::fail, ""},
      {"mce: Uncorrected hardware memory error in user-access at 1b2c3000", "machine-check-deferred", Result::fail,
       "1b2c3000"},
      {"Memory failure: 0x12345: Sending SIGBUS to assay-runner:77 due to hardware memory corruption", "memory-failure",
       Result::fail, "0x12345"},
      {"EDAC MC0: 2 CE on unknown memory (node:0 card:1 page:0x12 offset:0x0 grain:8)", "edac-corrected",
       Result::marginal, "MC0"},
      {"pcieport 0000:00:1c.5: AER: Multiple Corrected error received: id=00e5", "pcie-corrected", Result::marginal,
       "0000:00:1c.5"},
      {"AER: Corrected error received: 0000:00:1c.1", "pcie-corrected", Result::marginal, "0000:00:1c.1"},
      {"nvme 10000:e1:00.0: AER: PCIe Bus Error: severity=Correctable, type=Physical Layer, (Receiver ID)",
       "pcie-corrected", Result::marginal, "10000:e1:00.0"},
      {"igb 0000:02:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer", "pcie-fatal",
       Result::fail, "0000:02:00.0"},
      {"pcieport 0000:00:1b.0: can't change power state from D3hot to D0 (config space inaccessible)", "pcie-gone",
       Result::fail, "0000:00:1b.0"},
      {"pci 0000:01:00.0: Unable to change power state from D3cold to D0, device inaccessible", "pcie-gone",
       Result::fail, "0000:01:00.0"},
      {"nvme nvme0: I/O tag 5 (1005) opcode 0x2 (Read) QID 2 timeout, aborting", "nvme-timeout", Result::fail, "nvme0"},
      {"I/O error, dev sdb, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2", "disk-io", Result::fail,
       "sdb"},
      {"end_request: critical medium error, dev sdc, sector 77", "disk-medium", Result::fail, "sdc"},
      {"print_req_error: critical target error, dev sdc, sector 77", "disk-io", Result::fail, "sdc"},
      {"ata1: SError: { UnrecovData BadCRC Handshk }", "ata-link", Result::fail, "ata1"},
      {"ata1.00: irq_stat 0x08000000, interface fatal error", "ata-link", Result::fail, "ata1.00"},
      {"ata1.00: cmd 60/08:10:00:40:00/00:00:00:00:00/40 tag 2 ncq dma 4096 in\\x0a         res "
       "40/00:14:00:40:00/00:00:00:00:00/40 Emask 0x10 (ATA bus error)",
       "ata-link", Result::fail, "ata1.00"},
      {"ata1.00: failed command: READ FPDMA QUEUED", "ata-exception", Result::fail, "ata1.00"},
      {"EXT4-fs error (device dm-0): ext4_lookup:1584: inode #2: comm ls: deleted inode referenced: 12",
       "filesystem-error", Result::marginal, "dm-0"},
      {"XFS (sda1): Metadata corruption detected at xfs_agi_verify+0x10", "filesystem-error", Result::marginal, "sda1"},
      {"XFS (sda1): Corruption of in-memory data (0x8) detected at xfs_trans_cancel (x.c:1). Shutting down filesystem.",
       "filesystem-error", Result::marginal, "sda1"},
      {"XFS (sda1): User initiated shutdown (0x4) detected at xfs_fs_goingdown (x.c:1). Shutting down filesystem.", "",
       Result::none, ""},
      {"mce: CPU1: Package temperature above threshold, cpu clock throttled (total events = 7)", "throttled",
       Result::marginal, ""},
      {"thermal thermal_zone0: acpitz: critical temperature reached, shutting down", "thermal-critical", Result::fail,
       ""},
      {"thermal thermal_zone2: critical temperature reached (105 C), shutting down", "thermal-critical", Result::fail,
       ""},
      {"Critical temperature reached (80 C), shutting down.", "thermal-critical", Result::fail, ""},
      {"usb usb1-port2: unable to enumerate USB device", "usb-fault", Result::marginal, "usb1-port2"},
      {"usb 1-1.4: device not accepting address 5, error -71", "usb-fault", Result::marginal, "1-1.4"},
      {"watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [kworker/3:1:77]", "lockup", Result::marginal, "CPU 3"},
      {"NMI watchdog: Watchdog detected hard LOCKUP on cpu 5", "lockup", Result::marginal, "CPU 5"},
      {"irq 9: nobody cared (try booting with the \"irqpoll\" option)", "interrupt-unhandled", Result::marginal,
       "irq 9"},
      {"NMI: PCI system error (SERR) for reason b1 on CPU 0.", "nmi", Result::fail, ""},
      {"Out of memory: Killed process 1 (Web (2) Content) total-vm:1kB", "out-of-memory", Result::none,
       "Web (2) Content"},
      {"I/O error, dev sr0, sector 0", "", Result::none, ""},
      {"EXT4-fs (sda1): mounted filesystem with ordered data mode", "", Result::none, ""},
      {"usb 1-2: new high-speed USB device number 3 using xhci_hcd", "", Result::none, ""},
      {"nvme nvme0: 8/0/0 default/read/poll queues", "", Result::none, ""},
      {"mce: CPU0: Thermal monitoring enabled (TM1)", "", Result::none, ""},
  };
  for (const Row& row : table) {
    INFO(row.line);
    KernelEvent event;
    const bool known = rules.match(row.line, event);
    CHECK(known == (row.rule[0] != '\0'));
    if (!known) continue;
    CHECK(event.rule == row.rule);
    CHECK(event.severity == row.severity);
    CHECK_THAT(event.text, Catch::Contains(row.device));
    CHECK_THAT(event.text, !Catch::Contains("{1}"));
  }
}

TEST_CASE("a name that a person or a device chose is no word of the kernel's, whatever it says") {
  const auto rules = KernelRules::built_in();
  // A true line for each rule, as such a name.
  const char* const names[] = {
      "mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 5: 9c00004000010090",
      "mce: [Hardware Error]: Machine check events logged",
      "[Hardware Error]: Corrected error, no action required.",
      "Uncorrected hardware memory error in user-access at 1b2c3000",
      "Memory failure: 0x12345: recovery action for dirty LRU page: Recovered",
      "EDAC MC0: 1 UE memory read error on DIMM_A1 (channel:0 page:0x1 offset:0x0 grain:8)",
      "EDAC MC0: 1 UE",
      "EDAC MC0: 1 CE memory read error on DIMM_A1 (channel:0 page:0x1 offset:0x0 grain:8)",
      "pcieport 0000:00:1c.1: AER: Corrected error received: 0000:00:1c.1",
      "pcieport 0000:00:01.0: AER: Uncorrectable (Fatal) error message received from 0000:01:00.0",
      "pcieport 0000:00:1b.0: can't change power state from D3hot to D0 (config space inaccessible)",
      "nvme nvme1: controller is down; will reset: CSTS=0xffffffff",
      "nvme nvme0: I/O 5 QID 2 timeout, reset controller",
      "critical medium error, dev sda, sector 77",
      "I/O error, dev sda, sector 4096",
      "ata3.00: error: { ICRC ABRT }",
      "ata1.00: irq_stat 0x08000000, interface fatal error",
      "ata3.00: exception Emask 0x10 SAct 0x4 SErr 0x400000 action 0x6 frozen",
      "EXT4-fs error (device sda1): ext4_lookup:1584",
      "XFS (sda1): Corruption detected. Unmount and run xfs_repair",
      "CPU4: Core temperature is above threshold, cpu clock is throttled (total events = 1)",
      "thermal thermal_zone0: acpitz: critical temperature reached, shutting down",
      "critical temperature reached, shutting down",
      "usb 1-2: device descriptor read/64, error -71",
      "watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [a:7]",
      "irq 9: nobody cared",
      "NMI: IOCK error (debug interrupt?) for reason 71 on CPU 0.",
      "Out of memory: Killed process 77 (firefox) total-vm:1kB",
      "ICRC BadCRC (ATA bus error), interface fatal error",
  };
  // Where the kernel prints what others chose: {} is the name.
  const char* const lines[] = {
      "usb 1-1: Product: {}",
      "usb 1-1: Manufacturer: {}",
      "usb 1-1: SerialNumber: {}",
      "input: {} as /devices/pci0000:00/0000:00:14.0/usb1/1-1/input/input7",
      "hid-generic 0003:1234:5678.0001: input,hidraw0: USB HID v1.11 Keyboard [{}] on usb-0000:00:14.0-1/input0",
      "scsi 2:0:0:0: Direct-Access     {} 1.00 PQ: 0 ANSI: 6",
      "ata1.00: ATA-10: {}, 1.0, max UDMA/133",
      "ata1.00: Model '{}', rev '1.0', applying quirks: nolpm",
      "nvme nvme0: new ctrl: NQN \"{}\", addr 10.0.0.1:4420",
      "EXT4-fs ({}): mounted filesystem with ordered data mode. Quota mode: none.",
      "BTRFS: device label {} devid 1 transid 5 /dev/sdb scanned by mount (7)",
      "XFS (sdb1): unknown mount option [{}].",
      "FAT-fs (sdb1): Volume was not properly unmounted. {}",
      "audit: type=1400 audit(1700000000.1:7): apparmor=\"DENIED\" comm=\"{}\"",
      "traps: {}[77] general protection fault ip:1 sp:2 error:0 in a[400000+1000]",
      "process '{}' started with executable stack",
      "INFO: task {}:77 blocked for more than 120 seconds.",
      "device-mapper: ioctl: name {} is in use",
      "systemd[1]: Mounted {}.",
      "Kernel command line: BOOT_IMAGE=/vmlinuz quiet name={}",
      "DMI: {} Board/Board, BIOS 1.0 01/01/2020",
      "{1}[Hardware Error]:   fru_text: {}",
  };
  for (const char* name : names)
    for (const char* form : lines) {
      std::string line = form;
      line.replace(line.rfind("{}"), 2, name);
      KernelEvent event;
      INFO(line);
      CHECK_FALSE(rules.match(line, event));
    }
}

TEST_CASE("a process cannot speak for the kernel where a line begins with its name") {
  const auto rules = KernelRules::built_in();
  // Linux keeps 15 characters of a process's name.
  for (const std::string name :
       {"EDAC MC0: 1 UE ", "EDAC MC0: 1 UE", "EDAC MC0: 1 CE ", "I/O error, dev ", "nvme nvme0: I/O", "[Hardware Error",
        "irq 9: nobody", "mce: [Hardware ", "Memory failure:", "NMI: IOCK error", "XFS (a): Shutti", "usb 1-1: device",
        "ata1: exception", "ata1.00: failed", "thermal critica", "AER: Corrected "}) {
    REQUIRE(name.size() <= 15);
    for (const char* rest :
         {" invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER), order=0, oom_score_adj=0",
          "[77]: segfault at 0 ip 1 sp 2 error 4 in timeout[400000+1000] likely on CPU 1 (core 1, socket 0)",
          ": page allocation failure: order:0, mode:0xcc0(GFP_KERNEL), nodemask=(null)", " (77): drop_caches: 3",
          "[77]: bad frame in rt_sigreturn frame: 1 ip:2 sp:3 orax:f"}) {
      KernelEvent event;
      INFO(name << rest);
      CHECK_FALSE(rules.match(name + rest, event));
    }
    KernelEvent event;
    CHECK(rules.match("Out of memory: Killed process 1 (" + name + ") total-vm:1kB, oom_score_adj:0", event));
    CHECK(event.severity == Result::none);
  }
}

TEST_CASE("a pattern of one's own begins at the message's beginning, too") {
  const auto rules = KernelRules::parse(
      "mine.toml",
      "[[rule]]\nid = \"a\"\npart = \"system\"\nsays = \"fail\"\npattern = 'first|second'\ntext = \"abc\"\n");
  KernelEvent event;
  CHECK(rules.match("second thoughts", event));
  CHECK_FALSE(rules.match("on second thoughts", event));
}

TEST_CASE("a rule file that is wrong says where") {
  CHECK_THROWS_WITH(
      KernelRules::parse(
          "mine.toml", "[[rule]]\nid = \"a\"\npart = \"system\"\nsays = \"fail\"\npattern = '(((x'\ntext = \"abc\"\n"),
      Catch::Contains("mine.toml:5:"));
  CHECK_THROWS_AS(KernelRules::parse(
                      "mine.toml",
                      "[[rule]]\nid = \"a\"\npart = \"system\"\nsays = \"explode\"\npattern = 'xxx'\ntext = \"abc\"\n"),
                  core::BadInput);
}

TEST_CASE("only what the kernel itself wrote counts, from now on") {
  const test::Scratch scratch;
  const std::string path = scratch / "kmsg";
  test::write_file(path, "");
  watch::KernelLog log(path, KernelRules::built_in());
  CHECK(log.why_not().empty());
  std::ofstream(path, std::ios::app) << "3,100,5000,-;I/O error, dev sda, sector 1\n"   // facility 0, the kernel
                                     << "12,101,5001,-;I/O error, dev sdb, sector 1\n"  // facility 1, a program
                                     << " SUBSYSTEM=block\n"
                                     << " DEVICE=3,100,5000,-;I/O error, dev sde, sector 1\n"
                                     << "30,104,5004,-;I/O error, dev sdf, sector 1\n"  // facility 3, a service
                                     << "-3,105,5005,-;I/O error, dev sdg, sector 1\n"
                                     << "3x,105,5005,-;I/O error, dev sdg, sector 1\n"
                                     << "3;I/O error, dev sdg, sector 1\n"
                                     // The rest of a line; a newline in a message; a second field of the head.
                                     << "3,106,5006,c;I/O error, dev sdh, sector 1\n"
                                     << "6,107,5007,-;usb 1-1: Product: a\\x0aI/O error, dev sdi, sector 1\n"
                                     << "garbage; I/O error, dev sdc, sector 1\n"
                                     << "3,102,5002,-;I/O error, dev sdd, sec";
  auto events = log.read();
  REQUIRE(events.size() == 1);
  CHECK_THAT(events[0].text, Catch::Contains("sda"));
  std::ofstream(path, std::ios::app) << "tor 9\n4,108,5008,-,caller=T7;irq 9: nobody cared\n";
  events = log.read();
  REQUIRE(events.size() == 2);
  CHECK(events[1].rule == "interrupt-unhandled");
  CHECK_THAT(events[0].line, Catch::Contains("sdd, sector 9"));
}

TEST_CASE("a kernel log that cannot be read says why") {
  watch::KernelLog log("/no/such/kmsg", KernelRules::built_in());
  CHECK_FALSE(log.why_not().empty());
  CHECK(log.read().empty());
}
