// What makes a disk another one: the comparison alone, for readers, sticks and restarts that no rig has.
#include "identity.hpp"

#include <catch2/catch.hpp>
#include <functional>

#include "consented.hpp"

using namespace assay;
using engine::Thing;
using Kind = inventory::Content::Kind;

namespace {

constexpr uint64_t gib = uint64_t{1} << 30;

Thing stick() {
  Thing thing;
  thing.device = true;
  thing.boot = "boot-1";
  thing.bytes = 32 * gib;
  thing.serial = "4C530001";
  thing.wwn = "naa.5000c500a1b2c3d4";
  thing.own_name = true;
  thing.sequence = 12;
  thing.written = 1001;
  thing.content = {Kind::data, "format vfat", {"a1"}, "d1"};
  return thing;
}

using Change = std::function<void(Thing&)>;

Thing changed(Thing thing, const Change& change) {
  change(thing);
  return thing;
}

}  // namespace

TEST_CASE("the same disk, in the same state, is the same") {
  CHECK(engine::what_changed(stick(), stick(), false).empty());
  CHECK(engine::what_changed(stick(), stick(), true).empty());
  CHECK(engine::why_not_shown(stick(), stick(), false).empty());
}

TEST_CASE("another medium under the same name is told by what changed") {
  const struct {
    const char* attack;
    Change change;
    const char* said;
    bool opened;  // seen after Assay's own writing, too
  } table[] = {
      {"another card in the same reader", [](Thing& t) { t.sequence = 15; }, "its medium was exchanged", true},
      {"a larger card, on a system without disk numbers", [](Thing& t) { t.sequence = 0, t.bytes = 64 * gib; },
       "its size was 32 GiB, now 64 GiB", true},
      {"another serial number", [](Thing& t) { t.serial = "4C530002"; },
       "its serial number was \"4C530001\", now \"4C530002\"", true},
      {"a serial number that is gone", [](Thing& t) { t.serial = ""; }, "was \"4C530001\", now none", true},
      {"the same serial number with another world-wide name", [](Thing& t) { t.wwn = "naa.5000c500ffffffff"; },
       "its world-wide name was", true},
      {"a loop device with another file behind it", [](Thing& t) { t.made_of = "other"; }, "made of something else",
       true},
      {"a file in its place", [](Thing& t) { t.device = false; }, "it was a device, now it is a file", true},
      {"a new file system",
       [](Thing& t) {
         t.content = {Kind::data, "format ext4", {"b2"}, "d2"};
       },
       "it held format vfat, now format ext4", true},
      {"the same kind of file system, made anew", [](Thing& t) { t.content.marks = {"b2"}; }, "made anew", true},
      {"a second format beside the first", [](Thing& t) { t.content.marks.push_back("b2"); }, "made anew", true},
      {"writing that no look finds", [](Thing& t) { t.written = 1009; }, "somebody has written to it", true},
      {"other data", [](Thing& t) { t.content.digest = "d2"; }, "its content has changed", false},
      {"nothing on it any more",
       [](Thing& t) {
         t.content = {Kind::empty, "", {}, "d0"};
       },
       "it held format vfat, now nothing", false},
  };
  for (const auto& row : table) {
    INFO(row.attack);
    const Thing is = changed(stick(), row.change);
    CHECK_THAT(engine::what_changed(stick(), is, false), Catch::Contains(row.said));
    CHECK(engine::what_changed(stick(), is, true).empty() != row.opened);
  }
}

TEST_CASE("what a test does to a disk is not somebody else's doing") {
  const Thing was = changed(stick(), [](Thing& t) { t.written = 0; });  // as while a trial has it
  const struct {
    const char* left;
    Change change;
  } table[] = {
      {"a pattern",
       [](Thing& t) {
         t.content = {Kind::data, "data of no known format", {}, "d2"};
       }},
      {"a pattern that cannot be read back",
       [](Thing& t) {
         t.content = {Kind::unknown, "parts", {}, ""};
       }},
      {"zeros",
       [](Thing& t) {
         t.content = {Kind::empty, "", {}, "d0"};
       }},
      {"more sectors written", [](Thing& t) { t.written = 5000; }},
  };
  for (const auto& row : table) {
    INFO(row.left);
    CHECK(engine::what_changed(was, changed(stick(), row.change), true).empty());
  }
}

TEST_CASE("a disk that reads badly before anything was written to it is not taken for another") {
  const Thing is = changed(stick(), [](Thing& t) { t.content.digest = ""; });
  CHECK(engine::what_changed(stick(), is, false).empty());
}

TEST_CASE("after a restart a disk must show by itself that it is the one") {
  const auto restarted = [](Thing& t) { t.boot = "boot-2", t.sequence = 3, t.written = 17; };
  const struct {
    const char* what;
    Change change;  // of the disk, before and after
    bool opened;
    const char* said;  // empty: it goes on
  } table[] = {
      {"a disk with a name of its own", [](Thing&) {}, false, ""},
      {"the same, after Assay's writing", [](Thing&) {}, true, ""},
      {"no name", [](Thing& t) { t.serial = t.wwn = "", t.own_name = false; }, false, "no serial number"},
      {"a placeholder, or one that two disks have", [](Thing& t) { t.own_name = false; }, false, "that is its own"},
      {"a card in a reader, with data that are known", [](Thing& t) { t.removable = true; }, false, ""},
      {"a card in a reader, blank",
       [](Thing& t) {
         t.removable = true, t.content = {Kind::empty, "", {}, "d0"};
       },
       false, "may be the reader's"},
      {"a card in a reader, after Assay's writing", [](Thing& t) { t.removable = true; }, true, "may be the reader's"},
      {"a file of which nobody knows the birth", [](Thing& t) { t = {}, t.inode = 7, t.boot = "boot-1"; }, true,
       "does not tell when it was made"},
      {"a file of which somebody does", [](Thing& t) { t = {}, t.inode = 7, t.born_ns = 9, t.boot = "boot-1"; }, true,
       ""},
  };
  for (const auto& row : table) {
    INFO(row.what);
    const Thing was = changed(stick(), row.change), is = changed(was, restarted);
    const std::string unsure = engine::why_not_shown(was, is, row.opened);
    if (was.device) CHECK(engine::what_changed(was, is, row.opened).empty());
    if (*row.said == '\0')
      CHECK(unsure.empty());
    else
      CHECK_THAT(unsure, Catch::Contains(row.said));
  }
}

TEST_CASE("another disk is refused after a restart as before it") {
  const auto is = changed(stick(), [](Thing& t) { t.boot = "boot-2", t.serial = "4C530002"; });
  CHECK_THAT(engine::what_changed(stick(), is, false), Catch::Contains("its serial number was"));
}

TEST_CASE("a look survives the way to a file and back, whatever its names are made of") {
  for (const std::string serial : {"", "/", "\"};{", "a\nb", "\xff\xfe", "Привет"}) {
    Thing thing = stick();
    thing.serial = serial;
    const auto back = engine::thing_of(engine::to_text(thing));
    REQUIRE(back);
    if (serial != "\xff\xfe") CHECK(engine::what_changed(thing, *back, false).empty());
  }
  CHECK_FALSE(engine::thing_of("{\"device\": true"));
  CHECK_FALSE(engine::thing_of("[]"));
}
