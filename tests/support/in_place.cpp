#include "in_place.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "command.hpp"

namespace assay::test {
namespace {

/// Over a path that is not there nothing can be mounted: its folder is made anew, with all that was in it.
constexpr const char* script = R"sh(set -e
mount -t tmpfs none /mnt
n=0
while [ "$1" != -- ]; do
  path=$1 by=$2; shift 2
  if [ ! -e "$path" ]; then
    parent=$(dirname "$path") n=$((n + 1)); mkdir /mnt/$n
    for c in "$parent"/*; do
      t=/mnt/$n/$(basename "$c")
      if [ -L "$c" ]; then cp -P "$c" "$t"
      elif [ -d "$c" ]; then mkdir "$t"; mount --rbind "$c" "$t"
      elif [ -f "$c" ]; then touch "$t"; mount --bind "$c" "$t"; fi
    done
    if [ -d "$by" ]; then mkdir "/mnt/$n/$(basename "$path")"; else touch "/mnt/$n/$(basename "$path")"; fi
    mount --rbind /mnt/$n "$parent"
  fi
  mount --bind "$by" "$path"
done
shift
exec "$@")sh";

}  // namespace

std::vector<std::string> in_place(const std::vector<Instead>& instead, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"unshare", "-m", "sh", "-c", script, "in-place"};
  for (const Instead& one : instead) command.insert(command.end(), {one.path, one.by});
  command.emplace_back("--");
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

bool can_put_in_place() {
  if (geteuid() == 0 && run(in_place({}, {"true"})).exit_code == 0) return true;
  WARN("skipped: needs root, to put another machine's files in the place of this one's");
  return false;
}

}  // namespace assay::test
