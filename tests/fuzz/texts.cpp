// The small texts that people and files give: durations, ranges, base64, whatever is shown.
#include "core/base64.hpp"
#include "core/ranges.hpp"
#include "core/text.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  const std::string given(fuzz::text_of(data, size));
  if (const auto seconds = core::parse_duration(given)) core::format_duration(*seconds);
  for (const std::string& shown : {core::visible_text(given), core::visible_json(given), core::safe_text(given)})
    fuzz::require(core::is_utf8(shown) && core::visible_text(shown) == shown);
  core::Ranges ranges;
  ranges.add_text(given);
  core::Ranges again;
  again.add_text(ranges.to_text());
  fuzz::require(again.to_text() == ranges.to_text() && again.count() == ranges.count());
  if (const auto bytes = core::from_base64(given)) fuzz::require(core::to_base64(*bytes) == given);
  return 0;
}
