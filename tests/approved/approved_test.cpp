// Each format against a baseline that was looked at. `./dev approve` writes new ones; look at what changed before it is
// committed.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "../support/command.hpp"
#include "../support/sample_run.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "reports/compare.hpp"
#include "reports/view.hpp"

using namespace assay;
using test::Scratch;

namespace {

/// The first line that differs, with the one that was approved.
std::string difference(const std::string& approved, const std::string& now) {
  size_t at = 0, line = 1, begin = 0;
  while (at < approved.size() && at < now.size() && approved[at] == now[at]) {
    if (now[at] == '\n') ++line, begin = at + 1;
    ++at;
  }
  const auto cut = [&](const std::string& text) {
    return text.substr(begin, std::min<size_t>(300, text.find('\n', begin) - begin));
  };
  return "line " + std::to_string(line) + ":\n  approved: " + cut(approved) + "\n  now:      " + cut(now);
}

/// A page without what every page has alike: style, script, glyphs, and their hashes. Those are in reports/templates.
std::string without_frame(std::string page) {
  const std::pair<const char*, const char*> parts[] = {{"<style>", "</style>"},
                                                       {"<script>", "</script>"},
                                                       {"<symbol", "</svg>"},
                                                       {"style-src '", "'"},
                                                       {"script-src '", "'"}};
  for (const auto& [open, close] : parts) {
    const size_t begin = page.find(open) + std::string(open).size(), end = page.find(close, begin);
    REQUIRE(end != std::string::npos);
    page.replace(begin, end - begin, "...");
  }
  return page;
}

void check(const std::string& name, const std::string& now) {
  const std::string path = std::string(ASSAY_APPROVED) + "/" + name;
  if (std::getenv("ASSAY_APPROVE") != nullptr) {
    std::ofstream(path, std::ios::binary) << now;
    return;
  }
  const std::string approved = test::read_file(path);
  INFO(name << ": " << difference(approved, now) << "\nIf this is as it should be: ./dev approve");
  CHECK(approved == now);
}

/// The repair of a laptop, at a fixed moment, with all that a case and a station add.
struct Repair {
  Scratch folder;
  journal::Record record;
  journal::Conclusion conclusion;
  reports::Extras extras;

  explicit Repair(void (*write)(const std::string&)) {
    write(folder / "run");
    record = journal::read(folder / "run");
    record.started_at = "2026-03-09T08:30:00.000Z";
    record.ended_at = "2026-03-09T08:40:00.000Z";
    conclusion = journal::conclude(record);
    extras.sheet.shop = {"Repair Shop", "1 Example Street", "shop@example.org", ""};
    extras.sheet.case_number = "2026-17";
    extras.sheet.technician = "Bench 3";
    extras.sheet.complaint = "Programs crash, \"mostly\" in the evening.";
    extras.sheet.reproduced = "yes";
    extras.sheet.done = {"Cleaned the contacts of both modules."};
    extras.sheet.advice = {"Do not save work on this machine until the module is replaced."};
    extras.sheet.next_date = "2026-04-01";
    extras.trust = {"Bench 3", "0123-4567-89ab-cdef-0123-4567-89ab-cdef", std::string(64, 'e')};
  }

  reports::View view(const std::string& language) {
    extras.language = language;
    return reports::make_view(record, conclusion, journal::RunFiles(folder / "run"), extras);
  }
};

}  // namespace

TEST_CASE("every format of a repair's record is as approved") {
  Repair repair(test::write_repair_run);
  for (const char* language : {"en", "nl", "fi", "zh-Hans"}) {
    check(std::string("repair.") + language + ".html", without_frame(reports::html(repair.view(language))));
    check(std::string("repair.") + language + ".txt", reports::text(repair.view(language)));
  }
  check("repair.junit.xml", reports::junit(repair.record, repair.conclusion));
  check("repair.csv", reports::csv(repair.record));
  check("repair.prom", reports::prometheus(repair.record, repair.conclusion));
  check("repair.json", journal::to_json(repair.record, repair.conclusion));
}

TEST_CASE("the page after the repair, beside the machine of before, is as approved") {
  Repair before(test::write_repair_run), after(test::write_repaired_run);
  after.extras.reference = &before.record;
  check("repaired.en.html", without_frame(reports::html(after.view("en"))));
}

TEST_CASE("the comparison of before and after is as approved") {
  const Repair before(test::write_repair_run), after(test::write_repaired_run);
  const auto side = [](const Repair& run) {
    return reports::Compared{run.record, run.conclusion, journal::RunFiles(run.folder / "run")};
  };
  const auto view = reports::compare({side(before)}, {side(after)}, "en");
  check("compared.en.html", without_frame(reports::comparison_html(view)));
  check("compared.en.txt", reports::comparison_text(view));
  check("compared.json", reports::comparison_json(view));
}
