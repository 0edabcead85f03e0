// The commands, each with the options that the command line fills in. They return the exit code; core::BadInput and
// core::Trouble say what went wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace assay::app {

struct Common {
  std::vector<std::string> plugin_folders;
  bool json = false;
};

struct RunOptions : Common {
  std::string plan = "quick", out, duration, inject, kernel_log = "/dev/kmsg";
  std::vector<std::string> only, targets;
  std::optional<uint64_t> seed;
  std::vector<std::string> allow, erase;  // what may be written: core/consent.hpp
  std::string backup;
  int confirm = -1;         // repeats of a failing trial; below 0: as the plan says
  bool allow_gaps = false;  // what the operator could have made possible is forgone
  std::string command_line;
};
int run(const RunOptions& options);
int prove(const RunOptions& options);
int explain_plan(const RunOptions& options);

struct ResumeOptions : Common {
  std::string folder;
  std::string command_line, kernel_log = "/dev/kmsg";
};
int resume(const ResumeOptions& options);

int list_plans(const Common& options);
int check_plan(const Common& options, const std::string& file);

int list_plugins(const Common& options);
int inspect_plugin(const Common& options, const std::string& file);
int check_plugin(const Common& options, const std::string& file);
/// What a plugin may have beyond an ordinary process: by the technician's word for its file, or a vendor's key.
int allow_plugin(const Common& options, const std::string& file);
/// `named`: a file, or the id, file name or hash that a word was given for.
int forbid_plugin(const Common& options, const std::string& named);
/// `key_file`: a private key, PEM; empty: this station's.
int sign_plugin(const Common& options, const std::string& file, const std::string& key_file);
int trust_vendor(const Common& options, const std::string& name, const std::string& public_key_file);
int new_plugin(const Common& options, const std::string& name, const std::string& language);

int list_march_tests(const Common& options);
/// Which memory faults the march test finds: a known name, or a text. `cached`: with a cache in front of the memory.
int march_coverage(const Common& options, const std::string& test, bool cached);

/// The verdict of the rules on a drive, or on a file with what smartctl printed for one or many.
int judge_drive(const Common& options, const std::string& device_or_file);

int show_inventory(const Common& options, const std::string& sysroot);

/// This program, and what of the fence around plugins this Linux gives.
int about(const Common& options);

struct ReportOptions {
  std::string folder, format = "html", language, out;
  std::string case_file;  // what the service case adds
  std::string reference;  // a run to compare the inventory with
};
int report(const ReportOptions& options);
/// Whether a run's folder or a report's page is as it was signed, and by whom.
int verify_report(const Common& options, const std::string& path, const std::string& key_file);
struct ServeOptions {
  std::vector<std::string> folders;
  std::string language;
  int port = 0;  // 0: any
};
int serve(const ServeOptions& options);

struct CompareOptions {
  std::vector<std::string> before, after;  // runs; several on a side are its samples
  std::string format = "text", language, out;
};
int compare(const CompareOptions& options);

int show_station(const Common& options);
int show_station_key();

}  // namespace assay::app
