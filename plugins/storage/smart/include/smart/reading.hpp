// What a drive says of itself, from any form in which smartctl's output reaches us.
#pragma once

#include <map>
#include <string>

namespace smart {

enum class Drive { unknown, hdd, ssd, nvme, scsi };

/// One reading of one drive. Everything that a rule can ask is a number under a name:
/// - health-failed: 1 where the drive's own verdict is FAILED, 0 where it is PASSED
/// - attribute.ID: ATA, the first number of the raw value
/// - failing-now.ID, failed-past.ID: ATA, 1 where the normalised value is or was at or below its threshold
/// - self-test.failed: failed self-tests that no later complete extended test has outdated
/// - self-test.lba: block of the newest of these, where the drive names one
/// - self-test.running: 1 while one runs; self-test.remaining: percent of it that is still to come
/// - self-test.last: how the newest ended; 0 without a fault, 1 failed, 2 ended before its end
/// - temperature (in °C), power-on-hours, errors-logged
/// - ata.used: percent of an SSD's rated life
/// - nvme.warning.N: bit N of the critical warning (NVMe base specification 2.0, figure 207), 0 or 1
/// - nvme.spare-below: 1 where the available spare is below its threshold
/// - nvme.used (percent of the rated life), nvme.media-errors, nvme.error-log, nvme.unsafe-shutdowns
/// - scsi.too-hot: 1 where the drive says so
/// - scsi.uncorrected: reads, writes and verifies that could not be corrected; scsi.grown-defects; scsi.used
/// - growth.NAME: how much NAME has grown since an earlier reading (see add_growth)
struct Reading {
  Drive drive = Drive::unknown;
  std::string model, serial, firmware;
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

/// Reads what `smartctl --json` or `smartctl -a` or `-x` has printed; tells them apart by itself. Takes any bytes: what
/// cannot be read is said in `problem`.
Reading read(const std::string& bytes);

/// Adds to `after` how much its counters have grown since `before`, if both are of the same drive.
void add_growth(const Reading& before, Reading& after);

/// A reading as text, and back; for keeping it between two trials.
std::string encode(const Reading& reading);
Reading decode(const std::string& text);

}  // namespace smart
