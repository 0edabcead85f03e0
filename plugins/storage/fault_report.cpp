#include "fault_report.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace storage {
namespace {

constexpr size_t most_told = 20;

std::string words_for(const FaultLog::Region& region, const Medium& medium) {
  switch (region.fault) {
    case Fault::flipped:
      return std::to_string(region.sample.bits) +
             " bits are not as they were written; the first wrong byte is number " +
             std::to_string(region.sample.first) + " of the sector.";
    case Fault::lost:
      return "What was written last is not there: the place holds what was there before, or nothing.";
    case Fault::misdirected:
      return "Here lies what was written to " + medium.place(region.belongs) + ".";
    case Fault::torn:
      return "Only a part of what was written is there: it changes to what was there before at byte " +
             std::to_string(region.sample.first) + " of the sector.";
    default:
      return "What is read has nothing in common with what was written.";
  }
}

}  // namespace

const char* code_of(Fault fault) {
  switch (fault) {
    case Fault::flipped:
      return "bit-flip";
    case Fault::lost:
      return "lost-write";
    case Fault::misdirected:
      return "misdirected-write";
    case Fault::torn:
      return "torn-write";
    default:
      return "corrupt";
  }
}

std::vector<RegionAgain> look_again(const FaultLog& log,
                                    const std::function<std::optional<bool>(uint64_t offset)>& is_wrong) {
  std::vector<RegionAgain> regions;
  for (const FaultLog::Region& region : log.regions())
    regions.push_back(
        {region, regions.size() < most_places_again ? look_again([&] { return is_wrong(region.first); }) : Again{}});
  std::stable_sort(regions.begin(), regions.end(),
                   [](const RegionAgain& a, const RegionAgain& b) { return more_often(a.again, b.again); });
  return regions;
}

void tell_regions(const FaultLog& log, const std::vector<RegionAgain>& regions, bool wraps, const Medium& medium,
                  const assay::Trial& trial) {
  size_t told = 0;
  uint64_t told_sectors = 0;
  std::set<std::string> counted;
  for (const auto& [region, again] : regions) {
    const uint64_t sectors = (region.end - region.first) / sector_bytes;
    if (wraps && region.fault == Fault::misdirected) {
      told_sectors += sectors;
      continue;
    }
    if (++told > most_told) break;
    told_sectors += sectors;
    trial.fail(code_of(region.fault),
               words_for(region, medium) +
                   (sectors > 1 ? " So for " + std::to_string(sectors) + " sectors on end." : "") +
                   (again.repeats > 0 ? " Read again there, it was wrong " + std::to_string(again.seen) + " of " +
                                            std::to_string(again.repeats) + " times."
                                      : ""),
               medium.place(region.first));
    // The first of each code is the one that was seen most often.
    if (again.repeats > 0 && counted.insert(code_of(region.fault)).second)
      trial.repeated(code_of(region.fault), again.repeats, again.seen);
  }
  if (!wraps && log.count() > told_sectors)
    trial.finding(assay::Severity::note, "more-errors",
                  std::to_string(log.count() - told_sectors) + " more wrong sectors are not listed one by one.");
}

}  // namespace storage
