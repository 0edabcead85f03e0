// The command line: parses, calls, prints. CLI11 is heavy; it is seen nowhere else.
#include <CLI/CLI.hpp>
#include <charconv>
#include <csignal>
#include <sstream>

#include "commands.hpp"
#include "core/errors.hpp"
#include "core/input.hpp"
#include "core/text.hpp"
#include "core/verdict.hpp"
#include "output.hpp"
#include "version.hpp"

namespace assay::app {
namespace {

std::string joined(int count, char** arguments) {
  std::string line;
  for (int i = 0; i < count; ++i) line += (i == 0 ? "" : " ") + std::string(arguments[i]);
  return line;
}

void add_common(CLI::App& command, Common& common) {
  command
      .add_option("--plugin-dir", common.plugin_folders,
                  "Folder of plugins (again for more); replaces the built-in one")
      ->allow_extra_args(false);
  command.add_flag("--json", common.json, "Print JSON");
}

void add_selection(CLI::App& command, RunOptions& options) {
  command
      .add_option(
          "--only", options.only,
          "Only tests whose id matches, e.g. 'memory.*' (again for more); a whole id is added if the plan lacks it")
      ->allow_extra_args(false);
  command
      .add_option("--target", options.targets,
                  "Only these targets: core:0, disk:*, /dev/sda, a file, or a folder to write into (again for more)")
      ->allow_extra_args(false);
}

/// What may be written; see core/consent.hpp.
void add_consent(CLI::App& command, RunOptions& options) {
  command
      .add_option("--allow", options.allow,
                  "Allow tests to write: scratch (files of their own in free space), destructive (overwrites --target)")
      ->check(CLI::IsMember({"scratch", "destructive"}))
      ->allow_extra_args(false);
  command.add_option("--backup", options.backup, "For destructive tests: what is on the device is kept elsewhere")
      ->check(CLI::IsMember({"made", "not-needed"}));
  command
      .add_option("--erase", options.erase,
                  "Give up what is on the device with this serial number, world-wide name or /dev/disk/by-id link, or "
                  "with this path if it has no such name")
      ->allow_extra_args(false);
}

/// CLI11 takes -1 and numbers that are too large for the greatest seed.
void add_seed(CLI::App& command, RunOptions& options, const char* help) {
  command.add_option_function<std::string>(
      "--seed",
      [&options](const std::string& text) {
        uint64_t seed = 0;
        const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seed);
        if (fault != std::errc{} || end != text.data() + text.size())
          throw CLI::ValidationError("--seed", "must be a number from 0 to 18446744073709551615");
        options.seed = seed;
      },
      help);
}

/// Up to 60 days, as in a plan.
std::string duration_fault(const std::string& text) {
  const auto seconds = core::parse_duration(text);
  return seconds && *seconds > 0 && *seconds <= 60 * 86400.0 ? ""
                                                             : "is not a duration, such as 90s or 1h (at most 60 days)";
}

void add_run_options(CLI::App& command, RunOptions& options) {
  add_common(command, options);
  add_selection(command, options);
  add_consent(command, options);
  add_seed(command, options, "Seed of the run; the same seed makes the same trials");
  command.add_option("--out", options.out, "Folder for journal and report; must not exist (default assay-runs/...)");
  command.add_option("--kernel-log", options.kernel_log, "Where the kernel log is read")->group("");
}

class CommandLine {
 public:
  CommandLine(int count, char** arguments) : count_(count), arguments_(arguments) {
    run_.command_line = prove_.command_line = resume_.command_line = joined(count, arguments);
    app_.set_version_flag("--version", version);
    app_.require_subcommand(1);
    app_.footer(
        "Exit codes: 0 pass, 1 fail, 2 usage, 3 incomplete, 4 marginal or intermittent, 130 stopped.\n"
        "Begin with: sudo assay run quick");
    running();
    plans();
    plugins();
    march();
    looking();
  }

  int parse_and_run() {
    check_bytes();
    try {
      app_.parse(count_, arguments_);
    } catch (const CLI::ParseError& error) {
      const std::string first = count_ > 1 ? arguments_[1] : "";
      if (!first.empty() && first[0] != '-' && !knows(first))
        throw core::BadInput("no command is called " + first + "; see `assay --help`");
      std::ostringstream out, errors;
      const bool asked = app_.exit(error, out, errors) == 0;
      say("%s", out.str().c_str());
      complain("%s", errors.str().c_str());
      return asked ? 0 : static_cast<int>(core::ExitCode::usage);
    }
    return chosen_();
  }

 private:
  /// What is typed goes into journals, reports and JSON: all of these are UTF-8.
  void check_bytes() const {
    std::string option;
    for (int i = 1; i < count_; ++i) {
      const std::string argument = arguments_[i];
      const bool named = argument.rfind("--", 0) == 0;
      if (named) option = argument.substr(0, argument.find('='));
      if (!core::is_utf8(argument))
        throw core::BadInput((option.empty() ? "an argument" : option) + " " + argument +
                             ": is not UTF-8; Assay takes no other bytes");
      // A line break in a name would make lines of its own in what is told of it.
      if (option == "--target" && !core::is_plain(argument))
        throw core::BadInput(option + " " + argument + ": holds characters that cannot be shown; rename it");
      if (!named) option.clear();
    }
  }

  CLI::App* command(CLI::App& parent, const char* name, const char* description, const std::string& example,
                    std::function<int()> action) {
    CLI::App* sub = parent.add_subcommand(name, description);
    sub->footer("Example: " + example);
    sub->callback([this, action = std::move(action)] { chosen_ = action; });
    return sub;
  }

  bool knows(const std::string& name) const {
    for (const CLI::App* sub : app_.get_subcommands([](const CLI::App*) { return true; }))
      if (sub->get_name() == name) return true;
    return false;
  }

  void running() {
    CLI::App* run = command(app_, "run", "Run a plan on this machine", "sudo assay run quick --out first",
                            [this] { return app::run(run_); });
    run->add_option("plan", run_.plan, "quick, standard, burn-in, or a file.toml")->capture_default_str();
    add_run_options(*run, run_);
    run->add_option("--duration", run_.duration, "How long in all, e.g. 30m: scales the plan's stages")
        ->check(duration_fault);
    run->add_option("--confirm", run_.confirm,
                    "How often a failing trial is repeated with its seed (default: the plan's)")
        ->check(CLI::Range(0, 100));
    run->add_flag(
        "--allow-gaps", run_.allow_gaps,
        "Accept what is not tested for want of root, of a tool or of a target: the run can still be complete");
    run->add_option("--inject", run_.inject, "Rehearse: plant a fault, TEST:INJECTION; the report says so");

    CLI::App* resume = command(app_, "resume", "Go on with a run that was cut off", "sudo assay resume first",
                               [this] { return app::resume(resume_); });
    resume->add_option("run", resume_.folder, "The run's folder")->required();
    add_common(*resume, resume_);
    resume->add_option("--kernel-log", resume_.kernel_log)->group("");

    CLI::App* prove = command(app_, "prove", "Show that the tests can fail: plant every fault that they offer",
                              "sudo assay prove 'memory.*'", [this] { return app::prove(prove_); });
    prove->add_option("tests", prove_.only, "Tests (globs); default all");
    add_common(*prove, prove_);
    add_seed(*prove, prove_, "Seed");
    prove->add_option("--out", prove_.out, "Folder for the journal; must not exist");
    prove->add_option("--kernel-log", prove_.kernel_log)->group("");
  }

  void plans() {
    CLI::App* plan = app_.add_subcommand("plan", "List, check and explain plans");
    plan->require_subcommand(1);
    add_common(*command(*plan, "list", "The plans that Assay brings", "assay plan list",
                        [this] { return app::list_plans(common_); }),
               common_);
    CLI::App* check = command(*plan, "check", "Check a plan file: file, line, column and reason",
                              "assay plan check mine.toml", [this] { return app::check_plan(common_, file_); });
    check->add_option("plan", file_, "A plan's name or file")->required();
    add_common(*check, common_);
    CLI::App* explain = command(*plan, "explain", "What would run on this machine, how long, and what not",
                                "assay plan explain quick --duration 5m", [this] { return app::explain_plan(run_); });
    explain->add_option("plan", run_.plan, "A plan's name or file")->capture_default_str();
    explain->add_option("--duration", run_.duration, "How long in all")->check(duration_fault);
    add_common(*explain, run_);
    add_selection(*explain, run_);
    explain->add_flag("--allow-gaps", run_.allow_gaps, "As for run");
    add_consent(*explain, run_);
  }

  void plugins() {
    CLI::App* plugin = app_.add_subcommand("plugin", "List, inspect, check and make plugins");
    plugin->require_subcommand(1);
    add_common(*command(*plugin, "list", "The plugins and their tests", "assay plugin list",
                        [this] { return app::list_plugins(common_); }),
               common_);
    CLI::App* inspect = command(*plugin, "inspect", "Everything that a plugin's manifest says",
                                "assay plugin inspect acme.so", [this] { return app::inspect_plugin(common_, file_); });
    CLI::App* check = command(*plugin, "check", "Try everything that a plugin must keep to",
                              "assay plugin check acme.so", [this] { return app::check_plugin(common_, file_); });
    for (CLI::App* sub : {inspect, check}) {
      sub->add_option("file", file_, "The plugin's .so")->required();
      add_common(*sub, common_);
    }
    CLI::App* allow = command(*plugin, "allow", "Let this very file have what it asks for beyond an ordinary process",
                              "sudo assay plugin allow acme.so", [this] { return app::allow_plugin(common_, file_); });
    allow->add_option("file", file_, "The plugin's .so")->required();
    CLI::App* forbid = command(*plugin, "forbid", "Take that back", "sudo assay plugin forbid acme.so",
                               [this] { return app::forbid_plugin(common_, file_); });
    forbid->add_option("plugin", file_, "The plugin's .so, its id, or the hash of a file that is gone")->required();
    CLI::App* sign =
        command(*plugin, "sign", "Sign a plugin, for stations that trust the key",
                "assay plugin sign acme.so --key acme.key", [this] { return app::sign_plugin(common_, file_, key_); });
    sign->add_option("file", file_, "The plugin's .so")->required();
    sign->add_option("--key", key_, "A private key (Ed25519, PEM) in place of this station's");
    CLI::App* trust =
        command(*plugin, "trust", "Trust a vendor's key: what it signed may have what it asks for",
                "sudo assay plugin trust acme acme.pub", [this] { return app::trust_vendor(common_, file_, key_); });
    trust->add_option("name", file_, "What the vendor is called here")->required();
    trust->add_option("key", key_, "The vendor's public key (PEM)")->required();
    CLI::App* make =
        command(*plugin, "new", "Make a folder with a plugin that builds and checks at once",
                "assay plugin new acme --lang cpp", [this] { return app::new_plugin(common_, file_, language_); });
    make->add_option("name", file_, "The folder; its last part is the plugin's id")->required();
    make->add_option("--lang", language_, "cpp or c")->check(CLI::IsMember({"cpp", "c"}))->capture_default_str();
  }

  void march() {
    CLI::App* march = app_.add_subcommand("march", "Memory tests as data, and the faults that they find");
    march->require_subcommand(1);
    add_common(*command(*march, "list", "The march tests that Assay knows", "assay march list",
                        [this] { return app::list_march_tests(common_); }),
               common_);
    CLI::App* coverage = command(
        *march, "coverage", "Which memory faults a march test finds, shown by trying every one on a model of a memory",
        "assay march coverage '{any(w0);up(r0,w1);down(r1,w0)}'",
        [this] { return app::march_coverage(common_, file_, cached_); });
    coverage->add_option("test", file_, "A name from `assay march list`, or a text")->required();
    coverage->add_flag("--cached", cached_, "With a cache in front of the memory, as without flushes");
    add_common(*coverage, common_);
  }

  void looking() {
    CLI::App* inventory = command(app_, "inventory", "What is in this machine", "assay inventory --json",
                                  [this] { return app::show_inventory(common_, sysroot_); });
    inventory->add_option("--sysroot", sysroot_, "A captured tree of /sys, /proc, /etc to read instead");
    add_common(*inventory, common_);
    CLI::App* about = command(app_, "about", "This program, and how well this Linux holds plugins back", "assay about",
                              [this] { return app::about(common_); });
    add_common(*about, common_);
    CLI::App* smart = command(app_, "smart", "What a drive says of its health, judged by rules with reasons",
                              "sudo assay smart /dev/sda", [this] { return app::judge_drive(common_, file_); });
    smart->add_option("drive", file_, "A device, or a file with what `smartctl --json -x`, -a or -x printed")
        ->required();
    add_common(*smart, common_);
    CLI::App* report = command(app_, "report", "Draw a run's report again", "assay report first --format text",
                               [this] { return app::report(report_); });
    report->add_option("run", report_.folder, "The run's folder, or its journal");
    report->add_option("--format", report_.format, "html, pdf, text, junit, json, csv or prometheus")
        ->check(CLI::IsMember({"html", "pdf", "text", "junit", "json", "csv", "prometheus"}))
        ->capture_default_str();
    report->add_option("--lang", report_.language, "en, nl, fi or zh-Hans (default: the station's, else en)")
        ->check(CLI::IsMember({"en", "nl", "fi", "zh-Hans"}));
    report->add_option("--case", report_.case_file, "What the service case adds: a TOML file (docs/reports.md)");
    report->add_option("--reference", report_.reference, "A run of before, or of a golden machine: tells what changed");
    report->add_option("--out", report_.out, "File to write (default: standard output)");
    CLI::App* verify = report->add_subcommand("verify", "Whether a record or a page is as it was signed");
    verify->footer("Example: assay report verify first/report.html");
    verify->add_option("path", file_, "A run's folder, or a report's HTML or PDF file")->required();
    verify->add_option("--key", key_, "Trust this public key, and no other");
    add_common(*verify, common_);
    report->callback([this, verify] {
      if (verify->parsed())
        chosen_ = [this] { return app::verify_report(common_, file_, key_); };
      else
        chosen_ = [this] { return app::report(report_); };
    });
    CLI::App* serve = command(app_, "serve", "Follow runs on a page on this machine's loopback address",
                              "assay serve first", [this] { return app::serve(serve_); });
    serve->add_option("runs", serve_.folders, "Folders of runs")->required();
    serve->add_option("--port", serve_.port, "Port (default: any that is free)")->check(CLI::Range(0, 65535));
    serve->add_option("--lang", serve_.language, "en, nl, fi or zh-Hans (default: the station's, else en)")
        ->check(CLI::IsMember({"en", "nl", "fi", "zh-Hans"}));
    CLI::App* compare =
        command(app_, "compare", "Two runs side by side: before and after a repair, or a golden machine and this one",
                "assay compare first second --format html --out compared.html", [this] {
                  for (auto* side : {&pair_.first, &pair_.second})
                    if (!side->empty()) (side == &pair_.first ? compare_.before : compare_.after).push_back(*side);
                  return app::compare(compare_);
                });
    compare->add_option("first", pair_.first, "The run of before");
    compare->add_option("second", pair_.second, "The run of after");
    compare->add_option("--before", compare_.before, "A further run of before (again for more)")
        ->allow_extra_args(false);
    compare->add_option("--after", compare_.after, "A further run of after (again for more)")->allow_extra_args(false);
    compare->add_option("--format", compare_.format, "text, html or json")
        ->check(CLI::IsMember({"text", "html", "json"}))
        ->capture_default_str();
    compare->add_option("--lang", compare_.language, "en, nl, fi or zh-Hans (default: the station's, else en)")
        ->check(CLI::IsMember({"en", "nl", "fi", "zh-Hans"}));
    compare->add_option("--out", compare_.out, "File to write (default: standard output)");
    CLI::App* station = command(app_, "station", "This station: its name, its shop, its key",
                                "assay station key > shop.pub", [] { return 0; });
    CLI::App* key = station->add_subcommand("key", "Print the public key, for those who verify reports");
    add_common(*station, common_);
    station->callback([this, key] {
      if (key->parsed())
        chosen_ = [] { return app::show_station_key(); };
      else
        chosen_ = [this] { return app::show_station(common_); };
    });
  }

  int count_;
  char** arguments_;
  CLI::App app_{
      "Assay proves hardware: it finds what is broken, says what it could not test, and shows that a fault is gone.",
      "assay"};
  std::function<int()> chosen_;
  Common common_;
  RunOptions run_, prove_;
  ResumeOptions resume_;
  ReportOptions report_;
  CompareOptions compare_;
  ServeOptions serve_;
  std::pair<std::string, std::string> pair_;
  bool cached_ = false;
  std::string file_, key_, language_ = "cpp", sysroot_ = "/";
};

}  // namespace
}  // namespace assay::app

int main(int count, char** arguments) {
  using assay::app::complain;
  using assay::core::ExitCode;
  signal(SIGXFSZ, SIG_IGN);  // a file that may not grow further: the write fails with EFBIG, and says so
  try {
    const int code = assay::app::CommandLine(count, arguments).parse_and_run();
    const int lost = assay::app::flush_output();
    if (lost == 0) return code;
    complain("assay: standard output cannot be written: %s\n", assay::core::write_failure(lost).c_str());
    return code == 0 ? static_cast<int>(ExitCode::incomplete) : code;
  } catch (const assay::core::BadInput& error) {
    complain("assay: %s\n", error.what());
    return static_cast<int>(ExitCode::usage);
  } catch (const std::exception& error) {
    complain("assay: %s\n", error.what());
    return static_cast<int>(ExitCode::incomplete);
  }
}
