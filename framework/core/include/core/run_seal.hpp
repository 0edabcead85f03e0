// How the station vouches for what it wrote of a run, for rooms that know neither its key nor its name.
#pragma once

#include <functional>
#include <string>

namespace assay::core {

struct RunSeal {
  std::string run_id;
  std::function<std::string(const std::string& text)> sign;  // in base64; none: this station has no key
  std::function<bool(const std::string& text, const std::string& signature)> holds;
};

}  // namespace assay::core
