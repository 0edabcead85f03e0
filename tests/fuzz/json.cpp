// The boundary that all JSON from outside crosses: what it takes can be written and read again, and is the same.
#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  return fuzz::tried([&] {
    const auto document = core::parse_json(fuzz::text_of(data, size), "fuzz");
    const auto ordered = core::parse_ordered_json(fuzz::text_of(data, size), "fuzz");
    fuzz::require(core::parse_json(document.dump(), "again") == document);
    fuzz::require(nlohmann::json(ordered) == document);
    if (document.is_primitive()) core::to_value(document, "value");
  });
}
