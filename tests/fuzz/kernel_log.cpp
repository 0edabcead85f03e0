// Lines of the kernel's log, under the rules that Assay brings.
#include "watch/kernel_log.hpp"
#include "fuzz.hpp"

namespace {

constexpr const char* one_rule =
    "[[rule]]\nid = \"ata\"\npart = \"storage\"\npattern = 'ata(\\d+): '\nsays = \"marginal\"\ntext = \"{1}\"\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  static const watch::KernelRules rules = watch::KernelRules::built_in();
  watch::KernelEvent event;
  rules.match(fuzz::text_of(data, size), event);
  static bool followed = false;  // compiling the rules takes longer than a line: the reader of files gets fewer inputs
  if (!followed || size % 64 == 0) {
    followed = true;
    const fuzz::MemoryFile file(fuzz::text_of(data, size));
    watch::KernelLog log(file.path(), watch::KernelRules::parse("one.toml", one_rule));
    log.read();
  }
  return 0;
}
