#include "consented.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/json.hpp"
#include "core/text.hpp"
#include "core/unique_fd.hpp"

namespace assay::engine {
namespace {

using inventory::Content;
using nlohmann::json;

constexpr size_t most_bytes = 4 << 20;
constexpr const char* kinds[] = {"empty", "data", "member", "unknown"};  // as Content::Kind

Content::Kind kind_of(const std::string& name) {
  for (size_t i = 0; i < std::size(kinds); ++i)
    if (name == kinds[i]) return static_cast<Content::Kind>(i);
  return Content::Kind::unknown;
}

json json_of(const Thing& t) {
  return {{"device", t.device},
          {"boot_id", t.boot},
          {"bytes", t.bytes},
          {"serial", t.serial},
          {"wwn", t.wwn},
          {"made_of", t.made_of},
          {"own_name", t.own_name},
          {"removable", t.removable},
          {"disk_sequence", t.sequence},
          {"file_system", t.file_system},
          {"inode", t.inode},
          {"generation", t.generation},
          {"names", t.names},
          {"born_ns", t.born_ns},
          {"written", t.written},
          {"content",
           {{"kind", kinds[static_cast<size_t>(t.content.kind)]},
            {"what", t.content.what},
            {"marks", t.content.marks},
            {"sha256", t.content.digest}}}};
}

Thing thing_from(const json& j) {
  Thing t;
  t.device = j.at("device");
  t.boot = j.at("boot_id");
  t.bytes = j.at("bytes");
  t.serial = j.at("serial");
  t.wwn = j.at("wwn");
  t.made_of = j.at("made_of");
  t.own_name = j.at("own_name");
  t.removable = j.at("removable");
  t.sequence = j.at("disk_sequence");
  t.file_system = j.at("file_system");
  t.inode = j.at("inode");
  t.generation = j.at("generation");
  t.names = j.at("names");
  t.born_ns = j.at("born_ns");
  t.written = j.at("written");
  const json& content = j.at("content");
  t.content = {kind_of(content.at("kind")), content.at("what"), content.at("marks"), content.at("sha256")};
  return t;
}

std::string dumped(const json& value, int indent) {
  return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

/// The text of a file that is this user's own and nobody else's to change; otherwise why not.
std::string read_own(const std::string& file, std::string& text) {
  const core::UniqueFd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return errno == ENOENT ? "is not there" : "cannot be read";
  struct stat status {};
  if (fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)) return "is no file";
  if (status.st_uid != geteuid() || (status.st_mode & 022) != 0)
    return "belongs to another user, or others may write to it";
  if (static_cast<size_t>(status.st_size) > most_bytes) return "is too large";
  text.resize(static_cast<size_t>(status.st_size));
  return read(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? "" : "cannot be read";
}

/// Of this run, so that no other run's file can take its place.
std::string sealed_text(const std::string& run_id, const json& things) {
  return "assay consent\n" + run_id + "\n" + dumped(things, -1);
}

}  // namespace

Consented::Consented(std::string file, core::RunSeal seal) : file_(std::move(file)), seal_(std::move(seal)) {
  std::string text;
  why_not_ = read_own(file_, text);
  if (!why_not_.empty()) return;
  try {
    const json whole = core::json_or_null(text);
    for (const auto& [target, entry] : whole.at("things").items())
      things_[target] = {thing_from(entry.at("thing")), entry.at("why_not"), entry.at("given_up"), entry.at("opened")};
    if (seal_.holds && !seal_.holds(sealed_text(seal_.run_id, whole.at("things")), whole.value("seal", ""))) {
      things_.clear();
      why_not_ = "is not what this station wrote for this run";
    }
  } catch (const json::exception&) {
    things_.clear();
    why_not_ = "is damaged";
  }
}

const ConsentedThing* Consented::find(const std::string& target) const {
  const auto found = things_.find(target);
  return found == things_.end() ? nullptr : &found->second;
}

bool Consented::put(const std::string& target, const ConsentedThing& thing) {
  things_[target] = thing;
  if (!write()) return false;
  why_not_.clear();
  return true;
}

/// Beside, synced, renamed, and the folder synced: after a power cut there is the old one or the new one.
bool Consented::write() const {
  json things = json::object();
  for (const auto& [target, entry] : things_)
    things[target] = {{"thing", json_of(entry.thing)},
                      {"why_not", entry.why_not},
                      {"given_up", entry.given_up},
                      {"opened", entry.opened}};
  const std::string seal = seal_.sign ? seal_.sign(sealed_text(seal_.run_id, things)) : "";
  const std::string text = dumped({{"format", 1}, {"things", things}, {"seal", seal}}, 1) + "\n",
                    beside = file_ + ".new";
  unlink(beside.c_str());
  core::UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) || fsync(fd.get()) != 0 ||
      rename(beside.c_str(), file_.c_str()) != 0)
    return false;
  const core::UniqueFd folder(open(file_.substr(0, file_.rfind('/') + 1).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return folder && fsync(folder.get()) == 0;
}

std::string to_text(const Thing& thing) { return dumped(json_of(thing), -1); }

std::optional<Thing> thing_of(const std::string& text) {
  const json value = core::json_or_null(text);
  try {
    return thing_from(value);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace assay::engine
