// Runs a fuzzed parser without libFuzzer: over its corpus, and over mutations of it that are the same each time.
// Usage: fuzz_NAME FOLDER [MUTATIONS], or fuzz_NAME FILE to reproduce one input.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz.hpp"

namespace {

using Bytes = std::vector<uint8_t>;

Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void run(const Bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

/// One of: bytes changed, a piece taken out, a piece repeated, a piece of another input put in.
Bytes mutated(Bytes input, const std::vector<Bytes>& corpus, std::mt19937_64& random) {
  const auto below = [&](size_t end) { return end == 0 ? 0 : static_cast<size_t>(random() % end); };
  for (size_t changes = 1 + below(4); changes > 0 && !input.empty(); --changes) {
    const size_t at = below(input.size()), length = 1 + below(std::min<size_t>(input.size() - at, 32));
    const auto begin = input.begin() + static_cast<std::ptrdiff_t>(at),
               end = begin + static_cast<std::ptrdiff_t>(length);
    const Bytes piece(begin, end);
    const Bytes& other = corpus[below(corpus.size())];
    const size_t from = below(other.size());
    switch (below(4)) {
      case 0:
        *begin = static_cast<uint8_t>(random());
        break;
      case 1:
        input.erase(begin, end);
        break;
      case 2:
        for (size_t times = 1 + below(40); times > 0; --times)
          input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
        break;
      default:
        input.insert(begin, other.begin() + static_cast<std::ptrdiff_t>(from),
                     other.begin() + static_cast<std::ptrdiff_t>(std::min(other.size(), from + length)));
    }
  }
  return input;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return std::fputs("usage: fuzz_NAME FOLDER|FILE [MUTATIONS]\n", stderr), 2;
  if (!std::filesystem::is_directory(arguments[1])) return run(read(arguments[1])), 0;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<Bytes> corpus;
  for (const auto& file : files) corpus.push_back(read(file)), run(corpus.back());
  run({});
  if (corpus.empty()) return std::fprintf(stderr, "%s: no corpus there\n", arguments[1]), 2;
  std::mt19937_64 random(1);
  const int mutations = count > 2 ? std::atoi(arguments[2]) : 0;
  for (int i = 0; i < mutations; ++i) run(mutated(corpus[static_cast<size_t>(i) % corpus.size()], corpus, random));
  std::printf("%zu files, %d mutations\n", corpus.size(), mutations);
  return 0;
}
