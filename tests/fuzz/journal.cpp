// A run's journal, and all that is made of it: the verdict, the record, the reports.
#include "fuzz.hpp"
#include "journal/reader.hpp"
#include "reports/view.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  const fuzz::MemoryFile file(fuzz::text_of(data, size));
  return fuzz::tried([&] {
    const journal::Record record = journal::read(file.path());
    const journal::Conclusion conclusion = journal::conclude(record);
    journal::to_json(record, conclusion);
    reports::junit(record, conclusion);
    reports::csv(record);
    reports::prometheus(record, conclusion);
    reports::text(reports::make_view(record, conclusion, journal::RunFiles(""), {}));
  });
}
