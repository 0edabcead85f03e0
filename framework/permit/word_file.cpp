#include "word_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/errors.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::permit {
namespace {

using nlohmann::json;

constexpr int most_depth = 8;
constexpr size_t most_bytes = 4 << 20;

}  // namespace

std::vector<Word> read_words(const std::string& file) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::symlink_status(file, error))) return {};
  const auto text = core::read_file(file, most_bytes + 1);
  if (!text) throw core::BadInput(file + " cannot be read");
  try {
    if (text->size() > most_bytes) throw std::length_error("is too large");
    const json document = json::parse(*text, [](int depth, json::parse_event_t, json&) {
      if (depth > most_depth) throw std::length_error("is nested too deep");
      return true;
    });
    std::vector<Word> words;
    for (const json& w : document.at("allowed"))
      words.push_back({w.at("sha256"), w.at("id"), w.at("version"), w.at("vendor"), w.at("file"), w.at("date"),
                       w.at("needs").get<std::vector<std::string>>()});
    return words;
  } catch (const std::exception& fault) {
    throw core::BadInput(file + " is damaged (" + core::safe_text(fault.what(), 120) +
                         "): move it away, and allow the plugins again");
  }
}

void write_words(const std::string& file, const std::vector<Word>& words) {
  json list = json::array();
  for (const Word& w : words)
    list.push_back({{"sha256", w.sha256},
                    {"id", w.id},
                    {"version", w.version},
                    {"vendor", w.vendor},
                    {"file", w.file},
                    {"date", w.date},
                    {"needs", w.needs}});
  write_whole(file, json{{"allowed", list}}.dump(2, ' ', false, json::error_handler_t::replace) + "\n", 0600);
}

void write_whole(const std::string& file, const std::string& bytes, unsigned mode) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  const std::string part = file + "." + std::to_string(getpid());
  const auto must = [&](bool good) {
    if (good) return;
    const std::string why = std::strerror(errno);
    unlink(part.c_str());
    throw core::Trouble(file + " cannot be written: " + why);
  };
  unlink(part.c_str());
  const core::UniqueFd written(open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  must(static_cast<bool>(written));
  must(fchmod(written.get(), mode) == 0);
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t count = write(written.get(), bytes.data() + sent, bytes.size() - sent);
    must(count > 0 || errno == EINTR);
    if (count > 0) sent += static_cast<size_t>(count);
  }
  must(fsync(written.get()) == 0);
  must(std::rename(part.c_str(), file.c_str()) == 0);
  if (const core::UniqueFd place(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
      place)
    must(fsync(place.get()) == 0);
}

}  // namespace assay::permit
