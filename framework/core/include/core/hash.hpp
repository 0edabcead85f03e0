// SHA-256 of what comes in pieces, and of files as they are found below a folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace assay::core {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  /// In hex; nothing may be added after it.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What one reading of a file brought.
struct FileHash {
  uint64_t bytes = 0;
  std::string sha256;
};

/// A regular file in the open folder, by its name there; no link is followed, and nothing is waited for. Nothing when
/// it is none or cannot be read to its end.
std::optional<FileHash> hash_in(int folder, const std::string& file);

}  // namespace assay::core
