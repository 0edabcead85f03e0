// A USB 3 hub is two devices on the bus, one on the lines of USB 2 and one on those of USB 3 (USB 3.2, 10.2).
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace usb {

/// A device as the bus shows it. Speeds in Mb/s, 0 where not known.
struct Link {
  std::string name, port;  // "2109:0817", "3-1.4"
  double speed = 0, capable = 0;
  bool descriptor_good = true, hub = false;
  std::string container;  // the same in both halves of a device (USB 3.2, 9.6.2.3); empty: it gives none
};

constexpr double high_speed = 480;  // the most that USB 2 does

inline bool are_halves(const Link& fast, const Link& slow) {
  if (!fast.hub || !slow.hub || fast.speed <= high_speed || slow.speed > high_speed) return false;
  if (!fast.container.empty() && !slow.container.empty()) return fast.container == slow.container;
  // The maker, and the way from the controller.
  const auto way = [](const Link& link) { return link.port.substr(std::min(link.port.find('-'), link.port.size())); };
  return fast.name.substr(0, 4) == slow.name.substr(0, 4) && way(fast) == way(slow);
}

/// Leaves out the USB 2 half of each hub whose USB 3 half is there: it is no device of its own, and no slow one.
inline std::vector<Link> joined(std::vector<Link> links) {
  std::vector<bool> left_out(links.size());
  for (const Link& fast : links)
    for (size_t slow = 0; slow < links.size(); ++slow)
      if (!left_out[slow] && are_halves(fast, links[slow]) && links[slow].descriptor_good) {
        left_out[slow] = true;
        break;
      }
  std::vector<Link> kept;
  for (size_t i = 0; i < links.size(); ++i)
    if (!left_out[i]) kept.push_back(std::move(links[i]));
  return kept;
}

}  // namespace usb
