// What drives said of themselves in public reports: one reading and the right verdict, whatever form smartctl wrote.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "../support/command.hpp"

using namespace assay::test;
using nlohmann::json;

namespace {

std::string data(const std::string& name) { return source_folder() + "/tests/cases/data/" + name; }

struct Judged {
  int exit_code;
  json answer;
};

Judged judge(const std::string& file) {
  const Outcome outcome = run({program(), "smart", "--json", file});
  INFO(file << outcome.output << outcome.errors);
  json answer = json::parse(outcome.output, nullptr, false);
  REQUIRE(answer.is_object());
  return {outcome.exit_code, answer};
}

json drives_of(const json& answer) { return answer.contains("drives") ? answer["drives"] : json::array({answer}); }

/// "pass; fail health-failed": each drive's result, with what it has beside notes.
std::string verdicts(const json& answer) {
  std::string all;
  for (const json& drive : drives_of(answer)) {
    all += (all.empty() ? "" : "; ") + drive["result"].get<std::string>();
    for (const json& finding : drive["findings"])
      if (finding["severity"] != "note") all += " " + finding["code"].get<std::string>();
  }
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

std::string without_headings(const std::string& text) {
  std::string left;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("smartctl", 0) != 0 && line.rfind("===", 0) != 0) left += line + "\n";
  return left;
}

std::string in_16_bits(const std::string& text) {
  std::string wide = "\xFF\xFE";
  for (const char byte : text) wide += byte, wide += '\0';
  return wide;
}

const char* const dying = "fail health-failed pending-very-many";
const char* const three =
    "pass; fail health-failed pending-very-many uncorrectable-very-many; marginal "
    "pending-sectors uncorrectable-offline";

}  // namespace

TEST_CASE("each drive of a public report gets the right verdict") {
  const struct {
    const char* file;
    int exit_code;
    std::string verdicts;
  } cases[] = {
      {"S1-wd-blue-new/new-drive.txt", 0, "pass"},
      {"S1-wd-blue-new/worn-drive.txt", 4, "marginal worn"},
      {"S2-nvme-0x04-worn-only/drive.txt", 4, "marginal rated-life-used"},
      {"S2-nvme-0x04-worn-only/percent-203.txt", 4, "marginal worn"},
      {"S3-sas-grown-json-7.1/json-7.1.json", 0, "pass"},
      {"S3-sas-grown-json-7.1/text-of-the-same-drive.txt", 0, "pass"},
      {"S4-sas-hot-json/hot.json", 4, "marginal too-hot-now hot"},
      {"S4-sas-hot-json/hot.txt", 4, "marginal too-hot-now hot"},
      {"S5-sas-pending/pending-7.4.json", 4, "marginal scsi-pending"},
      {"S5-sas-pending/pending-7.4.txt", 4, "marginal scsi-pending"},
      {"S6-several-drives/all.txt", 1, three},
      {"S6-several-drives/array.json", 1, std::string("pass; ") + dying},
      {"S6-several-drives/concatenated.json", 1, std::string("pass; ") + dying},
      {"S7-seagate-sas-failing/drive.json", 4, "marginal scsi-uncorrected"},
      {"S8-json-with-text-before/smartctl-7.2.json", 0, "pass"},
      {"S9-sas-environment-temperature/hot-7.4.json", 4, "marginal hot"},
      {"S9-sas-environment-temperature/hot-7.4.txt", 4, "marginal hot"},
      {"S9-sas-environment-temperature/the-same-in-7.3.json", 4, "marginal hot"},
      {"S10-seagate-timeouts/drive.json", 0, "pass"},
      {"S10-seagate-timeouts/65537.json", 0, "pass"},
      {"S11-nvme-selftest-log-error/drive.json", 0, "pass"},
      {"S13-old-scsi-text/smartctl-5.38.txt", 4, "marginal scsi-uncorrected scsi-grown-defects"},
  };
  for (const auto& c : cases) {
    INFO(c.file);
    const Judged judged = judge(data(c.file));
    CHECK(verdicts(judged.answer) == c.verdicts);
    CHECK(judged.exit_code == c.exit_code);
  }
}

TEST_CASE("a case's text and its JSON say the same of the same drive") {
  for (const auto& [text, other] :
       {std::pair{"S3-sas-grown-json-7.1/text-of-the-same-drive.txt", "S3-sas-grown-json-7.1/json-7.1.json"},
        std::pair{"S4-sas-hot-json/hot.txt", "S4-sas-hot-json/hot.json"},
        std::pair{"S5-sas-pending/pending-7.4.txt", "S5-sas-pending/pending-7.4.json"},
        std::pair{"S9-sas-environment-temperature/hot-7.4.txt", "S9-sas-environment-temperature/hot-7.4.json"},
        std::pair{"S9-sas-environment-temperature/hot-7.4.txt",
                  "S9-sas-environment-temperature/the-same-in-7.3.json"}}) {
    json one = judge(data(text)).answer, two = judge(data(other)).answer;
    two["drive"].erase("device");
    CHECK(one == two);
  }
}

TEST_CASE("a worn drive is told by its reason, and a defect count by its unit") {
  const json worn = judge(data("S2-nvme-0x04-worn-only/drive.txt")).answer;
  const std::string reason = worn["findings"][0]["text"];
  CHECK(reason.find("rated life is used (100 %)") != std::string::npos);
  CHECK(reason.find("spare is still 100 %") != std::string::npos);
  CHECK(worn.dump().find("die soon") == std::string::npos);
  const json grown = judge(data("S3-sas-grown-json-7.1/json-7.1.json")).answer;
  CHECK(grown.dump().find("7 blocks have gone bad") != std::string::npos);
  CHECK(judge(data("S13-old-scsi-text/smartctl-5.38.txt")).answer["drive"]["model"] == "IBM-ESXS ST3300655SS");
}

TEST_CASE("several drives are told apart however the file came to be") {
  const Scratch scratch;
  const std::string text = read_file(data("S6-several-drives/all.txt"));
  const std::string documents = read_file(data("S6-several-drives/concatenated.json"));
  const std::string array = read_file(data("S6-several-drives/array.json"));
  const std::string bundle =
      "### uname -a\nLinux nas 6.1.0\n\n### dmidecode\n\tSerial Number: BOARD1\n\n### smartctl\n" + text +
      "### dmesg\n[    1.0] sd 0:0:0:0: [sda] 488397168 blocks {x}\nTemperature: 99 Celsius\n"
      "### lspci\nVendor: Somebody\nSerial Number: CARD7\n";
  const std::string two = std::string("pass; ") + dying;
  const size_t second = documents.find("\n{") + 1;
  const struct {
    const char* name;
    std::string bytes, verdicts;
  } cases[] = {
      {"no-headings", without_headings(text), three},
      {"carriage-returns", replaced(text, "\n", "\r\n"), three},
      {"utf-16", in_16_bits(text), three},
      {"utf-16-appended", in_16_bits(text) + in_16_bits(documents), std::string(three) + "; " + two},
      {"support-bundle", bundle, three},
      {"json-utf-16", in_16_bits(array), two},
      {"json-with-prompts", "[root@nas ~]# smartctl -j -a /dev/sda\n" + replaced(documents, "\n{", "\n$ next\n{"), two},
      {"json-by-device",
       "{\"/dev/sda\": " + documents.substr(0, second) + ", \"/dev/sdb\": " + documents.substr(second) + "}", two},
      {"json-in-an-answer", "{\"host\": \"nas\", \"disks\": [{\"smart\": " + array + "}]}", two},
      {"json-on-one-line", replaced(documents, "}\n{", "} {"), two},
      {"json-then-text", documents + "\n" + text, two + "; " + three},
      {"text-then-json", text + documents, std::string(three) + "; " + two},
      {"first-document-cut-off", documents.substr(0, 300) + "\n" + documents.substr(second),
       std::string("inconclusive; ") + dying},
      {"second-document-cut-off", documents.substr(0, documents.size() - 200), "pass; inconclusive"},
  };
  for (const auto& c : cases) {
    INFO(c.name);
    write_file(scratch / c.name, c.bytes);
    const Judged judged = judge(scratch / c.name);
    CHECK(verdicts(judged.answer) == c.verdicts);
    CHECK(judged.exit_code == (std::string(c.name) == "second-document-cut-off" ? 3 : 1));
  }
}

TEST_CASE("the page for people names each drive, and the worst verdict first") {
  const Outcome outcome = run({program(), "smart", data("S6-several-drives/all.txt")});
  CHECK(outcome.exit_code == 1);
  CHECK(outcome.output.rfind("fail: 3 drives", 0) == 0);
  for (const char* words : {"pass: ST4000VN008-2DR166, serial MADEUPA1", "fail: ST4000VN008-2DR166, serial MADEUPA2",
                            "marginal: ST4000VN008-2DR166, serial MADEUPA3"})
    CHECK(outcome.output.find(words) != std::string::npos);
  const Scratch scratch;
  write_file(scratch / "nameless",
             "smartctl 7.3 [x] (local build)\nSMART Health Status: OK\nElements in grown defect list: 0\n");
  CHECK(run({program(), "smart", scratch / "nameless"}).output.rfind("pass: a drive that does not say its name\n", 0) ==
        0);
}
