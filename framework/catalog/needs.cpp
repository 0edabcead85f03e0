#include "catalog/needs.hpp"

#include <map>

namespace assay::catalog {
namespace {

/// What a capability lets a test do, in a line. As many as the manifest's schema lists.
const std::map<std::string, std::string> capabilities{
    {"CAP_SYS_RAWIO", "may send raw commands to disks and reach I/O ports"},
    {"CAP_SYS_ADMIN", "may administer devices, as commands to NVMe drives need"},
    {"CAP_NET_RAW", "may send and receive raw network packets"},
    {"CAP_NET_ADMIN", "may set up network interfaces"},
    {"CAP_PERFMON", "may read performance counters of the whole machine"},
    {"CAP_SYS_NICE", "may give itself priority, real time included"},
};

std::string device_words(const std::string& kind) {
  if (kind == "target-node") return "opens its target's own node by path, for reading and writing";
  return "opens the machine's " + kind + " devices for reading and writing";
}

}  // namespace

std::vector<PrivilegedNeed> privileged(const Needs& needs) {
  std::vector<PrivilegedNeed> list;
  if (needs.root) list.push_back({"root", "runs as root, with all that root may do"});
  for (const std::string& name : needs.capabilities) {
    const auto known = capabilities.find(name);
    list.push_back(
        {"capability " + name, (known == capabilities.end() ? "has more rights" : known->second) + " (" + name + ")"});
  }
  for (const std::string& kind : needs.devices) list.push_back({"devices " + kind, device_words(kind)});
  if (needs.physical_addresses)
    list.push_back({"physical-addresses", "reads the physical addresses of its own memory"});
  if (needs.network == Network::link) list.push_back({"network link", "uses the machine's network"});
  return list;
}

std::vector<std::string> words(const Needs& needs) {
  std::vector<std::string> list;
  for (const PrivilegedNeed& need : privileged(needs)) list.push_back(need.words);
  if (needs.most_memory) list.push_back("uses most of the memory, and locks it");
  if (needs.ring) list.push_back("reads its device through an io_uring that the host sets up");
  if (needs.network == Network::loopback) list.push_back("uses a loopback interface of its own");
  std::string tools;
  for (const std::string& tool : needs.tools) tools += (tools.empty() ? "" : ", ") + tool;
  if (needs.processes) list.push_back("starts programs" + (tools.empty() ? "" : ": " + tools));
  if (needs.kept) list.push_back("keeps a file between its trials of a run");
  return list;
}

std::string words(const Allowance& allowance) {
  switch (allowance.by) {
    case Allowance::By::own:
      return "ours, by its hash";
    case Allowance::By::vendor:
      return "signed by the vendor key " + allowance.who;
    case Allowance::By::word:
      return "your word of " + allowance.who;
    case Allowance::By::nobody:
      break;
  }
  return "not allowed";
}

}  // namespace assay::catalog
