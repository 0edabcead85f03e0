// ATA attributes and self-tests, as both forms of smartctl's output have them.
#pragma once

#include <string>
#include <vector>

#include "smart/reading.hpp"

namespace smart {

struct Attribute {
  int id = 0;
  std::string name;
  std::string raw;  // as smartctl prints it: "8", "31 (Min/Max 20/45)", "0 0 12", "0x011200400112"
  int normalized = -1, worst = -1, threshold = -1;  // -1: not told
  bool failing_now = false, failed_past = false;
};

/// What an ATA drive said, before its maker and kind are known.
struct AtaDrive {
  std::vector<Attribute> attributes;
  std::string family;
  int rotation = 0;  // 1: told to be solid state; 0: not known
};

/// The counter in a raw value. Several counters may share the six bytes: smartctl prints them apart where it knows the
/// drive ("0 0 12", the lowest last; "8 (0 3)", the lowest first) and as one number where it does not (65537 is 1 and
/// 1 and 0 of Seagate's attribute 188). The lowest is the counter. -1 where there is no number.
double counter(int id, const std::string& raw);

/// Puts the attributes into the reading, and what follows from them: the kind of drive, wear, temperature, hours.
void add_attributes(const AtaDrive& drive, Reading& reading);

/// One entry of a self-test log, the newest first.
struct SelfTest {
  bool failed = false, passed = false, extended = false, running = false;
  double lba = -1;  // -1: not told
};

/// Counts failures as smartctl does: those before a later extended test that passed are outdated.
class SelfTests {
 public:
  void add(const SelfTest& test);
  void finish(Reading& reading) const;
  bool empty() const { return !any_; }

 private:
  int failed_ = 0;
  double lba_ = -1;
  bool outdated_ = false, any_ = false;
  double last_ = -1;
};

}  // namespace smart
