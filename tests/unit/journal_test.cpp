#include <catch2/catch.hpp>
#include <fstream>

#include "../support/command.hpp"
#include "core/errors.hpp"
#include "core/text.hpp"
#include "journal/conclusion.hpp"
#include "journal/reader.hpp"
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
  CHECK(read(scratch.path()).damaged_lines == 1);
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
  std::string text = *core::read_file(path);
  text.resize(text.rfind('\n', text.size() - 2) + 1);  // without the line that says what t2 is
  REQUIRE(text.find("\"testStepStart\"", text.rfind('\n', text.size() - 2)) != std::string::npos);
  test::write_file(path, text);
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
  CHECK_THROWS_WITH(Writer::resume(scratch / "journal.jsonl"), Catch::Contains("still going on"));
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
