#include "sealing.hpp"

#include <poll.h>
#include <unistd.h>

#include "core/clock.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"

namespace assay::engine {
namespace {

constexpr double most_seconds = 300;

/// A line each: what it is, and its text. Names and notes have no newlines.
std::string encode(const Sealed& sealed) {
  std::string text = "files " + std::to_string(sealed.files) + "\n";
  for (const std::string& name : sealed.kept) text += "kept " + name + "\n";
  for (const std::string& note : sealed.notes) text += "note " + note + "\n";
  return text;
}

Sealed decode(const std::string& text) {
  Sealed sealed;
  for (const std::string& line : core::split(text, '\n')) {
    if (line.size() < 5) continue;
    if (line.rfind("files ", 0) == 0) sealed.files = std::strtoul(line.c_str() + 6, nullptr, 10);
    if (line.rfind("kept ", 0) == 0) sealed.kept.push_back(line.substr(5));
    if (line.rfind("note ", 0) == 0) sealed.notes.push_back(line.substr(5));
  }
  return sealed;
}

}  // namespace

Sealing::Sealing(const std::string& artifacts, const std::string& id, const std::vector<OwnFile>& own,
                 const std::vector<std::string>& wanted, const ArtifactLimits& limits)
    : started_ns_(core::monotonic_ns()) {
  if (own.empty() && rmdir((artifacts + "/" + id).c_str()) == 0) return;
  std::vector<int> keep;
  for (const OwnFile& file : own)
    if (file.fd >= 0) keep.push_back(file.fd);
  work_ = std::make_unique<core::Apart>(
      [&](int socket) {
        core::Brought brought;
        try {
          brought.text = encode(seal_artifacts(artifacts, id, own, wanted, limits));
        } catch (const core::Trouble& trouble) {
          brought.text = "note What the plugin left could not be sealed, and is not kept: " +
                         core::safe_text(trouble.what(), 500) + ".\n";
        }
        core::send_brought(socket, brought);
      },
      keep);
  if (work_->socket() < 0) give_up("no process could be started for it");
}

bool Sealing::done() {
  if (!work_) return true;
  pollfd source{work_->socket(), POLLIN, 0};
  if (poll(&source, 1, 0) > 0) {
    if (const auto brought = core::receive_brought(work_->socket()))
      sealed_ = decode(brought->text);
    else
      return give_up("its process ended"), true;
    work_.reset();
  } else if (core::seconds_since(started_ns_) > most_seconds) {
    give_up("the disk of the run's folder does not answer");
  }
  return !work_;
}

void Sealing::give_up(const std::string& why) {
  sealed_ = {{}, 0, {"What the plugin left could not be sealed, and is not kept: " + why + "."}};
  work_.reset();
}

}  // namespace assay::engine
