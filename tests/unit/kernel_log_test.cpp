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
      {"[Hardware Error]: CPU:2 (17:1:2) MC4_STATUS[Over|CE|MiscV]: 0x9c", "machine-check", Result::fail, "CPU 2"},
      {"mce: [Hardware Error]: Machine check events logged", "hardware-error", Result::fail, ""},
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

TEST_CASE("a rule file that is wrong says where") {
  CHECK_THROWS_WITH(
      KernelRules::parse("mine.toml", "[[rule]]\nid = \"a\"\nsays = \"fail\"\npattern = '(((x'\ntext = \"abc\"\n"),
      Catch::Contains("mine.toml:4:"));
  CHECK_THROWS_AS(
      KernelRules::parse("mine.toml", "[[rule]]\nid = \"a\"\nsays = \"explode\"\npattern = 'xxx'\ntext = \"abc\"\n"),
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
                                     << "garbage; I/O error, dev sdc, sector 1\n"
                                     << "3,102,5002,-;I/O error, dev sdd, sec";
  auto events = log.read();
  REQUIRE(events.size() == 1);
  CHECK_THAT(events[0].text, Catch::Contains("sda"));
  std::ofstream(path, std::ios::app) << "tor 9\n";
  events = log.read();
  REQUIRE(events.size() == 1);
  CHECK_THAT(events[0].line, Catch::Contains("sdd, sector 9"));
}

TEST_CASE("a kernel log that cannot be read says why") {
  watch::KernelLog log("/no/such/kmsg", KernelRules::built_in());
  CHECK_FALSE(log.why_not().empty());
  CHECK(log.read().empty());
}
