// What a drive says of itself, from any form in which smartctl's output reaches us.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace smart {

enum class Drive { unknown, hdd, ssd, nvme, scsi };

/// One reading of one drive. Everything that a rule can ask is a number under a name:
/// - health-failed: 1 where the drive's own verdict is FAILED, 0 where it is PASSED
/// - attribute.ID: ATA, the counter in the raw value, whatever is packed beside it
/// - failing-now.ID, failed-past.ID: ATA, 1 where the normalised value is or was at or below its threshold
/// - wear-unclear.ID: ATA, 1 where an attribute looks worn out and its maker's way of counting is not known
/// - absurd.NAME: 1 where the figure cannot be right (its name and value stand in `names`); NAME is then missing
/// - self-test.failed: failed self-tests that no later complete extended test has outdated
/// - self-test.lba: block of the newest of these, where the drive names one
/// - self-test.running: 1 while one runs; self-test.remaining: percent of it that is still to come
/// - self-test.last: how the newest ended; 0 without a fault, 1 failed, 2 ended before its end
/// - temperature (in °C), power-on-hours, errors-logged
/// - ata.used: percent of an SSD's rated life
/// - nvme.warning.N: bit N of the critical warning (NVMe base specification 2.0, figure 207), 0 or 1
/// - nvme.spare, nvme.spare-threshold (percent); nvme.spare-below: 1 where the one is below the other
/// - nvme.used (percent of the rated life), nvme.media-errors, nvme.error-log, nvme.unsafe-shutdowns
/// - nvme.worn-out: percent of the rated life, where that alone is what the drive warns of (bit 2 is then 0)
/// - scsi.too-hot, scsi.worn-out, scsi.self-test-failed, scsi.false-alarm, scsi.warning: 1 where the drive says so
/// - scsi.uncorrected: reads, writes and verifies that could not be corrected
/// - scsi.pending: blocks that wait to be replaced; scsi.grown-defects; scsi.used
/// - growth.NAME: how much NAME has grown since an earlier reading (see add_growth)
struct Reading {
  Drive drive = Drive::unknown;
  std::string model, serial, firmware;
  std::string device;  // what smartctl was asked about; only its JSON tells
  std::map<std::string, double> facts;
  std::map<std::string, std::string> names;  // of ATA attributes: "attribute.197" -> "Current_Pending_Sector"
  std::string problem;                       // why it says little or nothing; empty: nothing is missing

  bool has(const std::string& fact) const { return facts.count(fact) > 0; }
  double value(const std::string& fact, double otherwise = 0) const {
    const auto found = facts.find(fact);
    return found == facts.end() ? otherwise : found->second;
  }
  /// The drive's own verdict and the numbers behind it are there: enough for a pass.
  bool is_full() const;
};

/// Reads what `smartctl --json` or `smartctl -a` or `-x` has printed, in a file of its own or among other text, and of
/// as many drives as there are; tells the forms apart by itself. Takes any bytes: what cannot be read is said in
/// `problem`. One reading at least.
std::vector<Reading> read_all(const std::string& bytes);

/// What smartctl has printed of one drive.
Reading read(const std::string& bytes);

/// Adds to `after` how much its counters have grown since `before`, if both are of the same drive.
void add_growth(const Reading& before, Reading& after);

/// A reading as text, and back; for keeping it between two trials.
std::string encode(const Reading& reading);
Reading decode(const std::string& text);

}  // namespace smart
