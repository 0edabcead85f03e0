#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/chain.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
#include "journal/run_files.hpp"
#include "journal/writer.hpp"
#include "small_record.hpp"

using namespace assay;
using namespace assay::journal;
using core::ExitCode;
using core::Purpose;
using core::Result;
using core::Status;
using test::start;

TEST_CASE("a journal that is written is read again, all of it") {
  const test::Scratch scratch;
  {
    Writer writer = Writer::create(scratch / "journal.jsonl");
    RunStart run = start();
    run.plugins = {{"acme", "1.0.0", "Acme", "acme.so", "ab", {{"libacme.so.1", "cd"}}}, {"p", "1", "v", "f", "h"}};
    writer.run_start(run);
    TrialStart t;
    t.id = "t00001";
    t.test = "m.a";
    t.target = {"memory", "memory", "16 GiB", {{"k", "v"}}, true};
    t.seed = 0xFFFFFFFFFFFFFFFF;
    t.stage = "s";
    t.privileges = {"root", "devices usb"};
    t.round = 3;
    t.parameters = {{"a", int64_t{1}}, {"b", 0.5}, {"c", true}, {"d", std::string("x")}};
    writer.trial_start(t);
    writer.measurement(t.id, {"count", 3, "1", {{core::Comparator::at_most, 0, Result::fail}}, Result::fail}, "memory");
    writer.finding(t.id, {Result::fail, "code", "text \xFF bad", "where"}, "memory", true);
    writer.log(t.id, {"stderr", "INFO", "a line] with a bracket"});
    writer.error(t.id, {"plugin", "why"});
    writer.file(t.id, {"f", "artifacts/t00001/f", "text/plain"});
    writer.series(t.id, 0, {"temp", "C", "s.f64", 5, 1, 1, 2, 3});
    writer.trial_end(t.id, {Status::complete, Result::fail, "", "", 1.5, 1.25, 4096});
    writer.run_end(Result::fail, true);
  }
  const Record record = read(scratch.path());
  CHECK(record.finished());
  CHECK(record.damaged_lines == 0);
  CHECK(record.start.seed == 0xFFFFFFFFFFFFFFF0);
  REQUIRE(record.trials.size() == 1);
  const Trial& t = record.trials[0];
  CHECK(t.start.seed == 0xFFFFFFFFFFFFFFFF);
  CHECK(t.start.round == 3);
  CHECK(t.start.privileges == std::vector<std::string>{"root", "devices usb"});
  REQUIRE(record.start.plugins.size() == 2);
  REQUIRE(record.start.plugins[0].libraries.size() == 1);
  CHECK(record.start.plugins[0].libraries[0].file == "libacme.so.1");
  CHECK(record.start.plugins[0].libraries[0].sha256 == "cd");
  CHECK(record.start.plugins[1].libraries.empty());
  CHECK(t.start.target.stand_in);
  CHECK(std::get<double>(t.start.parameters.at("b")) == 0.5);
  REQUIRE(t.measurements.size() == 1);
  CHECK(t.measurements[0].limits[0].comparator == core::Comparator::at_most);
  REQUIRE(t.findings.size() == 1);
  REQUIRE(t.log.size() == 1);
  CHECK(t.log[0].source == "stderr");
  CHECK(t.log[0].text == "a line] with a bracket");
  CHECK(t.series[0].greatest == 3);
  REQUIRE(t.end);
  CHECK(t.end->most_memory == 4096);
}

TEST_CASE("a torn last line costs that line only, and resuming takes it away") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  {
    Writer writer = Writer::create(path);
    writer.run_start(start());
    TrialStart t;
    t.id = "t00001";
    writer.trial_start(t);
    writer.trial_end(t.id, {});
  }
  std::ofstream(path, std::ios::app) << "{\"testStepArtifact\":{\"testStepId\":\"t0";
  CHECK(read(scratch.path()).damaged_lines == 0);
  CHECK(read(scratch.path()).cut_lines == 1);
  CHECK_FALSE(read(scratch.path()).finished());
  Writer writer = Writer::resume(path);
  writer.run_error({"assay.interrupted", "cut"});
  writer.run_end(Result::pass, true);
  const Record record = read(scratch.path());
  CHECK(record.damaged_lines == 0);
  CHECK(record.interruptions == 1);
  CHECK(record.finished());
  CHECK(record.trials.size() == 1);
}

TEST_CASE("a trial that was cut off before it said what it is is taken away, and the run is none the worse") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  {
    Writer writer = Writer::create(path);
    writer.run_start(start());
    TrialStart t;
    t.test = "m.a";
    for (const char* id : {"t1", "t2"}) {
      t.id = id;
      writer.trial_start(t);
      if (t.id == "t1") writer.trial_end(t.id, {Status::complete, Result::pass, "", "", 1, 1, 1});
    }
  }
  const std::string text = *core::read_file(path);
  const size_t opening = text.find("\"testStepStart\"", text.find("\"testStepEnd\""));
  test::write_file(path, text.substr(0, text.find('\n', opening) + 1));  // without the line that says what t2 is
  CHECK(read(path).trials.size() == 1);
  CHECK(read(path).damaged_lines == 0);
  Writer writer = Writer::resume(path);
  writer.run_error({"assay.interrupted", "cut"});
  writer.run_end(Result::pass, true);
  const Record record = read(path);
  CHECK(record.damaged_lines == 0);
  CHECK(record.trials.size() == 1);
  CHECK(conclude(record).troubles.empty());
}

TEST_CASE("a second host cannot go on with a run that is still going on") {
  const test::Scratch scratch;
  Writer writer = Writer::create(scratch / "journal.jsonl");
  CHECK_THROWS_WITH(Writer::resume(scratch / "journal.jsonl"),
                    Catch::Contains("still going on") && Catch::Contains("(process " + std::to_string(getpid()) + ")"));
}

TEST_CASE("a damaged journal never makes a milder verdict, nor a harder one") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  {
    Writer writer = Writer::create(path);
    writer.run_start(start());
    TrialStart t;
    t.test = "m.a";
    for (const auto& [id, purpose] :
         {std::pair{"t1", Purpose::test}, std::pair{"t2", Purpose::injection}, std::pair{"t3", Purpose::test}}) {
      t.id = id, t.purpose = purpose;
      writer.trial_start(t);
      if (purpose == Purpose::injection) writer.finding(t.id, {Result::fail, "planted", "p", ""}, "memory", false);
      const Result result = purpose == Purpose::injection ? Result::fail : Result::pass;
      writer.trial_end(t.id, {Status::complete, result, "", "", 1, 1, 1});
    }
    writer.run_end(Result::pass, true);
  }
  const std::string whole = *core::read_file(path);
  CHECK(conclude(read(path)).exit_code == ExitCode::pass);
  // Each line in turn damaged, or gone.
  size_t from = whole.find('\n', whole.find('\n') + 1) + 1;  // not the run's start
  for (size_t to; (to = whole.find('\n', from)) != std::string::npos; from = to + 1) {
    const std::string line = whole.substr(from, to - from);
    INFO(line);
    std::string flipped = whole;
    flipped[from] = '!';
    const bool last = to + 1 == whole.size();
    for (const std::string& text : {flipped, whole.substr(0, from) + whole.substr(to + 1)}) {
      if (last && text.size() < whole.size()) continue;  // a run without an end is unfinished, and says so
      test::write_file(path, text);
      const Conclusion c = conclude(read(path));
      CHECK(c.exit_code == ExitCode::incomplete);
      CHECK(c.faults.empty());
      CHECK_FALSE(c.complete);
    }
  }
}

TEST_CASE("a file that is no journal is refused") {
  const test::Scratch scratch;
  test::write_file(scratch / "journal.jsonl", "hello\n{}\n");
  CHECK_THROWS_AS(read(scratch.path()), core::BadInput);
  CHECK_THROWS_AS(read(scratch / "absent"), core::BadInput);
  CHECK_THROWS_AS(Writer::create(scratch / "journal.jsonl"), core::Trouble);
}

TEST_CASE("where a failure lies and what was covered are read again") {
  const test::Scratch scratch;
  Writer writer = Writer::create(scratch / "journal.jsonl");
  writer.run_start(start());
  TrialStart t;
  t.id = "t1";
  t.test = "m.a";
  t.if_present = true;
  writer.trial_start(t);
  writer.finding(t.id, {Result::fail, "limit:x", "text", "", core::Origin::limit}, "memory", true);
  writer.failed_place(t.id, {"wrong", {"physical", 0xFFFFFFFFFFFFF000, 0xFFFFFFFFFFFFFFFF, ""}});
  writer.failed_place(t.id, {"slow", {"", 0, 0, "port 1-2"}});
  writer.covered(t.id, {{"physical", "artifacts/covered/t1-physical"}}, {"port 1-2"});
  writer.trial_end(t.id, {});
  const Trial read_again = read(scratch.path()).trials.at(0);
  CHECK(read_again.start.if_present);
  CHECK(read_again.findings.at(0).origin == core::Origin::limit);
  REQUIRE(read_again.failed_places.size() == 2);
  CHECK(read_again.failed_places[0].place.first == 0xFFFFFFFFFFFFF000);
  CHECK(read_again.failed_places[1].place.piece == "port 1-2");
  CHECK(read_again.covered_files.at("physical") == "artifacts/covered/t1-physical");
  CHECK(read_again.covered_pieces == std::vector<std::string>{"port 1-2"});
}

namespace {

/// A station of the tests' own: its signature is its name and the text.
Tie tie_of(const std::string& name, std::vector<std::string>* promised = nullptr) {
  return {name, [name](const std::string& text) { return name + ":" + text; },
          [promised](uint64_t, const std::string& hash) {
            if (promised != nullptr) promised->push_back(hash);
          }};
}

/// Three trials, each with a measurement; unfinished unless `end`.
std::string tied_journal(const test::Scratch& scratch, bool end, std::vector<std::string>* promised = nullptr) {
  const std::string path = scratch / "journal.jsonl";
  std::remove(path.c_str());
  Writer writer = Writer::create(path, tie_of("bench", promised));
  writer.run_start(start());
  for (const char* id : {"t00001", "t00002", "t00003"}) {
    TrialStart t;
    t.id = id;
    t.test = "m.a";
    writer.trial_start(t);
    writer.measurement(t.id, {"count", 3, "1", {}, Result::pass}, "memory");
    writer.trial_end(t.id, {Status::complete, Result::pass, "", "", 1, 1, 1});
  }
  if (end) writer.run_end(Result::pass, true);
  return *core::read_file(path);
}

std::vector<size_t> line_begins(const std::string& text) {
  std::vector<size_t> begins{0};
  for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos && ++at < text.size();) begins.push_back(at);
  return begins;
}

}  // namespace

TEST_CASE("a journal is a chain to its end, and each link was promised when it was on the disk") {
  const test::Scratch scratch;
  std::vector<std::string> promised;
  const std::string text = tied_journal(scratch, true, &promised);
  const Chain chain = check_chain(text);
  CHECK_FALSE(chain.broken);
  CHECK(chain.hashes == promised);
  CHECK(chain.hashes.size() == 8);  // the run's start and end, three trials' starts and ends
  CHECK(chain.sure == text.size());
  CHECK(chain.key == "bench");
  CHECK(chain.signature == "bench:" + link_text(8, chain.hashes.back()));
  CHECK(read(scratch.path()).damaged_lines == 0);
  CHECK(read(scratch.path()).log.empty());
}

TEST_CASE("a line that is changed, taken out, put in or exchanged breaks the chain where it stands") {
  const test::Scratch scratch;
  const std::string whole = tied_journal(scratch, true);
  const auto begins = line_begins(whole);
  for (size_t i = 0; i < begins.size(); ++i) {
    const size_t end = whole.find('\n', begins[i]) + 1;
    const std::string line = whole.substr(begins[i], end - begins[i]);
    INFO(line);
    std::string flipped = whole;
    flipped[end - 3] ^= 1;
    for (const std::string& text :
         {flipped, whole.substr(0, begins[i]) + whole.substr(end), whole.substr(0, end) + line + whole.substr(end)}) {
      const Chain chain = check_chain(text);
      // The last line of all: it is not there, or there is something behind it.
      if (!chain.broken) CHECK(chain.sure != text.size());
      if (!chain.broken) continue;
      CHECK(chain.broken->first_line <= i + 2);
      CHECK(chain.broken->last_line >= i + 1);
    }
  }
}

TEST_CASE("wherever a run is cut, what was promised is there, nothing is damaged, and it goes on as one chain") {
  const test::Scratch scratch;
  const std::string whole = tied_journal(scratch, false), path = scratch / "journal.jsonl";
  const size_t begun = line_begins(whole)[3];  // after the run's start and its link
  for (size_t size = begun; size < whole.size(); size += 7) {
    const std::string cut = whole.substr(0, size);
    INFO(cut.substr(cut.size() - 60));
    test::write_file(path, cut);
    CHECK(read(path).damaged_lines == 0);
    const Chain before = check_chain(cut);
    {
      Writer writer = Writer::resume(path, tie_of("bench"));
      writer.run_error({"assay.interrupted", "cut"});
      writer.run_end(Result::pass, true);
    }
    const Record record = read(path);
    CHECK(record.damaged_lines == 0);
    for (const Trial& trial : record.trials) CHECK(trial.start.test == "m.a");
    const Chain after = check_chain(*core::read_file(path));
    CHECK_FALSE(after.broken);
    CHECK(after.hashes.size() == before.hashes.size() + 2);
    CHECK(std::equal(before.hashes.begin(), before.hashes.end(), after.hashes.begin()));
  }
}

TEST_CASE("what a power cut left of the last lines is known as a cut, and what stands before links as damage") {
  const test::Scratch scratch;
  const std::string whole = tied_journal(scratch, false), path = scratch / "journal.jsonl";
  const auto begins = line_begins(whole);
  // The middle of what was written last never came to the disk.
  std::string holed = whole;
  const size_t last = begins[begins.size() - 3];
  std::fill(holed.begin() + static_cast<std::ptrdiff_t>(last) + 10,
            holed.begin() + static_cast<std::ptrdiff_t>(last) + 40, '\0');
  test::write_file(path, holed);
  const Chain chain = check_chain(holed);
  REQUIRE(chain.broken);
  CHECK(chain.broken->last);
  Writer::resume(path, tie_of("bench")).run_error({"assay.interrupted", "cut"});
  CHECK(read(path).damaged_lines == 0);
  CHECK_FALSE(read(path).trials.back().end);  // to be run again
  // A line before the last link: whoever promised it had it whole.
  std::string damaged = whole;
  damaged[begins[5]] = '!';
  test::write_file(path, damaged);
  CHECK(read(path).damaged_lines == 1);
  CHECK_FALSE(check_chain(damaged).broken->last);
}

TEST_CASE("a journal of an older Assay has no chain, and goes on as it did") {
  const test::Scratch scratch;
  const std::string path = scratch / "journal.jsonl";
  test::write_file(path, test::without_links(tied_journal(scratch, false)) + "{\"testStep");
  CHECK(check_chain(*core::read_file(path)).hashes.empty());
  {
    Writer writer = Writer::resume(path);
    writer.run_error({"assay.interrupted", "cut"});
    writer.run_end(Result::pass, true);
  }
  const Record record = read(path);
  CHECK(record.damaged_lines == 0);
  CHECK(record.trials.size() == 3);
  CHECK(check_chain(*core::read_file(path)).signature.empty());
}

TEST_CASE("a file beside the journal is drawn from only as it was signed") {
  const test::Scratch scratch;
  test::write_file(scratch / "map.json", "[1]");
  test::write_file(scratch / "s.f64", std::string(32, '\0'));
  const auto seen = [&](const std::string& map, const std::string& samples) {
    const RunFiles files(scratch.path(), {{"map.json", core::sha256(map)}, {"s.f64", core::sha256(samples)}});
    CHECK_FALSE(files.text("other.json", 100));
    return files.text("map.json", 100) == map && files.samples("s.f64", [](double, double) {});
  };
  CHECK(seen("[1]", std::string(32, '\0')));
  CHECK_THROWS_WITH(seen("[2]", std::string(32, '\0')), Catch::Contains("map.json was changed"));
  CHECK_THROWS_WITH(seen("[1]", std::string(32, 'x')), Catch::Contains("s.f64 was changed"));
}
