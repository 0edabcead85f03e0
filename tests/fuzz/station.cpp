// The station's settings.
#include <fstream>

#include "fuzz.hpp"
#include "station/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  static const fuzz::Folder folder;
  setenv("ASSAY_STATION", folder.path().c_str(), 1);
  std::ofstream(folder.path() + "/station.toml", std::ios::binary) << fuzz::text_of(data, size);
  return fuzz::tried([&] { station::load_config(folder.path()); });
}
