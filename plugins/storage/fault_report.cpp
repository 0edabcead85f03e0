#include "fault_report.hpp"

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

void tell_regions(const FaultLog& log, bool wraps, const Medium& medium, const assay::Trial& trial) {
  size_t told = 0;
  uint64_t told_sectors = 0;
  for (const FaultLog::Region& region : log.regions()) {
    if (wraps && region.fault == Fault::misdirected) {
      told_sectors += (region.end - region.first) / sector_bytes;
      continue;
    }
    if (++told > most_told) break;
    const uint64_t sectors = (region.end - region.first) / sector_bytes;
    told_sectors += sectors;
    trial.fail(
        code_of(region.fault),
        words_for(region, medium) + (sectors > 1 ? " So for " + std::to_string(sectors) + " sectors on end." : ""),
        medium.place(region.first));
  }
  if (!wraps && log.count() > told_sectors)
    trial.finding(assay::Severity::note, "more-errors",
                  std::to_string(log.count() - told_sectors) + " more wrong sectors are not listed one by one.");
}

}  // namespace storage
