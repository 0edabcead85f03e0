#include "target_device.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "core/apart.hpp"
#include "opening.hpp"

namespace assay::engine {
namespace {

using catalog::Effect;

/// Seconds within which a device must let itself be opened and looked at. A disk may have to spin up first.
constexpr double patience = 60, short_patience = 10;

/// What a process apart brings beside the descriptor: three lines and what the device is.
std::string packed(const TargetDevice& device, const std::string& thing) {
  return device.category + "\n" + std::to_string(device.most_bytes) + "\n" +
         (device.reason.empty() ? thing : device.reason);
}

/// `thing`: what follows where there is no reason.
TargetDevice unpacked(core::Brought brought, std::string& thing) {
  const size_t first = brought.text.find('\n'), second = brought.text.find('\n', first + 1);
  std::string rest = brought.text.substr(second + 1);
  TargetDevice device{std::move(brought.fd), brought.text.substr(0, first), "",
                      std::stoull(brought.text.substr(first + 1, second - first - 1))};
  (device.category.empty() ? thing : device.reason) = std::move(rest);
  return device;
}

std::string why_not_consented(const core::Consent& consent, Effect effect) {
  if (effect == Effect::scratch) return consent.scratch ? "" : "nobody has allowed tests to write into free space";
  if (effect != Effect::destructive) return "";
  if (!consent.destructive) return "it overwrites the device, and nobody has allowed that (--allow destructive)";
  if (consent.backup.empty())
    return "nobody has said whether the data on it is kept elsewhere (--backup made, or --backup not-needed)";
  return "";
}

}  // namespace

TargetDoor::TargetDoor(const inventory::SystemRoot& root, core::Consent consent, std::string consented,
                       core::RunSeal seal)
    : root_(root), consent_(std::move(consent)), consented_(std::move(consented), std::move(seal)) {}

TargetDevice TargetDoor::open(const core::Target& target, Effect effect, int wake) {
  const std::string path = target.attribute("path");
  if (path.empty() || target.stand_in) return {};
  if (const std::string why = why_not_consented(consent_, effect); !why.empty()) return refused("no-consent", why);
  if (effect == Effect::destructive) return open_for_overwriting(target, wake);
  // A dying disk can hold up whoever opens it, looks at it or closes it, and no signal helps: so all of that is done in
  // a process apart, and this one only ever holds a device that has answered.
  auto brought = core::do_apart(
      patience,
      [&] {
        TargetDevice device = effect == Effect::scratch ? open_scratch(root_, target) : open_for_reading(path);
        return core::Brought{packed(device, ""), std::move(device.fd)};
      },
      wake);
  if (!brought) return refused("no-answer", path + " did not answer when it was to be opened");
  std::string nothing;
  return unpacked(std::move(*brought), nothing);
}

TargetDevice TargetDoor::open_for_overwriting(const core::Target& target, int wake) {
  const ConsentedThing* known = consented_.find(target.id);
  auto brought = core::do_apart(
      patience,
      [&] {
        Thing now;
        TargetDevice device = open_alone(root_, target, known, now);
        return core::Brought{packed(device, to_text(now)), std::move(device.fd)};
      },
      wake);
  if (!brought) return refused("no-answer", target.attribute("path") + " did not answer when it was to be opened");
  std::string text;
  TargetDevice device = unpacked(std::move(*brought), text);
  if (!device.fd) return device;
  const auto now = thing_of(text);
  if (known == nullptr || !now) return refused("refused", target.attribute("path") + " does not tell what it is");
  // On the disk before anything is overwritten: from here on what is on it may be Assay's own. What it will hold when
  // the trial has ended is not known before.
  ConsentedThing opened = *known;
  opened.opened = true;
  opened.thing.boot = now->boot;
  opened.thing.sequence = now->sequence;
  opened.thing.file_system = now->file_system;
  opened.thing.written = 0;
  if (consented_.put(target.id, opened)) return device;
  return refused("refused", consented_.file() + " cannot be written, so nobody would know what was overwritten");
}

void TargetDoor::closed(const core::Target& target, int wake) {
  const ConsentedThing* known = consented_.find(target.id);
  if (known == nullptr || !known->opened) return;
  const auto brought = core::do_apart(
      short_patience,
      [&]() -> core::Brought {
        const core::UniqueFd fd(::open(target.attribute("path").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        if (!fd) return {};
        fsync(fd.get());  // what the trial left in the page cache is its own
        return {to_text(look_at(root_, fd.get())), {}};
      },
      wake);
  const auto left = brought ? thing_of(brought->text) : std::nullopt;
  // What is not the same thing any more the next trial is told.
  if (!left || !what_changed(known->thing, *left, true).empty()) return;
  ConsentedThing after = *known;
  after.thing.content = left->content;
  after.thing.written = left->written;
  consented_.put(target.id, after);
}

}  // namespace assay::engine
