// ATA attributes, as both forms of smartctl's output have them.
#pragma once

#include <string>

#include "smart/reading.hpp"

namespace smart {

struct Attribute {
  int id = 0;
  std::string name;
  std::string raw;  // as smartctl prints it: "8", "31 (Min/Max 20/45)", "0 0 12"
  int normalized = -1;
  bool failing_now = false, failed_past = false;
};

/// The first number of a raw value: what follows belongs to other counters of the same field.
double first_number(const std::string& raw);

void add_attribute(const Attribute& attribute, Reading& reading);

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

 private:
  int failed_ = 0;
  double lba_ = -1;
  bool outdated_ = false, any_ = false;
  double last_ = -1;
};

/// By rotation rate (1: told to be solid state; 0: not known), else by what the drive calls itself and its attributes.
void decide_kind(int rotation, const std::string& family, Reading& reading);

}  // namespace smart
