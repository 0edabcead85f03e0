// The words that people read: the trade's own in each language, whole in each, and on paper nothing that frightens.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "../support/command.hpp"
#include "../support/sample_run.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "reports/view.hpp"
#include "source.hpp"

using namespace assay;
using Catch::Contains;
using nlohmann::json;
using test::Scratch;

namespace {

const std::vector<std::string> translated{"nl", "fi", "zh-Hans"};

struct Text {
  std::string where, words;
};

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every sentence of a language's catalogue.
std::vector<Text> catalogue(const std::string& language) {
  std::istringstream file(read(std::string(ASSAY_LOCALES) + "/" + language.substr(0, 2) + ".po"));
  std::vector<Text> texts;
  std::string id;
  for (std::string line; std::getline(file, line);) {
    const size_t open = line.find('"'), close = line.rfind('"');
    if (open == std::string::npos || close <= open) continue;
    const std::string words = line.substr(open + 1, close - open - 1);
    if (line.rfind("msgid ", 0) == 0) id = words;
    if (line.rfind("msgstr", 0) == 0 && !id.empty()) texts.push_back({id, words});
  }
  return texts;
}

/// Every text of a plugin's manifest that has languages, by its place.
void collect(const json& at, const std::string& where, std::vector<std::pair<std::string, json>>& texts) {
  if (!at.is_structured()) return;
  if (at.contains("en")) {
    texts.emplace_back(where, at);
    return;
  }
  for (const auto& [key, value] : at.items()) collect(value, where + "/" + key, texts);
}

std::vector<std::pair<std::string, json>> manifests() {
  std::vector<std::pair<std::string, json>> texts;
  for (const auto& folder : std::filesystem::directory_iterator(std::string(ASSAY_SOURCE) + "/plugins")) {
    const std::string path = folder.path().string() + "/manifest.json";
    if (std::filesystem::exists(path)) collect(json::parse(read(path)), path, texts);
  }
  return texts;
}

/// What a language's reader can meet: the catalogue, the plugins' texts, the plans' titles.
std::vector<Text> all_texts(const std::string& language) {
  std::vector<Text> texts = catalogue(language);
  for (const auto& [where, text] : manifests())
    if (text.contains(language)) texts.push_back({where, text[language]});
  for (const auto& plan : std::filesystem::directory_iterator(std::string(ASSAY_SOURCE) + "/framework/plan/presets")) {
    std::istringstream lines(read(plan.path().string()));
    for (std::string line; std::getline(lines, line);)
      if (line.rfind("title." + language + " = \"", 0) == 0) texts.push_back({plan.path().string(), line});
  }
  return texts;
}

bool is_chinese(const std::string& text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  return byte(at) >= 0xE4 && byte(at) <= 0xE9 && (byte(at + 1) & 0xC0) == 0x80;
}

/// A Latin comma, colon, bracket or the like that touches a Chinese character; empty: there is none.
std::string half_width_sign(const std::string& text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::string_view(",;:?!()").find(text[i]) == std::string_view::npos) continue;
    const size_t before = i > 0 && text[i - 1] == ' ' ? i - 1 : i;
    const size_t after = i + 1 < text.size() && text[i + 1] == ' ' ? i + 2 : i + 1;
    if ((before >= 3 && is_chinese(text, before - 3)) || is_chinese(text, after))
      return text.substr(before >= 30 ? before - 30 : 0, 60);
  }
  return "";
}

/// The words of a page's section, without its marks.
std::string words_of(const std::string& html, const std::string& section) {
  const size_t begin = html.find("<section id=\"" + section + "\""), end = html.find("</section>", begin);
  std::string words;
  bool in_tag = false;
  for (size_t i = begin; i < end; ++i) {
    if (html[i] == '<') in_tag = true;
    if (!in_tag) words += html[i];
    if (html[i] == '>') in_tag = false;
  }
  for (size_t at = 0; (at = words.find("&apos;", at)) != std::string::npos;) words.replace(at, 6, "'");
  return words;
}

reports::View repair_view(const std::string& language, const reports::Trust& trust = {}) {
  const Scratch work;
  test::write_repair_run(work / "run");
  const auto record = journal::read(work / "run");
  reports::Extras extras;
  extras.language = language;
  extras.sheet.case_number = "2026-17";
  extras.sheet.complaint = "Crashes.";
  extras.sheet.reproduced = "no";
  extras.trust = trust;
  return reports::make_view(record, journal::conclude(record), journal::RunFiles(work / "run"), extras);
}

}  // namespace

TEST_CASE("no text has a word that means something else to its reader") {
  const std::map<std::string, std::vector<std::string>> not_said{
      // "Cheerful", built-in faults, a test by marching soldiers, samples, "but" for "only", covered up, exam results.
      {"nl",
       {"opgewekt", "ingebouwde fout", "marstest", "proef", "proeven", " er maar ", "maar {", "gedekt", "dekking",
        "dicht bij de grens", "eensgezindheid", "leemten", "uitslag", "vastlegging"}},
      // A military march, a malicious deed, examinations, "had time" with nothing to do.
      {"fi",
       {"marssi", "tahallaan", "tahallinen", " koe", " kokeen", " kokeet", " kokeiden", " kokeessa",
        "{share} ehdittiin\"", "mihin ehdittiin", " teknikon", "Vaikeuksia", "saatu esiin"}},
      // An experiment, a promise that there is none, "at the extreme", implanted.
      {"zh-Hans", {"试验", "无故障", "接近极限", "自检报告", "植入", "中的 {part}", "覆盖了什么", "工作站"}}};
  for (const auto& [language, words] : not_said)
    for (const Text& text : all_texts(language))
      for (const std::string& word : words) {
        INFO(language << ": " << text.where << " -> " << text.words);
        CHECK((" " + text.words + "\"").find(word) == std::string::npos);
      }
}

TEST_CASE("Chinese texts have Chinese punctuation") {
  for (const Text& text : all_texts("zh-Hans")) {
    INFO(text.where << " -> " << text.words);
    CHECK(half_width_sign(text.words).empty());
  }
  CHECK_FALSE(half_width_sign("内存 (共").empty());
  CHECK_FALSE(half_width_sign("内存: 通过").empty());
  CHECK(half_width_sign("16:40 CET (UTC+1)").empty());
  // And so do the pages that are put together from them.
  const std::string html = reports::html(repair_view("zh-Hans"));
  for (const char* section : {"page-one", "findings", "coverage"}) {
    INFO(section);
    CHECK(half_width_sign(words_of(html, section)).empty());
  }
}

TEST_CASE("every text of a plugin that a report shows is there in every language") {
  int shown = 0;
  for (const auto& [where, text] : manifests()) {
    if (where.find("/description") != std::string::npos || where.find("/help") != std::string::npos) continue;
    for (const std::string& language : translated) {
      INFO(where << ": " << text["en"] << " has no " << language);
      CHECK(text.value(language, "") != "");
    }
    ++shown;
  }
  CHECK(shown > 150);
}

TEST_CASE("the customer is told what a simulated fault is, and that nothing was harmed") {
  const std::map<std::string, std::pair<const char*, const char*>> said{
      {"en", {"noticed them: 1 of 1 check", "nothing in the machine was damaged"}},
      {"nl", {"1 van 1 controle", "de computer is daarbij niet beschadigd"}},
      {"fi", {"1/1", "eikä koneelle aiheutunut vahinkoa"}},
      {"zh-Hans", {"1 项验证中有 1 项成功", "没有损坏机器"}}};
  for (const auto& [language, words] : said) {
    const std::string page = words_of(reports::html(repair_view(language)), "page-one");
    INFO(page);
    CHECK_THAT(page, Contains(words.first) && Contains(words.second) && !Contains("planted"));
  }
}

TEST_CASE("parts that Assay names are named in the page's language, with sizes as it writes them") {
  const core::Target core{"core:3", "core", "core 3", {}, false},
      memory{"memory", "memory", "7.8 GiB memory", {{"visible_bytes", "8375186227"}}, false},
      disk{"disk:sda", "disk", "sda Disk 500 465.8 GiB", {{"bytes", "500107862016"}}, false},
      usb{"usb", "usb", "1 USB devices", {}, false}, sensors{"sensor", "sensor", "12 sensors", {}, false},
      vendors{"box:1", "box", "7.8 GiB box", {}, false}, machine{"machine", "machine", "", {}, false};
  struct Row {
    const char* language;
    std::vector<std::string> names;
  };
  const journal::Record record;
  const journal::Conclusion conclusion;
  const journal::RunFiles files("");
  for (const Row& row :
       {Row{"en", {"core 3", "7.8 GiB memory", "sda Disk 500 465.8 GiB", "1 USB device", "12 sensors", "Machine"}},
        Row{"nl",
            {"core 3", "7,8 GiB geheugen", "sda Disk 500 465,8 GiB", "1 USB-apparaat", "12 sensoren", "Computer"}},
        Row{"fi", {"ydin 3", "7,8 GiB muistia", "sda Disk 500 465,8 GiB", "1 USB-laite", "12 anturia", "Kone"}},
        Row{"zh-Hans", {"核心 3", "7.8 GiB 内存", "sda Disk 500 465.8 GiB", "1 个 USB 设备", "12 个传感器", "机器"}}}) {
    reports::Extras extras;
    extras.language = row.language;
    const reports::Source source(record, conclusion, files, extras);
    std::vector<std::string> names;
    for (const auto& target : {core, memory, disk, usb, sensors, machine}) names.push_back(source.name_of(target));
    CHECK(names == row.names);
    CHECK(source.name_of(vendors) == "7.8 GiB box");  // a vendor's own word stays
  }
}

TEST_CASE("a page that is not signed says so, why, and what to do; never that a station signed it") {
  using Unsigned = reports::Trust::Unsigned;
  const std::map<std::string, const char*> signed_words{{"en", "Tested and signed at"},
                                                        {"nl", "digitaal ondertekend op teststation"},
                                                        {"fi", "allekirjoitettu testiasemalla"},
                                                        {"zh-Hans", "数字签名的检测站"}};
  for (const auto& [language, words] : signed_words) {
    std::set<std::string> reasons;
    for (const Unsigned why :
         {Unsigned::never, Unsigned::altered, Unsigned::other_signer, Unsigned::other_run, Unsigned::no_key}) {
      const auto view = repair_view(language, {"", "", "", why, false});
      CHECK_THAT(words_of(reports::html(view), "page-one"), Contains(view.unsigned_because) && !Contains(words));
      reasons.insert(view.unsigned_because);
    }
    CHECK(reasons.size() == 5);
    CHECK(reasons.count("") == 0);
    const auto page = repair_view(language, {"Bench 3", "0123-4567", "ab"});
    CHECK_THAT(words_of(reports::html(page), "page-one"),
               Contains(words) && Contains("assay report verify") && Contains("report.html"));
    const auto pdf = repair_view(language, {"Bench 3", "0123-4567", "ab", Unsigned::no_reason, true});
    CHECK_THAT(words_of(reports::html(pdf), "page-one"), Contains("assay report verify") && !Contains("report.html"));
  }
}

TEST_CASE("the zone of a run is in its record, and an absurd one is left out") {
  const Scratch work;
  test::write_repair_run(work / "run");
  const auto record = journal::read(work / "run");
  REQUIRE(record.start.zone);
  CHECK(record.start.zone->name == "CET");
  CHECK(record.start.zone->minutes_east == 60);
  CHECK_THAT(journal::to_json(record, journal::conclude(record)), Contains("\"minutes_east\": 60"));
  std::string journal = test::read_file(work / "run/journal.jsonl");
  const std::string zone = R"("minutes_east":60)";
  REQUIRE(journal.find(zone) != std::string::npos);
  journal.replace(journal.find(zone), zone.size(), R"("minutes_east":99999)");
  test::write_file(work / "odd/journal.jsonl", journal);
  CHECK_FALSE(journal::read(work / "odd").start.zone);
}
